"""The calibration of the bundled model: what is asked, how a curve is fitted, how far it is off."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.entailment import Platt
from tests.conftest import WordModel
from training.calibrate import BINS, Asked, ask, decisions, draw, ece, fit, reliability, together
from training.shared import wordings_of, write_sums

SENTENCES = [
    {"text": "The bridge is dangerous.", "target": "the new bridge", "frames": ["danger"], "stance": -1},
    {"text": "Ada supports the tunnel.", "target": "the tunnel", "frames": [], "stance": 1},
    {"text": "It is vanity.", "target": "the old ferry", "frames": ["show", "danger"], "stance": 0},
]


def asked(*rows):
    """(p, truth) n times, given as (p, truth, n)."""
    p, truth, n = (np.array(column) for column in zip(*rows, strict=True))
    return Asked(np.repeat(p.astype(float), n), np.repeat(truth, n))


# ---- what is asked


def test_every_sentence_is_asked_for_the_frames_of_its_issue_and_for_its_own_target(codebook):
    class Recorder(WordModel):
        def entail(self, premises, hypotheses):
            pairs.extend(zip(premises, hypotheses, strict=True))
            return np.arange(len(premises), dtype=np.float32) / 8

    pairs = []
    # The third sentence is of an issue that has another frame than that of the first two.
    issues = ("bridge", "bridge", "ferry")
    found = ask(Recorder(), [s | {"issue": i} for s, i in zip(SENTENCES, issues, strict=True)], codebook)
    texts = [sentence["text"] for sentence in SENTENCES]
    wordings = ["The bridge is dangerous.", "People could drown.", "The bridge is vanity."]
    targets = ["the new bridge", "the tunnel", "the old ferry"]
    assert pairs == [
        *((text, wording) for text in texts for wording in wordings[:2]),
        (texts[2], wordings[2]),
        *(
            (text, f"The author {does} {target}.")
            for text, target in zip(texts, targets, strict=True)
            for does in ("supports", "opposes")
        ),
    ]
    assert list(found) == ["frame", "favor", "against"]
    assert list(found["frame"]) == ["danger", "show"]
    frames = together(found["frame"])
    assert frames.p.tolist() == [0.0625, 0.3125, 0.5625, 0]  # means over the two wordings of the first frame
    assert frames.truth.tolist() == [1, 0, 1, 1]
    favor, against = (found[side]["stance"] for side in ("favor", "against"))
    assert favor.p.tolist() == [0, 0.25, 0.5]
    assert against.p.tolist() == [0.125, 0.375, 0.625]
    assert favor.truth.tolist() == [0, 1, 0]
    assert against.truth.tolist() == [1, 0, 0]


def test_the_target_of_a_codebook_becomes_a_place_to_fill(codebook):
    assert wordings_of(codebook) == (("The author supports {target}.",), ("The author opposes {target}.",))


def test_a_codebook_without_stance_has_no_sides(codebook_file, tmp_path):
    path = tmp_path / "frames.yaml"
    path.write_text(codebook_file.read_text(encoding="utf-8").partition("stance:")[0], encoding="utf-8")
    with pytest.raises(ValueError, match="codebook bridges asks for no stance"):
        wordings_of(framing.Codebook.load(path))


# ---- the curve


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (2.0, 0.75)])
def test_a_known_curve_is_found_again(slope, intercept):
    p = np.linspace(0.01, 0.99, 99)
    held = np.rint(Platt(slope, intercept)(p) * 10_000).astype(int)
    found = fit(
        asked(
            *((each, 1, n) for each, n in zip(p, held, strict=True)),
            *((each, 0, 10_000 - n) for each, n in zip(p, held, strict=True)),
        )
    )
    assert found.slope == pytest.approx(slope, abs=0.002)
    assert found.intercept == pytest.approx(intercept, abs=0.002)


def test_a_curve_is_judged_as_it_is_stored():
    found = fit(asked((0.2, 0, 7), (0.2, 1, 3), (0.7, 1, 8), (0.7, 0, 3)))
    assert (found.slope, found.intercept) == (round(found.slope, 4), round(found.intercept, 4))


def test_scores_that_point_the_wrong_way_have_no_curve():
    with pytest.raises(ValueError, match="slope above 0"):
        fit(asked((0.2, 1, 9), (0.8, 0, 9)))


def test_scores_at_the_ends_can_be_fitted():
    found = fit(asked((0.0, 0, 90), (0.0, 1, 10), (1.0, 1, 90), (1.0, 0, 10)))
    np.testing.assert_allclose(found(np.array([0.0, 1.0])), [0.1, 0.9], atol=0.005)


# ---- how far it is off


def test_what_is_found_at_the_threshold_is_held_against_what_is_carried():
    found = decisions(
        {
            "frame": {"danger": asked((0.5, 1, 2), (0.9, 0, 1), (0.4, 1, 4), (0.1, 0, 3)), "show": asked((0.1, 0, 5))},
            "favor": {"stance": asked((0.7, 1, 3))},
        }
    )
    assert found[["side", "construct", "asked", "carried", "found"]].to_numpy().tolist() == [
        ["frame", "danger", 10, 6, 3], ["frame", "show", 5, 0, 0], ["favor", "stance", 3, 3, 3],
    ]  # fmt: skip
    assert found["precision"].tolist() == pytest.approx([0.6667, np.nan, 1], nan_ok=True)
    assert found["recall"].tolist() == pytest.approx([0.3333, np.nan, 1], nan_ok=True)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(0.25, 1, 1), (0.25, 0, 3)], 0.0),
        ([(0.25, 1, 4)], 0.75),
        ([(0.25, 0, 4)], 0.25),
        ([(1.0, 1, 5)], 0.0),
        ([(0.0, 1, 5)], 1.0),
        # Two bins: three quarters of the units are off by 0.1, one quarter by 0.5.
        ([(0.1, 0, 30), (0.5, 1, 10)], 0.75 * 0.1 + 0.25 * 0.5),
        # Too high and too low within one bin cancel out, in two bins they do not.
        ([(0.21, 1, 1), (0.29, 0, 3)], 0.02),
        ([(0.25, 1, 1), (0.35, 0, 3)], 0.25 * 0.75 + 0.75 * 0.35),
    ],
)
def test_the_calibration_error_is_the_mean_distance_over_the_bins(rows, expected):
    assert ece(asked(*rows)) == pytest.approx(expected)


def test_reliability_has_a_line_for_each_bin_that_holds_any():
    mean, share, n = reliability(asked((0.0, 0, 2), (0.09, 1, 2), (0.1, 1, 1), (0.95, 0, 1), (1.0, 1, 3)))
    np.testing.assert_allclose(mean, [0.045, 0.1, 0.9875])
    np.testing.assert_allclose(share, [0.5, 1, 0.75])
    assert n.tolist() == [4, 1, 4]


@given(rows=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=80))
def test_reliability_loses_no_unit(rows):
    given_ = Asked(*map(np.array, zip(*rows, strict=True)))
    mean, share, n = reliability(given_)
    assert len(mean) == len(share) == len(n) <= BINS
    assert n.sum() == len(rows)
    assert (mean * n).sum() == pytest.approx(given_.p.sum())
    assert (share * n).sum() == pytest.approx(given_.truth.sum())
    assert 0 <= ece(given_) <= 1


def test_the_curve_mends_what_it_was_fitted_on():
    skew = asked((0.3, 0, 90), (0.3, 1, 10), (0.8, 1, 50), (0.8, 0, 50))
    assert ece(skew) == pytest.approx(0.25)
    assert ece(Asked(fit(skew)(skew.p), skew.truth)) < 0.01


def test_the_diagram_shows_every_side_before_and_after(tmp_path):
    sides = {side: asked((0.2, 0, 4), (0.9, 1, 5)) for side in ("frame", "favor", "against")}
    draw(sides, sides, tmp_path / "reliability.png")
    assert (tmp_path / "reliability.png").read_bytes().startswith(b"\x89PNG")


# ---- the checksums


def test_the_checksums_are_those_of_the_files_that_are_loaded(tmp_path):
    for name in ("config.json", "model.onnx", "reference.json", "tokenizer.json", "MODEL_CARD.md"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    write_sums(tmp_path)
    lines = (tmp_path / "sha256sums.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ") for line in lines] == [
        [hashlib.sha256(name.encode()).hexdigest(), name]
        for name in ("config.json", "model.onnx", "reference.json", "tokenizer.json")
    ]
