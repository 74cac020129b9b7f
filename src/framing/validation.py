"""The model against coders."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.annotation import VOICE
from framing.codebook import STANCE
from framing.tables import ANNOTATIONS, MEASURES, PASSAGES
from framing.voice import QUOTED, UNKNOWN

COLUMNS = (
    "construct",
    "question",
    "statistic",
    "n",
    "n_positive",
    "n_documents",
    "value",
    "low",
    "high",
    "n_unmatched",
)
_COVERAGE = 0.95


def agreement(
    annotations: pd.DataFrame, measures: pd.DataFrame, passages: pd.DataFrame, *, resamples: int = 2000, seed: int
) -> pd.DataFrame:
    """How well the model's values order the coders' judgements.

    For each frame, for stance in favor and stance against, the area under the ROC curve (AUC; Hanley and McNeil 1982): the probability that
    a passage with the code has a higher value than one without it; 0.5 is chance. For the voice, the share of equal judgements. The 95% interval
    is the percentile bootstrap over documents.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
        A span's value from the model is the mean over the passages it overlaps, weighted by the overlap.
    measures, passages : DataFrames, tables MEASURES and PASSAGES

    Returns
    -------
    DataFrame
        One row per question, with `n` coded spans that have a value, `n_positive` of them with the code, `n_documents` they come from, and
        `n_unmatched` spans without a scored passage (set aside as furniture, for instance), which are left out. `value`, `low` and
        `high` in [0, 1]; missing where only one code occurs. Draws in which only one code occurs are left out of the interval.
    """
    ANNOTATIONS.check(annotations)
    overlaps = _overlaps(annotations, PASSAGES.check(passages))
    rows = []
    for construct in dict.fromkeys(annotations["construct"]):
        coded = annotations[annotations["construct"] == construct].drop_duplicates(["unit_id", "coder"])
        if construct == VOICE:
            found = overlaps[overlaps["voice"] != UNKNOWN].assign(
                value=lambda o: o["voice"].eq(QUOTED).astype("float64")
            )
        else:
            values = MEASURES.check(measures).loc[measures["construct"] == construct, ["passage_id", "value"]]
            found = overlaps.merge(values, on="passage_id", validate="many_to_one")
        found = found.assign(
            weighted=found["value"] * found["overlap"], weight=found["overlap"].where(found["value"].notna())
        )
        sums = found.groupby("unit_id")[["weighted", "weight"]].sum(min_count=1)
        spans = coded.assign(predicted=coded["unit_id"].map(sums["weighted"] / sums["weight"]))
        matched = spans.dropna(subset="predicted")
        for question, positive, sign in _questions(construct):
            truth = matched["value"].to_numpy() == positive
            predicted = sign * matched["predicted"].to_numpy()
            statistic = _equal if construct == VOICE else _auc
            low, high = _interval(
                truth, predicted, matched["document_id"].to_numpy(dtype=object), statistic, resamples, seed
            )
            rows.append(
                (
                    construct, question, "share equal" if construct == VOICE else "AUC", len(matched), int(truth.sum()),
                    matched["document_id"].nunique(), statistic(truth, predicted), low, high, len(spans) - len(matched),
                )
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _questions(construct: str) -> list[tuple[str, float, int]]:
    """What is asked of a construct: a name, the code that counts as yes, and the sign of the value."""
    if construct == STANCE:
        return [("in favor", 1.0, 1), ("against", -1.0, -1)]
    return [("quoted or outlet" if construct == VOICE else "carries the frame", 1.0, 1)]


def _overlaps(annotations: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Coded spans with the kept passages that they share characters with, and how many."""
    units = annotations.drop_duplicates("unit_id")[["unit_id", "document_id", "start", "end"]]
    kept = passages.loc[
        passages["kept"] & passages["start"].notna(), ["passage_id", "document_id", "start", "end", "voice"]
    ]
    both = units.merge(kept, on="document_id", suffixes=("", "_passage"))
    low = np.maximum(both["start"].to_numpy(), both["start_passage"].to_numpy(dtype=np.int64))
    high = np.minimum(both["end"].to_numpy(), both["end_passage"].to_numpy(dtype=np.int64))
    return both.assign(overlap=high - low).query("overlap > 0")


def _auc(truth: npt.NDArray[np.bool_], predicted: npt.NDArray[np.float64]) -> float:
    """From the rank sum (Hanley and McNeil 1982), ties at their mean rank; without the checks that would be most of a bootstrap's time."""
    positive = int(truth.sum())
    negative = len(truth) - positive
    if not positive or not negative:
        return float("nan")
    ranks = pd.Series(predicted).rank().to_numpy()
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * negative))


def _equal(truth: npt.NDArray[np.bool_], predicted: npt.NDArray[np.float64]) -> float:
    return float((truth == (predicted >= 0.5)).mean()) if len(truth) else float("nan")


def _interval(
    truth: npt.NDArray[np.bool_],
    predicted: npt.NDArray[np.float64],
    documents: npt.NDArray[np.object_],
    statistic: Callable[[npt.NDArray[np.bool_], npt.NDArray[np.float64]], float],
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    names, labels = np.unique(documents.astype("str"), return_inverse=True)
    if len(names) < 2:
        return float("nan"), float("nan")
    members = [np.flatnonzero(labels == i) for i in range(len(names))]
    values = []
    for _ in range(resamples):
        at = np.concatenate([members[i] for i in rng.integers(len(names), size=len(names))])
        values.append(statistic(truth[at], predicted[at]))
    there = np.array(values)[~np.isnan(values)]
    if not len(there):
        return float("nan"), float("nan")
    tail = (1 - _COVERAGE) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    return float(low), float(high)
