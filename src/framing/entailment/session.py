"""Models in ONNX, run by ONNX Runtime on the processor: what they share, whatever their shape. No PyTorch is needed."""

from abc import abstractmethod
from pathlib import Path

import onnxruntime
from tokenizers import Tokenizer

from framing.entailment.model import EntailmentModel, Labels


class OnnxModel(EntailmentModel):
    """A model whose weights are one ONNX file; `threads` processor threads run it, or as many as there are cores.

    Raises
    ------
    ValueError
        If the file has not the inputs of the model's shape.
    """

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
        # A model whose matrix products were quantised by others is run in fp32 instead: int8 products round by the range of their
        # batch, and a score must not depend on what else is in its batch.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        if threads:
            options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._check_inputs()

    @abstractmethod
    def _check_inputs(self) -> None:
        """Raise ValueError if the file's inputs are not those of the shape."""
