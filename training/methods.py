"""Ways to score texts under a question: entailment models, keyword lists, embedding cosine.

A question is a frame, a voice, or one side of a stance; every method gives one number a text, higher where the text fits
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

from training.public_pairs import Pair
from training.shapes import read
from training.train import backbone, probabilities

LEXICON = Path(__file__).with_name("lexicon.yaml")


class Entails(Protocol):
    """What `framing.load_model` returns, as far as it is used here."""

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray: ...


class Checkpoint:
    """A checkpoint of training.train, asked as `framing.load_model`'s models are."""

    def __init__(self, folder: Path) -> None:
        self._model, self._tokenizer = read(folder)

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        pairs = [Pair(p, h, 0, "") for p, h in zip(premises, hypotheses, strict=True)]
        return probabilities(self._model, self._tokenizer, pairs, bf16=False)


class Entailment:
    """Mean probability of entailment over a question's hypotheses."""

    def __init__(self, name: str, model: Entails) -> None:
        self.name, self._model = name, model

    def table(self, texts: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Probability of each text under each hypothesis, float (texts, hypotheses)."""
        premises = [text for text in texts for _ in hypotheses]
        p = self._model.entail(premises, list(hypotheses) * len(texts))
        return np.asarray(p, dtype=float).reshape(len(texts), len(hypotheses))

    def score(self, texts: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Mean over the hypotheses, float (n,), in [0, 1]."""
        return self.table(texts, hypotheses).mean(axis=1)

    def pairs(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Probability of entailment of each pair, float (n,)."""
        return np.asarray(self._model.entail(list(premises), list(hypotheses)), dtype=float)


def _starts(word: str) -> str:
    """A pattern for words that begin so; a list may hold signs too."""
    return rf"\b{re.escape(word)}" if word[0].isalnum() else re.escape(word)


class Keywords:
    """Number of words of a list in the text."""

    name = "keywords"

    def __init__(self, path: Path = LEXICON) -> None:
        lists = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._patterns = {
            name: re.compile("|".join(_starts(word) for word in words), re.IGNORECASE) for name, words in lists.items()
        }

    def score(self, texts: Sequence[str], name: str) -> np.ndarray:
        """Matches in each text, float (n,)."""
        return np.array([len(self._patterns[name].findall(text)) for text in texts], dtype=float)


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

    def table(self, texts: Sequence[str], wordings: Sequence[str]) -> np.ndarray:
        """Cosine of each text with each wording, float (texts, wordings)."""
        return (self._embed(texts) @ self._embed(wordings).T).astype(float)

    def score(self, texts: Sequence[str], wordings: Sequence[str]) -> np.ndarray:
        """Mean cosine to the wordings, float (n,), in [-1, 1]."""
        return self.table(texts, wordings).mean(axis=1)

    def pairs(self, premises: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Cosine of each pair, float (n,)."""
        return (self._embed(premises) * self._embed(hypotheses)).sum(axis=1).astype(float)
