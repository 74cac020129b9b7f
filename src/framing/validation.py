"""The model against coders."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from framing.annotation import VOICE
from framing.articles import ALL
from framing.bootstrap import drawn, interval, samples
from framing.codebook import AXIS, STANCE
from framing.tables import ANNOTATIONS, ARTICLES, HYPOTHESES, MEASURES, PASSAGES, SCORES
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
RANKS = "rank correlation"
_HALF = 0.5  # of the coders of a span
HYPOTHESIS_COLUMNS = ("construct", "question", "hypothesis", "n", "n_positive", "n_documents", "value", "low", "high")
_QUESTIONS = {  # by side of a hypothesis: a name, and the code that counts as yes
    "frame": ("carries the frame", 1.0), "favor": ("in favor", 1.0), "against": ("against", -1.0)
}  # fmt: skip


def agreement(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    *,
    axis: tuple[str, str] | None = None,
    threshold: float = 0.5,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """How well the model's values order the coders' judgements.

    For each frame, for stance in favor and stance against, the area under the ROC curve (AUC; Hanley and McNeil 1982): the probability that
    a passage with the code has a higher value than one without it; 0.5 is chance. For stance also that of a passage in favor against one
    against, those that take no side left out; for the axis that of a passage with its first frame alone against one with its second alone.
    For the voice, the share of equal judgements. The 95% interval
    is the expanded percentile bootstrap over documents (Hesterberg 2015), missing where they are fewer than five.

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
    annotations = _with_axis(annotations, axis)
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
        against the code of their own side, and have a second row among the spans that take one: a wording that any side-taking passage fits
        is seen there alone.
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
            asked = {question: spans}
            if construct == STANCE:
                other = "against" if hypothesis["side"] == "favor" else "favor"
                asked[f"{question} rather than {_QUESTIONS[other][0]}"] = spans[spans["value"] != 0]
            for question, some in asked.items():
                held = _held(some, positive, 1, auc, resamples, seed)
                rows.append((construct, question, hypothesis["text"], *held))
    return pd.DataFrame(rows, columns=list(HYPOTHESIS_COLUMNS))


def agreement_by_article(
    annotations: pd.DataFrame,
    articles: pd.DataFrame,
    *,
    axis: tuple[str, str] | None = None,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """How well the order of the articles' scores is that of the coders' judgements, for the constructs with two ends.

    Spearman's rank correlation (1904) between the score of an article and the mean of its codes: for the axis the codes of its first frame
    minus those of its second, for the stance the codes that take a side. Its interval is the expanded percentile bootstrap over articles.

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
    ANNOTATIONS.check(annotations)
    overall = ARTICLES.check(articles)[articles["voice"] == ALL]
    coded = _with_axis(annotations, axis)
    rows = []
    for construct in (AXIS, STANCE):
        codes = coded[coded["construct"] == construct]
        if construct == STANCE:
            codes = codes[codes["value"] != 0]
        if codes.empty:
            continue
        scores = overall[overall["construct"] == construct].set_index("document_id")["score"]
        means = codes.groupby("document_id")["value"].mean().rename("code")
        both = means.to_frame().join(scores).dropna()
        value, low, high = _rank_correlation(both["code"].to_numpy(), both["score"].to_numpy(), resamples, seed)
        facts = len(both), int((both["code"] > 0).sum()), len(both), value, low, high, len(means) - len(both)
        rows.append((construct, "order of the articles", RANKS, *facts, pd.NA, np.nan, np.nan))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"n_found": "Int64"})


def found_by_group(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    groups: "pd.Series[str]",
    *,
    threshold: float = 0.5,
) -> pd.DataFrame:
    """Of what is found at the threshold in each group, how much was coded and how much of that has the code.

    A measure that is right over all groups may be wrong in one: what an outlet writes to mock a frame looks like the frame.

    Parameters
    ----------
    annotations, measures, passages : DataFrames, tables ANNOTATIONS, MEASURES and PASSAGES
    groups : Series of str
        The group of each document, by document_id.
    threshold : float in (0, 1)

    Returns
    -------
    DataFrame
        One row per coded frame or side of the stance (`construct`, `question`) and `group`: `n_passages` of the group reach the threshold,
        `n_coded` coded spans of it do, and `n_right` of these have the code by half of their coders or more.
    """
    MEASURES.check(measures)
    overlaps = _overlaps(ANNOTATIONS.check(annotations), PASSAGES.check(passages))
    of_passage = passages.set_index("passage_id")["document_id"].map(groups)
    rows = []
    for construct in dict.fromkeys(annotations["construct"]):
        values = measures[measures["construct"] == construct].set_index("passage_id")["value"]
        for question, positive, sign, codes in _questions(construct):
            if construct == VOICE or codes:
                continue
            spans, _ = _coded(annotations, construct, overlaps, values)
            reached = spans[sign * spans["predicted"] >= threshold]
            each = reached.assign(right=reached["value"] == positive).groupby("unit_id")
            right, group = each["right"].mean() >= _HALF, each["document_id"].first().map(groups)
            found = of_passage.reindex(values.index[sign * values >= threshold]).value_counts()
            coded, held = group.value_counts(), group[right].value_counts()
            rows += [
                (construct, question, name, *(int(counts.get(name, 0)) for counts in (found, coded, held)))
                for name in sorted(set(groups))
            ]
    return pd.DataFrame(rows, columns=["construct", "question", "group", "n_passages", "n_coded", "n_right"])


def _with_axis(annotations: pd.DataFrame, axis: tuple[str, str] | None) -> pd.DataFrame:
    """Judgements, led by those of the axis that follow from them: 1 for its first frame alone, -1 for its second, 0 for both or neither."""
    if axis is None:
        return annotations
    plus, minus = (
        annotations[annotations["construct"] == frame].drop_duplicates(["unit_id", "coder"]) for frame in axis
    )
    both = plus.merge(minus[["unit_id", "coder", "value"]], on=["unit_id", "coder"], suffixes=("", "_minus"))
    of_axis = both.assign(construct=AXIS, value=both["value"] - both["value_minus"])[list(annotations.columns)]
    return pd.concat([of_axis, annotations], ignore_index=True) if len(of_axis) else annotations


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


def _questions(construct: str) -> list[tuple[str, float, int, tuple[float, ...]]]:
    """What is asked of a construct: a name, the code that counts as yes, the sign of the value, and of which codes, if not of all."""
    if construct == STANCE:
        # A model may see well that a side is taken and badly which one: the third tells the two apart.
        rather = "in favor rather than against", 1.0, 1, (1.0, -1.0)
        return [(*_QUESTIONS["favor"], 1, ()), (*_QUESTIONS["against"], -1, ()), rather]
    if construct == AXIS:
        return [("the one frame rather than the other", 1.0, 1, (1.0, -1.0))]
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


def _interval(
    truth: _Bools,
    predicted: _Floats,
    labels: npt.NDArray[np.intp],
    statistic: _Statistic,
    resamples: int,
    seed: int,
) -> tuple[float, float]:
    if not len(labels):
        return float("nan"), float("nan")
    values = np.concatenate([statistic(truth, predicted, times) for times in samples(labels, resamples, seed)])
    low, high = interval(values, int(labels.max()) + 1)
    return float(low), float(high)
