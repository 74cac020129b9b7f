"""Estimates corrected for the model's errors: right where the model is wrong, and silent where nothing is known."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import beta

from framing.articles import score_articles
from framing.correction import COLUMNS, DIFFERENCE_COLUMNS, corrected_differences, corrected_estimates
from framing.errors import TableError
from framing.outlets import compare_outlets
from framing.reliability import reliability
from tests.simulated import Corpus, simulated

TRUTH = 0.25  # of each group
SIMULATIONS = 200


@pytest.fixture(scope="module")
def simulations():
    """Corrected estimates of each group and of their difference, in many corpora."""
    rng = np.random.default_rng(20)
    of_groups, of_pairs = [], []
    for seed in range(SIMULATIONS):
        corpus = simulated(rng)
        codes = corpus.coded(120, seed=seed)
        of_groups.append(corpus(codes))
        of_pairs.append(corpus(codes, corrected_differences))
    return pd.concat(of_groups), pd.concat(of_pairs)


def covered(table, estimator, truth):
    return table[f"{estimator}_low"].le(truth) & table[f"{estimator}_high"].ge(truth)


@pytest.mark.parametrize("outlet", ["A", "B"])
@pytest.mark.parametrize("estimator", ["human", "corrected"])
def test_a_corrected_interval_holds_the_truth_about_as_often_as_it_says(simulations, outlet, estimator):
    table = simulations[0].query("outlet == @outlet")
    assert table[estimator].mean() == pytest.approx(TRUTH, abs=0.015)
    assert 0.90 <= covered(table, estimator, TRUTH).mean() <= 0.995


def test_where_the_model_errs_otherwise_in_each_group_the_raw_difference_is_wrong_and_the_corrected_one_is_not(
    simulations,
):
    table = simulations[1]
    assert table["raw"].mean() > 0.15
    assert covered(table, "raw", 0).mean() < 0.02
    assert table["corrected"].mean() == pytest.approx(0, abs=0.015)
    assert 0.90 <= covered(table, "corrected", 0).mean() <= 0.995


def test_the_interval_is_about_as_wide_as_the_estimates_are_apart(simulations):
    for _, table in simulations[0].groupby("outlet"):
        assert table["half_width"].mean() == pytest.approx(1.96 * table["corrected"].std(), rel=0.35)


def test_what_is_said_to_be_needed_is_about_what_is_needed():
    widths = []
    for seed in range(6):
        corpus = simulated(np.random.default_rng(seed), articles=60)
        few = corpus(corpus.coded(100, seed=seed), half_width=0.08).set_index("outlet")
        for outlet, row in few[few["half_width"] > 0.08].iterrows():
            needed = int(row["n_coded"] + row["n_more"])
            more = corpus(corpus.coded(2 * needed, seed=seed)).set_index("outlet").loc[outlet]
            assert more["half_width"] < row["half_width"]
            widths.append(more["half_width"])
    assert len(widths) >= 6
    assert np.mean(widths) == pytest.approx(0.08, rel=0.2)


@pytest.mark.parametrize(("asked", "more"), [(0.5, 0), (0.02, None)])
def test_nothing_more_is_asked_for_where_it_is_reached_or_out_of_reach(asked, more):
    corpus = simulated(np.random.default_rng(3))
    found = corpus(corpus.coded(100), half_width=asked)["n_more"]
    assert (found.isna() if more is None else found.eq(more)).all()


FEW = Corpus({g: [(np.linspace(0, 1, 6) * (i + 1) / 8, np.arange(6) > 5 - i % 5) for i in range(8)] for g in "AB"})


def test_raw_is_the_estimate_of_the_outlets_with_its_interval():
    articles = score_articles(FEW.measures, FEW.passages, FEW.documents, threshold=0.5)
    outlets = compare_outlets(articles, FEW.documents, resamples=200, seed=1).query("voice == 'all'")
    table = FEW(FEW.coded(p=0.5))
    for ours, theirs in (("raw", "estimate"), ("raw_low", "low"), ("raw_high", "high"), ("n_documents", "n_documents")):
        assert table[ours].to_numpy() == pytest.approx(outlets[theirs].to_numpy(), abs=1e-12)


def test_codes_of_everything_give_the_mean_of_the_codes():
    table = FEW(FEW.coded(p=1.0))
    means = FEW.codes.reshape(2, 8, 6).mean(axis=(1, 2))
    for estimator in ("human", "corrected"):
        assert table[estimator].to_numpy() == pytest.approx(means)
    assert table["n_effective"].to_numpy() == pytest.approx([48, 48])


def test_a_passage_that_was_drawn_less_often_stands_for_more():
    corpus = Corpus({"A": [([0.0, 0.0], [1, 0]), ([0.5], [1])]})
    codes = corpus.coded().assign(inclusion_probability=[0.25, 0.5, 1.0])
    row = corpus(codes).iloc[0]
    # w = 1 / (p N): 2, 1 and 1
    assert row["raw"] == 0.25
    assert row["human"] == pytest.approx(3 / 4)
    assert row["corrected"] == pytest.approx(0.25 + (2 * 1 + 1 * 0 + 1 * 0.5) / 4)
    assert row["n_effective"] == pytest.approx(4**2 / 6)


def test_codes_that_equal_the_values_correct_nothing():
    corpus = Corpus({"A": [(np.arange(6) > i % 6, np.arange(6) > i % 6) for i in range(9)]})
    row = corpus(corpus.coded(30)).iloc[0]
    assert row["corrected"] == pytest.approx(row["raw"], abs=1e-12)
    # They do not show that all others would be equal as well.
    for end in ("_low", "_high"):
        assert row[f"corrected{end}"] == pytest.approx(row[f"raw{end}"], abs=0.05)


@pytest.mark.parametrize("without", ["all", "one"])
def test_without_inclusion_probabilities_nothing_is_corrected(without):
    codes = FEW.coded(p=0.5)
    codes.loc[codes["document_id"] == "A00" if without == "one" else slice(None), "inclusion_probability"] = np.nan
    table = FEW(codes).set_index("outlet")
    assert table["raw"].notna().all()
    assert table.loc["A", ["human", "corrected", "corrected_low", "half_width"]].isna().all()
    assert table.loc["A", ["n_coded", "n_without_probability"]].tolist() == [0, 48 if without == "all" else 6]
    assert pd.isna(table.loc["A", "n_more"])
    assert pd.notna(table.loc["B", "corrected"]) == (without == "one")


@pytest.mark.parametrize("code", [0, 1])
def test_codes_that_are_all_alike_end_about_where_the_rule_of_three_says(code):
    corpus = Corpus({"A": [([0.0], [code]) for _ in range(60)]})
    row = corpus(corpus.coded(p=0.2), resamples=10_000).iloc[0]
    jeffreys = beta.ppf(0.975, 0.5, 60.5)
    assert row[["human_low", "corrected_low"]].tolist() == pytest.approx(
        [0, 0] if code == 0 else [1 - jeffreys] * 2, abs=0.008
    )
    assert row[["human_high", "corrected_high"]].tolist() == pytest.approx(
        [jeffreys] * 2 if code == 0 else [1, 1], abs=0.008
    )


def test_the_interval_of_plain_codes_is_about_that_of_jeffreys():
    corpus = Corpus({"A": [([0.1], [i % 10 == 0]) for i in range(60)]})
    row = corpus(corpus.coded(p=0.2), resamples=10_000).iloc[0]
    assert row[["human_low", "human_high"]].tolist() == pytest.approx(
        beta.ppf([0.025, 0.975], 6.5, 54.5).tolist(), abs=0.015
    )


@pytest.mark.parametrize("share", [0.25, 0.1, 0.05])
def test_where_a_frame_is_rare_and_half_overlooked_the_interval_still_holds_the_truth(share):
    """Without codes that nobody gave it holds it in 80% to 88% of such groups, and lies below it in the others."""
    corpus = simulated(np.random.default_rng(21), share=share, pairs=60)
    table = corpus(corpus.coded(3600, seed=1))
    for model in "AB":
        assert covered(table[table["outlet"].str.startswith(model)], "corrected", share).mean() >= 0.9


@pytest.mark.parametrize("construct", ["danger", "stance"])
@pytest.mark.parametrize("seed", range(8))
def test_an_interval_has_a_width_holds_its_estimate_and_stays_within_what_is_possible(construct, seed):
    rng = np.random.default_rng(seed)
    least, chance = (-1 if construct == "stance" else 0), rng.choice([0, 0.01, 0.05, 0.5, 1])
    groups = {
        g: [(rng.uniform(least, 1, 4) ** 3, rng.choice([least, 1], 4) * (rng.random(4) < chance)) for _ in range(12)]
        for g in "ABCD"
    }
    corpus = Corpus(groups, construct=construct)
    codes = corpus.coded(p=0.5)
    # Each passage has a probability of its own, as in a sample that is drawn by size.
    codes["inclusion_probability"] = rng.uniform(0.05, 1, len(codes))
    codes = codes.sample(frac=0.5, random_state=seed)
    for function, bounds in ((corrected_estimates, (least, 1)), (corrected_differences, (least - 1, 1 - least))):
        table = corpus(codes, function)
        for estimator in ("human", "corrected"):
            value, low, high = (table[f"{estimator}{end}"] for end in ("", "_low", "_high"))
            assert (low < high).all()
            assert low.ge(bounds[0]).all()
            assert high.le(bounds[1]).all()
            inside = value.clip(*bounds)
            assert (low.le(inside) & inside.le(high)).all()


def test_an_estimate_that_is_impossible_has_an_interval_that_is_not():
    """The model sees the frame in all that was coded, where it is not, and nowhere else."""
    corpus = Corpus({"A": [([0.9, 0.0, 0.0, 0.0], [0, 0, 0, 0]) for _ in range(20)]})
    codes = corpus.coded(p=0.5)
    row = corpus(codes[codes["start"] == 0]).iloc[0]
    assert row["corrected"] == pytest.approx(0.225 - 0.9)
    assert (row["corrected_low"], row["corrected_high"]) == (0, pytest.approx(beta.ppf(0.975, 0.5, 20.5)))


def test_of_codes_of_few_articles_there_is_a_value_and_no_interval():
    row = FEW(FEW.coded(p=0.5).query("document_id < 'A04'")).iloc[0]
    assert row["n_coded_documents"] == 4
    assert not np.isnan(row["corrected"])
    assert row[["human_low", "human_high", "corrected_low", "corrected_high", "half_width"]].isna().all()
    assert not np.isnan(row["raw_low"])


def test_a_group_without_codes_has_its_raw_estimate_alone():
    table = FEW(FEW.coded(p=0.5).query("document_id < 'B'")).set_index("outlet")
    assert not np.isnan(table.loc["B", "raw"])
    assert table.loc["B", ["human", "corrected"]].isna().all()
    assert table.loc["B", "n_coded"] == 0
    assert FEW(FEW.coded(p=0.5).query("document_id < 'B'"), corrected_differences)[["corrected"]].isna().all(axis=None)


def test_an_analysis_without_coders_has_no_row(analysis):
    tables = analysis.annotations, analysis.measures, analysis.passages, analysis.documents
    assert len(corrected_estimates(*tables, seed=1)) == len(corrected_differences(*tables, seed=1)) == 0
    assert len(reliability(analysis.annotations, seed=1)) == 0


def test_without_codes_there_is_no_row():
    for function, columns in ((corrected_estimates, COLUMNS), (corrected_differences, DIFFERENCE_COLUMNS)):
        table = FEW(FEW.coded().head(0), function)
        assert (len(table), tuple(table.columns)) == (0, columns)


def test_the_code_of_a_passage_is_the_mean_over_its_coders():
    codes = FEW.coded(p=0.5)
    both = pd.concat([codes, codes.assign(coder="Lee", value=1 - codes["value"])])
    assert FEW(both)["human"].to_numpy() == pytest.approx([0.5, 0.5])
    assert FEW(both)["n_coded"].tolist() == [48, 48]


def test_spans_that_are_no_passage_are_counted():
    codes = FEW.coded(p=0.5)
    codes.loc[codes.index[:2], "end"] -= 1
    table = FEW(codes).set_index("outlet")
    assert table.loc["A", ["n_coded", "n_unmatched"]].tolist() == [46, 2]
    assert table.loc["B", ["n_coded", "n_unmatched"]].tolist() == [48, 0]


def test_two_probabilities_of_one_passage_are_refused():
    codes = FEW.coded(p=0.5)
    with pytest.raises(TableError, match="A00#0000 has more than one inclusion_probability"):
        FEW(pd.concat([codes, codes.assign(coder="Lee", inclusion_probability=0.25)]))


def test_a_half_width_is_above_0():
    with pytest.raises(ValueError, match="`half_width` must be above 0, but 0 was passed"):
        FEW(FEW.coded(p=0.5), half_width=0)


def test_the_axis_is_the_first_frame_less_the_second():
    danger = Corpus({"A": [([0.75, 0.25], [1, 0])] * 6})
    show, axis = danger.measures.assign(construct="show", value=0.5), danger.measures.assign(construct="axis")
    danger.measures = pd.concat([danger.measures, show, axis.assign(value=axis["value"] - 0.5)])
    codes = danger.coded(p=0.5)
    both = pd.concat([codes, codes.assign(construct="show", value=[0.0, 1.0] * 6)])
    table = danger(both, axis=("danger", "show")).set_index("construct")
    assert table["raw"].to_dict() == {"danger": 0.5, "show": 0.5, "axis": 0.0}
    assert table["corrected"].to_dict() == {"danger": 0.5, "show": 0.5, "axis": 0.0}
    assert table.loc["axis", "n_coded"] == 12
    assert "axis" not in set(danger(codes, axis=("danger", "show"))["construct"])


def test_stories_are_drawn_whole_where_ten_are_known():
    articles = [([0.25 * (i % 4)] * 3, [i % 4 > 1, 0, 1]) for i in range(24)]
    stories = {f"A{i:02d}": f"story {i // 2}" for i in range(24)}
    by_story, by_article = Corpus({"A": articles}, stories=stories), Corpus({"A": articles})
    one, other = (corpus(corpus.coded(p=0.5)) for corpus in (by_story, by_article))
    assert one["corrected"].tolist() == other["corrected"].tolist()
    assert one["half_width"].item() > other["half_width"].item()


def test_the_order_of_rows_changes_nothing():
    codes = FEW.coded(30)
    for function in (corrected_estimates, corrected_differences):
        whole = FEW(codes, function)
        tables = codes, FEW.measures, FEW.passages, FEW.documents
        assert_frame_equal(function(*(table.iloc[::-1] for table in tables), resamples=200, seed=1), whole)


def test_a_difference_is_that_of_the_two_groups():
    codes = FEW.coded(40)
    of_groups = FEW(codes).set_index("outlet")
    (pair,) = FEW(codes, corrected_differences).to_dict("records")
    assert (pair["outlet_a"], pair["outlet_b"]) == ("A", "B")
    for estimator in ("raw", "human", "corrected"):
        assert pair[estimator] == of_groups.loc["A", estimator] - of_groups.loc["B", estimator]
        assert pair[f"{estimator}_low"] <= pair[estimator] <= pair[f"{estimator}_high"]


def test_articles_that_are_all_alike_need_codes_and_no_more_articles():
    """Their means do not vary at all, so the model's mean has no interval, while the codes have one."""
    corpus = Corpus({"A": [([0.7, 0.2], [1, i % 2]) for i in range(6)]})
    (row,) = corpus(corpus.coded(p=0.5), half_width=0.01).to_dict("records")
    assert np.isnan(row["raw_low"])
    assert row["corrected_low"] < row["corrected"] < row["corrected_high"]
    assert row["n_more"] == 0  # every passage is coded


def test_groups_without_codes_are_not_compared_with_each_other():
    alike = [([0.7, 0.2, 0.4], [1, 0, i % 2]) for i in range(6)]
    corpus = Corpus({"A": alike, "B": alike, "C": alike})
    codes = corpus.coded(p=0.5)
    some = corpus(codes[codes["document_id"].str.startswith("A")], corrected_differences)
    assert some[["outlet_a", "outlet_b"]].to_numpy().tolist() == [["A", "B"], ["A", "C"]]
