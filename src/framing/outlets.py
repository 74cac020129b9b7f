"""ARTICLES -> OUTLETS: groups of articles, with intervals that come from the articles, never from their passages."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.errors import StudyError
from framing.tables import ARTICLES, DOCUMENTS, OUTLETS

STORIES_NEEDED = 10  # distinct stories from which a group is resampled by story
COVERAGE = 0.95
_CELLS = 2_000_000  # samples x clusters that are worked at together
UNKNOWN = "unknown"
_NO_GROUPS = {"document_id", "text"}
BY_ARTICLE, BY_STORY, NOT_RESAMPLED = "articles", "stories", "no interval"


def compare_outlets(
    articles: pd.DataFrame, documents: pd.DataFrame, *, group_by: str = "outlet", resamples: int = 2000, seed: int
) -> pd.DataFrame:
    """Mean article score of each group under each construct and voice, with a 95% bootstrap interval.

    The interval is the percentile interval of Efron (1979; Efron and Tibshirani 1993, ch. 13) over `resamples` samples of the group's articles
    drawn with replacement; where the group covers ten or more known stories, whole stories are drawn instead, because articles on one
    story are not independent (cluster bootstrap, Davison and Hinkley 1997, sec. 3.8). Exact copies of an article are always drawn together
    with it. A group with one article, or copies of one, has no interval.
    With few articles a percentile interval is too narrow: read it as a lower bound of the uncertainty.

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
        all are missing where no article has a score. `resampled` says what was drawn: "articles", "stories" or "no interval".

    Raises
    ------
    StudyError
        If `group_by` is no column of `documents`.
    """
    ARTICLES.check(articles)
    groups = documents[["document_id", "story_id", "duplicate_of"]].assign(group=group_labels(documents, group_by))
    rows = articles.merge(groups, on="document_id", validate="many_to_one")
    results = []
    for (name, construct, voice), part in rows.groupby(["group", "construct", "voice"], sort=False):
        # Each row has a generator of its own, so that adding a group or a construct changes no other interval.
        rng = np.random.default_rng([seed, *f"{name}\0{construct}\0{voice}".encode()])
        results.append({"outlet": name, "construct": construct, "voice": voice, **_estimate(part, resamples, rng)})
    outlets = pd.DataFrame(results)
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


def _estimate(part: pd.DataFrame, resamples: int, rng: np.random.Generator) -> dict[str, object]:
    # In one order, because a sum of floats depends on it and an estimate must not depend on the order of rows.
    read = part[part["share"].notna()].sort_values("document_id")
    defined = read["score"].notna()
    stories = read["story_id"].astype("str")
    known = stories[defined & stories.notna() & (stories != "")]
    by_story = known.nunique() >= STORIES_NEEDED
    copied = read["duplicate_of"].astype("str").where(read["duplicate_of"].notna(), read["document_id"])
    # An article without a story is a story of its own.
    clusters = stories.where(stories.isin(known), "\0" + copied) if by_story else copied
    intervals = []
    for column, rows in (("score", defined), ("share", read["share"].notna())):
        values = read.loc[rows, [column]].to_numpy(dtype=np.float64)
        low, high = bootstrap_means(values, clusters[rows].to_numpy(dtype=object), resamples, rng)
        intervals.append((values.mean() if len(values) else np.nan, low[0], high[0]))
    (score, low, high), (share, share_low, share_high) = intervals
    has_interval = not np.isnan(low)
    return {
        "estimate": score, "low": low, "high": high, "share": share, "share_low": share_low, "share_high": share_high,
        "n_documents": int(defined.sum()), "n_undefined": len(part) - int(defined.sum()), "n_stories": int(known.nunique()),
        "resampled": NOT_RESAMPLED if not has_interval else BY_STORY if by_story else BY_ARTICLE,
    }  # fmt: skip


def bootstrap_means(
    values: npt.NDArray[np.float64], clusters: npt.NDArray[np.object_], resamples: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Percentile interval of the column means of `values`, whole clusters drawn with replacement.

    Parameters
    ----------
    values : float array, shape (n, k)
    clusters : array, shape (n,)
        Rows with the same label are drawn together.
    resamples : int
    rng : Generator

    Returns
    -------
    low, high : float arrays, shape (k,)
        NaN where there are fewer than two clusters.
    """
    _, labels = np.unique(clusters.astype("str"), return_inverse=True)
    n_clusters = int(labels.max()) + 1 if len(labels) else 0
    if n_clusters < 2:
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing
    sums = np.zeros((n_clusters, values.shape[1]))
    np.add.at(sums, labels, values)
    sizes = np.bincount(labels, minlength=n_clusters)
    together = max(1, _CELLS // n_clusters)
    parts = []
    for begin in range(0, resamples, together):
        drawn = rng.integers(n_clusters, size=(min(together, resamples - begin), n_clusters))
        parts.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1, keepdims=True))
    means = np.concatenate(parts)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return low, high
