"""The model against coders: whether its values order passages and articles as they do."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from framing.annotation import VOICE
from framing.articles import ALL
from framing.bootstrap import FEWEST, drawn, interval, mean_interval, samples
from framing.codebook import AXIS, STANCE
from framing.spans import BY_SIDE, Coded, questions, units_by_construct, values_of, weighted, weights
from framing.tables import ARTICLES, HYPOTHESES, MEASURES, SCORES, typed
from framing.voice import QUOTED, UNKNOWN

COLUMNS = (
    "construct",
    "question",
    "statistic",
    "n",
    "n_positive",
    "n_documents",
    "n_clusters",
    "value",
    "low",
    "high",
    "n_unmatched",
    "weighted",
    "n_found",
    "precision",
    "precision_low",
    "precision_high",
    "recall",
    "recall_low",
    "recall_high",
)
RANKS, EQUAL, KAPPA = "rank correlation", "share equal", "Cohen's kappa"
_HALF = 0.5  # between the two voices
HYPOTHESIS_COLUMNS = (
    "construct", "question", "hypothesis", "n", "n_positive", "n_documents", "n_clusters", "value", "low", "high", "weighted",
)  # fmt: skip
_N = ("n", "n_positive", "n_documents", "n_clusters")
_WEIGHTED = {"bool": ("weighted",)}
_KINDS = {
    "str": ("construct", "question", "statistic"),
    "int64": (*_N, "n_unmatched"),
    "Int64": ("n_found",),
} | _WEIGHTED
_HYPOTHESIS_KINDS = {"str": ("construct", "question", "hypothesis"), "int64": _N} | _WEIGHTED


def agreement(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    *,
    axis: tuple[str, str] | None = None,
    threshold: float = 0.5,
    resamples: int = 10_000,
    seed: int,
) -> pd.DataFrame:
    """How well the model's values order the coders' judgements.

    For each frame, for stance in favor and stance against, the area under the ROC curve (AUC; Hanley and McNeil 1982): the probability that
    a passage with the code has a higher value than one without it; 0.5 is chance. For stance also that of a passage in favor against one
    against, those that take no side left out; for the axis that of a passage with its first frame alone against one with its second alone.
    For the voice, the share of equal judgements, and Cohen's kappa (1960), which is corrected for chance. A passage that several coders
    judged counts once, and has the code that half of them or more gave it; it takes a side, or carries one frame alone, where more than half of them
    say so. Where it is known of all judged passages how likely they were to be drawn, each counts with one over that probability, so that the figures
    are those of the passages that they were drawn from. The 95% interval is the expanded percentile bootstrap over documents (Hesterberg 2015),
    missing where fewer than five have a passage with the code, or fewer than five one without it.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
        A span's value from the model is the mean over the passages it overlaps, weighted by the overlap; that of a title that does not stand in
        the text is its own.
    measures, passages : DataFrames, tables MEASURES and PASSAGES
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis.
    threshold : float in (0, 1)
        From which value on a passage carries a frame or takes a side, as `score_articles` has it.

    Returns
    -------
    DataFrame
        One row per question, with `n` coded spans that have a value, `n_positive` of them with the code, `n_documents` they come from, and
        `n_unmatched` spans without a scored passage (set aside as furniture, for instance), left out. `n_clusters` is the smaller of the numbers of
        documents with a positive and with a negative, on which the interval rests (of the voice the number of documents). `weighted` says whether
        the spans count by their inclusion probabilities; the numbers `n` are of the spans themselves.
        `value`, `low` and `high` in [0, 1], of kappa in [-1, 1]; missing where only one code occurs. Draws in which only one code occurs are
        left out of the interval. `n_found` of the spans reach the threshold; `precision` is the part of these that has the code, `recall` the part
        of those with the code that reaches it, both in [0, 1], each with its interval (`_low`, `_high`) over the documents that have such
        spans. All are missing where nothing is decided by a threshold (the voice; one side rather than the other), a share where it would be one of
        none.
    """
    MEASURES.check(measures)
    coded = Coded(annotations, passages, axis)
    rows = []
    for construct in coded.constructs:
        values = _voices(passages) if construct == VOICE else values_of(measures, construct)
        every = coded.valued(construct, values)
        statistics: dict[str, _Statistic] = {EQUAL: _equal, KAPPA: _kappa} if construct == VOICE else {"AUC": auc}
        for question in questions(construct):
            asked = question.asked(every)
            units = asked.dropna(subset="predicted")
            decided = construct != VOICE and not question.rather
            found = _found(units, question.sign, threshold, resamples, seed) if decided else _NOT_DECIDED
            for name, statistic in statistics.items():
                held = _held(units, question.sign, statistic, resamples, seed)
                rows.append((construct, question.name, name, *held, len(asked) - len(units), weighted(units), *found))
    return typed(pd.DataFrame(rows, columns=list(COLUMNS)), _KINDS)


def agreement_by_hypothesis(
    annotations: pd.DataFrame,
    scores: pd.DataFrame,
    hypotheses: pd.DataFrame,
    passages: pd.DataFrame,
    *,
    resamples: int = 10_000,
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
        `agreement` has them `n`, `n_positive`, `n_documents`, `n_clusters` and the AUC as `value`, `low` and `high`. Hypotheses of a stance
        are held against the code of their own side, and have a second row among the spans that take one: a wording that any side-taking passage
        fits is seen there alone.
    """
    SCORES.check(scores)
    coded = Coded(annotations, passages)
    rows = []
    for hypothesis in HYPOTHESES.check(hypotheses).to_dict("records"):
        construct = hypothesis["construct"]
        if construct not in coded.constructs:
            continue
        values = scores[scores["hypothesis_id"] == hypothesis["hypothesis_id"]].set_index("passage_id")["p_entail"]
        known = coded.valued(construct, values).dropna(subset="predicted")
        for question in BY_SIDE[hypothesis["side"]]:
            units = question.asked(known)
            held = _held(units, question.sign, auc, resamples, seed)
            rows.append((construct, question.name, hypothesis["text"], *held, weighted(units)))
    return typed(pd.DataFrame(rows, columns=list(HYPOTHESIS_COLUMNS)), _HYPOTHESIS_KINDS)


