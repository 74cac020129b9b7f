"""What the tests share: a model that needs no weights, a small corpus, and a clean slate of figures."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

import framing
from framing.entailment import Platt

ROOT = Path(__file__).resolve().parents[1]

mpl.use("Agg")

# No example is failed for being slow: that would be a test of the machine.
settings.register_profile("framing", deadline=None, max_examples=30, print_blob=True)
settings.load_profile("framing")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the golden tables of tests/golden anew")


class WordModel:
    """A stand-in for an entailment model: the share of the hypothesis' longer words that stand in the premise.

    It is exact, instant and independent of batches, and lets a test say what a score must be. `asked` counts the pairs.
    """

    arithmetic = "fp32"

    def __init__(self, name: str = "words", limit: int = 200) -> None:
        self.name = name
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()
        self.asked = 0
        self.calibration: dict[str, Platt] = {}
        self.languages: tuple[str, ...] = ()
        self._limit = limit

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked += len(premises)
        values = []
        for premise, hypothesis in zip(premises, hypotheses, strict=True):
            words = {word.strip(".,").lower() for word in hypothesis.split() if len(word) > 4}
            there = {word.strip('.,"“”').lower() for word in premise.split()}
            values.append(len(words & there) / max(len(words), 1))
        return np.array(values, dtype=np.float32)

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> npt.NDArray[np.float32]:
        pairs = [(p, h) for p in premises for h in hypotheses]
        return self.entail([p for p, _ in pairs], [h for _, h in pairs]).reshape(len(premises), len(hypotheses))

    def windows(self, premises: Sequence[str]) -> list[list[str]]:
        size = self._limit
        cut = [[words[i : i + size] for i in range(0, max(len(words), 1), size)] for words in map(str.split, premises)]
        return [[p] if len(some) == 1 else [" ".join(w) for w in some] for p, some in zip(premises, cut, strict=True)]


@pytest.fixture
def word_model() -> WordModel:
    return WordModel()


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


CODEBOOK = """\
name: bridges
target: the new bridge
axis: [danger, show]
frames:
  danger:
    label: Danger
    definition: The bridge is presented as dangerous.
    hypotheses: ["The bridge is dangerous.", "People could drown."]
  show:
    label: Show
    definition: The bridge is presented as a show.
    hypotheses: ["The bridge is vanity."]
stance:
  favor: ["The author supports {target}."]
  against: ["The author opposes {target}."]
"""

ARTICLES = {
    "a1": ("Alder Post", "2031-01-02", "Bridge is dangerous", "The bridge is dangerous. People could drown here.\n\n“We oppose the bridge,” said Ada Lind."),
    "a2": ("Alder Post", "2031-01-09", "Bridge opens", "The bridge opens on Monday. The mayor supports the bridge."),
    "b1": ("Birch Mail", "2031-01-03", "Vanity on pillars", "The bridge is vanity, critics say. The bridge opens on Monday."),
}  # fmt: skip


@pytest.fixture
def codebook_file(tmp_path: Path) -> Path:
    path = tmp_path / "bridges.yaml"
    path.write_text(CODEBOOK, encoding="utf-8")
    return path


@pytest.fixture
def codebook(codebook_file: Path) -> framing.Codebook:
    return framing.Codebook.load(codebook_file)


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = ["file,document_id,outlet,published,title,story_id,section"]
    for name, (outlet, day, title, text) in ARTICLES.items():
        (folder / f"{name}.txt").write_text(f"{title}\n\n{text}\n", encoding="utf-8")
        lines.append(f"{name}.txt,{name},{outlet},{day},{title},bridge,News")
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def analysis(corpus_folder: Path, codebook: framing.Codebook, word_model: WordModel) -> framing.Analysis:
    documents = framing.read_corpus(corpus_folder)
    return framing.analyse(documents, codebook, model=word_model, resamples=200, seed=7)
