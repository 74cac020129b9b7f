"""(premise, hypothesis) pairs -> probabilities: the bundled model, and models from a folder or the hub."""

from framing.entailment.load import load_model
from framing.entailment.pairs import PairModel

__all__ = ["PairModel", "load_model"]