def agreement_by_article(
    annotations: pd.DataFrame,
    articles: pd.DataFrame,
    *,
    axis: tuple[str, str] | None = None,
    resamples: int = 10_000,
    seed: int,
) -> pd.DataFrame:
    """How well the order of the articles' scores is that of the coders' judgements, for the constructs with two ends.

    Spearman's rank correlation (1904) between the score of an article and the mean of its codes: for the axis the codes of its first frame
    minus those of its second, for the stance those of the passages that take a side; of a passage that several coders judged their mean. Passages
    count by their inclusion probabilities where all have one (see `agreement`). Its interval is the expanded percentile bootstrap over articles.

    Parameters
    ----------
    annotations, articles : DataFrames, tables ANNOTATIONS and ARTICLES
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis.

    Returns
    -------
    DataFrame
        Rows as of `agreement`: `n` articles have codes and a score, `n_positive` of them a mean code above 0; `n_unmatched` have codes and no
        score. `value`, `low` and `high` in [-1, 1], missing where all codes or all scores are equal.
    """
    overall = ARTICLES.check(articles)[articles["voice"] == ALL]
    coded = units_by_construct(annotations, axis)
    rows = []
    for construct in (AXIS, STANCE):
        if construct not in coded:
            continue
        scores = overall[overall["construct"] == construct].set_index("document_id")["score"]
        units = coded[construct]
        if construct == STANCE:
            units = units[units["code"] != 0]
        if units.empty:
            continue
        stands_for = weights(units)
        sums = pd.DataFrame({"code": units["code"] * stands_for, "weight": stands_for})
        of_article = sums.groupby(units["document_id"]).sum()
        means = (of_article["code"] / of_article["weight"]).rename("code")
        both = means.to_frame().join(scores).dropna()
        value, low, high = _rank_correlation(both["code"].to_numpy(), both["score"].to_numpy(), resamples, seed)
        n = len(both)
        facts = n, int((both["code"] > 0).sum()), n, n, value, low, high, len(means) - n, weighted(units)
        rows.append((construct, "order of the articles", RANKS, *facts, *_NOT_DECIDED))
    return typed(pd.DataFrame(rows, columns=list(COLUMNS)), _KINDS)


