"""Models in ONNX, run by ONNX Runtime on the processor: what they share, whatever their shape. No PyTorch is needed."""

import time
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import onnxruntime
from tokenizers import Tokenizer

from framing.cores import threads_without_waiting
from framing.entailment.model import EntailmentModel, Labels

_LARGE = 500_000_000  # bytes of weights that are not held twice for a measurement
_ROUNDS = 3


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

    def tune(self, premises: Sequence[str], hypotheses: Sequence[str]) -> None:
        """Let threads that wait for each other spin, or sleep: whichever scores these pairs faster, beside what else runs here now.

        Spinning is faster on an idle machine and much slower on a busy one. No score changes. Measured once; where `threads` were given, or
        the weights are too large to be held twice, not at all.
        """
        if self._tuned or self._threads or self._weights.stat().st_size > _LARGE:
            return
        self._tuned = True
        ways = [self._session, self._start(spinning=False)]
        took: list[list[float]] = [[], []]
        for _ in range(_ROUNDS):
            for session, seconds in zip(ways, took, strict=True):
                self._use(session)
                started = time.perf_counter()
                self.entail_table(premises, hypotheses)
                seconds.append(time.perf_counter() - started)
        self._use(min(zip(ways, took, strict=True), key=lambda way: sorted(way[1])[_ROUNDS // 2])[0])

    @abstractmethod
    def _take_up(self, session: onnxruntime.InferenceSession) -> None:
        """Get ready to ask `session`; raise ValueError if its inputs are not those of the shape."""
