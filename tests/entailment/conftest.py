"""The bundled model, loaded once for all tests that ask it."""

import pytest

import framing
from framing.entailment import PairModel


@pytest.fixture(scope="session")
def bundled() -> PairModel:
    return framing.load_model()
