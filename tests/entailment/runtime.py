"""ONNX Runtime, watched."""

from functools import partial
from typing import NamedTuple

import numpy as np
import onnxruntime

SPINNING, SLEEPING = "1", "0"  # what threads do that wait for each other


class Run(NamedTuple):
    """What a session was given, how many pairs of a passage and a hypothesis that were, and what its threads do while they wait."""

    inputs: dict[str, np.ndarray]
    pairs: int
    waiting: str


class Runtime:
    """ONNX Runtime with a clock of its own, on which a run takes what `seconds` says of it; keeps the runs and the threads of each session."""

    def __init__(self, monkeypatch, seconds=lambda run: 0.0):
        self.runs, self.threads = [], []
        self._now, self._seconds, self._real = 0.0, seconds, onnxruntime.InferenceSession
        monkeypatch.setattr(onnxruntime, "InferenceSession", self._start)
        monkeypatch.setattr("time.perf_counter", lambda: self._now)

    def _start(self, weights, options, **rest):
        self.threads.append(options.intra_op_num_threads)
        waiting = options.get_session_config_entry("session.intra_op.allow_spinning")
        return _Session(self._real(weights, options, **rest), partial(self._ran, waiting))

    def _ran(self, waiting, inputs, pairs):
        run = Run(inputs, pairs, waiting)
        self._now += self._seconds(run)
        self.runs.append(run)

    def runs_of(self, work, *given):
        """Those that a piece of work takes."""
        before = len(self.runs)
        work(*given)
        return self.runs[before:]


class _Session:
    """A session that tells of each run."""

    def __init__(self, real, ran):
        self._real, self._ran = real, ran

    def run(self, names, inputs):
        outputs = self._real.run(names, inputs)
        self._ran(inputs, outputs[0].size // outputs[0].shape[-1])
        return outputs

    def __getattr__(self, name):
        return getattr(self._real, name)
