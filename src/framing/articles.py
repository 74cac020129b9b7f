"""MEASURES -> ARTICLES: what each article says, in all its passages, in the outlet's own, and in quoted ones."""

from collections.abc import Sequence

import pandas as pd

from framing.codebook import AXIS, STANCE
from framing.tables import ARTICLES, DOCUMENTS, MEASURES, PASSAGES
from framing.voice import OUTLET, QUOTED

ALL = "all"
VOICES = (ALL, OUTLET, QUOTED)
_WEIGHTIEST = 3  # passages named for and against each score
_SLIGHT = 0.1  # what is nearer to 0 speaks for nothing


def score_articles(
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    threshold: float,
    constructs: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Score each article under each construct and voice.

    The score of a frame or of the axis is the mean of its passages' values; the score of the stance is the mean over the passages that take
    a side (|value| at or above the threshold). `share` is the part of the passages at or above the threshold; for axis and stance, which
    have two ends, the part at or above it in size.

    Parameters
    ----------
    measures, passages, documents : DataFrames, tables MEASURES, PASSAGES and DOCUMENTS
    threshold : float in (0, 1)
    constructs : sequence of str, optional
        What every article has a row for, in this order; the constructs of `measures` if not given.

    Returns
    -------
    DataFrame, table ARTICLES
        One row per document, construct and voice, also for articles without passages: score and share are missing where no passage has a
        value (or, for the stance, none takes a side), never 0. `n_passages` have a value, `n_missing` have none, `n_siding` are at or above the
        threshold in size. `passages_for` lists up to three passage_ids whose value lies highest and is at least 0.1, weightiest first;
        `passages_against`, for axis and stance, those whose value lies lowest and is at most -0.1. For the stance they take a side.

    Raises
    ------
    ValueError
        If `threshold` lies outside (0, 1).
    """
    if not 0 < threshold < 1:
        raise ValueError(f"`threshold` must lie in (0, 1), but {threshold!r} was passed.")
    DOCUMENTS.check(documents)
    voices = PASSAGES.check(passages)[["passage_id", "voice"]]
    rows = MEASURES.check(measures).merge(voices, on="passage_id", validate="many_to_one")
    rows = rows.assign(size=rows["value"].abs(), two_sided=rows["construct"].isin([AXIS, STANCE]))

    parts = []
    for voice in VOICES:
        part = rows if voice == ALL else rows[rows["voice"] == voice]
        parts.append(_aggregate(part, threshold).assign(voice=voice))
    found = pd.concat(parts, ignore_index=True)
    if constructs is None:
        constructs = list(dict.fromkeys(rows["construct"]))
    every = pd.MultiIndex.from_product(
        [documents["document_id"], constructs, VOICES], names=["document_id", "construct", "voice"]
    ).to_frame(index=False)
    articles = every.merge(found, on=["document_id", "construct", "voice"], how="left", validate="one_to_one")
    for column in ("n_passages", "n_missing", "n_siding"):
        articles[column] = articles[column].fillna(0).astype("int64")
    for column in ("passages_for", "passages_against"):
        articles[column] = [ids if isinstance(ids, list) else [] for ids in articles[column]]
    return ARTICLES.check(articles[list(ARTICLES.columns)])


def _aggregate(rows: pd.DataFrame, threshold: float) -> pd.DataFrame:
    key = ["document_id", "construct"]
    siding = rows["size"] >= threshold
    # The stance is the mean over passages that take a side; everything else over all passages.
    counted = rows["value"].where(siding | (rows["construct"] != STANCE))
    grouped = rows.assign(counted=counted, carries=siding.where(rows["value"].notna()).astype("float64")).groupby(
        key, sort=False
    )
    result = grouped.agg(
        score=("counted", "mean"),
        share=("carries", "mean"),
        n_passages=("value", "count"),
        n_all=("value", "size"),
        n_siding=("carries", "sum"),
    ).reset_index()
    result["n_missing"] = result.pop("n_all") - result["n_passages"]
    # What does not enter the score of a stance does not speak for it either.
    counts = siding | (rows["construct"] != STANCE)
    above = rows[counts & (rows["value"] >= _SLIGHT)].sort_values("value", ascending=False, kind="stable")
    below = rows[counts & rows["two_sided"] & (rows["value"] <= -_SLIGHT)].sort_values("value", kind="stable")
    for column, weighty in (("passages_for", above), ("passages_against", below)):
        heaviest = weighty.groupby(key, sort=False).head(_WEIGHTIEST)
        named: dict[tuple[str, str], list[str]] = {}  # a groupby that aggregates to lists is ten times as slow
        for document_id, construct, passage_id in zip(*(heaviest[c] for c in (*key, "passage_id")), strict=True):
            named.setdefault((document_id, construct), []).append(passage_id)
        result[column] = [named.get(each, []) for each in zip(*(result[c] for c in key), strict=True)]
    return result
