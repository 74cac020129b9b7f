"""A report in words: what came out, the method paragraph with every choice that the numbers rest on, and how to cite."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import framing
from framing.analysis import Analysis
from framing.annotation import UNNAMED, VOICE
from framing.articles import ALL
from framing.bidi import isolated
from framing.bootstrap import FEWEST
from framing.codebook import AXIS, STANCE, Codebook
from framing.corpus.read import EMPTY
from framing.corpus.read import OK as READ
from framing.correction import ENOUGH
from framing.differences import JOINTLY
from framing.evidence import main_construct, rows_of
from framing.figures import interval_in_words, signed
from framing.outlets import STORIES_NEEDED, UNKNOWN, group_labels
from framing.passages import LANGUAGE, NO_WORDS
from framing.report.exhibits import difference_table, error_table
from framing.study import Study
from framing.validation import RANKS

BAR = 0.7  # which the lower bound of an AUC's interval must reach before a construct is reported; better than chance is not enough
_CHANCE = {"AUC": 0.5, RANKS: 0.0}  # what a coin reaches
_BARS = {**_CHANCE, "AUC": BAR}
_SUPPORTED, _BELOW, _AT_CHANCE, _REVERSED, _RARE, _UNORDERED, _NARROW, _CONSTANT = (
    "supported", "better than chance", "chance", "reversed", "coded too seldom", "too few articles to be ordered", "coded in too few articles",
    "no interval",
)  # fmt: skip
_UNSUPPORTED, _UNSURE, _UNCODED = "not supported", "too few codes", "not coded"  # of a construct, or _SUPPORTED
_FEW = 10  # codes, or articles: with fewer, an interval is far too narrow
_NAMED = 5  # groups that a sentence names at most
_MOSTLY = 0.5  # precision or recall below which most of what is found is wrong, or most of what is there is not found
_SOME = 5  # coded passages that are found in a group: with fewer, nothing is said of it
_FEW_ARTICLES = 10  # of a group: with fewer, an interval is still a little too narrow
_NOTHING_CODED = "The scores were not validated against hand-coded passages of this corpus."
_MODELS = {"bundled": "the small English model that framing carries"}


def summary(analysis: Analysis, codebook: Codebook) -> str:
    """What came out, in a few paragraphs of plain sentences made from the tables.

    Counts and means of a construct that the coded passages do not support are left out, and it is said that they are.
    """
    parts = (
        _extent(analysis),
        _corrected(analysis, codebook),
        _ends(analysis, codebook),
        errors_in_groups(error_table(analysis, codebook), codebook),
        _stances(analysis, codebook),
        _not_validated(analysis, codebook),
        _caution_in_short(analysis, codebook),
    )
    return "\n\n".join(part for part in parts if part)


def supported(analysis: Analysis, construct: str) -> bool | None:
    """Whether coded passages support what the scores of a construct say.

    They do where each of its AUCs rests on enough codes and has an interval whose lower bound is `BAR` or more, and where the order of the
    articles, if it was held against the coders', is better than chance. They do not where one of these has an interval that says otherwise.

    Returns
    -------
    bool or None
        None where nobody coded the construct, or too few codes are there to say.
    """
    return {_SUPPORTED: True, _UNSUPPORTED: False}.get(_standing(analysis, construct))


def _standing(analysis: Analysis, construct: str) -> str:
    """What all that was held against the codes of a construct says together."""
    rows = analysis.agreement
    rows = rows[(rows["construct"] == construct) & rows["statistic"].isin(list(_CHANCE))]
    if rows["value"].isna().all():
        return _UNCODED
    verdicts = {_verdict(row, _BARS) for row in rows.to_dict("records")}
    if verdicts & {_BELOW, _AT_CHANCE, _REVERSED}:
        return _UNSUPPORTED
    return _SUPPORTED if verdicts == {_SUPPORTED} else _UNSURE


def mark(analysis: Analysis, codebook: Codebook, *constructs: str) -> str:
    """What a caption says of its constructs: which the codes do not support, for which there are too few of them, and which nobody coded; "" if it
    is none of these."""
    words = {_UNSUPPORTED: "NOT SUPPORTED BY CODES", _UNSURE: "TOO FEW CODES TO SAY", _UNCODED: "NOT VALIDATED"}
    standing = {construct: _standing(analysis, construct) for construct in constructs}
    marks = {said: [each for each, of in standing.items() if of == kind] for kind, said in words.items()}
    return _in_brackets(marks, codebook, len(constructs))


def mark_groups(analysis: Analysis, codebook: Codebook, *constructs: str) -> str:
    """What the caption of a comparison of groups says beside `mark`: for which constructs the model's error differs between groups, so that a
    difference of means may be one of errors; "" if for none."""
    uneven = set(analysis.errors.loc[_uneven(analysis.errors), "construct"])
    marks = {"ERROR DIFFERS BETWEEN GROUPS": [construct for construct in constructs if construct in uneven]}
    return mark(analysis, codebook, *constructs) + _in_brackets(marks, codebook, len(constructs))


def _in_brackets(marks: Mapping[str, Sequence[str]], codebook: Codebook, of: int) -> str:
    """Words with the constructs that they are true of, unless these are all `of` them."""
    parts = []
    for words, constructs in marks.items():
        names = ", ".join(isolated(codebook.names()[construct]) for construct in constructs)
        if constructs:
            parts.append(words if len(constructs) == of else f"{words}: {names}")
    return f" ({'; '.join(parts)})" if parts else ""


def _uneven(errors: pd.DataFrame) -> "pd.Series[bool]":
    """Of which groups with a name the error lies beyond that of the other groups."""
    return (errors["group"] != UNKNOWN) & ((errors["relative_low"] > 0) | (errors["relative_high"] < 0))


def caution(analysis: Analysis, codebook: Codebook) -> str:
    """What the coded passages do not support, which decisions at the threshold are mostly wrong and what they mostly miss; "" if there is
    nothing to say."""
    rows = _questions(analysis, codebook)
    said = _unsupported(rows, "not to be reported as findings", _BARS)
    wrong = [f"{name} ({row['precision']:.0%} of {row['n_found']})" for name, row in rows if row["precision"] < _MOSTLY]
    if wrong:
        said.append(
            f"Of the coded passages that reach the threshold, fewer than half have the code: {'; '.join(wrong)}."
        )
    missed = [f"{name} ({row['recall']:.0%} of {row['n_positive']})" for name, row in rows if row["recall"] < _MOSTLY]
    if missed:
        said.append(
            f"Of the passages with the code, fewer than half reach the threshold, so a low share is no sign of absence: {'; '.join(missed)}."
        )
    return " ".join(said)


def _caution_in_short(analysis: Analysis, codebook: Codebook) -> str:
    """What the coded passages do not support, and of what most that is found is wrong, or most that is there is missed."""
    rows = _questions(analysis, codebook)
    said = _unsupported(rows, "not to be reported as findings", _BARS)
    unsure = [name for name, row in rows if row["precision"] < _MOSTLY or row["recall"] < _MOSTLY]
    if unsure:
        said.append(
            f"At the threshold, most of what is found is wrong, or most of what is there is missed: {'; '.join(unsure)}. The table of what is found "
            "at the threshold has the figures."
        )
    return " ".join(said)


def _questions(analysis: Analysis, codebook: Codebook) -> list[tuple[str, dict[Hashable, Any]]]:
    """What was asked of the scores with the coded passages, in words, and what came out."""
    labels = _isolated(codebook)
    return [
        (f"{labels[row['construct']]}, {row['question']}", row)
        for row in analysis.agreement.to_dict("records")
        if row["statistic"] in _CHANCE
    ]


def errors_in_groups(errors: pd.DataFrame, codebook: Codebook) -> str:
    """In which groups the values of the main construct are too high or too low, and where the error differs between groups; and which of the other
    constructs err so; "" if none does.

    `errors` is what `framing.report.exhibits.error_table` returns.
    """
    main = main_construct(codebook)
    others = [part for construct, part in errors.groupby("construct", sort=False) if construct != main]
    named = [isolated(part["what"].iloc[0]) for part in others if _errors(part)]
    more = (
        f"The values err in some groups for {', '.join(named)} as well: see the table of mean values and mean codes."
        if named
        else ""
    )
    return f"{_errors(errors[errors['construct'] == main])} {more}".strip()


def _errors(errors: pd.DataFrame) -> str:
    """Where the values of a construct are too high or too low, and where the error differs between groups; "" if nowhere."""
    named = errors[(errors["group"] != UNKNOWN) & (errors["n_documents"] >= FEWEST)]
    off = _listed_errors(named[(named["low"] > 0) | (named["high"] < 0)], "difference")
    uneven = _listed_errors(named[_uneven(named)], "relative")
    said = []
    if uneven:
        ranges = [f"{signed(named[column].min())} to {signed(named[column].max())}" for column in ("code", "value")]
        name = isolated(named["what"].iloc[0])
        said.append(
            f"{name}: over the coded passages the groups' means run from {ranges[0]} by the codes, and from {ranges[1]} by the values. "
            "The error of the values differs between groups, so a difference between groups may come from the model or be hidden by it "
            f"(mean value minus mean code, against that of the other groups): {uneven}."
        )
    if off:
        said.append(
            "In these groups the values are too high (+) or too low (−) against the coded passages, and the 95% interval excludes 0 "
            f"(mean value minus mean code): {off}."
        )
    return " ".join(said)


def _listed_errors(rows: pd.DataFrame, column: str) -> str:
    """The groups of a construct with a number, in words; "" if there are none."""
    if rows.empty:
        return ""
    groups = [f"{isolated(row['group'])} {signed(row[column])}" for row in rows.to_dict("records")]
    return f"{isolated(rows['what'].iloc[0])} ({', '.join(groups)})"


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
    return f"Of the coded passages that are found in a group, fewer than half have the code: {which}." if which else ""


def coding(analysis: Analysis, note: str = "") -> str:
    """Who judged how many passages, and how these were drawn, as far as it is stated, or a `note` of the author says: what agreement can be
    generalised to."""
    codes = analysis.annotations
    spans, coders = codes.groupby("unit_id")["coder"].nunique(), codes["coder"].nunique()
    twice = int((spans > 1).sum())
    unnamed = set(codes["coder"]) == {UNNAMED}
    who = "by coders who are not named" if unnamed else "by one coder" if coders == 1 else f"by {coders} coders"
    again = (
        f"{_number(twice, 'passage')} {'was' if twice == 1 else 'were'} judged by more than one coder, and counted once, with the code that half of "
        "them or more gave, so that of two coders who disagree the one counts who sees it"
        if twice
        else "No passage was judged twice, so how far coders agree with each other is not known"
    )
    drawn = (
        "They were drawn with stated probabilities, and where each passage has one these figures are weighted by them"
        if codes["inclusion_probability"].notna().any()
        else note.rstrip(".") or "How they were drawn is not stated"
    )
    return (
        f"{len(spans)} passages of {_number(codes['document_id'].nunique(), 'article')} were judged {who}. {again}. {drawn}. The figures hold "
        "for the judged passages, and for the corpus only if these are a random sample of it: an AUC and a recall depend on how many of the "
        "passages are clear cases, and a precision also on how frequent the code is among them."
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
        f"Named groups with fewer than ten articles that have a score: {'; '.join(parts)}. Below five there is no interval; from five to nine the "
        "interval tends to be too narrow."
    )


def recurring_stories(analysis: Analysis) -> str:
    """How many groups have several articles on a story and too few known stories to draw these whole; "" if none has."""
    documents = _scored(analysis)
    groups = group_labels(documents, analysis.settings["group_by"])
    known = documents["story_id"].notna() & (documents["story_id"] != "") & (groups != UNKNOWN)
    stories = documents["story_id"][known].groupby(groups[known])
    recur = int(((stories.count() > stories.nunique()) & (stories.nunique() < STORIES_NEEDED)).sum())
    if not recur:
        return ""
    return (
        f"In {_number(recur, 'group')} fewer than {STORIES_NEEDED} stories are known, and several articles are on the same story. The interval of "
        "such a group is drawn as if its articles were independent, and tends to be too narrow for this reason as well."
    )


def poor_hypotheses(analysis: Analysis, codebook: Codebook) -> str:
    """Wordings that alone do not tell coded passages from others; "" if there is none."""
    labels = _isolated(codebook)
    rows = [
        (f"“{isolated(row['hypothesis'])}” ({labels[row['construct']]}, {row['question']})", row)
        for row in analysis.hypothesis_agreement.to_dict("records")
    ]
    return " ".join(_unsupported(rows, "to be reworded", _CHANCE))


def _isolated(codebook: Codebook) -> dict[str, str]:
    """The labels of all constructs, as sentences hold them."""
    return {construct: isolated(label) for construct, label in codebook.constructs().items()}


def _unsupported(rows: list[tuple[str, dict[Hashable, Any]]], hence: str, bars: Mapping[str, float]) -> list[str]:
    """A sentence for each way in which coded passages can fail to bear out what is named."""
    sentences = {
        _AT_CHANCE: f"Not distinguishable from chance on the coded passages, and {hence}",
        _BELOW: f"Better than chance, but with a lower bound of the interval below {BAR:.2f}, and {hence}",
        _REVERSED: f"Higher for passages without the code than for those with it, and {hence}",
        _RARE: f"Coded too seldom to say (fewer than {_FEW} passages with the code, or without it)",
        _UNORDERED: f"Coded in too few articles to say how these are ordered (fewer than {_FEW})",
        _NARROW: f"Coded in too few articles to say (fewer than {FEWEST} with the code, or without it)",
        _CONSTANT: "Without an interval, because every draw of articles gives the same value",
    }
    judged = [(name, row, _verdict(row, bars)) for name, row in rows]
    named = {
        verdict: [f"{name} ({_counted(row, verdict)})" for name, row, of in judged if of == verdict]
        for verdict in sentences
    }  # fmt: skip
    return [f"{sentences[verdict]}: {'; '.join(which)}." for verdict, which in named.items() if which]


def _verdict(row: Mapping[Hashable, Any], bars: Mapping[str, float]) -> str:
    """What coded passages say of one row of agreement; `bars` are what the lower bounds must reach."""
    statistic = _statistic(row)
    chance = _CHANCE[statistic]
    if statistic == RANKS and row["n"] < _FEW:
        return _UNORDERED
    if statistic != RANKS and min(row["n_positive"], row["n"] - row["n_positive"]) < _FEW:
        return _RARE
    if row["low"] != row["low"]:
        if row["n_clusters"] < FEWEST:
            return _NARROW
        return _SUPPORTED if row["value"] == 1 else _CONSTANT  # perfect in every draw, which no interval can show
    if row["high"] < chance:
        return _REVERSED
    if row["low"] <= chance:
        return _AT_CHANCE
    return _SUPPORTED if row["low"] >= bars[statistic] else _BELOW


def _counted(row: Mapping[Hashable, Any], verdict: str) -> str:
    """What a verdict rests on: how many codes, how many articles, or the value with its interval."""
    if verdict == _RARE:
        return f"{row['n_positive']} of {row['n']}"
    return _number(row["n"], "article") if verdict == _UNORDERED else _agreed(row)


def _statistic(row: Mapping[Hashable, Any]) -> str:
    return str(row.get("statistic", "AUC"))  # a hypothesis alone has no other


def _agreed(row: Mapping[Hashable, Any]) -> str:
    return f"{_statistic(row)} {row['value']:.2f}, {_bounds(row)}".replace("-", "−")


def _bounds(row: Mapping[Hashable, Any]) -> str:
    if row["low"] != row["low"]:
        return "no interval"
    # 0.697 is below the bar, and is not to be printed as the bar.
    low = f"{row['low']:.3f}" if row["low"] < BAR <= round(row["low"], 2) else f"{row['low']:.2f}"
    return f"{low} to {row['high']:.2f}".replace("-", "−")


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
        f"{_number(groups, 'named group')} ({_number(unnamed, 'article')} without one)"
        if unnamed > 0
        else _number(groups, "group")
    )


def _corrected(analysis: Analysis, codebook: Codebook) -> str:
    """The highest and the lowest group of the main construct once the model's errors are taken off, where a drawn sample was coded."""
    construct, table = main_construct(codebook), analysis.corrected_estimates
    rows = table[(table["construct"] == construct) & (table["outlet"] != UNKNOWN) & (table["n_coded"] >= ENOUGH)]
    rows = rows.dropna(subset="corrected_low")
    if len(rows) < 2:
        return ""
    ordered = rows.sort_values("corrected").to_dict("records")
    lowest, highest = (
        f"{isolated(row['outlet'])} ({signed(row['corrected'])}, 95% interval {signed(row['corrected_low'])} to "
        f"{signed(row['corrected_high'])}; by the model alone {signed(row['raw'])})"
        for row in (ordered[0], ordered[-1])
    )
    return (
        f"{isolated(codebook.names()[construct])}, corrected for the model's errors, for {len(rows)} groups with {ENOUGH} coded passages or more: "
        f"the highest mean has {highest}, the lowest {lowest}. These are the means to report; those below are the model's alone."
    )


