"""What the notebooks show, made ready from an Analysis: tables with words for people, evidence by article."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from framing.analysis import Analysis
from framing.articles import ALL
from framing.bidi import isolated
from framing.bootstrap import mean_interval
from framing.codebook import AXIS, STANCE, Codebook
from framing.errors import check_known
from framing.evidence import PLAIN, annotate_passages, choose_articles, main_construct, shown_text
from framing.figures import signed
from framing.outlets import clusters_of, group_labels
from framing.report.blocks import OfArticle
from framing.voice import OUTLET, QUOTED


def counts_table(analysis: Analysis) -> pd.DataFrame:
    """Every count of every stage: stage, what, number."""
    rows = [(stage, what, n) for stage, counts in analysis.counts.items() for what, n in counts.items()]
    return pd.DataFrame(rows, columns=["stage", "what", "number"])


def corpus_table(analysis: Analysis, *, group_by: str) -> pd.DataFrame:
    """One row a group: articles, stories, first and last day, kept and set-aside passages."""
    documents = analysis.documents.assign(group=group_labels(analysis.documents, group_by))
    passages = analysis.passages.merge(documents[["document_id", "group"]], on="document_id")
    of_group = documents.groupby("group")
    table = of_group.agg(
        articles=("document_id", "count"),
        stories=("story_id", "nunique"),
        first=("published", "min"),
        last=("published", "max"),
    )
    table["kept"] = passages[passages["kept"]].groupby("group").size()
    table["aside"] = passages[~passages["kept"]].groupby("group").size()
    table[["kept", "aside"]] = table[["kept", "aside"]].fillna(0).astype("int64")
    return table.reset_index()


def aside_table(analysis: Analysis, *, text: str) -> pd.DataFrame:
    """Every passage that was set aside: document_id, reason, text as far as it may be shown."""
    rows = analysis.passages[~analysis.passages["kept"]]
    shown = [shown_text(each, "excerpts" if text == "full" else text) for each in rows["text"]]
    return rows[["document_id", "reason"]].assign(text=shown).reset_index(drop=True)


def codebook_table(codebook: Codebook) -> pd.DataFrame:
    """One row a construct side: label, definition, hypotheses."""
    rows = [
        (f.label, f.definition, " ".join(f"({i}) {h}" for i, h in enumerate(f.hypotheses, 1))) for f in codebook.frames
    ]
    if stance := codebook.stance:
        for side, hypotheses in (("in favor", stance.favor), ("against", stance.against)):
            wordings = " ".join(f"({i}) {h}" for i, h in enumerate(hypotheses, 1))
            rows.append((f"Stance, {side}", stance.definition or f"Towards {stance.target}.", wordings))
    return pd.DataFrame(rows, columns=["construct", "definition", "hypotheses"])


def agreement_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Agreement with coders in words: what, statistic, value with its interval, and how many spans it rests on."""
    return _in_words(analysis.agreement, codebook)


def hypothesis_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Agreement of each hypothesis by itself with coders: what it asks, the hypothesis, its AUC with its interval."""
    return _in_words(analysis.hypothesis_agreement, codebook)


def found_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """What is found at the threshold in each group and how much of it, as far as it was coded, is right, and how much of what has the code is
    found: table `found` with `what`, the lowest precision first, without the groups that have no code to say so."""
    found = analysis.found
    coded = found[(found["n_coded"] > 0) | (found["n_positive"] > 0)]
    order = (
        coded.assign(right=coded["n_right"] / coded["n_coded"], many=-coded["n_coded"])
        .sort_values(["right", "many"], kind="stable")
        .index
    )
    return _in_words(coded.loc[order].reset_index(drop=True), codebook)


def error_table(analysis: Analysis, codebook: Codebook, *, by_group: bool = True) -> pd.DataFrame:
    """Mean value beside mean code of each coded construct, in each group or in all of them together: table `errors` with `what`, in the
    codebook's order."""
    errors = analysis.errors
    return _of_constructs(errors[errors["group"].notna() == by_group], codebook)


def leaves_out_zero(rows: pd.DataFrame, of: str = "") -> "pd.Series[bool]":
    """Whether the interval of each row, `low` to `high` behind the name `of`, lies above or below 0; not where there is none."""
    return (rows[f"{of}low"] > 0) | (rows[f"{of}high"] < 0)


