"""Models that workers load in tests, and what makes workers die. Kept apart, so that a worker can import it."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.errors import ModelError
from tests.conftest import WordModel
from tests.entailment import tiny


def load_words():
    return WordModel()


class DeadlyModel(WordModel):
    """Its process dies over a passage that says so: as one does that is out of memory, without a word."""

    def entail(self, premises, hypotheses):
        if any("deadly" in premise for premise in premises):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().entail(premises, hypotheses)


def load_deadly():
    return DeadlyModel()


def load_nothing():
    os.kill(os.getpid(), signal.SIGKILL)


def load_refused():
    raise ModelError("a worker has another model.")


class BrokenModel(WordModel):
    def entail(self, premises, hypotheses):
        raise IndexError("no such label")


def load_broken():
    return BrokenModel()


@dataclass(frozen=True)
class LoadOnce:
    """Loads a model that kills its process at the second chunk, the first time; a file tells that it was so."""

    file: str

    def __call__(self):
        return OnceDeadly(self.file)


class OnceDeadly(WordModel):
    def __init__(self, file):
        super().__init__()
        self._file, self._chunks = file, 0

    def windows(self, premises):
        self._chunks += 1
        if self._chunks == 2:
            try:
                os.close(os.open(self._file, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return super().windows(premises)


class ThreadingModel(WordModel):
    """Cuts many texts into tokens; the score is how many threads that took beside its own."""

    def entail(self, premises, hypotheses):
        tasks = Path("/proc/self/task")
        before = len(list(tasks.iterdir()))
        tiny.tokenizer().encode_batch(["the bridge opens"] * 1000)
        return np.full(len(premises), len(list(tasks.iterdir())) - before, dtype=np.float32)


def load_threading():
    return ThreadingModel()


class SlowModel(WordModel):
    """Takes a moment for each chunk, so that something can happen meanwhile."""

    def windows(self, premises):
        time.sleep(0.5)
        return super().windows(premises)


def load_slow():
    return SlowModel()


@dataclass(frozen=True)
class LoadAndTell:
    """Loads a slow model; a file in the folder bears the name of the machine of Ray on which it did."""

    folder: str

    def __call__(self):
        import ray

        (Path(self.folder) / ray.get_runtime_context().get_node_id()).touch()
        return SlowModel()
