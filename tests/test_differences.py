"""Differences between groups: on simulated groups whose differences are known."""

import math

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from framing.bootstrap import FEWEST
from framing.differences import COLUMNS, against_others, compare_groups
from framing.errors import StudyError, TableError
from tests.handmade import articles, documents


def simulated(seed, means, n=8, *, stories=0, of_story=0.0):
    """Scores of n articles a group; with stories, each group has an article on each, which move with their story."""
    rng = np.random.default_rng(seed)
    told = rng.normal(scale=of_story, size=max(stories, 1))
    scores, of = {}, {}
    for group, mean in means.items():
        for i in range(stories or n):
            name = f"{group}-{i:02d}"
            scores[name] = mean + 0.1 * rng.normal() + (told[i] if stories else 0)
            of[name] = {"outlet": group} | ({"story_id": f"s{i}"} if stories else {})
    return articles(scores), documents(of)


def compare(tables, **settings):
    return compare_groups(*tables, **({"construct": "axis", "resamples": 400, "seed": 1} | settings)).set_index("group")


MEANS = {"Alder": 0.5, "Birch": 0.1, "Cedar": 0.0, "Dogwood": -0.2}


def test_a_difference_is_that_of_a_group_from_the_mean_of_the_others():
    table = compare(simulated(1, MEANS))
    means = table["estimate"]
    for group in MEANS:
        others = means.drop(group).mean()
        assert table.loc[group, ["others", "difference"]].tolist() == pytest.approx([others, means[group] - others])
    assert (table["low"] < table["difference"]).all()
    assert (table["difference"] < table["high"]).all()
    assert table["low"]["Alder"] > 0 > table["high"]["Dogwood"]
    assert list(compare_groups(*simulated(1, MEANS), construct="axis", resamples=50, seed=1).columns) == list(COLUMNS)


def test_of_two_groups_the_difference_is_theirs_and_its_interval_that_of_welch():
    scored, texts = simulated(2, {"Alder": 0.3, "Birch": 0.1}, n=40)
    table = compare((scored, texts), resamples=4000)
    one, two = (scored.loc[scored["document_id"].str.startswith(group), "score"] for group in ("Alder", "Birch"))
    assert table.loc["Alder", "difference"] == pytest.approx(one.mean() - two.mean())
    assert table.loc["Birch", ["low", "high"]].tolist() == pytest.approx(
        (-table.loc["Alder", ["high", "low"]]).tolist()
    )
    half = 1.99 * math.sqrt(one.var() / 40 + two.var() / 40)
    assert (table.loc["Alder", "high"] - table.loc["Alder", "low"]) / 2 == pytest.approx(half, rel=0.08)


@pytest.mark.parametrize(("n", "draw"), [(8, "normal"), (20, "skewed")])
def test_all_intervals_together_hold_the_true_differences_nineteen_times_in_twenty(n, draw):
    """200 simulated sets of five groups; the coverage of all five intervals at once, of which a pointwise one would have 80%."""
    groups = np.repeat([f"g{i}" for i in range(5)], n)
    clusters = np.arange(5 * n).astype(str)
    true = np.array([0.0, 0.0, 0.1, 0.2, 0.5])
    true_differences = (5 * true - true.sum()) / 4
    held = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        noise = rng.normal(size=5 * n) if draw == "normal" else rng.gamma(2.0, 0.7, size=5 * n) - 1.4
        scales = np.repeat([0.5, 1.0, 1.0, 1.0, 1.5], n)
        values = np.repeat(true, n) + scales * noise
        table = against_others(values, groups, clusters, jointly=False, resamples=200, rng=rng)
        held.append(bool(((table["low"] <= true_differences) & (true_differences <= table["high"])).all()))
    assert 0.9 <= np.mean(held) <= 0.99


def test_the_simultaneous_interval_is_wider_than_that_of_a_single_comparison():
    scored, texts = simulated(3, dict.fromkeys("ABCDEFG", 0.1), n=20)
    table = compare((scored, texts), resamples=2000)
    within = scored["score"].groupby(scored["document_id"].str[0]).var() / 20
    single = np.sqrt(within + (within.sum() - within) / 36)
    critical = (table["high"] - table["low"]) / 2 / single
    assert critical.between(2.4, 3.4).all()  # seven comparisons by Bonferroni: 2.69; one: 1.96


