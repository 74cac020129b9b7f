"""A pair model in ONNX."""

from typing import Any

import numpy as np
import onnxruntime

from framing.entailment.model import Floats, Ints
from framing.entailment.pairs import PairModel
from framing.entailment.session import OnnxModel


class OnnxPairModel(OnnxModel, PairModel):
    """A cross-encoder stored as ONNX with inputs input_ids, attention_mask and perhaps token_type_ids, and logits as first output."""

    def _take_up(self, session: onnxruntime.InferenceSession) -> None:
        self._inputs = {each.name for each in session.get_inputs()}
        if not {"input_ids", "attention_mask"} <= self._inputs:
            raise ValueError(f"a pair model has the inputs input_ids and attention_mask, not {sorted(self._inputs)}")

    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        outputs = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})
        return np.asarray(outputs[0], dtype=np.float32)
