"""A chunk of work: some texts under some hypotheses -> their scores, whoever does it and wherever."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from framing.errors import FramingError, ModelError

_MANY = 8  # texts; if so many and no other can be scored, the model is asked something plain
PLAIN = "The train left on time."  # what any model can score
_STEP = 2048  # pairs between two moves of the progress bar
_T = TypeVar("_T")

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


class Model(Protocol):
    """What scoring needs of a model; see `framing.entailment.EntailmentModel`."""

    fingerprint: str

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats: ...
    def windows(self, premises: Sequence[str]) -> list[list[str]]: ...


@runtime_checkable
class Tunable(Protocol):
    """A model that can choose how it runs, by a short measurement on some of these, before a run of so many pairs; its scores stay the same."""

    def tune(self, premises: Sequence[str], hypotheses: Sequence[str], pairs: int) -> None: ...


class Chunk(NamedTuple):
    """Texts that are scored and kept together, and the hypotheses that they are scored under."""

    texts: Sequence[str]
    hypotheses: Sequence[str]


class Scored(NamedTuple):
    """What came of a chunk: p_entail, NaN where there is none, float32 (texts, hypotheses); which texts were read in windows, bool
    (texts,); and of each text that has no score under any hypothesis, in their order, why."""

    p: Floats
    windowed: Bools
    failures: tuple[str, ...]


def nothing(chunk: Chunk, why: str) -> Scored:
    """No score for any text of a chunk."""
    p = np.full((len(chunk.texts), len(chunk.hypotheses)), np.nan, dtype=np.float32)
    return Scored(p, np.zeros(len(chunk.texts), dtype=bool), (why,) * len(chunk.texts))


def score_chunk(model: Model, chunk: Chunk, moved: Callable[[float], object] | None = None) -> Scored:
    """Score the texts of a chunk under its hypotheses.

    A text that is longer than the model reads has the highest score of its windows: what one of them says, the text says. A text
    that breaks the model has NaN and costs the others nothing. `moved` is told, now and then, how many pairs more are done.

    Raises
    ------
    ModelError
        If many texts and no other can be scored, nor a plain sentence: it is the model that is broken then, and not the texts.
    """
    texts, hypotheses = chunk
    why: dict[int, str] = {}  # of texts without a score
    windows: list[list[str]] = [[]] * len(texts)
    for i, cut in _each(model.windows, list(enumerate(texts)), why):
        windows[i] = cut
    flat = [(i, window) for i, some in enumerate(windows) for window in some]
    flat.sort(key=lambda item: len(item[1]))  # of like length together: little is padded
    p = np.full((len(texts), len(hypotheses)), -np.inf, dtype=np.float32)
    step = max(1, _STEP // len(hypotheses))
    for begin in range(0, len(flat), step):
        part = flat[begin : begin + step]
        for i, row in _each(lambda some: list(model.entail_table(some, hypotheses)), part, why):
            # One window without a score: none at all.
            p[i] = np.maximum(p[i], np.where((row >= 0) & (row <= 1), row, np.nan))
        if moved is not None:
            moved(sum(len(hypotheses) / len(windows[i]) for i, _ in part))
    p[list(why)] = np.nan
    for i in np.flatnonzero(np.isnan(p).all(axis=1)).tolist():
        why.setdefault(i, "the model gives no probability")
    if len(why) >= max(_MANY, len(texts)):
        _ask_plainly(model, hypotheses, why[min(why)])
    return Scored(p, np.array([len(some) > 1 for some in windows], dtype=bool), tuple(why[i] for i in sorted(why)))


def _ask_plainly(model: Model, hypotheses: Sequence[str], why: str) -> None:
    """Refuse a model that scores none of many texts, unless it scores a plain sentence: what is left over of a run may all be poison."""
    broken = ModelError(f"the model fails on every passage ({why}).")
    try:
        row = np.asarray(model.entail_table([PLAIN], hypotheses))
    except FramingError:
        raise
    except Exception as error:
        raise broken from error
    if not ((row >= 0) & (row <= 1)).any():
        raise broken


def _each(
    ask: Callable[[list[str]], list[_T]], texts: Sequence[tuple[int, str]], why: dict[int, str]
) -> list[tuple[int, _T]]:
    """What is answered to each numbered text; if asking fails, what is answered to each half, down to the text that breaks it: of that one it
    is noted why."""
    try:
        return [(i, answer) for (i, _), answer in zip(texts, ask([text for _, text in texts]), strict=True)]
    except FramingError:
        raise
    except Exception as error:  # whatever a model can raise: the other texts are to be scored
        if len(texts) == 1:
            why[texts[0][0]] = " ".join(f"{type(error).__name__}: {error}".split())  # in one line
            return []
        half = len(texts) // 2
        return [answer for part in (texts[:half], texts[half:]) for answer in _each(ask, part, why)]
