"""The model against coders."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.annotation import VOICE
from framing.codebook import STANCE
from framing.tables import ANNOTATIONS, HYPOTHESES, MEASURES, PASSAGES, SCORES
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
    "n_found",
    "precision",
    "recall",
)
HYPOTHESIS_COLUMNS = ("construct", "question", "hypothesis", "n", "n_positive", "n_documents", "value", "low", "high")
_QUESTIONS = {  # by side of a hypothesis: a name, and the code that counts as yes
    "frame": ("carries the frame", 1.0), "favor": ("in favor", 1.0), "against": ("against", -1.0)
}  # fmt: skip
_COVERAGE = 0.95
_CELLS = 2_000_000  # samples x spans that are worked at together


def agreement(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    *,
    threshold: float = 0.5,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """How well the model's values order the coders' judgements.

    For each frame, for stance in favor and stance against, the area under the ROC curve (AUC; Hanley and McNeil 1982): the probability that
    a passage with the code has a higher value than one without it; 0.5 is chance. For stance also that of a passage in favor against one
    against, those that take no side left out. For the voice, the share of equal judgements. The 95% interval
    is the percentile bootstrap over documents.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
        A span's value from the model is the mean over the passages it overlaps, weighted by the overlap; that of a title that does not stand in
        the text is its own.
    measures, passages : DataFrames, tables MEASURES and PASSAGES
    threshold : float in (0, 1)
        From which value on a passage carries a frame or takes a side, as `score_articles` has it.

    Returns
    -------
    DataFrame
        One row per question, with `n` judgements of spans that have a value (each coder's counts), `n_positive` of them with the code,
        `n_documents` they come from, and `n_unmatched` of spans without a scored passage (set aside as furniture, for instance), left out.
        `value`, `low` and `high` in [0, 1]; missing where only one code occurs. Draws in which only one code occurs are left out of the interval.
        `n_found` of the spans reach the threshold; `precision` is the part of these that has the code, `recall` the part of those with the code
        that reaches it, both in [0, 1]. All three are missing where nothing is decided by a threshold (the voice; one side rather than the
        other), a share where it would be one of none.
    """
    ANNOTATIONS.check(annotations)
    MEASURES.check(measures)
    overlaps = _overlaps(annotations, PASSAGES.check(passages))
    rows = []
    for construct in dict.fromkeys(annotations["construct"]):
        if construct == VOICE:
            known = passages.loc[passages["voice"] != UNKNOWN]
            values = pd.Series(known["voice"].eq(QUOTED).to_numpy(dtype="float64"), known["passage_id"])
        else:
            values = measures[measures["construct"] == construct].set_index("passage_id")["value"]
        name, statistic = ("share equal", _equal) if construct == VOICE else ("AUC", auc)
        for question, positive, sign, codes in _questions(construct):
            asked = annotations[annotations["value"].isin(codes)] if codes else annotations
            spans, coded = _coded(asked, construct, overlaps, values)
            held = _held(spans, positive, sign, statistic, resamples, seed)
            decided = construct != VOICE and not codes
            found = _found(spans, positive, sign, threshold) if decided else (pd.NA, np.nan, np.nan)
            rows.append((construct, question, name, *held, coded - len(spans), *found))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"n_found": "Int64"})


def agreement_by_hypothesis(
    annotations: pd.DataFrame,
    scores: pd.DataFrame,
    hypotheses: pd.DataFrame,
    passages: pd.DataFrame,
    *,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """How well each wording alone orders the coders' judgements of its construct: a hypothesis that points the wrong way is seen here.

    Parameters
    ----------
    annotations, scores, hypotheses, passages : DataFrames, tables ANNOTATIONS, SCORES, HYPOTHESES and PASSAGES

    Returns
    -------
    DataFrame
        One row per hypothesis whose construct was coded, in the order of the codebook: `construct`, `question`, `hypothesis` (its text), and as
        `agreement` has them `n`, `n_positive`, `n_documents` and the AUC as `value`, `low` and `high`. Hypotheses of a stance are held
        against the code of their own side.
    """
    ANNOTATIONS.check(annotations)
    SCORES.check(scores)
    overlaps = _overlaps(annotations, PASSAGES.check(passages))
    coded = set(annotations["construct"])
    rows = []
    for hypothesis in HYPOTHESES.check(hypotheses).to_dict("records"):
        construct = hypothesis["construct"]
        if construct in coded:
            question, positive = _QUESTIONS[hypothesis["side"]]
            values = scores[scores["hypothesis_id"] == hypothesis["hypothesis_id"]].set_index("passage_id")["p_entail"]
            spans, _ = _coded(annotations, construct, overlaps, values)
            held = _held(spans, positive, 1, auc, resamples, seed)
            rows.append((construct, question, hypothesis["text"], *held))
    return pd.DataFrame(rows, columns=list(HYPOTHESIS_COLUMNS))


def _questions(construct: str) -> list[tuple[str, float, int, tuple[float, ...]]]:
    """What is asked of a construct: a name, the code that counts as yes, the sign of the value, and of which codes, if not of all."""
    if construct == STANCE:
        # A model may see well that a side is taken and badly which one: the third tells the two apart.
        rather = "in favor rather than against", 1.0, 1, (1.0, -1.0)
        return [(*_QUESTIONS["favor"], 1, ()), (*_QUESTIONS["against"], -1, ()), rather]
    return [("quoted or outlet", 1.0, 1, ()) if construct == VOICE else (*_QUESTIONS["frame"], 1, ())]


def _overlaps(annotations: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Coded spans with the kept passages that they share characters with, and how many; a title beside the text with itself, as one."""
    units = annotations.drop_duplicates("unit_id")[["unit_id", "document_id", "start", "end"]]
    kept = passages.loc[passages["kept"], ["passage_id", "document_id", "start", "end"]]
    both = units.merge(kept, on="document_id", suffixes=("", "_passage"))
    places = {column: both[column].astype("float64") for column in ("start", "end", "start_passage", "end_passage")}
    shared = np.minimum(places["end"], places["end_passage"]) - np.maximum(places["start"], places["start_passage"])
    titles = places["start"].isna() & places["start_passage"].isna()
    return both.assign(overlap=np.where(titles, 1.0, shared)).query("overlap > 0")


def _coded(
    annotations: pd.DataFrame, construct: str, overlaps: pd.DataFrame, values: pd.Series
) -> tuple[pd.DataFrame, int]:
    """The coded spans of a construct that have a value, as `predicted`, by the values of passages; and how many spans were coded."""
    coded = annotations[annotations["construct"] == construct].drop_duplicates(["unit_id", "coder"])
    value = overlaps["passage_id"].map(values).astype("float64")
    weight = overlaps["overlap"].where(value.notna())
    sums = pd.DataFrame({"weighted": value * weight, "weight": weight}).groupby(overlaps["unit_id"]).sum(min_count=1)
    spans = coded.assign(predicted=coded["unit_id"].map(sums["weighted"] / sums["weight"]))
    return spans.dropna(subset="predicted"), len(spans)


def _held(
    spans: pd.DataFrame, positive: float, sign: int, statistic: "_Statistic", resamples: int, seed: int
) -> tuple[int, int, int, float, float, float]:
    """n, n_positive, n_documents, value, low and high."""
    truth = spans["value"].to_numpy() == positive
    predicted = sign * spans["predicted"].to_numpy(dtype=np.float64)
    names, labels = np.unique(spans["document_id"].to_numpy(dtype="str"), return_inverse=True)
    value = float(statistic(truth, predicted, np.ones((1, len(spans))))[0]) if len(spans) else float("nan")
    low, high = _interval(truth, predicted, labels, statistic, resamples, seed)
    return len(spans), int(truth.sum()), len(names), value, low, high


def _found(spans: pd.DataFrame, positive: float, sign: int, threshold: float) -> tuple[int, float, float]:
    """Spans at or above the threshold, how many of these have the code, and how many of those with the code are among them."""
    coded, found = (spans["value"] == positive).to_numpy(), (sign * spans["predicted"] >= threshold).to_numpy()
    both = int((coded & found).sum())
    return (
        int(found.sum()),
        both / found.sum() if found.any() else np.nan,
        both / coded.sum() if coded.any() else np.nan,
    )


_Bools = npt.NDArray[np.bool_]
_Floats = npt.NDArray[np.float64]
_Statistic = Callable[[_Bools, _Floats, _Floats], _Floats]


def auc(truth: _Bools, predicted: _Floats, times: _Floats) -> _Floats:
    """Area under the ROC curve in each of many samples at once, ties counted half (Hanley and McNeil 1982).

    Parameters
    ----------
    truth, predicted : arrays, shape (n,), n at least 1
        Whether each is a positive, and its value; no value is missing.
    times : array, shape (samples, n), >= 0
        How often each of them stands in each sample.

    Returns
    -------
    array, shape (samples,), in [0, 1]
        Missing for samples without a positive, or without a negative.
    """
    order = np.argsort(predicted, kind="stable")
    code, value = truth[order], predicted[order]
    first = np.flatnonzero(np.r_[True, value[1:] != value[:-1]])  # of each run of equal values
    positive = np.add.reduceat(times[:, order] * code, first, axis=1)
    negative = np.add.reduceat(times[:, order] * ~code, first, axis=1)
    won = (positive * (negative.cumsum(axis=1) - negative / 2)).sum(axis=1)
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    area: _Floats = np.divide(won, pairs, out=np.full(len(times), np.nan), where=pairs > 0)
    return area


def _equal(truth: _Bools, predicted: _Floats, times: _Floats) -> _Floats:
    """Share of the spans whose predicted value lies on the coded side of a half; shapes as in `auc`."""
    equal: _Floats = (times @ (truth == (predicted >= 0.5))) / times.sum(axis=1)
    return equal


def samples(labels: npt.NDArray[np.intp], resamples: int, seed: int) -> Iterator[_Floats]:
    """Bootstrap samples of whole clusters, in parts that fit into memory: how often each row stands in each sample.

    Parameters
    ----------
    labels : array, shape (n,), n at least 1
        The cluster of each row, numbered from 0 on without a gap.
    resamples, seed : int

    Yields
    ------
    array, shape (samples of the part, n)
    """
    rng = np.random.default_rng(seed)
    clusters = int(labels.max()) + 1
    together = max(1, _CELLS // len(labels))
    for begin in range(0, resamples, together):
        drawn = rng.integers(clusters, size=(min(together, resamples - begin), clusters))
        yield np.stack([np.bincount(row, minlength=clusters) for row in drawn]).astype(np.float64)[:, labels]


def _interval(
    truth: _Bools,
    predicted: _Floats,
    labels: npt.NDArray[np.intp],
    statistic: _Statistic,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    if not labels.any():  # one document, or none
        return float("nan"), float("nan")
    there = np.concatenate([statistic(truth, predicted, times) for times in samples(labels, resamples, seed)])
    there = there[~np.isnan(there)]
    if not len(there):
        return float("nan"), float("nan")
    tail = (1 - _COVERAGE) / 2
    low, high = np.quantile(there, [tail, 1 - tail])
    return float(low), float(high)
