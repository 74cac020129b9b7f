"""From articles to groups: estimates, intervals, and what must not change them."""

import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from framing.bootstrap import FEWEST
from framing.errors import StudyError
from framing.outlets import STORIES_NEEDED, compare_outlets
from tests.handmade import articles, documents

SKEWED = np.random.default_rng(5).gamma(2.0, 0.1, size=40)
RESAMPLES = 20_000


def tolerance(draws):
    """Five standard errors of the difference of two simulated quantiles, as far out as ten clusters have them.

    The standard error of a simulated quantile is sqrt(q (1 - q) / resamples) / density; the density of a nearly normal statistic at
    its 0.855% quantile is 0.0233 over its standard deviation.
    """
    return 5 * math.sqrt(2) * math.sqrt(0.00855 * 0.99145 / RESAMPLES) / 0.0233 * np.std(draws)


def compare(scores, fields=None, **settings):
    fields = fields or {}
    texts = documents({name: fields.get(name, {}) for name in scores})
    return compare_outlets(articles(scores), texts, **({"resamples": 200, "seed": 1} | settings))


def test_estimates_are_means_of_articles_and_undefined_ones_are_counted():
    of = {"a": {"outlet": "X"}, "b": {"outlet": "X"}, "c": {"outlet": "X"}, "d": {"outlet": "Y"}}
    table = compare({"a": 0.5, "b": -0.25, "c": None, "d": None}, of).set_index("outlet")
    assert table.loc["X", ["estimate", "share", "n_documents", "n_undefined"]].tolist() == [0.125, 0.1875, 2, 1]
    assert table.loc["Y", ["n_documents", "n_undefined"]].tolist() == [0, 1]
    assert table.loc["Y", ["estimate", "low", "high", "share", "share_low", "share_high"]].isna().all()
    assert table.loc["Y", "resampled"] == "no interval"


def expanded(n):
    """The level at which a percentile interval of n clusters is as wide as it must be (Hesterberg 2015)."""
    return 1 - 2 * scipy.stats.norm.cdf(math.sqrt(n / (n - 1)) * scipy.stats.t.ppf(0.025, n - 1))


def test_the_interval_is_the_expanded_percentile_interval():
    table = compare({f"a{i}": value for i, value in enumerate(SKEWED)}, resamples=RESAMPLES).iloc[0]
    reference = scipy.stats.bootstrap(
        (SKEWED,), np.mean, method="percentile", n_resamples=RESAMPLES, confidence_level=expanded(40), rng=np.random.default_rng(11)
    )  # fmt: skip
    allowed = tolerance(reference.bootstrap_distribution)
    assert table["low"] == pytest.approx(reference.confidence_interval.low, abs=allowed)
    assert table["high"] == pytest.approx(reference.confidence_interval.high, abs=allowed)
    assert table["resampled"] == "articles"


def test_with_ten_stories_whole_stories_are_drawn_as_scipy_draws_them():
    sizes = [1, 2, 3, 5, 4, 2, 6, 1, 3, 4]
    stories = np.repeat(np.arange(10), sizes)
    # Articles on one story are alike, so that drawing articles would give a narrower interval.
    values = np.linspace(-0.8, 0.8, 10)[stories] + 0.01 * np.sin(np.arange(len(stories)))
    names = [f"a{i}" for i in range(len(values))]
    of = {name: {"story_id": f"s{story}"} for name, story in zip(names, stories, strict=True)}
    table = compare(dict(zip(names, values, strict=True)), of, resamples=RESAMPLES).iloc[0]

    sums = np.bincount(stories, weights=values)
    reference = scipy.stats.bootstrap(
        (sums, np.array(sizes, dtype=float)),
        lambda total, n, axis: total.sum(axis=axis) / n.sum(axis=axis),
        paired=True, method="percentile", n_resamples=RESAMPLES, confidence_level=expanded(10), rng=np.random.default_rng(11),
    )  # fmt: skip
    allowed = tolerance(reference.bootstrap_distribution)
    assert table["low"] == pytest.approx(reference.confidence_interval.low, abs=allowed)
    assert table["high"] == pytest.approx(reference.confidence_interval.high, abs=allowed)
    assert (table["resampled"], table["n_stories"]) == ("stories", 10)
    of_articles = compare(dict(zip(names, values, strict=True)), resamples=RESAMPLES).iloc[0]
    assert table["high"] - table["low"] > of_articles["high"] - of_articles["low"] + 2 * allowed


