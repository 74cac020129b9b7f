"""A report in words: what came out, the method paragraph with every choice that the numbers rest on, and how to cite."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import framing
from framing.analysis import Analysis
from framing.articles import ALL
from framing.bidi import isolated
from framing.bootstrap import FEWEST
from framing.codebook import AXIS, STANCE, Codebook
from framing.corpus.read import EMPTY
from framing.corpus.read import OK as READ
from framing.evidence import main_construct
from framing.figures import signed
from framing.outlets import STORIES_NEEDED, UNKNOWN
from framing.passages import LANGUAGE, NO_WORDS
from framing.study import Study
from framing.validation import RANKS

_CHANCE = {"AUC": 0.5, RANKS: 0.0}  # what a coin reaches
_FEW = 10  # codes, or articles: with fewer, an interval is far too narrow
_MOSTLY = 0.5  # precision or recall below which most of what is found is wrong, or most of what is there is not found
_SOME = 5  # coded passages that are found in a group: with fewer, nothing is said of it
_FEW_ARTICLES = 10  # of a group: with fewer, an interval is still a little too narrow
_NOTHING_CODED = "The scores were not validated against hand-coded passages of this corpus."
_MODELS = {"bundled": "the small English model that framing carries"}


def summary(analysis: Analysis, codebook: Codebook) -> str:
    """What came out, in a few paragraphs of plain sentences made from the tables."""
    parts = (
        _extent(analysis),
        _ends(analysis, codebook),
        _stances(analysis, codebook),
        _not_validated(analysis, codebook),
        caution(analysis, codebook),
    )
    return "\n\n".join(part for part in parts if part)


def caution(analysis: Analysis, codebook: Codebook) -> str:
    """What the coded passages do not support, which decisions at the threshold are mostly wrong and what they mostly miss; "" if there is
    nothing to say."""
    labels = _isolated(codebook)
    rows = [
        (f"{labels[row['construct']]}, {row['question']}", row)
        for row in analysis.agreement.to_dict("records")
        if row["statistic"] in _CHANCE
    ]
    said = _unsupported(rows, "not to be reported as findings")
    wrong = [f"{name} ({row['precision']:.0%} of {row['n_found']})" for name, row in rows if row["precision"] < _MOSTLY]
    if wrong:
        said.append(f"Of the coded passages that reach the threshold less than half have the code: {'; '.join(wrong)}.")
    missed = [f"{name} ({row['recall']:.0%} of {row['n_positive']})" for name, row in rows if row["recall"] < _MOSTLY]
    if missed:
        said.append(
            f"Of the passages with the code less than half reach the threshold, so that a low share is no sign of absence: {'; '.join(missed)}."
        )
    return " ".join(said)


def wrong_in_groups(found: pd.DataFrame, codebook: Codebook) -> str:
    """Where most of what is found in a group, as far as it was coded, is wrong, whatever holds of all groups together; "" if nowhere.

    `found` is what `framing.validation.found_by_group` returns.
    """
    labels = _isolated(codebook)
    bad = found[(found["n_coded"] >= _SOME) & (found["n_right"] < _MOSTLY * found["n_coded"])]
    which = "; ".join(
        f"{isolated(row['group'])}, {labels[row['construct']]}, {row['question']} ({row['n_right']} of {row['n_coded']})"
        for row in bad.to_dict("records")
    )
    return f"Of the coded passages that are found in a group less than half have the code: {which}." if which else ""


def coding(analysis: Analysis) -> str:
    """Who judged how many passages, and whether it is stated how these were drawn: what agreement can be generalised to."""
    codes = analysis.annotations
    spans, coders = codes.groupby("unit_id")["coder"].nunique(), codes["coder"].nunique()
    who = (
        "all by one coder" if coders == 1 else f"by {coders} coders, {int((spans > 1).sum())} of them by more than one"
    )
    drawn = (
        "Some were drawn with stated probabilities, which are not used here"
        if codes["inclusion_probability"].notna().any()
        else "How they were drawn is not stated"
    )
    return (
        f"{len(spans)} passages of {codes['document_id'].nunique()} articles were judged, {who}. {drawn}: precision and recall hold of the judged "
        "passages, and of the corpus only if these are a random sample of it."
    )


def few_articles(analysis: Analysis, codebook: Codebook) -> str:
    """How many named groups have too few articles with a score for their intervals to be wide enough, by construct; "" if none has."""
    outlets, named = analysis.outlets, _named_groups(analysis)
    few: dict[frozenset[str], list[str]] = {}
    for construct, name in codebook.names().items():
        rows = outlets[(outlets["construct"] == construct) & (outlets["voice"] == ALL) & outlets["outlet"].isin(named)]
        groups = frozenset(rows.loc[rows["n_documents"] < _FEW_ARTICLES, "outlet"])
        few.setdefault(groups, []).append(isolated(name))
    alike = len(few) == 1
    parts = [
        f"{len(groups)} of {len(named)}" + ("" if alike else f" ({', '.join(names)})")
        for groups, names in few.items()
        if groups
    ]
    if not parts:
        return ""
    return (
        f"Named groups with fewer than ten articles that have a score: {'; '.join(parts)}. Below five there is no interval; from five on it is "
        "rather too narrow than too wide."
    )


def poor_hypotheses(analysis: Analysis, codebook: Codebook) -> str:
    """Wordings that alone do not tell coded passages from others; "" if there is none."""
    labels = _isolated(codebook)
    rows = [
        (f"“{isolated(row['hypothesis'])}” ({labels[row['construct']]}, {row['question']})", row)
        for row in analysis.hypothesis_agreement.to_dict("records")
    ]
    return " ".join(_unsupported(rows, "to be reworded"))


def _isolated(codebook: Codebook) -> dict[str, str]:
    """The labels of all constructs, as sentences hold them."""
    return {construct: isolated(label) for construct, label in codebook.constructs().items()}


def _unsupported(rows: list[tuple[str, dict[Hashable, Any]]], hence: str) -> list[str]:
    """A sentence for each way in which coded passages can fail to bear out what is named."""
    few = [f"{name} ({row['n_positive']} of {row['n']})" for name, row in rows if _coded_too_seldom(row)]
    judged = [(name, row, _CHANCE[_statistic(row)]) for name, row in rows if not _coded_too_seldom(row)]
    reversed_ = [f"{name} ({_agreed(row)})" for name, row, none in judged if row["high"] < none]
    chance = [f"{name} ({_agreed(row)})" for name, row, none in judged if not (row["low"] > none or row["high"] < none)]
    sentences = (
        (chance, f"Not to be told from chance by the coded passages, and {hence}"),
        (reversed_, f"Higher for passages without the code than for those with it, and {hence}"),
        (few, f"Coded too seldom to say (fewer than {_FEW} passages with the code, or without it)"),
    )
    return [f"{what}: {'; '.join(which)}." for which, what in sentences if which]


def _coded_too_seldom(row: Mapping[Hashable, Any]) -> bool:
    if _statistic(row) == RANKS:
        return bool(row["n"] < _FEW)
    return bool(min(row["n_positive"], row["n"] - row["n_positive"]) < _FEW)


def _statistic(row: Mapping[Hashable, Any]) -> str:
    return str(row.get("statistic", "AUC"))  # a hypothesis alone has no other


def _agreed(row: Mapping[Hashable, Any]) -> str:
    return f"{_statistic(row)} {row['value']:.2f}, {_bounds(row)}".replace("-", "−")


def _bounds(row: Mapping[Hashable, Any]) -> str:
    return f"{row['low']:.2f} to {row['high']:.2f}".replace("-", "−") if row["low"] == row["low"] else "no interval"


def _not_validated(analysis: Analysis, codebook: Codebook) -> str:
    """Which constructs no coder has judged; the axis is judged by its two frames."""
    coded = set(analysis.agreement.dropna(subset="value")["construct"])
    if not coded:
        return _NOTHING_CODED
    without = [label for construct, label in _isolated(codebook).items() if construct not in {*coded, AXIS}]
    return f"Not validated against hand-coded passages: {', '.join(without)}." if without else ""


def _scored(analysis: Analysis) -> pd.DataFrame:
    """The articles that have a score under any construct: those that a report is about."""
    articles = analysis.articles
    with_score = articles.loc[(articles["voice"] == ALL) & articles["score"].notna(), "document_id"]
    return analysis.documents[analysis.documents["document_id"].isin(with_score)]


def _unscored(analysis: Analysis) -> str:
    """How many articles have no score, and why; "" if each has one."""
    documents = analysis.documents.drop(_scored(analysis).index)
    passages, ids = analysis.passages, documents["document_id"]
    reasons = (
        (documents["status"] == EMPTY, "empty"),
        (documents["status"] != READ, "not readable"),
        (ids.isin(passages.loc[passages["kept"], "document_id"]), "whose passages got no score from the model"),
        (ids.isin(passages.loc[passages["reason"] == LANGUAGE, "document_id"]), "in a language that the model does not read"),
        (ids.notna(), "without a passage that was kept"),
    )  # fmt: skip
    first = np.argmax([holds.to_numpy() for holds, _ in reasons], axis=0)
    counts = [(int((first == i).sum()), reason) for i, (_, reason) in enumerate(reasons)]
    if documents.empty:
        return ""
    said = ", ".join(f"{n} {reason}" for n, reason in counts if n)
    return f"{_number(len(documents), 'other article')} {'has' if len(documents) == 1 else 'have'} no score: {said}."


def _failed(analysis: Analysis) -> str:
    """How many passages the model did not judge under each hypothesis, as the end of a sentence on them; "" if there is none."""
    failed = analysis.scores.loc[analysis.scores["p_entail"].isna(), "passage_id"].nunique()
    return f"; {failed} of them got no score under one hypothesis or more" if failed else ""


def _number(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _extent(analysis: Analysis) -> str:
    documents = _scored(analysis)
    days = documents["published"].dropna()
    period = f", from {days.min().date()} to {days.max().date()}" if len(days) else ""
    stories = documents["story_id"].nunique()
    on_stories = f" on {stories} stories" if stories > 1 else ""
    passages = analysis.counts["passages"]["kept"]
    sample = "A random sample: " if "sample" in analysis.counts else ""
    extent = f"{sample}{_number(len(documents), 'article')} of {_of_groups(analysis)}{on_stories}{period}; {_number(passages, 'passage')}"
    return f"{extent}{_failed(analysis)}. {_unscored(analysis)}".rstrip()


def _named_groups(analysis: Analysis) -> list[str]:
    """The groups with a name that have an article with a score."""
    with_score = analysis.outlets.loc[analysis.outlets["n_documents"] > 0, "outlet"]
    return sorted(set(with_score) - {UNKNOWN})


def _of_groups(analysis: Analysis) -> str:
    """How many groups the articles with a score are of, and how many of these articles are of no group that is named."""
    groups = len(_named_groups(analysis))
    unnamed = analysis.outlets.loc[analysis.outlets["outlet"] == UNKNOWN, "n_documents"].max()
    return (
        f"{_number(groups, 'named group')} ({_number(unnamed, 'article')} of none)"
        if unnamed > 0
        else _number(groups, "group")
    )


def _ends(analysis: Analysis, codebook: Codebook) -> str:
    construct = main_construct(codebook)
    plus, minus = map(isolated, codebook.ends(construct))
    outlets = analysis.outlets
    rows = outlets[(outlets["construct"] == construct) & (outlets["voice"] == ALL) & (outlets["outlet"] != UNKNOWN)]
    rows = rows.dropna(subset="estimate")
    everyone = int((outlets["construct"].eq(construct) & outlets["voice"].eq(ALL)).sum())
    # A single article says little of its outlet: it is an end only where nothing else is there.
    if (settled := rows["low"].notna()).sum() >= 2:
        rows = rows[settled]
    if len(rows) < 2:
        return ""
    ordered = rows.sort_values("estimate").to_dict("records")
    lowest, highest = ordered[0], ordered[-1]
    among = "" if len(rows) == everyone else "Among named groups with an interval, "
    # On one side of 0 everything lies nearer to the same end, and that end is named alone.
    first, second, end = (lowest, highest, minus) if minus and highest["estimate"] < 0 else (highest, lowest, plus)
    other = (
        f"least close to {end}" if not minus or lowest["estimate"] * highest["estimate"] > 0 else f"closest to {minus}"
    )
    sentence = (
        f"{among}{isolated(first['outlet'])} lies closest to {end} ({_estimate(first)}), "
        f"{isolated(second['outlet'])} {other} ({_estimate(second)})."
    )
    if len(rows) > 2:
        return f"{sentence} The two were picked of {len(rows)} as the ends: that they differ is no finding by itself."
    if lowest["high"] == lowest["high"] and highest["low"] == highest["low"]:
        apart = lowest["high"] < highest["low"]
        sentence += (
            " Their intervals do not overlap."
            if apart
            else " Their intervals overlap: the order of the two is not settled."
        )
    return sentence


def _estimate(row: Mapping[Hashable, Any]) -> str:
    interval = (
        f", 95% interval {signed(row['low'])} to {signed(row['high'])}" if row["low"] == row["low"] else ", no interval"
    )
    return f"mean {signed(row['estimate'])}{interval}, n = {row['n_documents']}"


def _stances(analysis: Analysis, codebook: Codebook) -> str:
    if not codebook.stance:
        return ""
    articles = analysis.articles
    rows = articles[(articles["construct"] == STANCE) & (articles["voice"] == ALL)]
    scores, read = rows["score"], rows["n_passages"] > 0
    alone = int((scores.notna() & (rows["n_siding"] == 1)).sum())
    single = f" ({alone} of them by a single passage)" if alone else ""
    unread = f", and {int((~read).sum())} have no scored passage" if not read.all() else ""
    favor, against = int((scores > 0).sum()), int((scores < 0).sum())
    return (
        f"Towards {isolated(codebook.stance.target)}, {favor} articles are in favor on balance, {against} against{single}; "
        f"in {int((scores.isna() & read).sum())} no side was found{unread}.{_borne_out(analysis)}"
    )


def _borne_out(analysis: Analysis) -> str:
    """How far coders order the articles by stance as these counts have it."""
    rows = analysis.agreement
    rows = rows[(rows["construct"] == STANCE) & (rows["statistic"] == RANKS)].dropna(subset="value")
    return "".join(
        f" Over {row['n']} articles with coded sides, these sides and the coders' agree by a rank correlation of {row['value']:.2f} ({_bounds(row)})."
        for row in rows.to_dict("records")
    )


def method_paragraph(study: Study, analysis: Analysis, codebook: Codebook) -> str:
    """A paragraph for a method section; to be checked and adapted by the author."""
    sentences = (
        *_corpus(analysis),
        *_scores(study, analysis, codebook),
        *_groups(study),
        *_agreement(analysis, codebook),
    )
    return " ".join(sentences)


def citation(study: Study) -> str:
    """How to cite the report and the program: two paragraphs."""
    authors = ", ".join(isolated(author.name) for author in study.authors) or "Anonymous"
    stop = "" if study.title.endswith(("?", "!", ".")) else "."
    subtitle = f" {study.subtitle}." if study.subtitle else ""
    version = framing.__version__
    return (
        f"{authors} ({study.date[:4]}). {study.title}{stop}{subtitle} Report made with framing {version}.\n\n"
        f"framing {version}: a workbench for media framing analysis. Apache-2.0."
    )


def _corpus(analysis: Analysis) -> tuple[str, ...]:
    kept, aside = analysis.counts["passages"]["kept"], dict(analysis.counts["passages set aside"])
    # These two are reasons of sentences; all others are of paragraphs.
    sentences = ((LANGUAGE, "in languages that the model does not read"), (NO_WORDS, "without a word"))
    others = "".join(f", and {_number(n, 'passage')} {what}" for why, what in sentences if (n := aside.pop(why, 0)))
    drawn = "a random sample of " if "sample" in analysis.counts else ""
    return (
        f"We analysed {drawn}{_number(len(_scored(analysis)), 'article')} with framing {framing.__version__}.",
        *filter(None, [_unscored(analysis)]),
        f"Each article was split into sentences; {sum(aside.values())} paragraphs of site furniture (navigation, prompts, "
        f"teasers of other stories) were set aside by general rules{others}, and {kept} passages were kept.",
    )


def _scores(study: Study, analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    model = _MODELS.get(analysis.model["name"], analysis.model["name"])
    frames = ", ".join(isolated(frame.label) for frame in codebook.frames)
    failed = _failed(analysis)
    sentences = [
        f"{'The passages were' if failed else 'Every passage was'} scored by zero-shot natural language inference (Yin et al. 2019) with {model} "
        f"(fingerprint {analysis.model['fingerprint'][:12]}) under {len(analysis.hypotheses)} hypotheses of the codebook {codebook.name!r} "
        f"({frames}){failed}.",
        f"A frame's value is the mean probability of entailment over its hypotheses{_calibrated(analysis)}; a passage carries a frame at "
        f"{study.threshold:g} or more; an article's score is the mean over its passages.",
    ]
    if codebook.axis:
        plus, minus = (isolated(codebook.label(key)) for key in codebook.axis)
        sentences.append(f"The framing axis is the value of {plus} minus the value of {minus}.")
    if codebook.stance:
        sentences.append(
            f"Stance towards {isolated(codebook.stance.target)} is such a mean over the hypotheses in its favor minus that over those "
            f"against it; an article's stance is the mean over passages whose stance is at least {study.threshold:g} in absolute value, "
            "and is undefined where there is none."
        )
    return tuple(sentences)


def _calibrated(analysis: Analysis) -> str:
    if not (curves := analysis.model.get("calibration", "")):
        return ""
    return f", calibrated by the logistic curve that the model carries for each side (Platt 1999; {curves})"


def _groups(study: Study) -> tuple[str, ...]:
    return (
        f"Group means are means over articles, with 95% bootstrap intervals (expanded percentile, Hesterberg 2015; "
        f"{study.resamples:,} samples of articles, or of stories where a group covers {STORIES_NEEDED} or more; seed {study.seed}; none of fewer "
        f"than {FEWEST}).",
    )


def _agreement(analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    known = analysis.agreement.dropna(subset="value").to_dict("records")
    rows, ranks = ([row for row in known if row["statistic"] == statistic] for statistic in ("AUC", RANKS))
    if not rows:
        return (_NOTHING_CODED,)
    labels = _isolated(codebook)
    values = "; ".join(
        f"{row['value']:.2f} ({_bounds(row)}) for {labels[row['construct']]}, {row['question']}" for row in rows
    )
    most = max(row["n"] for row in rows)
    return (
        f"Against up to {most} judgements of passages coded by hand, the area under the ROC curve (95% interval) was {values}.",
        *(
            f"Over {row['n']} articles, scores and mean codes had a rank correlation of {row['value']:.2f} ({_bounds(row)}) for "
            f"{labels[row['construct']]}."
            for row in ranks
        ),
    )
