"""The text behind the numbers: from an article's score back to its sentences."""

import numpy as np
import pandas as pd

from framing.articles import ALL
from framing.codebook import AXIS, Codebook
from framing.errors import StudyError, check_known
from framing.study import TEXT_MODES
from framing.tables import ARTICLES, MEASURES, PASSAGES

FOR, AGAINST, PLAIN, ASIDE = "for", "against", "plain", "aside"
EXCERPT = 240  # characters of a passage where only excerpts may be shown
HIDDEN = "(text not shown)"


def main_construct(codebook: Codebook) -> str:
    """The construct that evidence is shown for where none is named: the framing axis, or the first frame without one."""
    return AXIS if codebook.axis else codebook.frames[0].key


def annotate_passages(
    passages: pd.DataFrame, measures: pd.DataFrame, articles: pd.DataFrame, *, construct: str
) -> pd.DataFrame:
    """PASSAGES with the value of one construct and the part that each passage plays in its article's score.

    Returns
    -------
    DataFrame
        PASSAGES in its order with `value` (missing where not scored) and `role`: "for" and "against" for the passages that weigh most (see
        ARTICLES), "aside" for furniture, "plain" for the rest.

    Raises
    ------
    TableError
        If a table breaks its contract, or `articles` has rows and none of this construct.
    """
    PASSAGES.check(passages)
    MEASURES.check(measures)
    scored = rows_of(ARTICLES.check(articles), construct)
    heaviest = {FOR: set(scored["passages_for"].explode()), AGAINST: set(scored["passages_against"].explode())}
    values = measures.loc[measures["construct"] == construct, ["passage_id", "value"]]
    marked = passages.merge(values, on="passage_id", how="left", validate="one_to_one")
    role = np.select(
        [~marked["kept"], marked["passage_id"].isin(heaviest[FOR]), marked["passage_id"].isin(heaviest[AGAINST])],
        [ASIDE, FOR, AGAINST],
        PLAIN,
    )
    return marked.assign(role=pd.Series(role, index=marked.index, dtype="str"))


def choose_articles(articles: pd.DataFrame, *, construct: str, limit: int) -> list[str]:
    """Ids of the articles that lie farthest out on a construct, most positive first; all of them if there are no more than `limit`.

    Half of `limit` comes from each end, so that the evidence shows both sides.

    Raises
    ------
    TableError
        If `articles` has rows and none of this construct.
    """
    scored = rows_of(articles, construct).dropna(subset="score")
    ordered = scored.sort_values(["score", "document_id"], ascending=[False, True])["document_id"].tolist()
    if len(ordered) <= limit:
        return ordered
    return ordered[: limit - limit // 2] + ordered[len(ordered) - limit // 2 :]


def widest_article(annotated: pd.DataFrame) -> str:
    """The id of the article whose passages' values lie farthest apart, among those with the most to show (ten passages if there are such)."""
    values = annotated.dropna(subset="value").groupby("document_id")["value"].agg(["min", "max", "count"])
    if values.empty:
        return ""
    long = values[values["count"] >= min(10, values["count"].max())]
    return str((long["max"] - long["min"]).idxmax())


def shown_text(text: str, mode: str) -> str:
    """A passage as far as `text: full | excerpts | none` of the study lets it be shown.

    Raises
    ------
    StudyError
        If `mode` is none of the three.
    """
    if mode == "full":
        return text
    if mode == "none":
        return HIDDEN
    check_known("mode", mode, TEXT_MODES, where="the setting `text`", error=StudyError)
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1].rstrip() + "…"


def rows_of(table: pd.DataFrame, construct: str, voice: str = ALL) -> pd.DataFrame:
    """The rows of ARTICLES or OUTLETS of one construct and voice.

    Raises
    ------
    TableError
        If the table has rows and none of this construct, or none of this voice; the message lists those that it has.
    """
    check_known("construct", construct, table["construct"])
    check_known("voice", voice, table["voice"])
    return table[(table["construct"] == construct) & (table["voice"] == voice)]
