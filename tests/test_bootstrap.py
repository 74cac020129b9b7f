"""Intervals from bootstrap samples: as wide as they must be with few clusters, and none with too few."""

import numpy as np
import pytest
import scipy.stats

from framing import bootstrap
from framing.bootstrap import FEWEST, interval, mean_interval, samples, stratified

SKEWED = np.random.default_rng(5).gamma(2.0, 0.1, size=40)


def of_means(values, clusters=None, resamples=20_000):
    labels = np.array(range(len(values)) if clusters is None else clusters, dtype=object)
    low, high = mean_interval(np.asarray(values, dtype=float)[:, None], labels, resamples, np.random.default_rng(1))
    return low.item(), high.item()


@pytest.mark.parametrize("n", [6, 10, 20, 40])
def test_the_interval_of_a_mean_is_about_as_wide_as_that_of_student(n):
    values = scipy.stats.norm.ppf((np.arange(n) + 0.5) / n)  # as normal as so few numbers can be
    low, high = of_means(values)
    expected = scipy.stats.t.interval(0.95, n - 1, 0, scipy.stats.sem(values))
    assert (low, high) == pytest.approx(expected, rel=0.12 if n < 10 else 0.06)
    plain = np.quantile([values[rng].mean() for rng in np.random.default_rng(2).integers(n, size=(4000, n))], 0.975)
    assert plain < high


def test_it_is_the_percentile_interval_at_a_level_that_makes_up_for_few_clusters():
    n = 12
    tail = scipy.stats.norm.cdf(np.sqrt(n / (n - 1)) * scipy.stats.t.ppf(0.025, n - 1))
    reference = scipy.stats.bootstrap(
        (SKEWED[:n],), np.mean, method="percentile", n_resamples=20_000, confidence_level=1 - 2 * tail, rng=np.random.default_rng(3)
    ).confidence_interval  # fmt: skip
    assert of_means(SKEWED[:n]) == pytest.approx((reference.low, reference.high), abs=0.005)


def test_with_many_clusters_it_is_the_plain_one():
    values = np.random.default_rng(4).normal(size=100_000)
    assert interval(values, 10**6) == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=1e-4)


@pytest.mark.parametrize("n", [0, 1, FEWEST - 1])
def test_of_too_few_clusters_there_is_no_interval(n):
    low, high = mean_interval(np.ones((2 * n, 3)), np.repeat(np.arange(n), 2), 100, np.random.default_rng(1))
    assert np.isnan([*low, *high]).all()
    assert low.shape == high.shape == (3,)


def test_rows_of_one_cluster_are_drawn_together():
    # The rows of a cluster cancel out but for a hundredth, so any draw of whole clusters has a mean between 0 and that.
    values = np.array([1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.01, 0.01, 3.0, -3.0])
    low, high = of_means(values, np.repeat(list("abcde"), 2), 500)
    assert 0 <= low < high <= 0.01


@pytest.mark.parametrize("values", [[0.0] * 5, [0.1] * 7, [1.0] * 40])
def test_of_clusters_that_are_all_alike_there_is_no_interval(values):
    assert np.isnan(of_means(values, resamples=500)).all()
    sizes = np.arange(len(values)) % 3 + 1  # sums of clusters of several sizes are not exactly alike
    assert np.isnan(of_means(np.repeat(values, sizes), np.repeat(np.arange(len(values)), sizes), 500)).all()


def test_one_column_that_is_all_alike_leaves_the_others_their_interval():
    values = np.column_stack([SKEWED, np.zeros(40)])
    low, high = mean_interval(values, np.arange(40).astype(object), 500, np.random.default_rng(1))
    assert low[0] < high[0]
    assert np.isnan([low[1], high[1]]).all()


def test_samples_that_define_no_value_are_left_out():
    values = np.random.default_rng(6).normal(size=1000)
    assert interval(np.r_[values, [np.nan] * 500], 9) == interval(values, 9)
    assert np.isnan(interval(np.full(4, np.nan), 9)).all()


def test_the_parts_in_which_samples_are_made_change_nothing(monkeypatch):
    labels = np.array([0, 0, 1, 2, 2, 3])
    whole = np.concatenate(list(samples(labels, 50, 1)))
    assert whole.shape == (50, 6)
    assert (whole[:, 0] == whole[:, 1]).all()
    monkeypatch.setattr(bootstrap, "_CELLS", 18)
    assert len(parts := list(samples(labels, 50, 1))) == 17
    assert np.array_equal(np.concatenate(parts), whole)


def test_of_each_stratum_as_many_clusters_are_drawn_as_it_has(monkeypatch):
    strata = np.array([0, 1, 0, 2, 1, 1])

    def drawn():
        return list(stratified(strata, 50, np.random.default_rng(1), rows=6))

    whole = np.concatenate(drawn())
    assert whole.shape == (50, 6)
    assert (whole[:, [0, 2]].sum(axis=1) == 2).all()
    assert (whole[:, [1, 4, 5]].sum(axis=1) == 3).all()
    assert (whole[:, 3] == 1).all()
    monkeypatch.setattr(bootstrap, "_CELLS", 18)
    assert len(parts := drawn()) == 17
    assert np.array_equal(np.concatenate(parts), whole)