def telling_errors(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Of `error_table`: each construct over all groups, then its groups if it is the main construct, and of the others those groups whose error, by
    itself or beside that of the other groups, has an interval without 0."""
    errors = error_table(analysis, codebook)
    off = leaves_out_zero(errors) | leaves_out_zero(errors, "relative_")
    groups = errors[off | (errors["construct"] == main_construct(codebook))]
    overall = error_table(analysis, codebook, by_group=False).assign(group="all articles")
    return _of_constructs(pd.concat([overall, groups], ignore_index=True), codebook)


def reliability_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Coder against coder, of the constructs that any passage was judged for twice: table `reliability` with `what`."""
    table = analysis.reliability
    return _in_words(table[table["n_units"] > 0].reset_index(drop=True), codebook)


def corrected_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Each group's means by the model, by coders, and corrected: table `corrected_estimates` with `what`, in the codebook's order."""
    return _of_constructs(analysis.corrected_estimates, codebook)


def corrected_difference_table(analysis: Analysis, codebook: Codebook) -> pd.DataFrame:
    """Each two groups under the main construct: table `corrected_differences`, those with a corrected interval, the largest difference first."""
    table = analysis.corrected_differences
    rows = table[table["construct"] == main_construct(codebook)].dropna(subset="corrected_low")
    order = rows["corrected"].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order].reset_index(drop=True)


def difference_table(analysis: Analysis, construct: str) -> pd.DataFrame:
    """Each group's mean score beside the mean of the other groups': table `differences`, the highest difference first.

    Raises
    ------
    TableError
        If there are scores and none of this construct.
    """
    check_known("construct", construct, analysis.differences["construct"])
    table = analysis.differences[analysis.differences["construct"] == construct]
    return table.sort_values(["difference", "estimate"], ascending=False, kind="stable", ignore_index=True)


def _of_constructs(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """The rows in the order of the codebook, with the construct's name as `what`."""
    names = codebook.names()
    order = {construct: i for i, construct in enumerate(names)}
    rows = table.sort_values("construct", key=lambda c: c.map(order), kind="stable", ignore_index=True)
    return rows.assign(what=rows["construct"].map(names))


def _in_words(table: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    labels = codebook.constructs() | {"voice": "Voice"}
    return table.assign(what=[f"{labels[c]}: {q}" for c, q in zip(table["construct"], table["question"], strict=True)])


def article_table(analysis: Analysis, codebook: Codebook, *, group_by: str) -> pd.DataFrame:
    """One row an article: group, day, title, axis, stance with the number of passages it rests on as `siding`, and the share of each frame in the
    columns that `frame_labels` names; farthest out on the axis first. A title leads to the article's evidence."""
    documents = analysis.documents.assign(group=group_labels(analysis.documents, group_by)).set_index("document_id")
    scores = analysis.articles[analysis.articles["voice"] == ALL]
    columns: dict[str, pd.Series] = {
        "group": documents["group"],
        "published": documents["published"],
        "title": pd.Series(
            {
                i: OfArticle(shown_text(_string(t) or "(no title)", "excerpts"), str(i))
                for i, t in documents["title"].items()
            },
            dtype="object",
        ),
    }
    for construct in codebook.constructs():
        rows = scores[scores["construct"] == construct].set_index("document_id")
        if construct in (AXIS, STANCE):
            columns[construct] = rows["score"]
        else:
            columns[_share_of(construct)] = rows["share"]
        if construct == STANCE:
            columns["siding"] = rows["n_siding"]
    table = pd.DataFrame(columns).reindex(documents.index).rename_axis("document_id").reset_index()
    first = next(c if c in (AXIS, STANCE) else _share_of(c) for c in codebook.constructs())
    return table.sort_values([first, "document_id"], ascending=[False, True], ignore_index=True)


def frame_labels(codebook: Codebook) -> Mapping[str, str]:
    """The columns of `article_table` that hold the frames' shares, with the frames' labels."""
    return {_share_of(frame.key): frame.label for frame in codebook.frames}


def _share_of(frame: str) -> str:
    """A column's name that no column of another kind can have, whatever the frame's key is."""
    return f"share:{frame}"


def voice_table(
    analysis: Analysis, construct: str, *, group_by: str, resamples: int = 10_000, seed: int = 1
) -> pd.DataFrame:
    """One row a group: the mean score in the outlets' own words beside that in what they quote, over the articles that have both.

    Returns
    -------
    DataFrame
        `group`, `n_documents`, `outlet`, `quoted`, `difference`, and `low` and `high` of the difference, drawn as `compare_outlets`
        draws. A group without an article that has both has a row with none.

    Raises
    ------
    TableError
        If there are scores and none of this construct.
    """
    check_known("construct", construct, analysis.articles["construct"])
    rows = analysis.articles[
        (analysis.articles["construct"] == construct) & analysis.articles["voice"].isin([OUTLET, QUOTED])
    ]
    wide = rows.pivot(index="document_id", columns="voice", values="score").reindex(columns=[OUTLET, QUOTED])
    documents = analysis.documents.assign(group=group_labels(analysis.documents, group_by)).set_index("document_id")
    both = wide.dropna().join(documents[["group", "story_id", "duplicate_of"]]).reset_index()
    table = []
    for name in sorted(documents["group"].unique()):
        some = both[both["group"] == name]
        differences = (some[OUTLET] - some[QUOTED]).to_numpy(dtype="float64")[:, None]
        rng = np.random.default_rng([seed, *f"{name}\0{construct}".encode()])
        clusters, _ = clusters_of(some)
        (low,), (high,) = mean_interval(differences, clusters.to_numpy(dtype=object), resamples, rng)
        means = some[[OUTLET, QUOTED]].mean()
        table.append((name, len(some), means[OUTLET], means[QUOTED], means[OUTLET] - means[QUOTED], low, high))
    return pd.DataFrame(table, columns=["group", "n_documents", OUTLET, QUOTED, "difference", "low", "high"])


def evidence_articles(
    analysis: Analysis, codebook: Codebook, *, construct: str, limit: int, text: str, group_by: str
) -> list[dict[str, Any]]:
    """Articles for `framing.report.blocks.evidence`: the farthest out on a construct, with the passages that weigh most.

    With `text` "full" every passage is shown, set-aside ones with their reason; with "excerpts" only those that weigh most, each up to
    a length; with "none" their place and value alone.

    Raises
    ------
    TableError
        If there are scores and none of this construct.
    """
    marked = annotate_passages(analysis.passages, analysis.measures, analysis.articles, construct=construct)
    documents = analysis.documents.assign(group=group_labels(analysis.documents, group_by)).set_index("document_id")
    names = codebook.names()
    scores = analysis.articles[analysis.articles["voice"] == ALL].set_index(["document_id", "construct"])
    shown = [c for c in dict.fromkeys((construct, AXIS, STANCE)) if c in names]
    chosen = choose_articles(analysis.articles, construct=construct, limit=limit)
    return [
        {
            "document_id": document_id,
            "title": _string(documents.at[document_id, "title"]),
            "outlet": documents.at[document_id, "group"],
            "published": _day(documents.at[document_id, "published"]),
            "url": _string(documents.at[document_id, "url"]),
            "facts": [[names[c], _number(float(scores["score"][document_id, c]))] for c in shown],
            "passages": _shown_passages(marked[marked["document_id"] == document_id], text),
        }
        for document_id in chosen
    ]  # fmt: skip


def article_in_words(analysis: Analysis, document_id: str, *, group_by: str) -> str:
    """An article as captions name it: its title, as far as it may be shown, group and id.

    Raises
    ------
    TableError
        If no article has this id.
    """
    check_known("document_id", document_id, analysis.documents["document_id"], where="the table `documents`")
    groups = group_labels(analysis.documents, group_by).set_axis(analysis.documents["document_id"])
    title = _string(analysis.documents.set_index("document_id")["title"][document_id])
    named = f"“{isolated(shown_text(title, 'excerpts'))}”" if title else "an article without a title"
    return f"{named} ({isolated(groups[document_id])}; {isolated(document_id)})"


def _shown_passages(rows: pd.DataFrame, text: str) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    paragraph, gap = None, False
    for row in rows.to_dict("records"):
        if text != "full" and row["role"] not in ("for", "against"):
            gap = True
            continue
        shown.append(
            {
                "text": shown_text(row["text"], text),
                "role": row["role"],
                "value": _number(row["value"]) if row["role"] != PLAIN and row["kept"] else "",
                "voice": row["voice"],
                "reason": row["reason"],
                "break": paragraph is not None and row["paragraph"] != paragraph,
                "gap": gap,
            }
        )
        paragraph, gap = row["paragraph"], False
    return shown


def _number(value: float) -> str:
    return signed(value) if value == value else "undefined"


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _day(value: Any) -> str:
    return "" if pd.isna(value) else str(value.date())
