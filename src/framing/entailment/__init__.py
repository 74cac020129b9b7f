"""(premise, hypothesis) pairs -> probabilities: the bundled model, and models from a folder or the hub."""

from framing.entailment.load import load_model
from framing.entailment.model import EntailmentModel, Platt

__all__ = ["EntailmentModel", "Platt", "load_model"]
