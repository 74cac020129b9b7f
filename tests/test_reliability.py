"""Coder against coder, held against published numbers and counting by hand."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from framing.reliability import ALL_CODES, COLUMNS, EQUAL, SPECIFIC, alpha, positive_agreement, reliability, share_equal
from framing.tables import ANNOTATIONS

ONCE = np.ones((1, 1))


def counted(*coders, codes=None):
    """How often each unit was given each code, from a line of codes a coder; "." where one did not judge."""
    lines = [line.split() for line in coders]
    codes = codes or sorted({code for line in lines for code in line} - {"."})
    return np.array(
        [[[line[unit] for line in lines].count(code) for code in codes] for unit in range(len(lines[0]))], dtype=float
    )


def of_whole(statistic, counts, **settings):
    return statistic(counts, np.ones((1, len(counts))), **settings).item()


# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), sections A to D.
FOUR_OBSERVERS = counted(
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


@pytest.mark.parametrize(
    ("counts", "level", "published"),
    [
        (counted("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), "nominal", 0.095),
        (counted("a a b b d c c c e d d a", "b a b b b c c c e d d d"), "nominal", 0.692),
        (FOUR_OBSERVERS, "nominal", 0.743),
        (FOUR_OBSERVERS, "ordinal", 0.815),
    ],
)
def test_alpha_is_that_of_krippendorffs_examples(counts, level, published):
    assert round(of_whole(alpha, counts, level=level), 3) == published


def test_the_share_of_equal_pairs_and_positive_agreement_are_those_of_a_table_of_two_coders():
    """D. V. Cicchetti and A. R. Feinstein, "High agreement but low kappa: II", J Clin Epidemiol 43 (1990): of 2a / (2a + b + c)."""
    a, b, c, d = 20, 5, 10, 65
    counts = np.array([[0, 2]] * a + [[1, 1]] * (b + c) + [[2, 0]] * d, dtype=float)
    assert of_whole(share_equal, counts) == pytest.approx((a + d) / (a + b + c + d))
    assert of_whole(positive_agreement, counts, code=1) == pytest.approx(2 * a / (2 * a + b + c))
    assert of_whole(positive_agreement, counts, code=0) == pytest.approx(2 * d / (2 * d + b + c))


UNITS = st.lists(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=4), min_size=1, max_size=8)


def alpha_by_pairs(units, distance):
    """1 less the mean distance within units over that among all values: every pair counted by hand."""
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    n = len(values)
    seen = sum(distance(a, b, values) / (len(unit) - 1) for unit in units for a, b in itertools.permutations(unit, 2))
    chance = sum(distance(a, b, values) for a, b in itertools.permutations(values, 2))
    return 1 - (seen / n) / (chance / (n * (n - 1))) if chance else math.nan


def nominal(a, b, values):
    return float(a != b)


def ordinal(a, b, values):
    low, high = min(a, b), max(a, b)
    between = sum(low <= value <= high for value in values)
    return 0.0 if a == b else (between - (values.count(a) + values.count(b)) / 2) ** 2


@given(units=UNITS)
@pytest.mark.parametrize("distance", [nominal, ordinal])
def test_alpha_is_what_counting_every_pair_gives(units, distance):
    counts = np.array([[unit.count(code) for code in (-1, 0, 1)] for unit in units], dtype=float)
    expected = alpha_by_pairs(units, distance)
    assert of_whole(alpha, counts, level=distance.__name__) == pytest.approx(expected, nan_ok=True)


def test_a_unit_that_stands_twice_in_a_sample_counts_twice():
    times = np.array([[2.0, 1, 0, 1, 1, 1, 3, 1, 1, 1, 1, 1]])
    repeated = np.repeat(FOUR_OBSERVERS, times[0].astype(int), axis=0)
    for level in ("nominal", "ordinal"):
        assert alpha(FOUR_OBSERVERS, times, level=level).item() == pytest.approx(of_whole(alpha, repeated, level=level))


def test_another_level_is_refused():
    with pytest.raises(ValueError, match="`level` is 'nominal' or 'ordinal', but 'interval' was passed"):
        alpha(FOUR_OBSERVERS, np.ones((1, 12)), level="interval")


def judged(*rows):
    """ANNOTATIONS of (unit, coder, construct, value); a unit is called document:number."""
    made = [
        (unit, unit.split(":")[0], 0, 9, coder, construct, float(value), math.nan)
        for unit, coder, construct, value in rows
    ]
    return pd.DataFrame(made, columns=list(ANNOTATIONS.columns))


def two_coders(first, second, construct="danger"):
    return judged(
        *[(f"d{i}:0", "Kim", construct, value) for i, value in enumerate(first)],
        *[(f"d{i}:0", "Lee", construct, value) for i, value in enumerate(second)],
    )


def found(annotations, **settings):
    table = reliability(annotations, **({"resamples": 200, "seed": 1} | settings))
    assert tuple(table.columns) == COLUMNS
    return table.set_index(["construct", "question", "statistic"])


def test_each_construct_has_its_statistics():
    rows = [("a:0", coder, construct, 1) for coder in ("Kim", "Lee") for construct in ("danger", "stance", "voice")]
    assert [*found(judged(*rows)).index] == [
        ("danger", ALL_CODES, "alpha, nominal"), ("danger", ALL_CODES, EQUAL), ("danger", "carries the frame", SPECIFIC),
        ("stance", ALL_CODES, "alpha, ordinal"), ("stance", ALL_CODES, EQUAL), ("stance", "in favor", SPECIFIC),
        ("stance", "against", SPECIFIC), ("voice", ALL_CODES, "alpha, nominal"), ("voice", ALL_CODES, EQUAL),
        ("voice", "quoted", SPECIFIC),
    ]  # fmt: skip


def test_the_table_holds_krippendorffs_example_of_two_observers_and_what_it_rests_on():
    table = found(two_coders([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])).loc["danger"]
    assert table.loc[(ALL_CODES, "alpha, nominal"), "value"] == pytest.approx(0.0952, abs=5e-5)
    assert table.loc[(ALL_CODES, EQUAL), "value"] == pytest.approx(0.6)
    assert table.loc[("carries the frame", SPECIFIC), "value"] == pytest.approx(2 / 6)
    assert table[["n_coders", "n_units", "n_pairs", "n_documents"]].drop_duplicates().to_numpy().tolist() == [
        [2, 10, 10, 10]
    ]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    assert table["low"].lt(table["high"]).all()


def test_coders_who_agree_everywhere_have_alpha_1():
    codes = [0, 1, 0, 1, 1, 0, 0]
    table = found(two_coders(codes, codes))
    assert table["value"].tolist() == [1.0] * 3
    assert table[["low", "high"]].isna().all(axis=None)  # every draw is 1, which says nothing of how sure that is


def test_units_of_one_coder_count_for_nothing():
    both = two_coders([0, 1, 0, 1, 1, 0], [0, 1, 1, 1, 1, 0])
    alone = judged(*[(f"e{i}:0", "Kim", "danger", 1) for i in range(9)])
    assert_frame_equal(found(both), found(pd.concat([both, alone])))


def test_without_double_coding_nothing_is_claimed():
    table = found(judged(("a:0", "Kim", "danger", 1), ("b:0", "Lee", "danger", 0), ("b:0", "Lee", "stance", -1)))
    assert table[["value", "low", "high"]].isna().all(axis=None)
    assert table[["n_coders", "n_units", "n_pairs", "n_documents"]].eq(0).all(axis=None)
    assert len(found(judged())) == 0


@pytest.mark.parametrize(("code", "specific"), [(0, math.nan), (1, 1.0)])
def test_where_all_judgements_are_the_same_alpha_is_undefined(code, specific):
    table = found(two_coders([code] * 6, [code] * 6))
    assert table[["value"]].T.to_numpy() == pytest.approx(np.array([[math.nan, 1.0, specific]]), nan_ok=True)
    assert table.iloc[0][["low", "high"]].isna().all()


def test_few_documents_have_a_value_and_no_interval():
    table = found(two_coders([0, 1, 0, 1], [0, 1, 1, 1]))
    assert table["value"].notna().all()
    assert table[["low", "high"]].isna().all(axis=None)


def test_intervals_come_from_documents_and_not_from_units():
    once = two_coders([0, 1, 0, 1, 1, 0, 1], [0, 1, 1, 1, 1, 0, 0])
    again = [once.assign(unit_id=once["unit_id"] + str(i)) for i in range(3)]
    columns = ["value", "low", "high", "n_documents"]
    one, three = (
        found(table).loc["danger"].drop((ALL_CODES, "alpha, nominal"))[columns] for table in (once, pd.concat(again))
    )
    assert_frame_equal(one, three)


@given(order=st.permutations(range(24)), names=st.permutations(["Kim", "Lee", "Moe"]))
def test_the_order_of_judgements_and_the_names_of_coders_change_nothing(order, names):
    rng = np.random.default_rng(3)
    table = judged(
        *[(f"d{i}:0", coder, "stance", rng.integers(-1, 2)) for i in range(8) for coder in ("Kim", "Lee", "Moe")]
    )
    other = table.iloc[list(order)].assign(
        coder=lambda t: t["coder"].map(dict(zip(("Kim", "Lee", "Moe"), names, strict=True)))
    )
    assert_frame_equal(found(table, resamples=100), found(other, resamples=100))
