"""Three ways to score texts under a question: the bundled model, keyword lists, embedding cosine.

A question is a frame, or one side of a stance; every method gives one number a text, higher where the text fits
better.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import yaml
from transformers import AutoModel, AutoTokenizer

import framing
from training.train import backbone

LEXICON = Path(__file__).with_name("lexicon.yaml")


class Entailment(Protocol):
    """What `framing.load_model` returns, as far as it is used here."""

    def entail(self, premises: list[str], hypotheses: list[str]) -> np.ndarray: ...


class Bundled:
    """Mean probability of entailment over a question's hypotheses."""

    name = "bundled model"

    def __init__(self, model: Entailment | None = None) -> None:
        self._model = model or framing.load_model("bundled")

    def score(self, texts: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Mean over the hypotheses, float (n,), in [0, 1]."""
        p = self._model.entail(
            [text for text in texts for _ in hypotheses], [hypothesis for _ in texts for hypothesis in hypotheses]
        )
        return np.asarray(p, dtype=float).reshape(len(texts), len(hypotheses)).mean(axis=1)

    def pairs(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Probability of entailment of each pair, float (n,)."""
        return np.asarray(self._model.entail(list(premises), list(hypotheses)), dtype=float)


class Keywords:
    """Number of words of a frame's list in the text."""

    name = "keywords"

    def __init__(self, path: Path = LEXICON) -> None:
        lists = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._patterns = {
            frame: re.compile(r"\b(?:" + "|".join(re.escape(word) for word in words) + ")", re.IGNORECASE)
            for frame, words in lists.items()
        }

    def knows(self, frame: str) -> bool:
        """Whether there is a list for the frame."""
        return frame in self._patterns

    def score(self, texts: Sequence[str], frame: str) -> np.ndarray:
        """Matches in each text, float (n,)."""
        return np.array([len(self._patterns[frame].findall(text)) for text in texts], dtype=float)


class Cosine:
    """Cosine between the embeddings of a text and of a question's wording (mean pooling, backbone as it is)."""

    name = "embedding cosine"

    def __init__(self) -> None:
        folder = backbone()
        self._model, self._tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
        self._known: dict[str, np.ndarray] = {}

    def _embed(self, texts: Sequence[str]) -> np.ndarray:
        new = sorted({text for text in texts if text not in self._known}, key=len)
        with torch.inference_mode():
            for begin in range(0, len(new), 64):
                some = new[begin : begin + 64]
                batch = self._tokenizer(some, padding=True, truncation=True, max_length=256, return_tensors="pt")
                states, mask = self._model(**batch).last_hidden_state, batch["attention_mask"][..., None]
                vectors = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
                self._known.update(zip(some, vectors.numpy(), strict=True))
        return np.stack([self._known[text] for text in texts])

    def score(self, texts: Sequence[str], wordings: Sequence[str]) -> np.ndarray:
        """Mean cosine to the wordings, float (n,), in [-1, 1]."""
        return (self._embed(texts) @ self._embed(wordings).T).mean(axis=1).astype(float)

    def pairs(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Cosine of each pair, float (n,)."""
        return (self._embed(premises) * self._embed(hypotheses)).sum(axis=1).astype(float)
