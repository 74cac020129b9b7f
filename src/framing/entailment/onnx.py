"""A pair model in ONNX, run by ONNX Runtime on the processor. No PyTorch is needed."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from framing.entailment.pairs import Floats, Ints, Labels, PairModel


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
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Weights stored as integers are turned into floats once, when the session is made; all arithmetic is fp32, which
        # makes a score independent of what else is in its batch.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        if threads:
            options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}

    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        given: dict[str, Any] = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        outputs = self._session.run(None, {name: value for name, value in given.items() if name in self._inputs})
        return np.asarray(outputs[0], dtype=np.float32)