def _voices(passages: pd.DataFrame) -> "pd.Series[float]":
    """By passage_id, 1 for a quoted passage and 0 for one of the outlet's own; those of unknown voice are left out."""
    known = passages.loc[passages["voice"] != UNKNOWN]
    return pd.Series(known["voice"].eq(QUOTED).to_numpy(dtype="float64"), known["passage_id"])


def _rank_correlation(code: "_Floats", score: "_Floats", resamples: int, seed: int) -> tuple[float, float, float]:
    """Spearman's rank correlation and its interval; missing where one of the two does not vary."""
    n = len(code)
    whole = np.arange(n)[None, :]
    parts = [whole, *drawn(n, resamples, np.random.default_rng(seed), rows=4 * n)] if n else []
    values = [_correlation(rankdata(code[part], axis=1), rankdata(score[part], axis=1)) for part in parts]
    if not values:
        return float("nan"), float("nan"), float("nan")
    low, high = interval(np.concatenate(values[1:]), n)
    return float(values[0][0]), float(low), float(high)


def _correlation(x: "_Floats", y: "_Floats") -> "_Floats":
    """Pearson's correlation of each row of one with the same row of the other; missing where a row does not vary."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    sizes = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    together: _Floats = np.divide((x * y).sum(axis=1), sizes, out=np.full(len(x), np.nan), where=sizes > 0)
    return together


def _held(
    units: pd.DataFrame, sign: int, statistic: "_Statistic", resamples: int, seed: int
) -> tuple[int, int, int, int, float, float, float]:
    """n, n_positive, n_documents, n_clusters, value, low and high."""
    truth = units["right"].to_numpy(dtype=bool)
    predicted = sign * units["predicted"].to_numpy(dtype=np.float64)
    names, labels = np.unique(units["document_id"].to_numpy(dtype="str"), return_inverse=True)
    clusters = min(len(set(labels[truth])), len(set(labels[~truth]))) if statistic is auc else len(names)
    counts = len(units), int(truth.sum()), len(names), clusters
    if not len(units):
        return *counts, float("nan"), float("nan"), float("nan")
    stands_for = weights(units)
    value = float(statistic(truth, predicted, stands_for[None])[0])
    if clusters < FEWEST:
        return *counts, value, float("nan"), float("nan")
    draws = np.concatenate(
        [statistic(truth, predicted, times * stands_for) for times in samples(labels, resamples, seed)]
    )
    low, high = interval(draws, clusters)
    return *counts, value, float(low), float(high)


_NOT_DECIDED = (pd.NA, *[np.nan] * 6)


def _found(
    units: pd.DataFrame, sign: int, threshold: float, resamples: int, seed: int
) -> tuple[int, float, float, float, float, float, float]:
    """Spans at or above the threshold; the part of these with the code and the part of those with the code among them, each with its interval."""
    coded, found = units["right"].to_numpy(dtype=bool), (sign * units["predicted"] >= threshold).to_numpy()
    documents, stands_for = units["document_id"].to_numpy(dtype=object), weights(units)

    def part(those: _Bools, of: _Bools) -> tuple[float, float, float]:
        if not of.any():
            return float("nan"), float("nan"), float("nan")
        among = those[of].astype(np.float64)
        rng = np.random.default_rng(seed)
        (low,), (high,) = mean_interval(among[:, None], documents[of], resamples, rng, weights=stands_for[of])
        return float(np.average(among, weights=stands_for[of])), float(low), float(high)

    return int(found.sum()), *part(coded, found), *part(found, coded)


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
    equal: _Floats = (times @ (truth == (predicted >= _HALF))) / times.sum(axis=1)
    return equal


def _kappa(truth: _Bools, predicted: _Floats, times: _Floats) -> _Floats:
    """Cohen's kappa (1960) of the coded with the predicted side of a half; missing where both have one side only; shapes as in `auc`."""
    found = predicted >= _HALF
    n = times.sum(axis=1)
    equal, coded, said = ((times @ each) / n for each in (truth == found, truth, found))
    chance = coded * said + (1 - coded) * (1 - said)
    kappa: _Floats = np.divide(equal - chance, 1 - chance, out=np.full(len(times), np.nan), where=chance < 1 - 1e-12)
    return kappa
