"""The model against coders, group by group."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from framing.bygroup import ERROR_COLUMNS, error_by_group, found_by_group
from tests.handmade import coded, drawn, on_axis
from tests.test_validation import CODED


def test_what_is_found_is_counted_by_group_as_far_as_it_was_coded():
    rows = ("a", 1, 0.75), ("a", 0, 0.75), ("b", 0, 0.9), ("b", 0, 0.25), ("c", 1, 0.25)
    annotations, valued, sentences = coded(*rows)
    uncoded = annotations[annotations["document_id"] != "b"]
    groups = pd.Series({"a": "Alder", "b": "Alder", "c": "Birch"})
    found = found_by_group(annotations, valued, sentences, groups).set_index("group")
    columns = ["n_passages", "n_coded", "n_right", "n_positive"]
    assert found.loc["Alder", columns].tolist() == [3, 3, 1, 1]
    assert found.loc["Birch", columns].tolist() == [0, 0, 0, 1]  # what has the code and is not found
    some = found_by_group(uncoded, valued, sentences, groups).set_index("group")
    assert some.loc["Alder", columns].tolist() == [3, 2, 1, 1]


def test_both_sides_of_a_stance_are_counted_by_group():
    tables = coded(("a", 1, 0.75), ("a", -1, -0.75), ("a", 0, -0.75), construct="stance")
    found = found_by_group(*tables, pd.Series({"a": "Alder"})).set_index("question")
    assert found["n_coded"].to_dict() == {"in favor": 1, "against": 2}
    assert found["n_right"].to_dict() == {"in favor": 1, "against": 1}


def test_a_span_of_two_coders_is_found_once_and_right_by_half_of_them():
    annotations, valued, sentences = coded(("a", 1, 0.75), ("a", 0, 0.75), ("a", 1, 0.75))
    other = annotations.assign(coder="other", value=[0, 0, 1])
    both = pd.concat([annotations, other], ignore_index=True)
    found = found_by_group(both, valued, sentences, pd.Series({"a": "Alder"})).squeeze()
    assert (found["n_passages"], found["n_coded"], found["n_right"]) == (3, 3, 2)


# ---- the error of the values


def erring(codes, values, construct="danger", spans=4):
    """Tables of groups with six documents of so many spans each, whose mean code and value are about those that are given by group."""
    rng = np.random.default_rng(8)
    rows = [
        (f"{group}{i}", int(k < round(spans * codes[group])), values[group] + 0.02 * float(rng.normal()))
        for group in codes
        for i in range(6)
        for k in range(spans)
    ]
    groups = pd.Series({document: document[:-1] for document, _, _ in rows})
    return coded(*rows, construct=construct), groups


def errors(tables, groups, **settings):
    """The rows of groups; those of all documents together have a missing group."""
    found = error_by_group(*tables, groups, **({"resamples": 500, "seed": 1} | settings))
    return found.dropna(subset="group").set_index(["construct", "group"])


def test_an_error_that_keeps_the_order_is_seen_by_group():
    """A model that sees half of what is there keeps the groups in order and brings them together."""
    codes = {"Alder": 0.75, "Birch": 0.25, "Cedar": 0.5}
    tables, groups = erring(codes, {group: code / 2 for group, code in codes.items()})
    found = errors(tables, groups).loc["danger"]
    assert found["code"].to_dict() == codes
    assert found["difference"].round(1).to_dict() == {"Alder": -0.4, "Birch": -0.1, "Cedar": -0.2}
    assert (found["difference"] - (found["value"] - found["code"])).abs().max() < 1e-12
    assert (found["high"] < 0).all()
    assert found[["n", "n_documents"]].drop_duplicates().to_numpy().tolist() == [[24, 6]]
    assert found.loc["Alder", "relative"] == pytest.approx(-0.19, abs=0.02)
    assert found.loc["Alder", "relative_high"] < 0 < found.loc["Birch", "relative_low"]


def test_an_error_that_all_groups_share_is_no_difference_between_them():
    codes = {"Alder": 0.75, "Birch": 0.25, "Cedar": 0.5}
    found = errors(*erring(codes, {group: code - 0.2 for group, code in codes.items()})).loc["danger"]
    assert (found["high"] < 0).all()
    assert ((found["relative_low"] < 0) & (found["relative_high"] > 0)).all()


def test_of_few_documents_the_error_has_no_interval():
    tables, groups = erring({"Alder": 0.5, "Birch": 0.5, "Cedar": 0.5}, {"Alder": 0.5, "Birch": 0.1, "Cedar": 0.2})
    fewer = tables[0][~tables[0]["document_id"].isin(["Birch0", "Birch1"])]
    found = errors((fewer, *tables[1:]), groups).loc["danger"]
    assert found.loc["Birch", ["low", "high", "relative", "relative_low", "relative_high"]].isna().all()
    assert found.loc["Birch", ["n", "n_documents"]].tolist() == [16, 4]
    assert found.drop("Birch").notna().all(axis=None)


def test_articles_of_no_named_group_take_no_part_in_comparisons():
    tables, groups = erring({"Alder": 0.5, "Birch": 0.5, "unknown": 0.5}, {"Alder": 0.5, "Birch": 0.1, "unknown": 0.9})
    found = errors(tables, groups).loc["danger"]
    assert found["low"].notna().all()
    assert found["relative"].isna().to_dict() == {"Alder": False, "Birch": False, "unknown": True}


def test_the_error_of_the_axis_and_of_a_stance_runs_from_minus_to_plus():
    rows = [(f"d{i}", 1, int(i % 2), -0.25) for i in range(6)]
    found = errors(on_axis(*rows), pd.Series({f"d{i}": "Alder" for i in range(6)}), axis=("fear", "hope"))
    assert found.loc[("axis", "Alder"), ["code", "value", "difference"]].tolist() == [0.5, -0.25, -0.75]
    of_stance = coded(*[(f"d{i}", (-1, 0)[i % 2], -0.25) for i in range(6)], construct="stance")
    found = errors(of_stance, pd.Series({f"d{i}": "Alder" for i in range(6)}))
    assert found.loc[("stance", "Alder"), ["code", "value", "difference"]].tolist() == [-0.5, -0.25, 0.25]


def test_a_span_of_two_coders_has_the_mean_of_their_codes():
    annotations, valued, sentences = coded(("a", 1, 0.75), ("a", 0, 0.25))
    both = pd.concat([annotations, annotations.assign(coder="second", value=[0, 0])], ignore_index=True)
    found = errors((both, valued, sentences), pd.Series({"a": "Alder"})).loc[("danger", "Alder")]
    assert found[["n", "code", "value"]].tolist() == [2, 0.25, 0.5]


def test_the_voice_and_what_nobody_coded_have_no_error():
    annotations, valued, sentences = coded(("a", 1, 0.75), construct="voice")
    found = error_by_group(annotations, valued, sentences, pd.Series({"a": "Alder"}), resamples=100, seed=1)
    assert found.empty
    assert list(found.columns) == list(ERROR_COLUMNS)


def test_the_order_of_judgements_does_not_change_the_error():
    (annotations, *rest), groups = erring({"Alder": 0.5, "Birch": 0.25}, {"Alder": 0.1, "Birch": 0.4})
    shuffled = annotations.iloc[np.random.default_rng(1).permutation(len(annotations))]
    assert_frame_equal(errors((annotations, *rest), groups), errors((shuffled, *rest), groups))


def test_all_documents_together_have_a_row_after_those_of_the_groups():
    (annotations, valued, sentences), groups = erring({"Alder": 0.75, "Birch": 0.25}, {"Alder": 0.5, "Birch": 0.5})
    ungrouped = groups.drop("Birch0")
    found = error_by_group(annotations, valued, sentences, ungrouped, resamples=100, seed=1)
    assert found["group"].isna().tolist() == [False, False, True]
    assert found["n"].tolist() == [24, 20, 48]
    overall = found.iloc[2]
    assert (overall["code"], round(overall["difference"], 2)) == (0.5, 0.0)
    assert overall["low"] < overall["difference"] < overall["high"]
    assert overall[["relative", "relative_low", "relative_high"]].isna().all()


@given(rows=CODED, times=st.lists(st.sampled_from([1, 2, 4]), min_size=12, max_size=12))
def test_in_an_error_a_span_drawn_with_half_the_probability_counts_twice(rows, times):
    often = times[: len(rows)]
    weighed = drawn(coded(*rows), [1 / n for n in often])
    repeated = coded(*[row for row, n in zip(rows, often, strict=True) for _ in range(n)])
    groups = pd.Series({document: "group" for document, _, _ in rows})
    means = ["code", "value", "difference", "low", "high"]
    assert_frame_equal(
        *(errors(tables, groups, resamples=50)[means].reset_index(drop=True) for tables in (weighed, repeated))
    )
