"""PyTorch on a graphics card, in bf16: close to fp32, and never mixed with it."""

import numpy as np
import pytest

import framing
from framing.entailment import pytorch

torch = pytest.importorskip("torch")

from tests.entailment import checkpoints  # noqa: E402

pytestmark = pytest.mark.torch

CLOSE = 0.02
PREMISES = ["No.", *checkpoints.TEXTS, " ".join(checkpoints.TEXTS)]
HYPOTHESES = ["The bridge is dangerous.", "The author opposes the new bridge."]


@pytest.fixture(scope="module", params=checkpoints.SHAPES)
def folder(request, tmp_path_factory):
    # Random weights make more of a rounding than trained ones: the noise of the other tests would be too much.
    return checkpoints.write(tmp_path_factory.mktemp("gpu") / request.param, request.param, noise=0.2)


def loaded(folder, monkeypatch, device, arithmetic):
    with monkeypatch.context() as patch:
        patch.setattr(pytorch, "_place", lambda _: (device, arithmetic))
        model = framing.load_model(str(folder))
    assert model.arithmetic == arithmetic
    return model


def compared(model, exact):
    found, expected = (each.entail_table(PREMISES, HYPOTHESES) for each in (model, exact))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=CLOSE, rtol=0)
    assert np.ptp(expected) > 3 * CLOSE  # so that the bound says something
    return found, expected


def test_bf16_is_close_to_fp32_and_has_another_fingerprint(folder, monkeypatch):
    exact, half = (loaded(folder, monkeypatch, "cpu", arithmetic) for arithmetic in ("fp32", "bf16"))
    found, expected = compared(half, exact)
    assert (found != expected).any()  # it was used
    assert half.fingerprint != exact.fingerprint


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card with CUDA")
def test_a_graphics_card_is_used_and_its_scores_are_close_to_those_of_the_processor(folder, monkeypatch):
    exact = loaded(folder, monkeypatch, "cpu", "fp32")
    model = framing.load_model(str(folder))
    assert next(model._model.parameters()).device.type == "cuda"
    compared(model, exact)
    compared(loaded(folder, monkeypatch, "cuda", "fp32"), exact)
    assert model.arithmetic == "fp32" or model.fingerprint != exact.fingerprint


class Card:
    """As `torch` tells of a card: whether there is one, and whether it knows bf16 of itself."""

    def __init__(self, there, knows):
        self.cuda = self
        self.is_available = lambda: there
        self.is_bf16_supported = lambda including_emulation: knows


@pytest.mark.parametrize(
    ("card", "place"),
    [
        (Card(False, False), ("cpu", "fp32")),
        (Card(True, True), ("cuda", "bf16")),
        (Card(True, False), ("cuda", "fp32")),
    ],
    ids=["none", "new", "old"],
)
def test_the_card_is_taken_where_there_is_one(card, place):
    assert pytorch._place(card) == place
