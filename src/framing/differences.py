"""ARTICLES -> how far each group lies from the others, with intervals that hold for all comparisons together.

Whether two intervals overlap is no test of a difference (Schenker and Gentleman 2001): a difference has an interval of its own.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.articles import ALL
from framing.bootstrap import COVERAGE, FEWEST, Floats, stratified
from framing.evidence import rows_of
from framing.outlets import (
    ALIKE,
    BY_ARTICLE,
    BY_STORY,
    NOT_RESAMPLED,
    STORIES_NEEDED,
    UNKNOWN,
    clusters_of,
    group_labels,
)
from framing.tables import typed

JOINTLY = "stories, jointly"
COLUMNS = ("group", "n_documents", "estimate", "others", "difference", "low", "high", "resampled")
_SHARED = 10  # known stories of several groups, from which on stories are drawn with the articles of all groups
_NO_ERROR = 1e-9  # a standard error of values that are all alike, but for rounding

_Ints = npt.NDArray[np.intp]


def compare_groups(
    articles: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    construct: str,
    group_by: str = "outlet",
    resamples: int = 10_000,
    seed: int,
) -> pd.DataFrame:
    """Difference of each group's mean score from the mean of the other groups' means, with simultaneous 95% intervals.

    The intervals hold for all groups together: with a probability of about 95% every one of them contains its true difference. They
    are the difference plus and minus a multiple of its standard error, the multiple being the 95% quantile of the largest |t| over all groups
    in bootstrap samples (Romano and Wolf 2005), where the t of a sample is its difference minus the observed one, over its own
    standard error. Where the groups share ten or more known stories, stories are drawn with the articles of all groups on them, so that what a
    story does to all groups cancels out. Otherwise articles are drawn within groups (stories, in a group that has five or more of its own).

    Parameters
    ----------
    articles, documents : DataFrames, tables ARTICLES and DOCUMENTS
    construct : str
    group_by : str
        The column of DOCUMENTS whose values are the groups; articles without a value are left out.
    resamples, seed : int

    Returns
    -------
    DataFrame
        One row per group, in alphabetical order: `n_documents` with a score, `estimate` their mean score, `others` the mean of the other
        groups' estimates, `difference` the first minus the second, `low` and `high` its interval, `resampled` what was drawn, or why there is
        no interval. Groups with
        fewer than five articles (or stories) take no part: their `others`, `difference`, `low` and `high` are missing, as all are where fewer
        than two groups remain. `low` and `high` are missing also where a difference has no variation.

    Raises
    ------
    TableError
        If `articles` has rows and none of this construct.
    StudyError
        If `group_by` is no column of `documents`.
    """
    labels = documents[["document_id", "story_id", "duplicate_of"]].assign(group=group_labels(documents, group_by))
    scored = rows_of(articles, construct)[["document_id", "score"]].dropna(subset="score")
    rows = scored.merge(labels[labels["group"] != UNKNOWN], on="document_id", validate="one_to_one")
    rows = rows.sort_values("document_id", ignore_index=True)  # a sum of floats depends on the order of its terms

    within = [(str(name), *clusters_of(part)) for name, part in rows.groupby("group")]
    drawn = {
        name: BY_STORY if known >= STORIES_NEEDED else BY_ARTICLE
        for name, clusters, known in within
        if clusters.nunique() >= FEWEST
    }
    table = rows.groupby("group")["score"].agg(n_documents="count", estimate="mean").reset_index()
    table[["difference", "low", "high"]] = np.nan
    if len(drawn) >= 2:
        some = rows[rows["group"].isin(list(drawn))]
        if jointly := _share_stories(some):
            clusters, drawn = clusters_of(some)[0], dict.fromkeys(drawn, JOINTLY)
        else:
            clusters = some["group"] + "\0" + pd.concat([of for _, of, _ in within]).reindex(some.index)
        found = against_others(
            some["score"].to_numpy(dtype=np.float64),
            some["group"].to_numpy(dtype="str"),
            clusters.to_numpy(dtype="str"),
            jointly=jointly,
            resamples=resamples,
            rng=np.random.default_rng([seed, *f"{construct}\0{ALL}".encode()]),
        )
        table = table[["group", "n_documents", "estimate"]].merge(found, on="group", how="left")
    rests_on = [
        NOT_RESAMPLED if np.isnan(difference) else ALIKE if np.isnan(low) else drawn[name]
        for name, difference, low in zip(table["group"], table["difference"], table["low"], strict=True)
    ]
    table = table.assign(others=table["estimate"] - table["difference"], resampled=rests_on)
    return typed(table[list(COLUMNS)], {"str": ("group", "resampled"), "int64": ("n_documents",)})


def _share_stories(rows: pd.DataFrame) -> bool:
    """Whether so many stories were covered by two groups or more that stories can be drawn with all their articles."""
    clusters, known = clusters_of(rows)
    if known < _SHARED:
        return False
    groups = rows["group"].groupby(clusters).nunique()
    stories = ~groups.index.str.startswith("\0")  # an article without a story is a cluster of its own
    return int(((groups > 1) & stories).sum()) >= _SHARED


def against_others(
    values: Floats,
    groups: npt.NDArray[np.str_],
    clusters: npt.NDArray[np.str_],
    *,
    jointly: bool,
    resamples: int,
    rng: np.random.Generator,
    weights: Floats | None = None,
) -> pd.DataFrame:
    """Difference of the mean of each group from the mean of the other groups' means, with simultaneous 95% intervals.

    Parameters
    ----------
    values : float array, shape (n,)
        No value is missing.
    groups, clusters : str arrays, shape (n,)
        Of two groups or more. Rows of one cluster are drawn together; unless `jointly`, a cluster lies within one group.
    jointly : bool
        Draw from all clusters at once; otherwise from those of each group.
    resamples : int
    rng : Generator
    weights : float array, shape (n,), > 0, optional
        Of the rows in the mean of their group; all alike if not given.

    Returns
    -------
    DataFrame
        One row per group, in alphabetical order: `group`, `difference`, `low` and `high`, as `compare_groups` has them.
    """
    names, of_row = np.unique(groups, return_inverse=True)
    known, cluster_of_row = np.unique(clusters, return_inverse=True)
    pairs, cell = np.unique(np.stack([cluster_of_row, of_row]), axis=1, return_inverse=True)
    weights = np.ones(len(values)) if weights is None else weights
    sums, sizes = (np.bincount(cell.ravel(), weights=each).astype(np.float64) for each in (values * weights, weights))
    cells = _Cells(pairs[0], pairs[1], sums, sizes)
    strata = np.zeros(len(known), dtype=np.intp)
    if not jointly:
        strata[cells.cluster] = cells.group
    (difference,), (error,) = cells.differences(np.ones((1, len(known))))
    varies = error > _NO_ERROR
    low = high = np.full(len(names), np.nan)
    if varies.any():
        reach = _largest_t(cells, strata, difference, varies, resamples, rng) * np.where(varies, error, np.nan)
        low, high = difference - reach, difference + reach
    return pd.DataFrame({"group": names, "difference": difference, "low": low, "high": high})


class _Cells:
    """Rows summed up by cluster and group, in the order of the clusters."""

    def __init__(self, cluster: _Ints, group: _Ints, sums: Floats, sizes: Floats) -> None:
        self.cluster, self.group, self.sums, self.sizes = cluster, group, sums, sizes
        self._groups = int(group.max()) + 1
        self._in_group = np.eye(self._groups)[group]
        self._first_of_cluster = np.flatnonzero(np.diff(cluster, prepend=-1))

    def differences(self, times: Floats) -> tuple[Floats, Floats]:
        """The differences in samples in which each cluster stands so many times, and their standard errors: two arrays (samples, groups).

        Missing in a sample that leaves out a whole group. The standard error is that of a ratio of sums over clusters, by linearisation
        (nonparametric delta method, Davison and Hinkley 1997, sec. 2.7.2).
        """
        k = self._groups
        drawn = times[:, self.cluster]
        with np.errstate(divide="ignore", invalid="ignore"):
            size = (drawn * self.sizes) @ self._in_group
            mean = (drawn * self.sums) @ self._in_group / size
            residual = (self.sums - mean[:, self.group] * self.sizes) / size[:, self.group]
            # What a cluster adds to the mean of its group, and over all groups: a story may be covered by several.
            of_cluster = np.add.reduceat(residual, self._first_of_cluster, axis=1)
            own = (drawn * residual**2) @ self._in_group
            cross = (drawn * residual * of_cluster[:, self.cluster]) @ self._in_group
            every = (times * of_cluster**2).sum(axis=1, keepdims=True)
            variance = (k**2 * own - 2 * k * cross + every) / (k - 1) ** 2
        difference = (k * mean - mean.sum(axis=1, keepdims=True)) / (k - 1)
        return difference, np.sqrt(np.maximum(variance, 0))


def _largest_t(
    cells: _Cells,
    strata: _Ints,
    difference: Floats,
    varies: npt.NDArray[np.bool_],
    resamples: int,
    rng: np.random.Generator,
) -> float:
    """The 95% quantile over bootstrap samples of the largest |t| of the differences that vary; missing where it is not finite."""

    def largest() -> Iterator[Floats]:
        for times in stratified(strata, resamples, rng, rows=len(cells.sums)):
            drawn, error = cells.differences(times)
            away = np.abs(drawn - difference)[:, varies]
            with np.errstate(divide="ignore", invalid="ignore"):
                yield (away / error[:, varies]).max(axis=1)

    found = np.concatenate(list(largest()))
    found = found[~np.isnan(found)]
    critical = float(np.quantile(found, COVERAGE, method="higher")) if len(found) else np.nan
    return critical if np.isfinite(critical) else float("nan")
