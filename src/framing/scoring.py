"""PASSAGES x HYPOTHESES -> SCORES."""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm  # not tqdm.auto, which warns in every notebook without ipywidgets

from framing.chunk import Bools, Chunk, Floats, Model, Scored, Tunable
from framing.engines import Engine, Serial
from framing.errors import FramingError
from framing.speed import SENTENCES, estimate, watched
from framing.store import Digests, Store, named
from framing.tables import HYPOTHESES, PASSAGES, SCORES

OK, WINDOWED, ERROR = "ok", "windowed", "error"
CHUNK = 16_384  # pairs that are written together: what a run that is cut off loses at most
_NAMED = 3  # passages of a chunk, in the note of it
_LONG = 20_000  # pairs; so many are worth a measurement of how they are best made

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


def score(
    passages: pd.DataFrame,
    hypotheses: pd.DataFrame,
    *,
    model: Model,
    store: Store | None = None,
    engine: Engine | None = None,
    progress: bool | None = None,
    before_scoring: "Callable[[Plan], object] | None" = None,
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
    engine : Engine, optional
        Who does it; this process if not given. It changes no score, but the last digits of a model that PyTorch runs.
    progress : bool, optional
        Show a progress bar; by default where the error stream is a terminal or a notebook. Unless this is False, one line on the error stream
        says beforehand how long a run takes that is not done in a few seconds.
    before_scoring : callable, optional
        Is told of the plan before the model is asked, if any score is missing.

    Returns
    -------
    DataFrame, table SCORES
        One row per kept passage and hypothesis. `p_entail` in [0, 1], missing where the model gave no number. `status` is "ok", "windowed" (the
        passage is longer than the model reads at a time: the highest score of its windows) or "error" (no number).

    Raises
    ------
    StorageError
        If the store cannot be written to, or there is no room for what is to be kept.
    EngineError
        If workers cannot be had as they were asked for.
    """
    PASSAGES.check(passages)
    HYPOTHESES.check(hypotheses)
    kept = passages.loc[passages["kept"], ["passage_id", "text"]]
    premises, first, row = np.unique(named(kept["text"]), return_index=True, return_inverse=True)
    wordings, first_wording, column = np.unique(named(hypotheses["text"]), return_index=True, return_inverse=True)
    ids = kept["passage_id"].to_numpy()
    plan = Plan(
        premises, kept["text"].iloc[first].tolist(), wordings, hypotheses["text"].iloc[first_wording].tolist(), store,
        lambda text: ids[row == text].tolist(),
    )  # fmt: skip
    if engine is None and plan.missing > _LONG and isinstance(model, Tunable):
        _tried(partial(model.tune, SENTENCES, plan.hypotheses, plan.missing))
    if before_scoring and plan.missing:
        before_scoring(plan)
    if progress is not False and plan.missing and (line := _tried(partial(estimate, model, *plan.work))):
        print(f"{line}{' for this process alone' if engine else ''}.", file=sys.stderr)
    p, windowed = plan.carry_out(engine or Serial(model), progress=watched(progress))
    values = p[row][:, column].ravel()
    status = np.where(np.isnan(values), ERROR, np.where(np.repeat(windowed[row], len(hypotheses)), WINDOWED, OK))
    return SCORES.check(
        pd.DataFrame(
            {
                "passage_id": pd.Series(np.repeat(kept["passage_id"].to_numpy(), len(hypotheses)), dtype="str"),
                "hypothesis_id": pd.Series(np.tile(hypotheses["hypothesis_id"].to_numpy(), len(kept)), dtype="str"),
                "p_entail": values,
                "status": pd.Series(status, dtype="str"),
            }
        )
    )


def _tried(measure: Callable[[], _T]) -> _T | None:
    """What a measurement finds; None where the model fails at it: scoring will find out over which texts it does."""
    try:
        return measure()
    except FramingError:
        raise
    except Exception:  # whatever a model can raise
        return None


class Plan:
    """Distinct texts and hypotheses, and which of their scores are still to be made.

    Texts are sorted by their digests and cut after every so many, whether they lack anything or not; those between two cuts that lack the same
    hypotheses are a chunk, of CHUNK pairs at most. So a run that was cut off cuts the rest as an undisturbed one would have, also where it asks
    again for texts of finished chunks that the model gave no score. `passages` gives the ids of the passages that have a text, by
    its number: what a person is told of it.
    """

    def __init__(
        self,
        premises: Digests,
        texts: list[str],
        wordings: Digests,
        hypotheses: list[str],
        store: Store | None,
        passages: Callable[[int], list[str]],
    ) -> None:
        self._premises, self._texts, self._wordings, self.hypotheses = premises, texts, wordings, hypotheses
        self._store, self._passages = store, passages
        self.p = np.full((len(premises), len(wordings)), np.nan, dtype=np.float32)
        self.windowed = np.zeros(len(premises), dtype=bool)
        self._take_up()

    @property
    def missing(self) -> int:
        """Pairs that have no score yet."""
        return int(np.isnan(self.p).sum())

    @property
    def work(self) -> tuple[int, int]:
        """Those pairs, one or more, and how many of the hypotheses a text lacks that lacks any, on average."""
        texts = int(np.isnan(self.p).any(axis=1).sum())
        return self.missing, round(self.missing / texts)

    @property
    def anew(self) -> int:
        """Pairs that would have no score yet if every text lacked the hypotheses that some text lacks."""
        return len(self.p) * int(np.isnan(self.p).any(axis=0).sum())

    def _take_up(self) -> None:
        if self._store is not None:
            self.p, self.windowed = self._store.look_up(self._premises, self._wordings)

    def carry_out(self, engine: Engine, *, progress: bool) -> tuple[Floats, Bools]:
        """Make and keep what is missing; p_entail (texts, hypotheses), NaN where the model gave none, and whether each was windowed.

        Raises
        ------
        ModelError
            If the model fails on every text of a chunk: it is the model that is broken then, and not the texts.
        """
        if not self.missing:
            return self.p, self.windowed
        with self._store.held() if self._store else nullcontext():
            if self._store and self._store.has_news():
                self._take_up()  # what another run has kept, and put aside what is damaged
            places = list(self._places())
            # Where the model runs in this process, a fault of a library ends it without a word; workers have others who tell.
            chunks = self._chunks(places, noted=isinstance(engine, Serial))
            with (
                tqdm(total=self.missing, desc="Scoring", unit="pair", disable=not progress) as bar,
                closing(engine.carry_out(chunks, bar.update)) as done,
            ):
                for number, scored in done:
                    self._keep(places[number], scored)
        return self.p, self.windowed

    def _places(self) -> Iterator["_Place"]:
        for rows, columns in _alike(np.isnan(self.p)):
            size = max(1, CHUNK // len(columns))
            for together in np.split(rows, np.flatnonzero(np.diff(rows // size)) + 1):
                yield _Place(together, columns)

    def _chunks(self, places: Iterable["_Place"], *, noted: bool) -> Iterator[Chunk]:
        """Chunks as they are needed (together they are the corpus again); `noted`: with a note in the store of each that is begun."""
        for rows, columns in places:
            if noted and self._store is not None:
                some = ", ".join(repr(self._passages(row)[0]) for row in rows[:_NAMED])
                self._store.begin(f"{len(rows):,} passages ({some}{', …' if len(rows) > _NAMED else ''})")
            yield Chunk([self._texts[i] for i in rows], [self.hypotheses[i] for i in columns])

    def _keep(self, place: "_Place", scored: Scored) -> None:
        failed = place.rows[np.isnan(scored.p).all(axis=1)]
        for row, why in zip(failed, scored.failures, strict=True):
            first, *others = self._passages(row)
            alike = f" (and {len(others):,} more with the same text)" if others else ""
            _log.warning("passage %r%s could not be scored (%s).", first, alike, why)
        self.p[np.ix_(place.rows, place.columns)] = scored.p
        self.windowed[place.rows] |= scored.windowed
        if self._store is not None and not np.isnan(scored.p).all():
            self._store.add(self._premises[place.rows], self._wordings[place.columns], scored.p, scored.windowed)


class _Place(NamedTuple):
    """Row and column numbers of a chunk."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]


def _alike(missing: Bools) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Row numbers that lack the same columns, with those columns; rows that lack none are left out."""
    patterns, which = np.unique(missing, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        if pattern.any():
            yield np.flatnonzero(which == number), np.flatnonzero(pattern)
