"""Bootstrap samples of whole clusters, and the intervals that are read off them."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

COVERAGE = 0.95
FEWEST = 5  # clusters: with fewer, no interval that is read off resampled values holds what it says
_CELLS = 2_000_000  # samples x rows that are worked at together
_ALIKE = 1e-12  # values that are all equal differ by no more than this, from rounding

Floats = npt.NDArray[np.float64]


def drawn(clusters: int, resamples: int, rng: np.random.Generator, *, rows: int) -> Iterator[npt.NDArray[np.int64]]:
    """Samples of `clusters` clusters, drawn with replacement, as their numbers: int arrays (samples of the part, clusters).

    They come in parts that fit into memory where each sample is worked at with `rows` numbers.
    """
    together = max(1, _CELLS // max(1, rows))
    for begin in range(0, resamples, together):
        yield rng.integers(clusters, size=(min(together, resamples - begin), clusters))


def samples(labels: npt.NDArray[np.intp], resamples: int, seed: int) -> Iterator[Floats]:
    """Bootstrap samples of whole clusters, in parts that fit into memory: how often each row stands in each sample.

    Parameters
    ----------
    labels : array, shape (n,), n at least 1
        The cluster of each row, numbered from 0 on without a gap.
    resamples, seed : int

    Yields
    ------
    array, shape (samples of the part, n)
    """
    clusters = int(labels.max()) + 1
    for part in drawn(clusters, resamples, np.random.default_rng(seed), rows=len(labels)):
        yield np.stack([np.bincount(row, minlength=clusters) for row in part]).astype(np.float64)[:, labels]


def stratified(
    strata: npt.NDArray[np.intp], resamples: int, rng: np.random.Generator, *, rows: int
) -> Iterator[Floats]:
    """Bootstrap samples of clusters within strata: how often each cluster stands in each sample, in parts as `drawn` has them.

    Parameters
    ----------
    strata : int array, shape (clusters,)
        The stratum of each cluster, numbered from 0 on without a gap; of each stratum as many clusters are drawn as it has.
    resamples : int
    rng : Generator
    rows : int
        Numbers that each sample is worked at with.

    Yields
    ------
    array, shape (samples of the part, clusters)
    """
    sizes = np.bincount(strata)
    generators = rng.spawn(len(sizes))  # one a stratum, so that the parts change nothing
    together = max(1, _CELLS // max(1, rows))
    for begin in range(0, resamples, together):
        times = np.empty((min(together, resamples - begin), len(strata)))
        for stratum, (size, generator) in enumerate(zip(sizes, generators, strict=True)):
            times[:, strata == stratum] = generator.multinomial(size, np.full(size, 1 / size), size=len(times))
        yield times


def alike(values: Floats) -> npt.NDArray[np.bool_]:
    """Whether the values of each column are all equal but for rounding, missing ones left out; each column has one that is not missing."""
    return np.asarray(np.nanmax(values, axis=0) - np.nanmin(values, axis=0) <= _ALIKE)


def interval(values: Floats, clusters: int) -> tuple[Floats, Floats]:
    """The 95% expanded percentile interval (Hesterberg 2015, sec. 4.3) of a statistic's values in bootstrap samples.

    A plain percentile interval is too narrow where there are few clusters: the bootstrap divides by n where an unbiased variance divides by n - 1,
    and takes a normal for a t distribution. The expanded one reads off the quantiles that make up for both; with many clusters it is the plain
    one.

    Parameters
    ----------
    values : array, shape (samples,) or (samples, k)
        Missing where a sample does not define the statistic; such samples are left out.
    clusters : int
        How many were drawn from, in each sample as many.

    Returns
    -------
    low, high : arrays, shape () or (k,)
        Missing where fewer than `FEWEST` clusters were drawn from, where no sample defines the statistic, and where all samples have the
        same value: clusters that are all alike do not show how far others would differ from them, and an interval without width would claim that
        they do not.
    """
    if clusters < FEWEST or np.isnan(values).all():
        nothing = np.full(values.shape[1:], np.nan)
        return nothing, nothing
    tail = norm.cdf(math.sqrt(clusters / (clusters - 1)) * t.ppf((1 - COVERAGE) / 2, clusters - 1))
    low, high = np.where(alike(values), np.nan, np.nanquantile(values, [tail, 1 - tail], axis=0))
    return low, high


def mean_interval(
    values: Floats,
    labels: npt.NDArray[np.object_],
    resamples: int,
    rng: np.random.Generator,
    *,
    weights: Floats | None = None,
) -> tuple[Floats, Floats]:
    """The interval of the column means of `values`, whole clusters drawn with replacement.

    Parameters
    ----------
    values : float array, shape (n, k)
    labels : array, shape (n,)
        Rows with the same label are drawn together.
    weights : float array, shape (n,), > 0, optional
        Of the rows in their mean; all alike if not given.
    resamples : int
    rng : Generator

    Returns
    -------
    low, high : float arrays, shape (k,)
        See `interval`.
    """
    names, numbers = np.unique(labels.astype("str"), return_inverse=True)
    if len(names) < FEWEST:
        return interval(np.full((1, values.shape[1]), np.nan), len(names))
    weights = np.ones(len(values)) if weights is None else weights
    sums = np.zeros((len(names), values.shape[1]))
    np.add.at(sums, numbers, values * weights[:, None])
    sizes = np.bincount(numbers, weights=weights, minlength=len(names))
    parts = drawn(len(names), resamples, rng, rows=len(names))
    means = [sums[part].sum(axis=1) / sizes[part].sum(axis=1, keepdims=True) for part in parts]
    return interval(np.concatenate(means), len(names))
