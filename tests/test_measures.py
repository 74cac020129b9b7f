"""From scores to what a passage says about each construct."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.entailment import Platt
from framing.errors import TableError
from framing.measures import measure
from tests.handmade import passages, scores

FULL = {"danger.1": 0.75, "danger.2": 0.25, "show.1": 0.125, "stance.favor.1": 0.25, "stance.against.1": 1.0}
EXPECTED = {"axis": 0.375, "stance": -0.75, "danger": 0.5, "show": 0.125}


def values_of(table, passage_id="a#0"):
    rows = table[table["passage_id"] == passage_id]
    return dict(zip(rows["construct"], rows["value"], strict=True))


def test_values_are_means_over_wordings_and_differences_of_means(codebook: framing.Codebook):
    table = measure(scores({"a#0": FULL}), passages({}), codebook)
    assert values_of(table) == EXPECTED
    assert dict(zip(table["construct"], table["n_hypotheses"], strict=True)) == {
        "axis": 3,
        "stance": 2,
        "danger": 2,
        "show": 1,
    }


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("danger.1", {"axis", "danger"}),
        ("show.1", {"axis", "show"}),
        ("stance.favor.1", {"stance"}),
        ("stance.against.1", {"stance"}),
    ],
)
@pytest.mark.parametrize("how", ["no number", "no row"])
def test_a_missing_score_makes_every_value_that_rests_on_it_missing(codebook, without, missing, how):
    if how == "no number":
        table = measure(scores({"a#0": FULL | {without: None}}), passages({}), codebook)
    else:
        table = measure(scores({"a#0": {h: p for h, p in FULL.items() if h != without}}), passages({}), codebook)
    found = values_of(table)
    assert {construct for construct, value in found.items() if math.isnan(value)} == missing
    assert {c: v for c, v in found.items() if c not in missing} == {
        c: v for c, v in EXPECTED.items() if c not in missing
    }


def test_the_count_says_how_many_wordings_had_a_score(codebook):
    table = measure(scores({"a#0": FULL | {"danger.1": None}}), passages({}), codebook)
    counts = dict(zip(table["construct"], table["n_hypotheses"], strict=True))
    assert counts == {"axis": 2, "stance": 2, "danger": 1, "show": 1}


def test_one_passage_without_scores_leaves_the_others_as_they_are(codebook):
    nothing = dict.fromkeys(FULL)
    table = measure(scores({"a#0": FULL, "a#1": nothing}), passages({}, {}), codebook)
    assert values_of(table) == EXPECTED
    assert all(math.isnan(value) for value in values_of(table, "a#1").values())


def test_rows_follow_the_text_and_not_the_names_of_the_passages(codebook):
    # "#10" sorts before "#2" as a string.
    table = measure(scores({f"a#{i}": FULL for i in range(11)}), passages(*[{}] * 11), codebook)
    assert list(table["passage_id"].drop_duplicates()) == [f"a#{i}" for i in range(11)]


def test_a_codebook_without_axis_and_stance_has_frames_alone(codebook_file, tmp_path):
    text = codebook_file.read_text(encoding="utf-8")
    path = tmp_path / "frames.yaml"
    path.write_text(text.replace("axis: [danger, show]\n", "").partition("stance:")[0], encoding="utf-8")
    table = measure(scores({"a#0": FULL}), passages({}), framing.Codebook.load(path))
    assert values_of(table) == {"danger": 0.5, "show": 0.125}


def test_scores_of_unknown_passages_are_refused(codebook):
    with pytest.raises(TableError, match=r"names 1 passages that table `passages` lacks: \['other#0'\]"):
        measure(scores({"other#0": FULL}), passages({}), codebook)


# A score of 0.25 has odds of 1 to 3, one of 0.75 of 3 to 1, one of 0.125 of 1 to 7.
SQUARED, DOUBLED, HALVED = Platt(2, 0), Platt(1, np.log(2)), Platt(1, -np.log(2))
CALIBRATION = {"frame": SQUARED, "favor": DOUBLED, "against": HALVED}
CURVES = st.builds(Platt, st.floats(0.1, 9), st.floats(-9, 9))
CALIBRATED = FULL | {"stance.against.1": 0.5}


def test_each_mean_goes_through_the_curve_of_its_side_before_anything_is_subtracted(codebook):
    found = values_of(measure(scores({"a#0": CALIBRATED}), passages({}), codebook, calibration=CALIBRATION))
    danger, show = 1 / 2, 1 / 50
    assert found == pytest.approx({"axis": danger - show, "stance": 2 / 5 - 1 / 3, "danger": danger, "show": show})


def test_the_curve_of_the_mean_is_not_the_mean_of_curves(codebook):
    skew = {"frame": Platt(1, np.log(3))}
    found = values_of(measure(scores({"a#0": CALIBRATED}), passages({}), codebook, calibration=skew))
    assert found["danger"] == pytest.approx(3 / 4)
    assert found["danger"] != pytest.approx((9 / 10 + 1 / 2) / 2)


@given(p=st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 2), min_size=2, max_size=6), curve=CURVES)
def test_a_curve_leaves_passages_in_their_order(module_codebook, p, curve):
    table = scores({f"a#{i}": FULL | {"danger.1": a, "danger.2": b} for i, (a, b) in enumerate(p)})
    of = passages(*[{}] * len(p))
    plain, curved = (
        [values_of(measure(table, of, module_codebook, calibration=c), f"a#{i}")["danger"] for i in range(len(p))]
        for c in (None, {"frame": curve})
    )
    assert all(np.diff(np.array(curved)[np.argsort(plain, kind="stable")]) >= 0)


@pytest.mark.parametrize(
    ("side", "changed"), [("frame", {"axis", "danger", "show"}), ("favor", {"stance"}), ("against", {"stance"})]
)
def test_a_curve_moves_the_values_of_its_side_alone(codebook, side, changed):
    before = values_of(measure(scores({"a#0": CALIBRATED}), passages({}), codebook))
    after = values_of(measure(scores({"a#0": CALIBRATED}), passages({}), codebook, calibration={side: Platt(0.5, 1.0)}))
    assert {construct for construct in before if after[construct] != before[construct]} == changed


@pytest.mark.parametrize("none", [None, {}])
def test_a_model_without_calibration_has_its_scores_averaged_as_they_are(codebook, none):
    table = measure(scores({"a#0": FULL}), passages({}), codebook, calibration=none)
    assert values_of(table) == EXPECTED


def test_calibration_neither_fills_nor_counts_what_is_missing(codebook):
    without = FULL | {"danger.1": None, "stance.favor.1": None}
    table = measure(scores({"a#0": without, "a#1": FULL}), passages({}, {}), codebook, calibration=CALIBRATION)
    assert {construct for construct, value in values_of(table).items() if math.isnan(value)} == {
        "axis",
        "danger",
        "stance",
    }
    assert not any(math.isnan(value) for value in values_of(table, "a#1").values())
    counts = table[table["passage_id"] == "a#0"].set_index("construct")["n_hypotheses"].to_dict()
    assert counts == {"axis": 2, "stance": 1, "danger": 1, "show": 1}


def test_a_codebook_without_stance_takes_the_curves_of_a_model_that_has_them(codebook_file, tmp_path):
    path = tmp_path / "frames.yaml"
    path.write_text(codebook_file.read_text(encoding="utf-8").partition("stance:")[0], encoding="utf-8")
    codebook = framing.Codebook.load(path)
    found = values_of(measure(scores({"a#0": FULL}), passages({}), codebook, calibration=CALIBRATION))
    assert found == pytest.approx({"axis": 0.48, "danger": 0.5, "show": 0.02})


def test_a_curve_for_an_unknown_side_is_refused(codebook):
    with pytest.raises(ValueError, match=r"for the sides frame, favor and against; got \['favour'\]"):
        measure(scores({"a#0": FULL}), passages({}), codebook, calibration={"favour": SQUARED})


def test_the_scores_themselves_are_not_calibrated(codebook):
    table = scores({"a#0": FULL})
    measure(table, passages({}), codebook, calibration=CALIBRATION)
    assert table["p_entail"].tolist() == list(FULL.values())


@pytest.fixture(scope="module")
def module_codebook(tmp_path_factory):
    from tests.conftest import CODEBOOK

    path = tmp_path_factory.mktemp("codebook") / "bridges.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return framing.Codebook.load(path)


@given(p=st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5))
def test_values_stay_inside_their_scales(module_codebook, p):
    found = values_of(measure(scores({"a#0": dict(zip(FULL, p, strict=True))}), passages({}), module_codebook))
    assert 0 <= found["danger"] <= 1
    assert 0 <= found["show"] <= 1
    assert -1 <= found["axis"] <= 1
    assert -1 <= found["stance"] <= 1
    assert found["axis"] == pytest.approx(found["danger"] - found["show"], abs=1e-6)


@given(p=st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5), curve=CURVES)
def test_calibrated_values_stay_inside_their_scales(module_codebook, p, curve):
    curves = dict.fromkeys(("frame", "favor", "against"), curve)
    table = scores({"a#0": dict(zip(FULL, p, strict=True))})
    found = values_of(measure(table, passages({}), module_codebook, calibration=curves))
    assert all(0 <= found[frame] <= 1 for frame in ("danger", "show"))
    assert all(-1 <= found[scale] <= 1 for scale in ("axis", "stance"))
