"""The bundled model, loaded once for all tests that ask it."""

import pytest

import framing
from framing.entailment import EntailmentModel


@pytest.fixture(scope="session")
def bundled() -> EntailmentModel:
    return framing.load_model()
