"""Coder against coder: how far a judgement depends on who made it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.annotation import VOICE
from framing.bootstrap import interval, samples
from framing.codebook import STANCE
from framing.tables import ANNOTATIONS, typed

COLUMNS = (
    "construct", "question", "statistic", "n_coders", "n_units", "n_pairs", "n_documents", "value", "low", "high",
)  # fmt: skip
NOMINAL, ORDINAL = "nominal", "ordinal"
EQUAL, SPECIFIC = "share equal", "positive agreement"
ALL_CODES = "all codes"

_Floats = npt.NDArray[np.float64]
_Statistic = Callable[[_Floats, _Floats], _Floats]


def reliability(annotations: pd.DataFrame, *, resamples: int = 2000, seed: int) -> pd.DataFrame:
    """How well coders agree with each other, in the units that two or more of them judged.

    For each construct: Krippendorff's alpha (`alpha`), of ordered codes for the stance and of unordered ones for frames and voice; the share of
    pairs of judgements that are equal (`share_equal`); and for each code that says something is there, the positive agreement
    (`positive_agreement`). Equal judgements alone say little of a rare code, since coders who never give it agree; alpha is 0 where they agree as
    often as by chance, and positive agreement looks at the pairs with the code. The 95% interval is the expanded percentile bootstrap over
    documents (Hesterberg 2015). The units count as they are: where rare codes were drawn more often than they occur, all three are of such units.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
    resamples, seed : int

    Returns
    -------
    DataFrame
        Columns COLUMNS, one row per construct, `question` (of which code) and `statistic`. `n_units` were judged by two coders or more, in
        `n_documents`, by `n_coders` together, which gives `n_pairs` pairs of judgements of one unit. `value`, `low` and `high`: alpha up to 1,
        below 0 where coders agree less than by chance; the shares in [0, 1]. All three are missing where no unit was judged twice, and alpha where
        all judgements are the same one, positive agreement where none has the code: there is nothing to agree on. The interval is missing with
        fewer than five documents; draws that do not define the value are left out of it.
    """
    ANNOTATIONS.check(annotations)
    rows: list[tuple[Any, ...]] = []
    for construct in dict.fromkeys(annotations["construct"]):
        judged = annotations[annotations["construct"] == construct]
        of_unit = judged.groupby("unit_id")["coder"].transform("nunique")
        twice = judged[of_unit >= 2]
        codes, column = np.unique(twice["value"].to_numpy(dtype=np.float64), return_inverse=True)
        row, units = pd.factorize(twice["unit_id"])
        counts = np.zeros((len(units), len(codes)))
        np.add.at(counts, (row, column), 1)
        documents = twice.drop_duplicates("unit_id")["document_id"].to_numpy(dtype="str")
        names, labels = np.unique(documents, return_inverse=True)
        total = counts.sum(axis=1)
        told = twice["coder"].nunique(), len(units), int((total * (total - 1)).sum() / 2), len(names)
        for question, name, statistic in _asked(construct, codes):
            value, low, high = _held(counts, labels, statistic, resamples, seed)
            rows.append((construct, question, name, *told, value, low, high))
    return typed(pd.DataFrame(rows, columns=list(COLUMNS)), {"str": COLUMNS[:3], "int64": COLUMNS[3:7]})


def alpha(counts: _Floats, times: _Floats, *, level: str = NOMINAL) -> _Floats:
    """Krippendorff's alpha in each of many samples at once (Krippendorff 2011; 2019, ch. 12): 1 less the disagreement that was seen over the
    disagreement that chance would give.

    Parameters
    ----------
    counts : array, shape (n, codes), whole numbers >= 0
        How often each unit was given each code, codes in their order; units with fewer than two judgements count for nothing.
    times : array, shape (samples, n), >= 0
        How often each unit stands in each sample.
    level : "nominal" or "ordinal"
        Whether two different codes differ as any two do, or by what lies between them.

    Returns
    -------
    array, shape (samples,), up to 1
        Missing where a sample has no pair of judgements, or all of them are the same code.

    Raises
    ------
    ValueError
        If `level` is another.
    """
    if level not in (NOMINAL, ORDINAL):
        raise ValueError(f"`level` is {NOMINAL!r} or {ORDINAL!r}, but {level!r} was passed.")
    codes = counts.shape[1]
    pairable = np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]
    pairs = (counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(codes)) / pairable
    seen = (times @ pairs.reshape(len(counts), -1)).reshape(len(times), codes, codes)  # coincidences
    each = seen.sum(axis=2)
    n = each.sum(axis=1)
    if level == NOMINAL:
        distance = np.broadcast_to(1 - np.eye(codes), seen.shape)
    else:  # half of each of the two codes, and all that lies between: the distance of their mean ranks
        ranks = each.cumsum(axis=1) - each / 2
        distance = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    observed = (seen * distance).sum(axis=(1, 2))
    expected = (each[:, :, None] * each[:, None, :] * distance).sum(axis=(1, 2))
    ratio = np.divide((n - 1) * observed, expected, out=np.full(len(times), np.nan), where=expected > 0)
    result: _Floats = 1 - ratio
    return result


def share_equal(counts: _Floats, times: _Floats) -> _Floats:
    """Share of the pairs of judgements of one unit that are equal; shapes as in `alpha`, missing where there is no pair."""
    total = counts.sum(axis=1)
    return _ratio(times @ (counts * (counts - 1)).sum(axis=1), times @ (total * (total - 1)))


def positive_agreement(counts: _Floats, times: _Floats, *, code: int) -> _Floats:
    """Of a judgement with the code, how likely another coder's of the same unit has it too.

    With two coders it is 2a / (2a + b + c), where both gave the code to a units and one of them to b + c (Dice 1945; Cicchetti and Feinstein 1990);
    with more, all pairs of coders of a unit count.

    Parameters
    ----------
    counts, times : arrays
        As in `alpha`.
    code : int
        The column of `counts`.

    Returns
    -------
    array, shape (samples,), in [0, 1]
        Missing where a sample has no judgement with the code, beside another of its unit.
    """
    given, others = counts[:, code], counts.sum(axis=1) - 1
    return _ratio(times @ (given * (given - 1)), times @ (given * others))


def _ratio(part: _Floats, whole: _Floats) -> _Floats:
    shares: _Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return shares


def _asked(construct: str, codes: _Floats) -> list[tuple[str, str, _Statistic]]:
    """What is asked of a construct: of which code, the name of the statistic, and the statistic."""
    level = ORDINAL if construct == STANCE else NOMINAL
    asked: list[tuple[str, str, _Statistic]] = [
        (ALL_CODES, f"alpha, {level}", lambda counts, times: alpha(counts, times, level=level)),
        (ALL_CODES, EQUAL, share_equal),
    ]
    words = {STANCE: {1.0: "in favor", -1.0: "against"}, VOICE: {1.0: "quoted"}}
    for value, question in words.get(construct, {1.0: "carries the frame"}).items():
        asked.append((question, SPECIFIC, _of_code(codes, value)))
    return asked


def _of_code(codes: _Floats, value: float) -> _Statistic:
    """The positive agreement on a code; undefined where nobody gave it."""
    if not (codes == value).any():
        return lambda _, times: np.full(len(times), np.nan)
    code = int(np.argmax(codes == value))
    return lambda counts, times: positive_agreement(counts, times, code=code)


def _held(
    counts: _Floats, labels: npt.NDArray[np.intp], statistic: _Statistic, resamples: int, seed: int
) -> tuple[float, float, float]:
    """Value, low and high."""
    if not len(counts):
        return float("nan"), float("nan"), float("nan")
    value = float(statistic(counts, np.ones((1, len(counts))))[0])
    if np.isnan(value):
        return value, value, value
    values = np.concatenate([statistic(counts, times) for times in samples(labels, resamples, seed)])
    low, high = interval(values, int(labels.max()) + 1)
    return value, float(low), float(high)
