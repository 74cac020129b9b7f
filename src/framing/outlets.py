"""ARTICLES -> OUTLETS: groups of articles, with intervals that come from the articles, never from their passages."""

import numpy as np
import pandas as pd

from framing.bootstrap import FEWEST, mean_interval
from framing.corpus.read import EMPTY
from framing.corpus.read import OK as READ
from framing.errors import StudyError
from framing.tables import ARTICLES, DOCUMENTS, OUTLETS

STORIES_NEEDED = FEWEST  # known stories from which on a group is resampled by story
UNKNOWN = "unknown"
_NO_GROUPS = {"document_id", "text"}
BY_ARTICLE, BY_STORY, NOT_RESAMPLED = "articles", "stories", "no interval"
ALIKE = "no interval: all articles alike"


def compare_outlets(
    articles: pd.DataFrame, documents: pd.DataFrame, *, group_by: str = "outlet", resamples: int = 10_000, seed: int
) -> pd.DataFrame:
    """Mean article score of each group under each construct and voice, with a 95% bootstrap interval.

    The interval is the expanded percentile interval (Hesterberg 2015; Efron 1979) over `resamples` samples of the group's articles
    drawn with replacement; where the group covers five or more known stories, whole stories are drawn instead, because articles on one
    story are not independent (cluster bootstrap, Davison and Hinkley 1997, sec. 3.8). Exact copies of an article are always drawn together
    with it. A group with fewer than five articles that are no copies has no interval, and none has one whose articles are all alike: a share
    of 0 in each of five articles does not show that it is 0 in all.

    Parameters
    ----------
    articles : DataFrame, table ARTICLES
    documents : DataFrame, table DOCUMENTS
    group_by : str
        The column of DOCUMENTS whose values are the groups; "" and missing values form the group "unknown".
    resamples, seed : int

    Returns
    -------
    DataFrame, table OUTLETS
        One row per group, construct and voice, groups in alphabetical order. The column `outlet` holds the group. `estimate` with `low` and `high`
        is of the articles' scores, `share` with `share_low` and `share_high` of their shares. `n_documents` have a score, `n_undefined` have none;
        all are missing where no article has a score. Files that could not be read belong to no group. `resampled` says what was drawn:
        "articles", "stories", "no interval" (too few) or
        "no interval: all articles alike". The share is over all articles with a scored passage, `share_n_documents`, also where the score of
        a stance is undefined; `share_resampled` says what was drawn for its interval. `n_stories` are the known stories of the articles with a score.

    Raises
    ------
    StudyError
        If `group_by` is no column of `documents`.
    """
    ARTICLES.check(articles)
    groups = documents[["document_id", "story_id", "duplicate_of"]].assign(group=group_labels(documents, group_by))
    came = documents["status"].isin([READ, EMPTY])
    rows = articles.merge(groups[came], on="document_id", validate="many_to_one")
    results = []
    for (name, construct, voice), part in rows.groupby(["group", "construct", "voice"], sort=False):
        # Each row has a generator of its own, so that adding a group or a construct changes no other interval.
        rng = np.random.default_rng([seed, *f"{name}\0{construct}\0{voice}".encode()])
        results.append({"outlet": name, "construct": construct, "voice": voice, **_estimate(part, resamples, rng)})
    outlets = pd.DataFrame(results, columns=list(OUTLETS.columns))
    order = {construct: i for i, construct in enumerate(dict.fromkeys(articles["construct"]))}
    outlets = outlets.sort_values(
        ["construct", "voice", "outlet"], key=lambda c: c.map(order) if c.name == "construct" else c, ignore_index=True
    )
    return OUTLETS.check(outlets[list(OUTLETS.columns)])


def group_labels(documents: pd.DataFrame, group_by: str) -> "pd.Series[str]":
    """The group of each document: the value of its column `group_by`, "unknown" where that is missing or empty.

    Raises
    ------
    StudyError
        If `group_by` is no column that can group articles.
    """
    DOCUMENTS.check(documents)
    if group_by not in documents.columns or group_by in _NO_GROUPS:
        allowed = sorted(set(documents.columns) - _NO_GROUPS)
        raise StudyError(
            f"group_by: {group_by!r} is no column of the articles that can group them; there are {allowed}."
        )
    labels = documents[group_by].astype("str")
    return labels.where(labels.notna() & (labels != ""), UNKNOWN)


def clusters_of(articles: pd.DataFrame) -> tuple["pd.Series[str]", int]:
    """What articles are drawn by, and how many stories are known of them.

    Five or more known stories are drawn whole, because articles on one story are not independent; an article without a story is then one of its own.
    Else articles are drawn, and a copy with what it is a copy of.

    Parameters
    ----------
    articles : DataFrame
        `document_id`, `story_id` and `duplicate_of`, one row an article.
    """
    stories = articles["story_id"].astype("str")
    stories = stories.where(stories.notna() & (stories != ""))
    copied = articles["duplicate_of"].astype("str").where(articles["duplicate_of"].notna(), articles["document_id"])
    # A copy belongs to the story of what it is a copy of, whatever it says itself.
    first = copied.isin(articles["document_id"])
    stories = stories.where(~first, copied.map(stories.set_axis(articles["document_id"])))
    known = int(stories.nunique())
    return (stories.fillna("\0" + copied) if known >= STORIES_NEEDED else copied), known


def _estimate(part: pd.DataFrame, resamples: int, rng: np.random.Generator) -> dict[str, object]:
    # In one order, because a sum of floats depends on it and an estimate must not depend on the order of rows.
    read = part[part["share"].notna()].sort_values("document_id")
    defined = read["score"].notna()
    found = []
    for column, rows in (("score", read[defined]), ("share", read)):
        values = rows[[column]].to_numpy(dtype=np.float64)
        clusters, stories = clusters_of(rows)
        (low,), (high,) = mean_interval(values, clusters.to_numpy(dtype=object), resamples, rng)
        drawn = _drawn(low, clusters, stories)
        found.append((values.mean() if len(values) else np.nan, low, high, stories, drawn))
    (score, low, high, stories, drawn), (share, share_low, share_high, _, share_drawn) = found
    return {
        "estimate": score, "low": low, "high": high, "share": share, "share_low": share_low, "share_high": share_high,
        "n_documents": int(defined.sum()), "n_undefined": len(part) - int(defined.sum()), "n_stories": stories, "resampled": drawn,
        "share_n_documents": len(read), "share_resampled": share_drawn,
    }  # fmt: skip


def _drawn(low: float, clusters: "pd.Series[str]", stories: int) -> str:
    """What an interval rests on, or why there is none."""
    if np.isnan(low):
        return ALIKE if clusters.nunique() >= FEWEST else NOT_RESAMPLED
    return BY_STORY if stories >= STORIES_NEEDED else BY_ARTICLE
