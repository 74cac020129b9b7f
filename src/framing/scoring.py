"""PASSAGES x HYPOTHESES -> SCORES."""

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm  # not tqdm.auto, which warns in every notebook without ipywidgets

from framing.errors import FramingError, ModelError
from framing.store import Bools, Digests, Floats, Store, named
from framing.tables import HYPOTHESES, PASSAGES, SCORES

OK, WINDOWED, ERROR = "ok", "windowed", "error"
CHUNK = 16_384  # pairs that are written together: what a run that is cut off loses at most
_MANY = 8  # texts; if so many and no other can be scored, it is the model that is broken
_STEP = 2048  # pairs between two moves of the progress bar

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Model(Protocol):
    """What scoring needs of a model; see `framing.entailment.EntailmentModel`."""

    fingerprint: str

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats: ...
    def windows(self, premises: Sequence[str]) -> list[list[str]]: ...


def score(
    passages: pd.DataFrame,
    hypotheses: pd.DataFrame,
    *,
    model: Model,
    store: Store | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Score every kept passage under every hypothesis.

    The same text under the same hypothesis is scored once, whichever articles it stands in; what the store holds is not scored again.

    Parameters
    ----------
    passages : DataFrame, table PASSAGES
    hypotheses : DataFrame, table HYPOTHESES
    model : Model
    store : Store, optional
        Where scores are kept; without one nothing is kept.
    progress : bool, optional
        Show a progress bar; by default where the error stream is a terminal or a notebook.

    Returns
    -------
    DataFrame, table SCORES
        One row per kept passage and hypothesis. `p_entail` in [0, 1], missing where the model gave no number. `status` is "ok", "windowed" (the
        passage is longer than the model reads at a time: the highest score of its windows) or "error" (no number).

    Raises
    ------
    StorageError
        If the store is in use by another run, or there is no room for what is to be kept.
    """
    PASSAGES.check(passages)
    HYPOTHESES.check(hypotheses)
    kept = passages.loc[passages["kept"], ["passage_id", "text"]]
    premises, first, row = np.unique(named(kept["text"]), return_index=True, return_inverse=True)
    wordings, first_wording, column = np.unique(named(hypotheses["text"]), return_index=True, return_inverse=True)
    plan = Plan(
        premises, kept["text"].iloc[first].tolist(), wordings, hypotheses["text"].iloc[first_wording].tolist(), store
    )
    if progress is None:
        progress = sys.stderr.isatty() or "ipykernel" in sys.modules
    p, windowed = plan.carry_out(model, progress=progress)
    values = p[row][:, column].ravel()
    status = np.where(np.isnan(values), ERROR, np.where(np.repeat(windowed[row], len(hypotheses)), WINDOWED, OK))
    return SCORES.check(
        pd.DataFrame(
            {
                "passage_id": np.repeat(kept["passage_id"].to_numpy(), len(hypotheses)),
                "hypothesis_id": np.tile(hypotheses["hypothesis_id"].to_numpy(), len(kept)),
                "p_entail": values,
                "status": pd.Series(status, dtype="str"),
            }
        )
    )


class Plan:
    """Distinct texts and hypotheses, and which of their scores are still to be made.

    Texts that lack the same hypotheses are sorted by their digests and cut into chunks of CHUNK pairs, so that a run that was cut off cuts the rest
    as an undisturbed one would have.
    """

    def __init__(
        self, premises: Digests, texts: list[str], wordings: Digests, hypotheses: list[str], store: Store | None
    ) -> None:
        self._premises, self._texts, self._wordings, self._hypotheses = premises, texts, wordings, hypotheses
        self._store = store
        self.p = np.full((len(premises), len(wordings)), np.nan, dtype=np.float32)
        self.windowed = np.zeros(len(premises), dtype=bool)
        self._take_up()

    @property
    def missing(self) -> int:
        """Pairs that have no score yet."""
        return int(np.isnan(self.p).sum())

    def _take_up(self) -> None:
        if self._store is not None:
            self.p, self.windowed = self._store.look_up(self._premises, self._wordings)

    def carry_out(self, model: Model, *, progress: bool) -> tuple[Floats, Bools]:
        """Make and keep what is missing; p_entail (texts, hypotheses), NaN where the model gave none, and whether each was windowed.

        Raises
        ------
        ModelError
            If the model fails on every text of a chunk: it is the model that is broken then, and not the texts.
        """
        if not self.missing:
            return self.p, self.windowed
        with self._store.held() if self._store else nullcontext():
            self._take_up()  # what another run has kept, and put aside what is damaged
            with tqdm(total=self.missing, desc="Scoring", unit="pair", disable=not progress) as bar:
                for rows, columns in _alike(np.isnan(self.p)):
                    size = max(1, CHUNK // len(columns))
                    for begin in range(0, len(rows), size):
                        self._score(rows[begin : begin + size], columns, model, bar)
        return self.p, self.windowed

    def _score(self, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp], model: Model, bar: Any) -> None:
        p, windowed = score_chunk(model, [self._texts[i] for i in rows], [self._hypotheses[i] for i in columns], bar)
        self.p[np.ix_(rows, columns)] = p
        self.windowed[rows] |= windowed
        if self._store is not None and not np.isnan(p).all():
            self._store.add(self._premises[rows], self._wordings[columns], p, windowed)


def _alike(missing: Bools) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Row numbers that lack the same columns, with those columns; rows that lack none are left out."""
    patterns, which = np.unique(missing, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            yield np.flatnonzero(which == number), np.flatnonzero(pattern)


def score_chunk(model: Model, texts: Sequence[str], hypotheses: Sequence[str], bar: Any = None) -> tuple[Floats, Bools]:
    """Score texts under hypotheses: p_entail, float32 (texts, hypotheses), and which texts were read in windows, bool (texts,).

    A text that is longer than the model reads has the highest score of its windows: what one of them says, the text says. A text
    that breaks the model has NaN and costs the others nothing.

    Raises
    ------
    ModelError
        If every one of many texts breaks the model.
    """
    broken: list[Exception] = []
    no_window: list[str] = []
    windows = _each(model.windows, texts, no_window, broken)
    flat = [(i, window) for i, some in enumerate(windows) for window in some]
    flat.sort(key=lambda item: len(item[1]))  # of like length together: little is padded
    p = np.full((len(texts), len(hypotheses)), -np.inf, dtype=np.float32)
    p[[i for i, some in enumerate(windows) if not some]] = np.nan
    nothing: Floats = np.full(len(hypotheses), np.nan, dtype=np.float32)
    step = max(1, _STEP // len(hypotheses))
    for begin in range(0, len(flat), step):
        part = flat[begin : begin + step]
        rows = _each(
            lambda some: list(model.entail_table(some, hypotheses)), [window for _, window in part], nothing, broken
        )
        for (i, _), row in zip(part, rows, strict=True):
            p[i] = np.maximum(
                p[i], np.where((row >= 0) & (row <= 1), row, np.nan)
            )  # one window without a score: none at all
        if bar is not None:
            bar.update(sum(len(hypotheses) / len(windows[i]) for i, _ in part))
    if len(broken) >= max(_MANY, len(texts)):
        raise ModelError(f"the model fails on every passage ({type(broken[0]).__name__}: {broken[0]}).") from broken[0]
    for error in broken:
        _log.warning("a passage could not be scored (%s: %s).", type(error).__name__, error)
    return p, np.array([len(some) > 1 for some in windows], dtype=bool)


def _each(ask: Callable[[list[str]], list[_T]], texts: Sequence[str], nothing: _T, broken: list[Exception]) -> list[_T]:
    """What is answered to each text; if asking fails, what is answered to each half, down to the text that breaks it: that has `nothing`."""
    try:
        return ask(list(texts))
    except FramingError:
        raise
    except Exception as error:  # whatever a model can raise: the other texts are to be scored
        if len(texts) == 1:
            broken.append(error)
            return [nothing]
        half = len(texts) // 2
        return [answer for part in (texts[:half], texts[half:]) for answer in _each(ask, part, nothing, broken)]
