"""A run that a test kills: what it does, and where it dies. Kept apart, so that a fork server can load it once."""

import os
import signal
from pathlib import Path

from framing import files
from framing.scoring import score
from framing.store import Store
from tests.conftest import WordModel
from tests.handmade import passages
from tests.test_scoring import WORDINGS, hypotheses
from tests.workers import DeadlyModel

NAME = WordModel().fingerprint
SENTENCES = [f"Sentence {i} says that the bridge is dangerous, vanity or neither." for i in range(40)]


def texts():
    return passages(*[{"text": text} for text in SENTENCES])


def run(folder: Path):
    """Score the sentences into a store below `folder`."""
    model = WordModel()
    return score(texts(), hypotheses(*WORDINGS), model=model, store=Store(folder, model.fingerprint), progress=False)


def run_and_die(folder: str, at: int, chunk: int) -> None:
    """The same, killed by SIGKILL at the moment number `at` of those that `files.reached` names; exit 0 if there is no such moment."""
    import framing.scoring

    framing.scoring.CHUNK = chunk
    moments = 0

    def reached(step: str, path: Path) -> None:
        nonlocal moments
        moments += 1
        if moments == at:
            os.kill(os.getpid(), signal.SIGKILL)

    files.reached = reached
    run(Path(folder))


def run_into_death(folder: str) -> None:
    """Score three sentences, the second of which ends this process as a fault of a library would."""
    model = DeadlyModel()
    three = passages(*[{"text": text} for text in (SENTENCES[0], "This one is deadly.", SENTENCES[1])])
    score(three, hypotheses(*WORDINGS), model=model, store=Store(Path(folder), model.fingerprint), progress=False)
