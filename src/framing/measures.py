"""SCORES -> MEASURES: what each passage says about each construct."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.codebook import AXIS, SIDES, STANCE, Codebook
from framing.errors import TableError
from framing.tables import HYPOTHESES, MEASURES, PASSAGES, SCORES

Curve = Callable[[npt.NDArray[Any]], npt.NDArray[np.float64]]


def measure(
    scores: pd.DataFrame,
    passages: pd.DataFrame,
    codebook: Codebook,
    *,
    calibration: Mapping[str, Curve] | None = None,
) -> pd.DataFrame:
    """Value of every construct for every scored passage.

    A frame's value is the mean of p_entail over its hypotheses, in [0, 1]; stance is the mean over its favor hypotheses minus the mean
    over its against hypotheses, in [-1, 1]; axis is the value of the codebook's first axis frame minus that of its second, in [-1, 1].
    Where a curve is given, each mean goes through it before anything is subtracted: a mean of probabilities that are each calibrated is
    not calibrated, but too close to the middle (Ranjan and Gneiting 2010).

    Parameters
    ----------
    scores : DataFrame, table SCORES
    passages : DataFrame, table PASSAGES
    codebook : Codebook
        The one whose hypotheses were scored.
    calibration : mapping of str to function, optional
        By side of a hypothesis ("frame", "favor", "against"): what the mean over the hypotheses goes through, as the model carries it
        (`EntailmentModel.calibration`).

    Returns
    -------
    DataFrame, table MEASURES
        One row per (passage_id, construct). `n_hypotheses` had a score; the value is missing unless every hypothesis had one, because a mean
        over fewer wordings is another measure.

    Raises
    ------
    ValueError
        If `calibration` names another side.
    TableError
        If `scores` names a passage that `passages` lacks.
    """
    SCORES.check(scores)
    hypotheses = HYPOTHESES.check(codebook.hypotheses())
    wide = (
        scores.pivot(index="passage_id", columns="hypothesis_id", values="p_entail")
        .reindex(columns=hypotheses["hypothesis_id"])
        .astype("float64")
    )
    sides = hypotheses.groupby(["construct", "side"], sort=False)["hypothesis_id"].agg(list)
    curves = calibration or {}
    if strange := sorted(set(curves) - {*SIDES}):
        raise ValueError(f"a calibration has curves for the sides frame, favor and against; got {strange}.")

    def pooled(construct: str, side: str) -> pd.Series:
        mean = wide[sides[construct, side]].mean(axis=1, skipna=False)
        return pd.Series(curves[side](mean.to_numpy()), mean.index) if side in curves else mean

    def scored(construct: str, side: str) -> pd.Series:
        return wide[sides[construct, side]].notna().sum(axis=1)

    values, counts = {}, {}
    for frame in codebook.frames:
        values[frame.key], counts[frame.key] = pooled(frame.key, "frame"), scored(frame.key, "frame")
    if codebook.stance:
        values[STANCE] = pooled(STANCE, "favor") - pooled(STANCE, "against")
        counts[STANCE] = scored(STANCE, "favor") + scored(STANCE, "against")
    if codebook.axis:
        plus, minus = codebook.axis
        values[AXIS] = values[plus] - values[minus]
        counts[AXIS] = counts[plus] + counts[minus]

    constructs = [construct for construct in codebook.constructs() if construct in values]
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "passage_id": wide.index.astype("str"),
                    "construct": c,
                    "value": values[c].to_numpy(),
                    "n_hypotheses": counts[c].to_numpy(),
                }
            )
            for c in constructs
        ],
        ignore_index=True,
    )
    where = PASSAGES.check(passages)[["passage_id", "document_id", "position"]]
    if len(unknown := wide.index.difference(pd.Index(where["passage_id"]))):
        raise TableError(
            f"table `scores` names {len(unknown)} passages that table `passages` lacks: {list(unknown[:10])}."
        )
    measures = long.merge(where, on="passage_id", validate="many_to_one").sort_values(
        ["document_id", "position"], kind="stable", ignore_index=True
    )
    return MEASURES.check(measures[list(MEASURES.columns)])