def test_where_groups_share_ten_stories_what_a_story_does_to_all_of_them_cancels_out():
    scored, texts = simulated(4, MEANS, stories=12, of_story=0.5)
    jointly = compare((scored, texts))
    assert set(jointly["resampled"]) == {"stories, jointly"}
    apart = compare((scored, texts.assign(story_id=None)))
    assert set(apart["resampled"]) == {"articles"}
    assert ((jointly["high"] - jointly["low"]) < (apart["high"] - apart["low"]) / 2).all()
    assert jointly["difference"].to_dict() == pytest.approx(apart["difference"].to_dict())


def test_fewer_shared_stories_are_drawn_within_the_groups():
    scored, texts = simulated(5, MEANS, stories=12)
    own = texts["outlet"] + texts["story_id"]
    assert set(compare((scored, texts.assign(story_id=own)))["resampled"]) == {"stories"}
    nine_shared = texts["story_id"].where(texts["story_id"].isin([f"s{i}" for i in range(9)]), own)
    assert set(compare((scored, texts.assign(story_id=nine_shared)))["resampled"]) == {"stories"}
    few = texts["story_id"].where(texts["story_id"].isin([f"s{i}" for i in range(4)]))
    assert set(compare((scored, texts.assign(story_id=few)))["resampled"]) == {"articles"}


def test_groups_of_few_articles_take_no_part():
    scored, texts = simulated(6, MEANS)
    few = scored[~((scored["document_id"] > f"Alder-{FEWEST - 2:02d}") & scored["document_id"].str.startswith("Alder"))]
    table = compare((few, texts))
    assert table.loc["Alder", ["n_documents", "resampled"]].tolist() == [FEWEST - 1, "no interval"]
    assert table.loc["Alder", ["others", "difference", "low", "high"]].isna().all()
    rest = table.drop("Alder")
    assert rest[["low", "high"]].notna().all(axis=None)
    assert rest.loc["Birch", "others"] == pytest.approx(rest["estimate"].drop("Birch").mean())


def test_one_group_alone_is_compared_with_none():
    table = compare(simulated(7, {"Alder": 0.5}))
    assert table["estimate"].notna().all()
    assert table[["others", "difference", "low", "high"]].isna().all(axis=None)
    assert table["resampled"].tolist() == ["no interval"]
    none = compare((articles({"a": None}), documents(["a"])))
    assert none.empty


def test_articles_of_no_named_group_are_compared_with_none():
    table = compare(simulated(8, MEANS | {"": 0.9}))
    assert list(table.index) == list(MEANS)


def test_groups_that_do_not_vary_have_a_difference_and_no_interval():
    scored, texts = simulated(9, MEANS)
    flat = compare((scored.assign(score=scored["document_id"].str.startswith("Alder") * 0.3), texts))
    assert flat.loc["Alder", "difference"] == pytest.approx(0.3)
    assert flat[["low", "high"]].isna().all(axis=None)
    assert set(flat["resampled"]) == {"no interval: all articles alike"}


def test_the_order_of_rows_changes_nothing():
    scored, texts = simulated(10, MEANS, stories=12, of_story=0.2)
    for some in (texts, texts.assign(story_id=None)):
        shuffled = [table.sample(frac=1, random_state=3) for table in (scored, some)]
        assert_frame_equal(compare(shuffled), compare((scored, some)), check_exact=True)


def test_copies_are_drawn_together():
    scored, texts = simulated(11, {"Alder": 0.3, "Birch": 0.1}, n=5)
    copied = texts["document_id"].isin(["Alder-03", "Alder-04"])
    table = compare((scored, texts.assign(duplicate_of=copied.map({True: "Alder-00", False: None}))))
    assert table.loc["Alder", "resampled"] == "no interval"


def test_what_is_not_there_is_refused():
    tables = simulated(12, MEANS)
    with pytest.raises(TableError, match="construct 'axes' is not in this table"):
        compare(tables, construct="axes")
    with pytest.raises(StudyError, match="group_by: 'party'"):
        compare(tables, group_by="party")


def test_the_seed_alone_decides_the_draw():
    tables = simulated(13, MEANS)
    assert_frame_equal(compare(tables, seed=3), compare(tables, seed=3))
    assert not np.array_equal(compare(tables, seed=3)["low"], compare(tables, seed=4)["low"])
