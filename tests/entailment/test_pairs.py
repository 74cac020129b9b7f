"""Tokens and batches: a pair's score is its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.entailment import pairs
from framing.errors import ModelError
from tests.entailment import tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return framing.load_model(str(tiny.write(tmp_path_factory.mktemp("pairs") / "tiny")), threads=1)


TEXTS = st.lists(st.sampled_from(["yes", "no", "maybe", "the", "bridge"]), max_size=12).map(" ".join)


@given(asked=st.lists(st.tuples(TEXTS, TEXTS), max_size=200))
def test_each_pair_has_its_own_score_in_its_own_place(model, asked):
    found = model.entail([premise for premise, _ in asked], [hypothesis for _, hypothesis in asked])
    assert found.dtype == np.float32
    assert found.shape == (len(asked),)
    np.testing.assert_allclose(found, [tiny.expected(p, h) for p, h in asked], rtol=1e-6)


@given(
    asked=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6),
    pairs_a_batch=st.integers(1, 4),
    tokens=st.integers(1, 64),
)
def test_the_size_of_batches_changes_no_score(model, asked, pairs_a_batch, tokens):
    premises, hypotheses = [p for p, _ in asked], [h for _, h in asked]
    before = model.entail(premises, hypotheses)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "batch", pairs_a_batch)
        patch.setattr(pairs, "TOKENS", tokens / pairs_a_batch)
        np.testing.assert_array_equal(model.entail(premises, hypotheses), before)


def test_scores_stay_probabilities_at_the_ends(model):
    found = model.entail(["yes " * 25, "no " * 25], ["the", "the"])
    assert ((found >= 0) & (found <= 1)).all()
    assert found[0] > 1 - 1e-6
    assert found[1] < 1e-6


@pytest.mark.parametrize(("premises", "hypotheses"), [(["yes"], []), ([], ["yes"]), (["yes", "no"], ["yes"])])
def test_premises_without_a_hypothesis_are_refused(model, premises, hypotheses):
    with pytest.raises(ValueError, match="they are taken in pairs"):
        model.entail(premises, hypotheses)


def test_a_premise_is_cut_at_its_end(model):
    room = model.max_tokens - 4  # three special tokens and a hypothesis of one
    fits, beyond = "the " * (room - 1) + "yes", "the " * room + "yes"
    found = model.entail([fits, beyond], ["bridge", "bridge"])
    np.testing.assert_allclose(found, [tiny.expected("yes", ""), 0.5], rtol=1e-6)


def test_the_hypothesis_is_never_cut(model):
    found = model.entail(["no " * 100], ["yes yes yes"])
    room = model.max_tokens - 6
    np.testing.assert_allclose(found, [tiny.expected("no " * room, "yes yes yes")], rtol=1e-5)


def test_a_hypothesis_that_leaves_no_room_is_refused(model):
    with pytest.raises(ModelError, match="a hypothesis leaves no room for a premise within 32 tokens"):
        model.entail(["the bridge opens"], ["yes " * 40])


def test_a_premise_is_cut_alike_whatever_the_hypothesis(model):
    room = model.max_tokens - 4 - model.max_tokens // 2
    fits, beyond = "the " * room, "the " * (room + 1)
    [[whole], pieces] = model.windows([fits, beyond])
    assert whole == fits
    assert len(pieces) == 2
    longest = "bridge " * (model.max_tokens // 2)
    yes = "yes " + "the " * (room - 1)
    assert model.entail_table([yes], [longest]) > 0.5  # both were read whole
    with pytest.raises(
        ModelError,
        match="a hypothesis has 17 tokens; of the 32 that are read at a time 16 are kept free for it: shorten it",
    ):
        model.entail_table([yes], [longest + "bridge"])


@pytest.mark.parametrize("text", ["", " ", "\n", "🌉", "مرحبا", "a\u0301", "\ufffd"])
def test_any_text_has_a_score(model, text):
    assert 0 <= model.entail([text], ["the bridge"])[0] <= 1
