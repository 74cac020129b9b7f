"""The model against coders."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from framing.tables import ANNOTATIONS, HYPOTHESES, SCORES
from framing.validation import (
    COLUMNS,
    HYPOTHESIS_COLUMNS,
    agreement,
    agreement_by_article,
    agreement_by_hypothesis,
)
from tests.handmade import articles, coded, drawn, measures, on_axis, passages


def agree(tables, **settings):
    annotations, valued, sentences = tables
    return agreement(annotations, valued, sentences, **({"resamples": 200, "seed": 1} | settings))


def test_the_auc_is_that_of_hanley_and_mcneil():
    """J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
    Radiology 143 (1982), table I: ratings from 1 to 5 of 109 computed tomographic images; W = 0.893."""
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    ratings = [
        (code, rating)
        for code, counts in ((0, normal), (1, abnormal))
        for rating, n in enumerate(counts, 1)
        for _ in range(n)
    ]
    row = agree(coded(*[(f"d{i}", code, rating / 5) for i, (code, rating) in enumerate(ratings)])).iloc[0]
    assert round(row["value"], 3) == 0.893
    assert (row["n"], row["n_positive"], row["n_documents"], row["n_unmatched"]) == (109, 51, 109, 0)
    assert (row["question"], row["statistic"]) == ("carries the frame", "AUC")
    # Their standard error is 0.032; a percentile interval lies about two of them to each side.
    assert row["low"] == pytest.approx(0.893 - 1.96 * 0.032, abs=0.02)
    assert row["high"] == pytest.approx(0.893 + 1.96 * 0.032, abs=0.02)


FIGURES = [
    "value", "low", "high", "precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high",
]  # fmt: skip
VALUES = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])  # few, so that ties come up
CODED = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 1]), VALUES), min_size=1, max_size=12)


def count_pairs(rows):
    """Share of (with, without) pairs that the values order rightly; a tie is half."""
    with_code = [value for _, code, value in rows if code == 1]
    without = [value for _, code, value in rows if code != 1]
    won = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in itertools.product(with_code, without)]
    return sum(won) / len(won) if won else math.nan


@given(rows=CODED)
def test_the_auc_is_the_share_of_pairs_in_the_right_order(rows):
    row = agree(coded(*rows), resamples=100).iloc[0]
    assert row["value"] == pytest.approx(count_pairs(rows), nan_ok=True)
    assert row["n"] == len(rows)
    assert row["n_positive"] == sum(code for _, code, _ in rows)


@given(rows=CODED)
def test_intervals_come_from_documents_and_not_from_spans(rows):
    # Every span three times: three times the spans, in the same documents. The order of values stays, and so must the interval.
    rows = [
        *rows,
        *[(f"d{i}", i % 2, (0.3, 0.6, 0.4)[i % 3]) for i in range(10)],
    ]  # five documents with the code, and five without it
    once, thrice = (agree(coded(*[row for row in rows for _ in range(k)]), resamples=100) for k in (1, 3))
    columns = ["n_documents", *FIGURES]
    assert_frame_equal(once[columns], thrice[columns])
    assert once[["low", "recall_low"]].notna().all(axis=None)
    assert thrice["n"].item() == 3 * once["n"].item()


@pytest.mark.parametrize("documents", ["aaa", "abcd"])
def test_few_documents_have_a_value_and_no_interval(documents):
    row = agree(coded(*[(name, int(i > 0), 0.25 * (i + 1)) for i, name in enumerate(documents)])).iloc[0]
    assert row["value"] == 1.0
    assert row[["low", "high"]].isna().all()


@pytest.mark.parametrize(("positive", "negative", "has"), [(5, 5, True), (4, 20, False), (20, 4, False)])
def test_an_auc_has_an_interval_if_five_documents_have_the_code_and_five_lack_it(positive, negative, has):
    values = (0.2, 0.6, 0.4, 0.8)
    rows = [(f"d{i}", int(i < positive), values[i % 4]) for i in range(positive + negative)]
    row = agree(coded(*rows)).iloc[0]
    assert (row["n_documents"], row["n_clusters"]) == (positive + negative, min(positive, negative))
    assert row[["low", "high"]].notna().all() == has


def test_draws_with_one_code_alone_are_left_out_of_the_interval():
    # Each document has one span: a draw of five of them lacks one of the codes often.
    rows = [(f"d{i}", i % 2, value) for i, value in enumerate((0.1, 0.9, 0.5, 0.4, 0.3, 0.8, 0.7, 0.2, 0.6, 0.65))]
    row = agree(coded(*rows)).iloc[0]
    assert 0 <= row["low"] < row["value"] < row["high"] <= 1


def test_where_each_draw_has_the_same_value_there_is_no_interval():
    row = agree(coded(*[(f"d{i}", i % 2, 0.25 + i % 2 / 2) for i in range(20)])).iloc[0]
    assert (row["value"], row["precision"], row["recall"]) == (1.0, 1.0, 1.0)
    assert row[["low", "high", "precision_low", "precision_high", "recall_low", "recall_high"]].isna().all()


@pytest.mark.parametrize("code", [0, 1])
def test_where_one_code_alone_occurs_nothing_is_claimed(code):
    row = agree(coded(("a", code, 0.75), ("b", code, 0.25))).iloc[0]
    assert row[["value", "low", "high"]].isna().all()
    assert (row["n"], row["n_positive"]) == (2, 2 * code)


def test_stance_is_asked_from_both_sides():
    table = agree(coded(("a", 1, 0.5), ("b", 0, 0.0), ("c", -1, -0.75), ("d", -1, 0.25), construct="stance"))
    found = table.set_index("question")
    # d lies above b, and b is not asked which side it is on
    assert found["value"].to_dict() == {"in favor": 1.0, "against": 0.75, "in favor rather than against": 1.0}
    assert found["n"].to_dict() == {"in favor": 4, "against": 4, "in favor rather than against": 3}
    assert found["n_positive"].to_dict() == {"in favor": 1, "against": 2, "in favor rather than against": 1}


def test_what_is_found_at_the_threshold_is_held_against_the_codes():
    rows = ("a", 1, 0.75), ("b", 1, 0.25), ("c", 0, 0.5), ("d", 0, 0.25), ("e", 0, 0.75)
    row = agree(coded(*rows)).iloc[0]
    assert (row["n_found"], row["precision"], row["recall"]) == (3, pytest.approx(1 / 3), 0.5)
    row = agree(coded(*rows), threshold=0.8).iloc[0]
    assert (row["n_found"], row["recall"]) == (0, 0.0)
    assert math.isnan(row["precision"])


def test_precision_and_recall_have_intervals_over_documents():
    rng = np.random.default_rng(2)
    rows = [(f"d{i % 12}", int(rng.random() < 0.4), float(rng.choice([0.2, 0.8]))) for i in range(120)]
    row = agree(coded(*rows), resamples=2000).iloc[0]
    for name, n in (("precision", row["n_found"]), ("recall", row["n_positive"])):
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        assert low < row[name] < high
        # About as wide as that of a share of n spans, since these do not depend on their documents.
        assert high - low == pytest.approx(2 * 1.96 * math.sqrt(row[name] * (1 - row[name]) / n), rel=0.4)


def test_each_side_of_a_stance_is_found_at_its_own_end():
    table = agree(coded(("a", 1, 0.5), ("b", 0, -0.5), ("c", -1, -0.75), ("d", -1, 0.25), construct="stance"))
    assert table["n_found"].astype("float").tolist()[:2] == [1, 2]
    assert table["precision"].tolist()[:2] == [1.0, 0.5]
    assert table["recall"].tolist()[:2] == [1.0, 0.5]
    assert table[["n_found", "precision", "recall"]].iloc[2].isna().all()


def test_where_no_side_is_coded_nothing_is_claimed_of_sides():
    table = agree(coded(("a", 0, 0.5), ("b", 0, 0.0), construct="stance"))
    assert table["value"].isna().all()
    assert table["n"].tolist() == [2, 2, 0]


def spans(*rows, construct="danger"):
    made = [(f"a:{s}-{e}", "a", s, e, "coder", construct, code, math.nan) for s, e, code in rows]
    return pd.DataFrame(made, columns=list(ANNOTATIONS.columns))


def test_a_span_over_several_passages_has_their_mean_weighted_by_the_overlap():
    sentences = passages({"start": 0, "end": 10}, {"start": 10, "end": 40}, {"start": 40, "end": 50})
    valued = measures({"a#0": {"danger": 1.0}, "a#1": {"danger": 0.2}, "a#2": {"danger": 0.5}})

    def outranks(other, span):
        """Whether the span from 5 to 35, whose value is (5 * 1.0 + 25 * 0.2) / 30 = 1/3, lies above another value."""
        values = measures({"a#0": {"danger": 1.0}, "a#1": {"danger": 0.2}, "a#2": {"danger": other}})
        return agreement(spans(span, (40, 50, 0)), values, sentences, resamples=100, seed=1)["value"].item()

    assert outranks(1 / 3 - 0.001, (5, 35, 1)) == 1.0
    assert outranks(1 / 3 + 0.001, (5, 35, 1)) == 0.0
    assert agreement(spans((5, 35, 1)), valued, sentences, resamples=100, seed=1)["n"].item() == 1


def test_a_missing_value_weighs_nothing():
    sentences = passages({"start": 0, "end": 10}, {"start": 10, "end": 40}, {"start": 40, "end": 50})
    valued = measures({"a#0": {"danger": 0.9}, "a#1": {"danger": None}, "a#2": {"danger": 0.8}})
    table = agreement(spans((0, 40, 1), (40, 50, 0)), valued, sentences, resamples=100, seed=1)
    assert (table["value"].item(), table["n"].item()) == (1.0, 2)


def test_spans_without_a_scored_passage_are_counted_and_left_out():
    sentences = passages(
        {"start": 0, "end": 10}, {"start": 10, "end": 20, "kept": False}, {"start": 20, "end": 30}, {"start": None, "end": None}
    )  # fmt: skip
    valued = measures({"a#0": {"danger": 0.9}, "a#2": {"danger": None}, "a#3": {"danger": 0.5}})
    coded_spans = spans((0, 10, 1), (10, 20, 1), (20, 30, 0), (90, 99, 0))
    row = agreement(coded_spans, valued, sentences, resamples=100, seed=1).iloc[0]
    assert (row["n"], row["n_unmatched"]) == (1, 3)


def test_the_voice_is_held_against_the_coders_code():
    sentences = passages(
        {"document_id": "a", "start": 0, "end": 10, "voice": "quoted"},
        {"document_id": "b", "start": 0, "end": 10, "voice": "outlet"},
        {"document_id": "c", "start": 0, "end": 10, "voice": "quoted"},
        {"document_id": "d", "start": 0, "end": 10, "voice": "unknown"},
    )
    codes = [("a", 1), ("b", 0), ("c", 0), ("d", 1)]
    annotations = pd.DataFrame(
        [(f"{d}:0-10", d, 0, 10, "coder", "voice", code, math.nan) for d, code in codes],
        columns=list(ANNOTATIONS.columns),
    )
    found = agreement(annotations, measures({"a#0": {"danger": 1.0}}), sentences, resamples=100, seed=1)
    row, kappa = found.iloc[0], found.iloc[1]
    assert (kappa["statistic"], kappa["n"]) == ("Cohen's kappa", 3)
    assert kappa["value"] == pytest.approx(cohen_kappa_score([1, 0, 0], [1, 0, 1]))
    assert row["statistic"] == "share equal"
    assert row["value"] == pytest.approx(2 / 3)
    assert (row["n"], row["n_unmatched"], row["n_positive"]) == (3, 1, 1)


def test_a_span_of_two_coders_counts_once_and_has_the_code_that_half_of_them_gave():
    annotations, valued, sentences = coded(("a", 1, 0.75), ("b", 0, 0.25), ("c", 1, 0.1))
    both = pd.concat([annotations, annotations.assign(coder="second", value=[0, 0, 1])], ignore_index=True)
    row = agree((both, valued, sentences)).iloc[0]
    assert (row["n"], row["n_positive"], row["n_documents"], row["value"]) == (3, 2, 3, 0.5)
    assert (row["n_found"], row["recall"]) == (1, 0.5)
    third = pd.concat([both, annotations.assign(coder="third", value=[0, 0, 1])], ignore_index=True)
    assert agree((third, valued, sentences)).iloc[0]["n_positive"] == 1


def test_a_span_of_two_coders_without_a_passage_is_left_out_once():
    annotations, valued, sentences = coded(("a", 1, 0.75), ("b", 0, 0.25))
    both = pd.concat([annotations, annotations.assign(coder="second")], ignore_index=True)
    row = agree((both, valued, sentences[sentences["document_id"] == "a"])).iloc[0]
    assert (row["n"], row["n_unmatched"]) == (1, 1)


def test_the_order_of_judgements_changes_nothing():
    rows = [(f"d{i % 5}", i % 3 == 0, math.sin(i) / 2 + 0.5) for i in range(20)]
    annotations, valued, sentences = coded(*[(d, int(code), value) for d, code, value in rows])
    shuffled = annotations.iloc[np.random.default_rng(1).permutation(len(annotations))]
    assert_frame_equal(agree((annotations, valued, sentences)), agree((shuffled, valued, sentences)))


def test_no_judgements_give_an_empty_table():
    table = agreement(
        pd.DataFrame(columns=list(ANNOTATIONS.columns)), measures({"a#0": {"danger": 1.0}}), passages({}), seed=1
    )
    assert len(table) == 0
    assert list(table.columns) == list(COLUMNS)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30))
def test_the_area_is_that_of_scikit_learn_also_with_ties(judged):
    judged = [(True, 3), (False, 2), *judged]
    rows = [(f"d{i}", int(positive), value / 5) for i, (positive, value) in enumerate(judged)]
    value = agree(coded(*rows)).loc[0, "value"]
    expected = roc_auc_score([positive for positive, _ in judged], [value for _, value in judged])
    assert value == pytest.approx(expected, abs=1e-12)


# ---- each hypothesis by itself


def by_hypothesis(*rows, construct="danger", sides=("frame", "frame")):
    """Rows of (document_id, code, score under each hypothesis)."""
    annotations, _, sentences = coded(*[(document, code, 0.0) for document, code, *_ in rows], construct=construct)
    wordings = pd.DataFrame(
        [(f"{construct}-{i}", construct, side, f"It holds, {i}.") for i, side in enumerate(sides)],
        columns=list(HYPOTHESES.columns),
    )
    scored = [
        (passage, f"{construct}-{i}", np.float32(p), "ok")
        for passage, (_, _, *values) in zip(sentences["passage_id"], rows, strict=True)
        for i, p in enumerate(values)
    ]
    scores = pd.DataFrame(scored, columns=list(SCORES.columns)).astype({"status": "str"})
    return agreement_by_hypothesis(annotations, scores, wordings, sentences, resamples=200, seed=1)


def test_each_hypothesis_is_held_against_the_coders_alone():
    table = by_hypothesis(("a", 1, 0.75, 0.25), ("b", 0, 0.25, 0.5), ("c", 0, 0.5, 0.75))
    assert list(table.columns) == list(HYPOTHESIS_COLUMNS)
    assert table["hypothesis"].tolist() == ["It holds, 0.", "It holds, 1."]
    assert table["value"].tolist() == [1.0, 0.0]
    assert table["n_positive"].tolist() == [1, 1]


def test_a_hypothesis_of_a_stance_is_held_against_its_own_side():
    rows = ("a", 1, 0.75, 0.5), ("b", 0, 0.5, 0.25), ("c", -1, 0.25, 0.75)
    table = by_hypothesis(*rows, construct="stance", sides=("favor", "against"))
    assert table["question"].tolist() == [
        "in favor", "in favor rather than against", "against", "against rather than in favor",
    ]  # fmt: skip
    assert table["value"].tolist() == [1.0] * 4
    assert table["n"].tolist() == [3, 2, 3, 2]


def test_a_wording_that_any_side_fits_is_seen_where_it_is_held_against_the_other_side():
    rows = ("a", 1, 0.5, 0.9), ("b", 1, 0.5, 0.8), ("c", 0, 0.1, 0.1), ("d", 0, 0.1, 0.2), ("e", -1, 0.5, 0.6)
    found = by_hypothesis(*rows, construct="stance", sides=("favor", "against")).set_index("question")["value"]
    assert found["against"] == 0.5
    assert found["against rather than in favor"] == 0.0


def test_a_passage_without_a_score_is_left_out():
    table = by_hypothesis(("a", 1, 0.75, math.nan), ("b", 0, 0.25, 0.5), ("c", 0, 0.5, 0.75))
    assert table["n"].tolist() == [3, 2]
    assert table["n_positive"].tolist() == [1, 0]
    assert math.isnan(table["value"].iloc[1])


def test_hypotheses_of_what_nobody_coded_have_no_row():
    annotations, _, sentences = coded(("a", 1, 0.5), construct="other")
    wordings = pd.DataFrame([("danger-0", "danger", "frame", "It holds.")], columns=list(HYPOTHESES.columns))
    scores = pd.DataFrame(
        [(sentences["passage_id"][0], "danger-0", np.float32(0.5), "ok")], columns=list(SCORES.columns)
    )
    table = agreement_by_hypothesis(annotations, scores, wordings, sentences, seed=1)
    assert table.empty
    assert list(table.columns) == list(HYPOTHESIS_COLUMNS)


@given(rows=CODED)
def test_a_lone_hypothesis_agrees_as_its_construct_does(rows):
    whole = agree(coded(*rows)).iloc[0]
    alone = by_hypothesis(*[(document, code, value) for document, code, value in rows], sides=("frame",)).iloc[0]
    columns = ["n", "n_positive", "n_documents", "value", "low", "high"]
    assert_frame_equal(
        whole[columns].to_frame().T, alone[columns].to_frame().T, check_names=False, check_index_type=False
    )


def test_the_axis_is_judged_by_the_passages_that_carry_one_of_its_frames_alone():
    rows = ("a", 1, 0, 0.5), ("b", 0, 1, -0.5), ("c", 1, 1, -0.9), ("d", 0, 0, 0.9), ("e", 0, 1, 0.6)
    table = agree(on_axis(*rows), axis=("fear", "hope"))
    row = table[table["construct"] == "axis"].squeeze()
    assert (row["value"], row["n"], row["n_positive"]) == (0.5, 3, 1)
    assert row["question"] == "the one frame rather than the other"
    assert pd.isna(row["n_found"])
    assert "axis" not in set(agree(on_axis(*rows))["construct"])


def test_the_axis_is_not_judged_where_one_of_its_frames_was_not_coded():
    assert "axis" not in set(agree(coded(("a", 1, 0.5)), axis=("danger", "hope"))["construct"])


def by_article(scores, codes, construct="stance", **settings):
    annotations, _, _ = coded(*[(d, code, 0.0) for d, some in codes.items() for code in some], construct=construct)
    table = articles(scores, construct=construct)
    return agreement_by_article(annotations, table, **({"resamples": 300, "seed": 1} | settings))


def test_the_order_of_articles_is_held_against_the_mean_codes_by_spearmans_rank_correlation():
    rng = np.random.default_rng(3)
    scores = {f"d{i}": round(float(rng.normal()), 1) for i in range(25)}
    codes = {name: [int(c) for c in rng.choice([-1, 0, 1], 4)] for name in scores}
    row = by_article(scores, codes).squeeze()
    means = {name: np.mean([c for c in some if c]) for name, some in codes.items() if any(some)}
    expected = scipy.stats.spearmanr([scores[name] for name in means], list(means.values())).statistic
    assert row["value"] == pytest.approx(expected)
    assert row["low"] < row["value"] < row["high"]
    assert (row["statistic"], row["n"], row["n_unmatched"]) == ("rank correlation", len(means), 0)
    assert row["n_positive"] == sum(mean > 0 for mean in means.values())


def test_articles_without_a_score_are_counted_and_left_out():
    row = by_article(
        {"a": 0.5, "b": -0.5, "c": None}, {"a": [1], "b": [-1, 0], "c": [1], "d": [-1], "e": [0]}
    ).squeeze()
    assert (row["value"], row["n"], row["n_unmatched"]) == (1.0, 2, 2)
    assert math.isnan(row["low"])


def test_articles_of_one_rank_have_no_correlation():
    assert math.isnan(by_article({"a": 0.5, "b": -0.5}, {"a": [1], "b": [1]})["value"].squeeze())


def test_where_no_side_is_coded_articles_have_no_row():
    assert by_article({"a": 0.5}, {"a": [0]}).empty
    assert by_article({"a": 0.5}, {"a": [1]}, construct="danger").empty


# ---- spans that were drawn with known probabilities


@given(rows=CODED, times=st.lists(st.sampled_from([1, 2, 4]), min_size=12, max_size=12))
def test_a_span_drawn_with_half_the_probability_counts_twice(rows, times):
    often = times[: len(rows)]
    weighed = drawn(coded(*rows), [1 / n for n in often])
    repeated = coded(*[row for row, n in zip(rows, often, strict=True) for _ in range(n)])
    one, other = agree(weighed, resamples=50), agree(repeated, resamples=50)
    assert_frame_equal(one[FIGURES], other[FIGURES])
    assert one["weighted"].all()
    assert not other["weighted"].any()
    assert one["n"].item() == len(rows)


def test_one_span_without_a_probability_leaves_all_unweighted():
    rows = [("a", 1, 0.2), ("b", 0, 0.4), ("c", 1, 0.6), ("d", 0, 0.1)]
    plain, some, every = (
        agree(drawn(coded(*rows), p)) for p in (math.nan, [0.1, math.nan, 0.5, 0.5], [0.1, 0.5, 0.5, 0.5])
    )
    assert_frame_equal(plain, some)
    assert every["value"].item() != plain["value"].item()


def test_the_order_of_articles_is_that_of_weighted_codes():
    tables = coded(
        ("a", 1, 0.1), ("a", -1, 0.2), ("b", 1, 0.3), ("b", -1, 0.4), ("c", 1, 0.1), ("c", -1, 0.1), construct="stance"
    )
    annotations = tables[0].assign(
        inclusion_probability=[0.1, 1, 1, 0.1, 1, 1]
    )  # for, against, and neither on the whole
    scores = pd.DataFrame({"document_id": list("abc"), "score": [0.9, -0.9, 0.0]})
    table = scores.assign(
        construct="stance",
        voice="all",
        share=0.5,
        n_passages=2,
        n_missing=0,
        n_siding=2,
        passages_for="",
        passages_against="",
    )
    row = agreement_by_article(annotations, table, resamples=50, seed=1).iloc[0]
    assert (row["value"], row["n_positive"], row["weighted"]) == (1.0, 1, True)


def judged(*codes, value=0.5):
    """A span of each article, with the codes of its coders on the stance, and the value of the model."""
    rows = [(f"d{i}", 0.0, value if of[0] >= 0 else -value) for i, of in enumerate(codes)]
    annotations, valued, sentences = coded(*rows, construct="stance")
    each = [
        annotations.iloc[[i] * len(of)].assign(coder=[f"c{k}" for k in range(len(of))], value=list(of))
        for i, of in enumerate(codes)
    ]
    return pd.concat([table.astype({"value": "float64"}) for table in each], ignore_index=True), valued, sentences


def test_which_side_is_asked_only_of_spans_to_which_most_coders_gave_it():
    # Most coders see no side, though one of them does; two who see opposite sides settle nothing.
    table = agree(judged(*[(1, 0, 0), (-1, 0, 0)] * 6)).set_index("question")
    assert table.loc["in favor rather than against", "n"] == 0
    assert table.loc[["in favor", "against"], "n_positive"].tolist() == [0, 0]
    assert agree(judged(*[(1, -1), (-1, 1)] * 6)).set_index("question").loc["in favor rather than against", "n"] == 0
    sided = agree(judged(*[(1, 1, 0), (-1, -1, 1)] * 6)).set_index("question").loc["in favor rather than against"]
    assert (sided["n"], sided["n_positive"], sided["value"]) == (12, 6, 1.0)
