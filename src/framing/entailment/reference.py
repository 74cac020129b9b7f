"""A few scores that lie beside a model's weights, so that a machine can say how far its own are from them.

The bundled model gives the same scores to the last bit on machines of one kind. Other processors, cards and versions of ONNX Runtime or
PyTorch sum in another order, and scores differ by rounding.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.entailment.model import EntailmentModel
from framing.errors import ModelError
from framing.files import write_json

REFERENCE = "reference.json"
_THRESHOLD = 0.5
_ROUNDING = {"fp32": 1e-4, "bf16": 0.03}  # by arithmetic: how far two scores of one pair may lie apart
_PREMISES = (
    "No.",
    "The bridge opens on Monday.",
    "“People could drown here,” said a woman who crosses the river every morning, “and nobody does anything about it.”",
    "Engineers found cracks in two of its pillars, and the council closed it for a week while the damage was repaired.",
    "The mayor called the new bridge the best thing that has happened to the town in years.",
    "Shopkeepers on the old road fear for their customers; one of them has already given notice to her staff.",
    "The minister rejected the plan, saying that it would cost more than it could ever bring in.",
    "According to the report, traffic on the river grew by a third between spring and autumn.",
    "A court will decide in May whether the contract was lawful.",
    "Nobody disputes that the ferry is slow, but it is cheap, and it has never sunk.",
    "Zoë Müller, 61, learned to swim below the arches – „so kalt wie nie“, she remembers.",
    "The town's two papers disagree about nearly everything else, too.",
)
_HYPOTHESES = (
    "The bridge is dangerous.",
    "Repairs are ordered.",
    "Somebody is quoted.",
    "The text supports the new bridge.",
    "The text opposes the new bridge.",
    "This is about money.",
)


@dataclass(frozen=True)
class Agreement:
    """How scores made here lie to those of reference.

    Attributes
    ----------
    pairs : int
        Of passage and hypothesis.
    alike : int
        Pairs that lie on the same side of 0.5 in both.
    largest : float
        Largest difference of two scores of one pair, in [0, 1].
    allowed : float
        Up to which difference it is taken for rounding, by the coarser arithmetic of the two: 1e-4 in fp32, 0.03 in bf16.
    """

    pairs: int
    alike: int
    largest: float
    allowed: float

    @property
    def rounding(self) -> bool:
        """Whether no difference is more than rounding."""
        return self.largest <= self.allowed


def write_reference(model: EntailmentModel, folder: Path) -> None:
    """Put reference.json into `folder`: what the model gives for a few pairs here and now."""
    p = model.entail_table(_PREMISES, _HYPOTHESES)
    write_json(
        folder / REFERENCE,
        {
            "arithmetic": model.arithmetic,
            "premises": _PREMISES,
            "hypotheses": _HYPOTHESES,
            "p_entail": [[round(float(value), 8) for value in row] for row in p],
        },
    )


def compare(model: EntailmentModel, folder: Path) -> Agreement:
    """Hold a model against the reference.json of its folder.

    Raises
    ------
    ModelError
        If there is no such file, or it is not what `write_reference` makes.
    """
    path = folder / REFERENCE
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        premises, hypotheses = list(map(str, stated["premises"])), list(map(str, stated["hypotheses"]))
        expected = np.array(stated["p_entail"], dtype=np.float64).reshape(len(premises), len(hypotheses))
        allowed = max(_ROUNDING[stated["arithmetic"]], _ROUNDING[model.arithmetic])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} holds no scores to compare with ({type(error).__name__}: {error}); fetch or convert the model again."
        ) from error
    found = model.entail_table(premises, hypotheses)
    difference = np.abs(found - expected)
    alike = (found >= _THRESHOLD) == (expected >= _THRESHOLD)
    return Agreement(difference.size, int(alike.sum()), float(difference.max(initial=0.0)), allowed)