@pytest.mark.parametrize(
    ("stories", "drawn"),
    [
        ([f"s{i}" for i in range(STORIES_NEEDED)], "stories"),
        ([f"s{i}" for i in range(STORIES_NEEDED - 1)] * 2, "articles"),
        ([f"s{i}" for i in range(STORIES_NEEDED - 1)] + [""] * 5, "articles"),  # no story is no fifth story
        ([f"s{i}" for i in range(STORIES_NEEDED)] + [None] * 5, "stories"),
        (["s"] * 30, "articles"),
    ],
)
def test_stories_are_drawn_from_five_known_ones_on(stories, drawn):
    scores = {f"a{i}": i / 40 for i in range(len(stories))}
    table = compare(scores, {f"a{i}": {"story_id": story} for i, story in enumerate(stories)})
    assert table["resampled"].tolist() == [drawn]
    assert table["low"].notna().all()


def test_a_story_whose_articles_have_no_score_is_not_counted():
    stories = [*range(STORIES_NEEDED), *range(1, STORIES_NEEDED)]
    scores = {f"a{i}": None if story == 0 else i / 20 for i, story in enumerate(stories)}
    table = compare(scores, {f"a{i}": {"story_id": f"s{story}"} for i, story in enumerate(stories)})
    assert (table["n_stories"].item(), table["resampled"].item()) == (STORIES_NEEDED - 1, "articles")


@pytest.mark.parametrize("copies", [False, True])
def test_a_few_articles_have_an_estimate_and_no_interval(copies):
    names = [f"a{i}" for i in range(FEWEST - 1)] + ["copy"] * copies
    scores = {name: (0.25, 0.75)[i % 2] for i, name in enumerate(names)}
    row = compare(scores, {"copy": {"duplicate_of": "a0"}} if copies else {}).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean(list(scores.values())))
    assert row[["low", "high", "share_low", "share_high"]].isna().all()
    assert row["resampled"] == "no interval"


def test_articles_that_are_all_alike_have_an_estimate_and_no_interval():
    row = compare({f"a{i}": 0.0 for i in range(7)}).iloc[0]
    assert (row["estimate"], row["share"]) == (0.0, 0.0)
    assert row[["low", "high", "share_low", "share_high"]].isna().all()
    assert row["resampled"] == row["share_resampled"] == "no interval: all articles alike"


def test_the_share_says_for_itself_what_it_rests_on():
    """Of a stance: ten articles on ten stories have a share, and four of them, on as many stories, a score."""
    scored = articles({f"a{i}": i / 10 if i < 4 else None for i in range(10)}, construct="stance")
    scored = scored.assign(share=[i / 20 for i in range(10)])
    texts = documents({f"a{i}": {"story_id": f"s{i}"} for i in range(10)})
    row = compare_outlets(scored, texts, resamples=200, seed=1).iloc[0]
    assert row[["n_documents", "n_stories", "resampled"]].tolist() == [4, 4, "no interval"]
    assert row[["share_n_documents", "share_resampled"]].tolist() == [10, "stories"]
    assert row["share_low"] < row["share"] < row["share_high"]


@pytest.mark.parametrize(
    ("column", "values", "groups"),
    [
        ("outlet", ["NA", "NA", "None"], {"NA": 2, "None": 1}),
        ("section", ["", "News", None], {"News": 1, "unknown": 2}),
        ("section", ["0012", "12", "0012"], {"0012": 2, "12": 1}),
        ("outlet", ["nan", "null", ""], {"nan": 1, "null": 1, "unknown": 1}),
        ("published", ["2031-01-02", "2031-01-02", None], {"2031-01-02": 2, "unknown": 1}),
        ("n_replaced", [0, 3, 3], {"0": 1, "3": 2}),
        ("story_id", ["s1", "s1", "s2"], {"s1": 2, "s2": 1}),
    ],
)
def test_articles_are_grouped_by_any_column_and_labels_stay_what_they_are(column, values, groups):
    of = {f"a{i}": {column: value} for i, value in enumerate(values)}
    table = compare(dict.fromkeys(of, 0.5), of, group_by=column)
    assert dict(zip(table["outlet"], table["n_documents"], strict=True)) == groups


