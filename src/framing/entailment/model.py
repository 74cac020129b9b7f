"""What every entailment model does alike: its name, its fingerprint, its labels, and what it promises of a score."""

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from tokenizers import Tokenizer

from framing.entailment.tuning import MEASURED, ROUNDS, take_fastest

# Raised whenever texts become tokens, a long premise is cut, or its windows are put together, in another way.
_READING = 3

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """Which outputs of a head stand for entailment and for its opposite (contradiction, or not-entailment)."""

    entailment: int
    opposite: int

    def probability(self, logits: Floats) -> Floats:
        """Softmax over entailment and its opposite; logits (..., labels) -> (...), in [0, 1]."""
        difference = logits[..., self.opposite] - logits[..., self.entailment]
        # 1 / (1 + exp(d)) is the softmax over the two; beyond +-80 it is 0 or 1 in float32 anyway.
        return np.asarray(1 / (1 + np.exp(np.clip(difference, -80, 80))), dtype=np.float32)


class EntailmentModel(ABC):
    """Tells how probable it is that a premise entails a hypothesis.

    Attributes
    ----------
    name : str
        What it was loaded as.
    folder : Path
        Where its files lie; set by `load_model`.
    fingerprint : str
        SHA-256 over everything that a score depends on: weights, tokenizer, labels, length limit, arithmetic.
    arithmetic : str
        "fp32" or "bf16".
    max_tokens : int
        Most tokens that are read at a time: a pair, or a premise alone where the model reads it alone. `entail` cuts a longer premise at its
        end; `windows` makes pieces of it that are read whole.
    calibration : mapping of str to Platt
        By side of a hypothesis ("frame", "favor", "against"): what makes probabilities of its scores; empty if the model carries none.
    languages : tuple of str
        Codes of the languages that it is limited to, such as "en"; empty if it is multilingual, or nobody says; set by `load_model`.
    batch : int or None
        Pairs of a premise and a hypothesis that are worked at together; None: what is usual for the shape, until `tune` has found a
        better number. It changes no score of a split model, and no more than the last digits of others.
    """

    arithmetic = "fp32"
    folder: Path
    batch: int | None = None
    _usual_batch: int
    _other_batches: tuple[int, ...]  # that a measurement tries; none where the size of a batch changes scores

    def __init__(self, name: str, files: Sequence[Path], tokenizer: Tokenizer, labels: Labels, max_tokens: int) -> None:
        self.name = name
        self.max_tokens = max_tokens
        self.calibration: Mapping[str, Platt] = {}
        self.languages: tuple[str, ...] = ()
        self._labels = labels
        self._tuned_batch: int | None = None
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        # "</s>" or "[SEP]" in a text is text: as a token it would end the text, or part a pair elsewhere, and BART refuses batches whose
        # pairs hold different numbers of it.
        self._tokenizer.encode_special_tokens = True
        self._pad_id = next((i for token in ("[PAD]", "<pad>") if (i := tokenizer.token_to_id(token)) is not None), 0)
        digests = " ".join(map(_file_digest, files))
        facts = f"{digests} {hashlib.sha256(tokenizer.to_str().encode()).hexdigest()} {labels} {max_tokens} {_READING} {self._room}"
        self.fingerprint = hashlib.sha256(f"{facts} {self.arithmetic}".encode()).hexdigest()

    @abstractmethod
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
            pipeline of `transformers` gives it with multi_label=True. A pair's value does not depend on the other pairs, save in
            bf16, where they move it by up to about 0.01. Not calibrated.

        Raises
        ------
        ValueError
            If the two differ in length.
        TypeError
            If one of the two is a single text, or holds what is no text.
        ModelError
            If a hypothesis is longer than what is read, or leaves a premise no room beside it.
        """

    def write_tokenizer(self, path: Path) -> None:
        """Write the tokenizer in the form that `load_model` reads."""
        self._tokenizer.save(str(path))

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        """Probability that each premise entails each hypothesis, as `entail` gives and refuses it: float32 array, shape (premises, hypotheses)."""
        check_texts(premises=premises, hypotheses=hypotheses)
        n, m = len(premises), len(hypotheses)
        return self.entail([p for p in premises for _ in range(m)], list(hypotheses) * n).reshape(n, m)

    def tune(self, premises: Sequence[str], hypotheses: Sequence[str], pairs: int) -> None:
        """Choose, by a short measurement on some of these, how many pairs to work at together, beside what else runs here now.

        No score changes. Measured once; not at all where `batch` is set, where the size of a batch would change scores, or before a run of
        `pairs` pairs that is not long enough to win the time back.

        Parameters
        ----------
        premises, hypotheses : sequences of str, not empty
            Like those of the run.
        pairs : int
            How many the run is to score.
        """
        if not self._other_batches or self.batch or self._tuned_batch:
            return
        sizes = (self._usual_batch, *self._other_batches)
        # Twice the largest batch; of few hypotheses there are not premises enough for it, and the sizes are tried as far as they go.
        some = list(premises)[: -(-2 * max(sizes) // len(hypotheses))]
        if len(sizes) * ROUNDS * len(some) * len(hypotheses) <= MEASURED * pairs:
            ways = [partial(setattr, self, "_tuned_batch", size) for size in sizes]
            take_fastest(ways, partial(self.entail_table, some, hypotheses))

    @property
    def _at_once(self) -> int:
        """Pairs that are worked at together."""
        return self.batch or self._tuned_batch or self._usual_batch

    def windows(self, premises: Sequence[str]) -> list[list[str]]:
        """Each premise as pieces that are read whole: itself alone if it fits, else windows of it, each overlapping the last by a quarter.

        What a premise is cut into depends on nothing but itself and the model.

        Raises
        ------
        ValueError
            If the tokenizer makes so much of the shortest pieces of a premise that they are not read whole either.
        """
        if not premises:
            return []
        encodings = self._tokenizer.encode_batch(list(premises), add_special_tokens=False)
        return [self._pieces(premise, e.offsets) for premise, e in zip(premises, encodings, strict=True)]

    def _pieces(self, text: str, offsets: Sequence[tuple[int, int]]) -> list[str]:
        room = self._room
        if len(offsets) <= room:
            return [text]
        # A piece may have more tokens by itself than it had in the whole: a few, as a rule.
        size = max(1, room - max(2, room // 16))
        while True:
            pieces = _windows(text, offsets, size)
            longest = max(len(e.ids) for e in self._tokenizer.encode_batch(pieces, add_special_tokens=False))
            if longest <= room:
                return pieces
            if size == 1:
                raise ValueError(f"a piece of one token becomes {longest} by itself, and {room} are read at a time")
            size = size * 3 // 4

    @property
    @abstractmethod
    def _room(self) -> int:
        """Most tokens of a premise, without special ones, that are read whole under any hypothesis."""


def check_texts(**given: Sequence[str]) -> None:
    """Refuse a single text where several are expected, whose letters would be read one by one, and what is no text.

    Raises
    ------
    TypeError
        Naming the argument and, where one of many is wrong, which.
    """
    for name, texts in given.items():
        if isinstance(texts, str):
            raise TypeError(f"`{name}` is a list of texts, but one text was passed: {texts[:40]!r}; put it in a list.")
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"`{name}` is a list of texts, but number {i} is {text!r}.")


def check_pairs(premises: Sequence[str], hypotheses: Sequence[str]) -> None:
    """Refuse what `entail` cannot pair; see there."""
    check_texts(premises=premises, hypotheses=hypotheses)
    if len(premises) != len(hypotheses):
        raise ValueError(
            f"{len(premises)} premises and {len(hypotheses)} hypotheses were passed; they are taken in pairs. "
            "`entail_table` asks every premise every hypothesis."
        )


def _windows(text: str, offsets: Sequence[tuple[int, int]], size: int) -> list[str]:
    """Windows of `size` tokens over a text that has more of them, at `offsets`; each overlaps the last by a quarter."""
    step = max(1, size * 3 // 4)
    firsts = [*range(0, len(offsets) - size, step), len(offsets) - size]
    return [text[offsets[first][0] : offsets[first + size - 1][1]] for first in firsts]


@dataclass(frozen=True)
class Platt:
    """A logistic curve from means of scores to probabilities (Platt 1999): 1 / (1 + exp(-(slope * logit(p) + intercept))), with a slope above 0.

    Attributes
    ----------
    slope, intercept : float
        Fitted once on coded sentences that were not trained on, and frozen with the model.

    Raises
    ------
    ValueError
        If the slope is not above 0, or one of the two is no finite number.
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (0 < self.slope < math.inf and math.isfinite(self.intercept)):
            raise ValueError(
                f"a curve needs a finite slope above 0 and a finite intercept; got {self.slope!r} and {self.intercept!r}."
            )

    def __call__(self, p: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Calibrated probabilities of means of scores in [0, 1], any shape; missing stays missing. Within 1e-7 of 0 or 1 scores count as alike."""
        kept = np.clip(np.asarray(p, dtype=np.float64), 1e-7, 1 - 1e-7)
        return np.asarray(expit(self.slope * np.log(kept / (1 - kept)) + self.intercept), dtype=np.float64)


def padded(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[Ints, Ints]:
    """Rows of unequal length, one or more, as one array (n, longest), and a mask that is 1 where a value stands."""
    shape = (len(rows), max(map(len, rows)))
    values, mask = np.full(shape, pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for i, row in enumerate(rows):
        values[i, : len(row)], mask[i, : len(row)] = row, 1
    return values, mask


def batches(lengths: Sequence[int], *, rows: int, tokens: int) -> Iterator[list[int]]:
    """Row numbers in batches of like length, so that little is padded: at most `rows` each, and `tokens` with padding unless one row is
    longer, which then stands alone."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == rows or (len(batch) + 1) * lengths[i] > tokens):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
