"""What all models share: probabilities of logits, calibration curves, padding and batches."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.normalizers import Prepend

import framing
from framing.entailment import Platt
from framing.entailment.model import Labels, batches, padded
from framing.scoring import score
from tests.entailment import tiny
from tests.handmade import passages
from tests.test_scoring import hypotheses

CURVES = st.builds(Platt, st.floats(0.01, 20), st.floats(-20, 20))

# ---- probabilities


def test_a_probability_is_the_softmax_over_entailment_and_its_opposite_alone():
    logits = np.array([[[0.0, 9.0, 0.0], [np.log(3), -9.0, 0.0]], [[0.0, 0.0, np.log(3)], [1.0, 0.0, 1.0]]])
    found = Labels(entailment=0, opposite=2).probability(logits.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[0.5, 0.75], [0.25, 0.5]], rtol=1e-6)


def test_logits_far_apart_give_the_ends_and_no_warning():
    found = Labels(1, 0).probability(np.array([[-1e30, 1e30], [1e30, -1e30]], dtype=np.float32))
    assert found[0] == 1
    assert 0 <= found[1] < 1e-30


def test_a_table_is_what_the_pairs_give(tmp_path):
    model = framing.load_model(str(tiny.write(tmp_path / "pairs")))
    premises, hypotheses = ["yes", "no", "maybe yes"], ["yes", "no no"]
    expected = [[tiny.expected(p, h) for h in hypotheses] for p in premises]
    np.testing.assert_allclose(model.entail_table(premises, hypotheses), expected, rtol=1e-6)
    assert model.entail_table([], hypotheses).shape == (0, 2)
    assert model.entail_table(premises, []).shape == (3, 0)


# ---- windows


@pytest.fixture(scope="module")
def growing(tmp_path_factory):
    """Models whose tokenizer begins every text, and so every piece of one, with some words more."""
    made = {}

    def model(shape, words):
        if (shape, words) not in made:
            folder = tiny.write(tmp_path_factory.mktemp(shape), shape=shape)
            tokenizer = tiny.tokenizer()
            tokenizer.normalizer = Prepend("maybe " * words)
            tokenizer.save(str(folder / "tokenizer.json"))
            made[shape, words] = framing.load_model(str(folder), threads=1)
        return made[shape, words]

    return model


# Of 32 tokens a pair model of this size keeps 16 free for a hypothesis, and four for the special ones; the other shape two for these.
ROOM = {tiny.PAIR: 12, tiny.SPLIT: 30}


@given(data=st.data(), shape=st.sampled_from([tiny.PAIR, tiny.SPLIT]))
def test_windows_are_read_whole_however_many_tokens_a_piece_has_by_itself(growing, data, shape):
    more = data.draw(st.integers(0, ROOM[shape] - 1))
    votes = data.draw(st.lists(st.sampled_from(["yes", "no"]), min_size=1, max_size=60))
    [pieces] = growing(shape, more).windows([" ".join(f"w{i} {vote}" for i, vote in enumerate(votes))])
    longest = "the " * (16 - more if shape == tiny.PAIR else 1)  # hypothesis that there is room for
    found = growing(shape, more).entail_table(pieces, [longest])
    np.testing.assert_allclose(found[:, 0], [tiny.expected(piece, "") for piece in pieces], rtol=1e-5)
    words = [word for piece in pieces for word in piece.split()]
    assert set(words) >= {f"w{i}" for i in range(len(votes))}
    assert words.count("yes") + words.count("no") >= len(votes)


@pytest.mark.parametrize("shape", [tiny.PAIR, tiny.SPLIT])
def test_what_cannot_be_cut_short_enough_is_no_score_and_not_cut_off_in_silence(growing, shape, caplog):
    model = growing(shape, ROOM[shape])
    with pytest.raises(ValueError, match=rf"one token becomes {ROOM[shape] + 1} by itself, and {ROOM[shape]} are read"):
        model.windows(["yes no"])
    found = score(passages({"text": "yes no"}), hypotheses("the"), model=model)
    assert found["status"].tolist() == ["error"]
    assert "are read at a time" in caplog.text


# ---- calibration


@pytest.mark.parametrize(
    ("slope", "intercept", "p", "calibrated"),
    [
        (1, 0, 0.3, 0.3),
        (1, 0, 0.9, 0.9),
        (2, 0, 0.75, 0.9),  # odds of 3 to 1 become 9 to 1
        (0.5, 0, 0.9, 0.75),
        (1, np.log(3), 0.5, 0.75),
        (3, -np.log(4), 0.5, 0.2),
        (2, np.log(2), 0.75, 18 / 19),
    ],
)
def test_a_curve_multiplies_and_shifts_the_log_odds(slope, intercept, p, calibrated):
    assert Platt(slope, intercept)(np.array([p]))[0] == pytest.approx(calibrated, rel=1e-9)


@given(curve=CURVES, p=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20))
def test_a_curve_keeps_order_and_range(curve, p):
    given_ = np.sort(np.array(p, dtype=np.float32))
    found = curve(given_)
    assert found.dtype == np.float64
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


def test_a_curve_keeps_apart_what_is_apart():
    found = Platt(0.5, 1.0)(np.linspace(0.001, 0.999, 999))
    assert (np.diff(found) > 0).all()


@given(curve=CURVES, shape=st.sampled_from([(0,), (3,), (2, 3), (0, 4)]))
def test_a_missing_score_stays_missing_and_touches_no_other(curve, shape):
    p = np.full(shape, 0.25)
    p[..., -1:] = np.nan
    found = curve(p)
    assert found.shape == shape
    np.testing.assert_array_equal(np.isnan(found), np.isnan(p))
    assert (found[~np.isnan(p)] == curve(np.array([0.25]))[0]).all()


def test_the_ends_have_a_value_and_give_no_warning():
    found = Platt(1e6, 1e6)(np.array([0.0, 1.0]))
    np.testing.assert_array_equal(found, [0, 1])


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [(0, 0), (-1, 0), (np.inf, 0), (np.nan, 0), (1, np.inf), (1, -np.inf), (1, np.nan)],
)
def test_a_curve_that_turns_or_flattens_the_order_is_refused(slope, intercept):
    with pytest.raises(ValueError, match="a finite slope above 0 and a finite intercept"):
        Platt(slope, intercept)


# ---- padding


@given(rows=st.lists(st.lists(st.integers(1, 99), max_size=8), min_size=1, max_size=8), pad=st.integers(0, 99))
def test_rows_are_padded_at_their_end_and_the_mask_says_where(rows, pad):
    values, mask = padded(rows, pad)
    assert values.dtype == mask.dtype == np.int64
    assert values.shape == mask.shape == (len(rows), max(map(len, rows)))
    for row, of_row, mask_of_row in zip(rows, values.tolist(), mask.tolist(), strict=True):
        more = values.shape[1] - len(row)
        assert of_row == row + [pad] * more
        assert mask_of_row == [1] * len(row) + [0] * more


# ---- batches

LENGTHS = st.lists(st.integers(0, 50), max_size=60)


@given(lengths=LENGTHS, rows=st.integers(1, 8), tokens=st.integers(1, 120))
def test_every_row_stands_in_one_batch(lengths, rows, tokens):
    made = list(batches(lengths, rows=rows, tokens=tokens))
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    assert all(made)


@given(lengths=LENGTHS, rows=st.integers(1, 8), tokens=st.integers(1, 120))
def test_no_batch_is_larger_than_allowed_unless_one_row_is(lengths, rows, tokens):
    for batch in batches(lengths, rows=rows, tokens=tokens):
        assert len(batch) <= rows
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= tokens


@given(lengths=LENGTHS, rows=st.integers(1, 8), tokens=st.integers(1, 120))
def test_rows_of_like_length_stand_together(lengths, rows, tokens):
    order = [lengths[i] for batch in batches(lengths, rows=rows, tokens=tokens) for i in batch]
    assert order == sorted(lengths)


@given(lengths=LENGTHS, rows=st.integers(1, 8), tokens=st.integers(1, 120))
def test_a_batch_ends_only_where_the_next_row_would_not_fit(lengths, rows, tokens):
    made = list(batches(lengths, rows=rows, tokens=tokens))
    for batch, after in pairwise(made):
        assert len(batch) == rows or (len(batch) + 1) * lengths[after[0]] > tokens
