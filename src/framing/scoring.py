"""PASSAGES x HYPOTHESES -> SCORES."""

import sys
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm  # not tqdm.auto, which warns in every notebook without ipywidgets

from framing.corpus.normalise import digest
from framing.store import Store
from framing.tables import HYPOTHESES, PASSAGES, SCORES

OK, TRUNCATED, ERROR = "ok", "truncated", "error"
_STEP = 512  # pairs between two moves of the progress bar
_FLUSH = 4096  # pairs between two writes: what a run that is cut off loses at most


class Model(Protocol):
    """What scoring needs of a model; see `framing.entailment.EntailmentModel`."""

    fingerprint: str

    def entail(self, premises: list[str], hypotheses: list[str]) -> npt.NDArray[np.float32]: ...
    def too_long(self, premises: list[str], hypotheses: list[str]) -> npt.NDArray[np.bool_]: ...


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
        One row per kept passage and hypothesis. `p_entail` in [0, 1], missing where the model gave no number; `status` is "ok", "truncated"
        (the passage was longer than the model reads) or "error" (no number).
    """
    PASSAGES.check(passages)
    HYPOTHESES.check(hypotheses)
    kept = passages.loc[passages["kept"], ["passage_id", "text"]].assign(premise=lambda p: p["text"].map(digest))
    wordings = hypotheses[["hypothesis_id", "text"]].assign(hypothesis=lambda h: h["text"].map(digest))
    rows = kept[["passage_id", "premise"]].merge(wordings[["hypothesis_id", "hypothesis"]], how="cross")

    texts = dict(zip(kept["premise"], kept["text"], strict=True)) | dict(
        zip(wordings["hypothesis"], wordings["text"], strict=True)
    )
    pairs = rows[["premise", "hypothesis"]].drop_duplicates(ignore_index=True)
    pairs["p_entail"] = store.look_up(pairs) if store is not None else np.float32("nan")
    missing = pairs[pairs["p_entail"].isna()].copy()
    # Long passages first: the time left is then over- rather than underestimated, and memory peaks at once.
    missing = missing.iloc[missing["premise"].map(lambda p: -len(texts[p])).argsort(kind="stable")]
    if progress is None:
        progress = sys.stderr.isatty() or "ipykernel" in sys.modules
    with tqdm(total=len(missing), desc="Scoring", unit="pair", disable=not progress or not len(missing)) as bar:
        flush = _whole(_FLUSH, len(wordings))
        for first in range(0, len(missing), flush):
            part = missing.iloc[first : first + flush].copy()
            part["p_entail"] = _entail(
                model,
                [texts[p] for p in part["premise"]],
                [texts[h] for h in part["hypothesis"]],
                _whole(_STEP, len(wordings)),
                bar,
            )
            pairs.loc[part.index, "p_entail"] = part["p_entail"]
            if store is not None and len(good := part[part["p_entail"].notna()]):
                store.add(good)

    longest = max((texts[h] for h in wordings["hypothesis"]), key=len)
    premises = kept.drop_duplicates("premise")
    too_long = (
        model.too_long(list(premises["text"]), [longest] * len(premises)) if len(premises) else np.array([], dtype=bool)
    )
    truncated = set(premises.loc[too_long, "premise"])
    scores = rows.merge(pairs, on=["premise", "hypothesis"], how="left", validate="many_to_one")
    status = np.where(scores["p_entail"].isna(), ERROR, np.where(scores["premise"].isin(truncated), TRUNCATED, OK))
    return SCORES.check(scores.assign(status=pd.Series(status, dtype="str"))[list(SCORES.columns)])


def _whole(pairs: int, n_hypotheses: int) -> int:
    """The number of pairs next to `pairs` that parts no passage from its hypotheses: some models read a passage once for all of them."""
    return max(1, pairs // n_hypotheses) * n_hypotheses


def _entail(model: Model, premises: list[str], hypotheses: list[str], step: int, bar: Any) -> npt.NDArray[np.float32]:
    """p_entail in steps small enough for the bar to move; what is no number in [0, 1] becomes missing."""
    parts = []
    for first in range(0, len(premises), step):
        chunk = premises[first : first + step]
        parts.append(model.entail(chunk, hypotheses[first : first + step]))
        bar.update(len(chunk))
    p = np.concatenate(parts).astype(np.float32)
    p[~((p >= 0) & (p <= 1))] = np.nan
    return p
