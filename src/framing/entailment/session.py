"""Models in ONNX, run by ONNX Runtime on the processor: what they share, whatever their shape. No PyTorch is needed."""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import onnxruntime
from tokenizers import Tokenizer

from framing.cores import threads_without_waiting
from framing.entailment.model import EntailmentModel, Labels
from framing.entailment.tuning import MEASURED, ROUNDS, take_fastest

LARGE = 500_000_000  # bytes of weights that are not held twice for a measurement
_SAMPLE = 16  # premises that show whether threads are to spin


class OnnxModel(EntailmentModel):
    """A model whose weights are one ONNX file; `threads` processor threads run it, or as many as there are cores that this process may use.

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
        self._weights, self._threads, self._tuned = weights, threads, False
        self._use(self._start(spinning=True))

    def _start(self, *, spinning: bool) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # A model whose matrix products were quantised by others is run in fp32 instead: int8 products round by the range of their
        # batch, and a score must not depend on what else is in its batch.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
        if threads := self._threads or threads_without_waiting():
            options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(self._weights, options, providers=["CPUExecutionProvider"])

    def _use(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._take_up(session)

    def tune(self, premises: Sequence[str], hypotheses: Sequence[str], pairs: int) -> None:
        """Let threads that wait for each other spin, or sleep: whichever is faster just now; then choose the batch, as other models do.

        Spinning is faster on an idle machine and much slower on a busy one. Measured once; where `threads` were given, the weights are
        too large to be held twice, or the run is not long enough to win the time back, not at all.
        """
        worth_it = 2 * ROUNDS * min(_SAMPLE, len(premises)) * len(hypotheses) <= MEASURED * pairs
        if worth_it and not (self._tuned or self._threads or self._weights.stat().st_size > LARGE):
            self._tuned = True
            ways = [partial(self._use, session) for session in (self._session, self._start(spinning=False))]
            take_fastest(ways, partial(self.entail_table, premises[:_SAMPLE], hypotheses))
        super().tune(premises, hypotheses, pairs)

    @abstractmethod
    def _take_up(self, session: onnxruntime.InferenceSession) -> None:
        """Get ready to ask `session`; raise ValueError if its inputs are not those of the shape."""
