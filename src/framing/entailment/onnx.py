"""A pair model in ONNX."""

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from framing.entailment.model import Floats, Ints, Labels
from framing.entailment.pairs import PairModel
from framing.entailment.session import open_session


class OnnxPairModel(PairModel):
    """A cross-encoder stored as ONNX with inputs input_ids, attention_mask and perhaps token_type_ids, and logits as first output."""

    def __init__(
        self,
        name: str,
        weights: Path,
        tokenizer: Tokenizer,
        labels: Labels,
        max_tokens: int,
        *,
        threads: int | None = None,
    ) -> None:
        super().__init__(name, [weights], tokenizer, labels, max_tokens)
        self._session = open_session(weights, threads)
        self._inputs = {each.name for each in self._session.get_inputs()}
        if not {"input_ids", "attention_mask"} <= self._inputs:
            raise ValueError(f"a pair model has the inputs input_ids and attention_mask, not {sorted(self._inputs)}")

    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        outputs = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})
        return np.asarray(outputs[0], dtype=np.float32)