@pytest.mark.parametrize("story", [None, "s5"])
def test_a_copy_is_drawn_with_the_story_of_what_it_is_a_copy_of(story):
    names = [f"d{i}" for i in range(12)]
    of = {name: {"story_id": f"s{i}"} for i, name in enumerate(names)}
    scores = {name: i / 20 for i, name in enumerate(names)}
    copies = {f"copy{i}": {"duplicate_of": "d0", "story_id": story} for i in range(6)}
    same = {name: fields | {"story_id": "s0"} for name, fields in copies.items()}
    apart, together = (compare(scores | dict.fromkeys(some, 0.0), of | some) for some in (copies, same))
    assert_frame_equal(apart, together)


def test_what_could_not_be_read_belongs_to_no_group():
    of = {
        "a": {},
        "b": {"status": "empty"},
        "c": {"status": "not read: .pdf", "outlet": ""},
        "d": {"status": "unreadable: x"},
    }
    table = compare({"a": 0.5, "b": None, "c": None, "d": None}, of)
    assert table[["outlet", "n_documents", "n_undefined"]].to_numpy().tolist() == [["Alder Post", 1, 1]]


@pytest.mark.parametrize("column", ["party", "text", "document_id"])
def test_a_column_that_cannot_group_is_refused_with_those_that_can(column):
    with pytest.raises(StudyError, match=rf"group_by: '{column}' is no column .* 'outlet'"):
        compare({"a": 0.5}, group_by=column)


def test_the_seed_alone_decides_the_draw():
    scores = {f"a{i}": value for i, value in enumerate(SKEWED[:12])}
    assert_frame_equal(compare(scores, seed=3), compare(scores, seed=3))
    assert compare(scores, seed=3)["low"].item() != compare(scores, seed=4)["low"].item()


def test_two_groups_with_the_same_articles_are_drawn_apart():
    values = dict(enumerate(SKEWED[:12]))
    scores = {f"{group}{i}": value for group in "XY" for i, value in values.items()}
    table = compare(scores, {name: {"outlet": name[0]} for name in scores})
    assert table["estimate"].nunique() == 1
    assert table["low"].nunique() == 2


SCORES = st.floats(-1, 1).map(lambda x: round(x, 3)) | st.none()
GROUPS = st.sampled_from(["Alder Post", "Birch Mail", "NA", ""])
# Twelve stories among up to 24 articles: both ways of drawing come up.
STORIES = st.sampled_from([f"s{i}" for i in range(12)] + [""])
CORPORA = st.lists(st.tuples(SCORES, GROUPS, STORIES), min_size=1, max_size=24)


def tables(corpus, constructs=("axis",)):
    names = [f"d{i:02d}" for i in range(len(corpus))]
    texts = documents({n: {"outlet": g, "story_id": s} for n, (_, g, s) in zip(names, corpus, strict=True)})
    scores = dict(zip(names, (score for score, _, _ in corpus), strict=True))
    return pd.concat([articles(scores, construct=c) for c in constructs], ignore_index=True), texts


@given(corpus=CORPORA, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(corpus, random):
    scored, texts = tables(corpus)
    shuffled = [table.iloc[random.sample(range(len(table)), len(table))] for table in (scored, texts)]
    assert_frame_equal(
        compare_outlets(*shuffled, resamples=100, seed=1),
        compare_outlets(scored, texts, resamples=100, seed=1),
        check_exact=True,
    )


@given(corpus=CORPORA, added=st.lists(st.tuples(SCORES, st.just("Added Times"), STORIES), min_size=1, max_size=5))
def test_another_group_or_construct_changes_no_interval(corpus, added):
    before = compare_outlets(*tables(corpus), resamples=100, seed=1)
    after = compare_outlets(*tables(corpus + added, ("axis", "stance")), resamples=100, seed=1)
    kept = after[(after["construct"] == "axis") & (after["outlet"] != "Added Times")].reset_index(drop=True)
    assert_frame_equal(kept, before, check_exact=True)
    assert "Added Times" in set(after["outlet"])


@given(corpus=CORPORA)
def test_every_article_is_counted_once_and_intervals_lie_among_the_scores(corpus):
    table = compare_outlets(*tables(corpus), resamples=100, seed=1)
    assert (table["n_documents"] + table["n_undefined"]).sum() == len(corpus)
    for row in table.itertuples():
        of_group = [s for s, g, _ in corpus if (g or "unknown") == row.outlet and s is not None]
        assert row.n_documents == len(of_group)
        if len(of_group) >= FEWEST and math.isnan(row.low):
            assert row.resampled == "no interval: all articles alike"
        elif len(of_group) >= FEWEST:
            assert min(of_group) - 1e-9 <= row.low < row.high <= max(of_group) + 1e-9
