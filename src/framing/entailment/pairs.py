"""What every entailment model does alike: tokens, batches, and the probability of entailment."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from framing.errors import ModelError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_BATCH_TOKENS = 3072  # padded tokens a batch; more gains no speed on a CPU and costs memory
_BATCH_PAIRS = 64


@dataclass(frozen=True)
class Labels:
    """Which outputs of a head stand for entailment and for its opposite (contradiction, or not-entailment)."""

    entailment: int
    opposite: int


class PairModel(ABC):
    """A cross-encoder: it reads a premise and a hypothesis together.

    Attributes
    ----------
    name : str
        What it was loaded as.
    fingerprint : str
        SHA-256 over everything that a score depends on: weights, tokenizer, labels, length limit, arithmetic.
    max_tokens : int
        Longest pair in tokens; a longer premise is cut at its end (see `too_long`).
    """

    arithmetic = "fp32"

    def __init__(self, name: str, files: Sequence[Path], tokenizer: Tokenizer, labels: Labels, max_tokens: int) -> None:
        self.name = name
        self.max_tokens = max_tokens
        self._labels = labels
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._pad_id = next((i for token in ("[PAD]", "<pad>") if (i := tokenizer.token_to_id(token)) is not None), 0)
        digests = " ".join(map(_file_digest, files))
        facts = f"{digests} {hashlib.sha256(tokenizer.to_str().encode()).hexdigest()} {labels} {max_tokens}"
        self.fingerprint = hashlib.sha256(f"{facts} {self.arithmetic}".encode()).hexdigest()

    @abstractmethod
    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        """Logits, shape (pairs, labels), of padded inputs of shape (pairs, tokens)."""

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        """Probability that each premise entails its hypothesis.

        Parameters
        ----------
        premises, hypotheses : sequences of str, equally long
            Pair i is premises[i] with hypotheses[i].

        Returns
        -------
        float32 array, shape (n,), in [0, 1]
            Softmax over entailment and its opposite (contradiction in a three-way head, not-entailment in a binary one), as the zero-shot
            pipeline of `transformers` gives it with multi_label=True. A pair's value does not depend on its batch.

        Raises
        ------
        ValueError
            If the two differ in length.
        ModelError
            If a hypothesis is so long that no premise fits beside it.
        """
        result = np.full(len(premises), np.nan, dtype=np.float32)
        for at, encodings in self._batches(self._encode(premises, hypotheses)):
            logits = self._logits(*self._padded(encodings))
            difference = logits[:, self._labels.opposite] - logits[:, self._labels.entailment]
            # 1 / (1 + exp(d)) is the softmax over the two; beyond +-80 it is 0 or 1 in float32 anyway.
            result[at] = 1 / (1 + np.exp(np.clip(difference, -80, 80)))
        return result

    def too_long(self, premises: Sequence[str], hypotheses: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which pairs have more than `max_tokens` tokens, so that the end of their premise is not read; bool, shape (n,)."""
        lengths = [len(e.ids) for e in self._tokenizer.encode_batch(list(zip(premises, hypotheses, strict=True)))]
        return np.array(lengths, dtype=np.int64) > self.max_tokens

    def _encode(self, premises: Sequence[str], hypotheses: Sequence[str]) -> list[Encoding]:
        pairs = list(zip(premises, hypotheses, strict=True))
        self._tokenizer.enable_truncation(self.max_tokens, strategy="only_first")
        try:
            return list(self._tokenizer.encode_batch(pairs))
        except Exception as error:  # the tokenizers library raises plain Exception
            if "too short" not in str(error):
                raise
            raise ModelError(
                f"a hypothesis leaves no room for a premise within {self.max_tokens} tokens; shorten the hypothesis."
            ) from error
        finally:
            self._tokenizer.no_truncation()

    def _batches(self, encodings: list[Encoding]) -> Iterator[tuple[list[int], list[Encoding]]]:
        """Pairs of like length together, so that little is padded."""
        order = sorted(range(len(encodings)), key=lambda i: len(encodings[i].ids))
        batch: list[int] = []
        for i in order:
            if batch and (len(batch) == _BATCH_PAIRS or (len(batch) + 1) * len(encodings[i].ids) > _BATCH_TOKENS):
                yield batch, [encodings[j] for j in batch]
                batch = []
            batch.append(i)
        if batch:
            yield batch, [encodings[j] for j in batch]

    def _padded(self, encodings: list[Encoding]) -> tuple[Ints, Ints, Ints]:
        shape = (len(encodings), max(len(e.ids) for e in encodings))
        ids, mask, types = (
            np.full(shape, self._pad_id, dtype=np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
        )
        for row, encoding in enumerate(encodings):
            n = len(encoding.ids)
            ids[row, :n], mask[row, :n], types[row, :n] = encoding.ids, 1, encoding.type_ids
        return ids, mask, types


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