def _ends(analysis: Analysis, codebook: Codebook) -> str:
    """The highest and the lowest group of the main construct, and which groups differ from the others."""
    construct = main_construct(codebook)
    if supported(analysis, construct) is False:
        return f"{isolated(codebook.names()[construct])}: the coded passages do not support it, so its means are not summarised here."
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
    groups = f"{len(rows)} groups" if len(rows) == everyone else f"{len(rows)} named groups"
    if not rows["low"].isna().all() and len(rows) != everyone:
        groups = f"{groups} with an interval"
    scale = f"{plus} at +1, {minus} at −1" if minus else "from 0 to 1"
    overall = rows_of(analysis.articles, construct)["score"].mean()
    means = (
        f"{isolated(codebook.names()[construct])} ({scale}): of {groups}, {isolated(highest['outlet'])} has the highest mean "
        f"({_estimate(highest)}) and {isolated(lowest['outlet'])} the lowest ({_estimate(lowest)}). The mean over all articles is {signed(overall)}."
    )
    return f"{means} {_differences(analysis, construct)}"


def _differences(analysis: Analysis, construct: str) -> str:
    """Which groups differ from the others, by intervals that hold for all of them together."""
    table = difference_table(analysis, construct)
    compared = table.dropna(subset="difference")
    if compared.empty:
        return f"No difference between groups can be estimated: fewer than two have {FEWEST} articles."
    if len(compared) == 2:
        first, second = compared.to_dict("records")
        return (
            f"The difference between {isolated(first['group'])} and {isolated(second['group'])} is {signed(first['difference'])} "
            f"({interval_in_words(first)})."
        )
    together = f"by intervals that hold for all {len(compared)} groups together"
    apart = {"higher": compared[compared["low"] > 0], "lower": compared[compared["high"] < 0].iloc[::-1]}
    said = [f"{words} {_listed(rows)}" for words, rows in apart.items() if len(rows)]
    if not said:
        largest = max(compared.to_dict("records"), key=lambda row: abs(row["difference"]))
        reach = ((compared["high"] - compared["low"]) / 2).max()
        open_ = f"; differences of up to ±{reach:.2f} cannot be excluded" if reach == reach else ""
        return (
            f"No group differs distinguishably from the mean of the other groups, {together}: the largest difference is that of "
            f"{isolated(largest['group'])} ({signed(largest['difference'])}, {interval_in_words(largest)}){open_}."
        )
    return f"Against the mean of the other groups, {together}: {'; '.join(said)}."


