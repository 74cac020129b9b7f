"""SCORES -> MEASURES: what each passage says about each construct."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.codebook import AXIS, STANCE, Codebook
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

    A frame's value is the mean of p_entail (calibrated where a curve is given) over its hypotheses, in [0, 1]; stance is the
    mean over its favor hypotheses minus the mean over its against hypotheses, in [-1, 1]; axis is the value of the codebook's
    first axis frame minus that of its second, in [-1, 1].

    Parameters
    ----------
    scores : DataFrame, table SCORES
    passages : DataFrame, table PASSAGES
    codebook : Codebook
        The one whose hypotheses were scored.
    calibration : mapping of str to function, optional
        By side of a hypothesis ("frame", "favor", "against"): what p_entail goes through before anything is averaged, as the model
        carries it (`EntailmentModel.calibration`).

    Returns
    -------
    DataFrame, table MEASURES
        One row per (passage_id, construct). `n_hypotheses` had a score; the value is missing unless every hypothesis had one, because a mean
        over fewer wordings is another measure.

    Raises
    ------
    TableError
        If `scores` names a passage that `passages` lacks.
    """
    SCORES.check(scores)
    hypotheses = HYPOTHESES.check(codebook.hypotheses())
    wide = scores.pivot(index="passage_id", columns="hypothesis_id", values="p_entail").reindex(
        columns=hypotheses["hypothesis_id"]
    )
    for side, curve in (calibration or {}).items():
        of_side = hypotheses.loc[hypotheses["side"] == side, "hypothesis_id"]
        wide[of_side] = curve(wide[of_side].to_numpy(dtype=np.float64))
    sides = hypotheses.groupby(["construct", "side"], sort=False)["hypothesis_id"].agg(list)
    values: dict[str, pd.Series] = {}
    counts: dict[str, pd.Series] = {}
    for frame in codebook.frames:
        of_frame = wide[sides[frame.key, "frame"]]
        values[frame.key] = of_frame.mean(axis=1, skipna=False)
        counts[frame.key] = of_frame.notna().sum(axis=1)
    if codebook.stance:
        favor, against = wide[sides[STANCE, "favor"]], wide[sides[STANCE, "against"]]
        values[STANCE] = favor.mean(axis=1, skipna=False) - against.mean(axis=1, skipna=False)
        counts[STANCE] = favor.notna().sum(axis=1) + against.notna().sum(axis=1)
    if codebook.axis:
        plus, minus = codebook.axis
        values[AXIS] = values[plus] - values[minus]
        counts[AXIS] = counts[plus] + counts[minus]

    constructs = [construct for construct in codebook.constructs() if construct in values]
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "passage_id": wide.index,
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
