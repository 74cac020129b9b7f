"""Runs that a test kills: what they do, and where they die. Kept apart, so that a fork server can load them once."""

import csv
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from framing import files
from framing.files import put_in_place, workplace
from framing.scoring import score
from framing.store import Store
from framing.stream import score_corpus
from framing.study import Study
from tests.conftest import CODEBOOK, WordModel
from tests.handmade import passages
from tests.test_scoring import WORDINGS, hypotheses
from tests.workers import DeadlyModel

NAME = WordModel().fingerprint
SENTENCES = [f"Sentence {i} says that the bridge is dangerous, vanity or neither." for i in range(40)]
ARTICLES = 6  # of the corpus that is scored in parts
MOVES = ("move", "moved", "settled")  # the steps of a replacement
SET = ("tables", "figures", "report.html", "report.pdf", "manifest.json")


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
    die_at(at)
    run(Path(folder))


def run_into_death(folder: str) -> None:
    """Score three sentences, the second of which ends this process as a fault of a library would."""
    model = DeadlyModel()
    three = passages(*[{"text": text} for text in (SENTENCES[0], "This one is deadly.", SENTENCES[1])])
    score(three, hypotheses(*WORDINGS), model=model, store=Store(Path(folder), model.fingerprint), progress=False)


def die_at(at: int, steps: Sequence[str] = ()) -> None:
    """From now on this process is killed at the moment number `at`: of `steps`, or of all."""
    moments = 0

    def reached(step: str, path: Path) -> None:
        nonlocal moments
        moments += not steps or step in steps
        if moments == at:
            os.kill(os.getpid(), signal.SIGKILL)

    files.reached = reached


# ---- a corpus in parts


def study_of(folder: Path) -> Study:
    """A study of a few articles that lie in `folder`, and its results in `folder`/out."""
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    with (folder / "articles.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows([f"a{i}", f"The bridge is dangerous, says person {i}."] for i in range(ARTICLES))
    return Study.of(
        corpus=folder / "articles.csv", codebook=folder / "codebook.yaml", out=folder / "out", date="2031-01-01"
    )


def run_parts(folder: Path, size: int = 2, model: WordModel | None = None) -> Path:
    """Score the articles in parts."""
    return score_corpus(study_of(folder), model=model or WordModel(), size=size, progress=False)


def run_parts_and_die(folder: str, at: int, steps: Sequence[str]) -> None:
    """The same, killed as `die_at` says."""
    die_at(at, steps)
    run_parts(Path(folder))


class Waiting(WordModel):
    """Says when the third of the three parts comes, and waits to be killed."""

    def entail(self, premises, hypotheses):
        if any("person 4" in premise for premise in premises):
            print("midway", flush=True)
            time.sleep(600)
        return super().entail(premises, hypotheses)


# ---- the parts of a report


def write_set(folder: Path, names: Sequence[str], content: str) -> None:
    """Parts that are files or, where their name has no suffix, folders of two files."""
    for name in names:
        path = folder / name
        if not path.suffix:
            path.mkdir()
        for file in [path] if path.suffix else [path / "one", path / "two"]:
            file.write_text(content, encoding="utf-8")


def replace_set(folder: Path, names: Sequence[str]) -> None:
    """Put a new set in the place of an old one."""
    with workplace(folder) as work:
        write_set(work, names, "new")
        put_in_place(work, folder, SET)


def settle(folder: Path) -> None:
    """What the next run does first."""
    with workplace(folder):
        pass


def replace_set_and_die(folder: str, at: int, names: Sequence[str]) -> None:
    die_at(at)
    replace_set(Path(folder), names)


def settle_and_die(folder: str, at: int) -> None:
    die_at(at)
    settle(Path(folder))


def moments_of(work: Callable[[], object], patch) -> int:
    """How many moments there are at which some work can die."""
    passed: list[str] = []
    with patch.context() as here:
        here.setattr(files, "reached", lambda step, path: passed.append(step))
        work()
    return len(passed)


if __name__ == "__main__":
    run_parts(Path(sys.argv[1]), model=Waiting())