def _listed(rows: pd.DataFrame) -> str:
    shown = [
        f"{isolated(row['group'])} ({signed(row['difference'])}, {interval_in_words(row)})"
        for row in rows.head(_NAMED).to_dict("records")
    ]
    more = [f"{len(rows) - _NAMED} more"] if len(rows) > _NAMED else []
    return ", ".join([*shown, *more])


def _estimate(row: Mapping[Hashable, Any]) -> str:
    return f"{signed(row['estimate'])}, {interval_in_words(row)}, n = {row['n_documents']}"


def _stances(analysis: Analysis, codebook: Codebook) -> str:
    if not codebook.stance:
        return ""
    if supported(analysis, STANCE) is False:
        return f"Stance towards {isolated(codebook.stance.target)}: the coded passages do not support it, so its counts are not summarised here."
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
        f" Over {row['n']} articles with coded sides, these scores and the mean codes have a rank correlation of {row['value']:.2f} ({_bounds(row)})."
        for row in rows.to_dict("records")
    )


def method_paragraph(study: Study, analysis: Analysis, codebook: Codebook) -> str:
    """A paragraph for a method section; to be checked and adapted by the author."""
    sentences = (
        *_corpus(analysis),
        *_scores(study, analysis, codebook),
        *_groups(study, analysis),
        *_agreement(study, analysis, codebook),
        *_coders(analysis, codebook),
        *_correction(analysis),
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
    others = [f"{_number(n, 'passage')} {what}" for why, what in sentences if (n := aside.pop(why, 0))]
    besides = f", as well as {' and '.join(others)}" if others else ""
    drawn = "a random sample of " if "sample" in analysis.counts else ""
    return (
        f"We analysed {drawn}{_number(len(_scored(analysis)), 'article')} with framing {framing.__version__}.",
        *filter(None, [_unscored(analysis)]),
        f"Each article was split into sentences; {sum(aside.values())} paragraphs of site furniture (navigation, prompts, "
        f"teasers of other stories) were set aside by general rules{besides}; {_number(kept, 'passage')} {'was' if kept == 1 else 'were'} kept.",
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
    return f", rescaled for each side by a logistic curve fitted on other sentences (Platt 1999; {curves})"


def _groups(study: Study, analysis: Analysis) -> tuple[str, ...]:
    table = analysis.differences.dropna(subset="low")
    largest = table.groupby("construct").size().max() if len(table) else 0
    drawn = " or ".join(
        sorted({f"{kind} together" if kind == JOINTLY else f"{kind} within groups" for kind in table["resampled"]})
    )
    compared = (
        f"{largest} of {len(_named_groups(analysis))} named groups, those with {FEWEST} articles or more, were each compared with the mean of the "
        "others by studentised bootstrap intervals that hold for all groups of a construct together (Romano and Wolf 2005; "
        f"{drawn}).",
    )
    return (
        f"Group means are means over articles, with 95% bootstrap intervals (expanded percentile, Hesterberg 2015; "
        f"{study.resamples:,} samples of articles, or of stories where a group covers {STORIES_NEEDED} or more; seed {study.seed}; none of fewer "
        f"than {FEWEST}, nor where all are alike).",
        *(compared if largest else ()),
    )


def _agreement(study: Study, analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
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
        *([coding(analysis, study.annotations_note)] if len(analysis.annotations) else []),
        f"Against up to {most} passages coded by hand, the area under the ROC curve (95% interval) was {values}.",
        "Precision and recall at the threshold are given in tables/agreement.csv, the mean values beside the mean codes in tables/errors.csv.",
        *(
            f"Over {row['n']} articles, scores and mean codes had a rank correlation of {row['value']:.2f} ({_bounds(row)}) for "
            f"{labels[row['construct']]}."
            for row in ranks
        ),
        f"A construct is reported as supported where the lower bound of the interval of each of its AUCs is {BAR:.2f} or more, with {_FEW} codes and "
        f"{FEWEST} articles or more on either side, and where the order of the articles, if coded, is better than chance.",
    )


def _coders(analysis: Analysis, codebook: Codebook) -> tuple[str, ...]:
    """How far coders agree with each other, where they judged the same."""
    rows = analysis.reliability
    rows = rows[rows["statistic"].str.startswith("alpha")].dropna(subset="value")
    labels = _isolated(codebook) | {VOICE: "the voice"}
    said = [
        f"{row['value']:.2f} ({_bounds(row)}; {_number(row['n_units'], 'passage')}) for {labels[row['construct']]}"
        for row in rows.to_dict("records")
    ]
    return (f"Between coders Krippendorff's alpha (2019; 95% interval) was {'; '.join(said)}.",) if said else ()


def _correction(analysis: Analysis) -> tuple[str, ...]:
    """What was corrected, where anything could be, and what was not."""
    table = analysis.corrected_estimates
    known = table[table["corrected"].notna() & (table["outlet"] != UNKNOWN)]
    if known.empty:
        return ()
    groups, coded = known["outlet"].nunique(), int(known.groupby("construct")["n_coded"].sum().max())
    return (
        f"For {groups} of {len(_named_groups(analysis))} named groups mean values were also corrected for the model's errors with up to "
        f"{_number(coded, 'coded passage')} drawn with known probabilities, by the difference estimator (Särndal, Swensson and Wretman 1992; "
        "Egami et al. 2023; tables/corrected_estimates.csv; for the stance the net stance over all passages). The comparisons with the other "
        "groups, the shares and the voices are of the model's uncorrected values.",
    )
