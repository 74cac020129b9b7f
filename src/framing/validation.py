"""The model against coders."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from framing.annotation import VOICE
from framing.articles import ALL
from framing.bootstrap import FEWEST, drawn, interval, mean_interval, samples
from framing.codebook import AXIS, STANCE
from framing.differences import against_others
from framing.outlets import UNKNOWN as UNNAMED
from framing.tables import ANNOTATIONS, ARTICLES, HYPOTHESES, MEASURES, PASSAGES, SCORES, typed
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
_P = ("inclusion_probability", "first")  # of a unit: what is aggregated, and how
_HALF = 0.5  # of the coders of a span; between the two voices
HYPOTHESIS_COLUMNS = (
    "construct", "question", "hypothesis", "n", "n_positive", "n_documents", "n_clusters", "value", "low", "high", "weighted",
)  # fmt: skip
ERROR_COLUMNS = (
    "construct", "group", "n", "n_documents", "code", "value", "difference", "low", "high", "relative", "relative_low", "relative_high",
    "weighted",
)  # fmt: skip
FOUND_COLUMNS = ("construct", "question", "group", "n_passages", "n_coded", "n_right", "n_positive")
_N = ("n", "n_positive", "n_documents", "n_clusters")
_WEIGHTED = {"bool": ("weighted",)}
_KINDS = {
    "str": ("construct", "question", "statistic"),
    "int64": (*_N, "n_unmatched"),
    "Int64": ("n_found",),
} | _WEIGHTED
_HYPOTHESIS_KINDS = {"str": ("construct", "question", "hypothesis"), "int64": _N} | _WEIGHTED
_ERROR_KINDS = {"str": ("construct", "group"), "int64": ("n", "n_documents")} | _WEIGHTED
_ALL = ""  # what all documents together are called among groups
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
        statistics: dict[str, _Statistic] = {EQUAL: _equal, KAPPA: _kappa} if construct == VOICE else {"AUC": auc}
        for question, positive, sign, rather in _questions(construct):
            asked = _one_sided(annotations[annotations["construct"] == construct]) if rather else annotations
            spans, coded = _coded(asked, construct, overlaps, values)
            units = _units(spans, positive)
            decided = construct != VOICE and not rather
            found = _found(units, sign, threshold, resamples, seed) if decided else _NOT_DECIDED
            for name, statistic in statistics.items():
                held = _held(units, sign, statistic, resamples, seed)
                rows.append((construct, question, name, *held, coded - len(units), _weighted(units), *found))
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
                asked[f"{question} rather than {_QUESTIONS[other][0]}"] = _one_sided(spans)
            for question, some in asked.items():
                units = _units(some, positive)
                held = _held(units, 1, auc, resamples, seed)
                rows.append((construct, question, hypothesis["text"], *held, _weighted(units)))
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
    ANNOTATIONS.check(annotations)
    overall = ARTICLES.check(articles)[articles["voice"] == ALL]
    coded = _with_axis(annotations, axis)
    rows = []
    for construct in (AXIS, STANCE):
        codes = coded[coded["construct"] == construct]
        scores = overall[overall["construct"] == construct].set_index("document_id")["score"]
        units = codes.groupby("unit_id").agg(document_id=("document_id", "first"), code=("value", "mean"), p=_P)
        if construct == STANCE:
            units = units[units["code"] != 0]
        if units.empty:
            continue
        weights = _weights(units)
        of_article = (
            pd.DataFrame({"code": units["code"] * weights, "weight": weights}).groupby(units["document_id"]).sum()
        )
        means = (of_article["code"] / of_article["weight"]).rename("code")
        both = means.to_frame().join(scores).dropna()
        value, low, high = _rank_correlation(both["code"].to_numpy(), both["score"].to_numpy(), resamples, seed)
        n = len(both)
        facts = n, int((both["code"] > 0).sum()), n, n, value, low, high, len(means) - n, _weighted(units)
        rows.append((construct, "order of the articles", RANKS, *facts, *_NOT_DECIDED))
    return typed(pd.DataFrame(rows, columns=list(COLUMNS)), _KINDS)


def found_by_group(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    groups: "pd.Series[str]",
    *,
    threshold: float = 0.5,
) -> pd.DataFrame:
    """Of what is found at the threshold in each group, how much was coded and how much of that has the code; of what has the code, how much
    is found.

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
        `n_coded` coded spans of it do, and `n_right` of these have the code by half of their coders or more. `n_positive` coded spans
        have the code, found or not: `n_right / n_coded` is the precision in the group, `n_right / n_positive` the recall.
    """
    MEASURES.check(measures)
    overlaps = _overlaps(ANNOTATIONS.check(annotations), PASSAGES.check(passages))
    of_passage = passages.set_index("passage_id")["document_id"].map(groups)
    rows = []
    for construct in dict.fromkeys(annotations["construct"]):
        values = measures[measures["construct"] == construct].set_index("passage_id")["value"]
        for question, positive, sign, rather in _questions(construct):
            if construct == VOICE or rather:
                continue
            spans, _ = _coded(annotations, construct, overlaps, values)
            units = _units(spans, positive)
            reached, group = sign * units["predicted"] >= threshold, units["document_id"].map(groups)
            found = of_passage.reindex(values.index[sign * values >= threshold]).value_counts()
            parts = (reached, reached & units["right"], units["right"])
            counted = [found, *(group[part].value_counts() for part in parts)]
            rows += [
                (construct, question, name, *(int(counts.get(name, 0)) for counts in counted))
                for name in sorted(set(groups))
            ]
    return typed(
        pd.DataFrame(rows, columns=list(FOUND_COLUMNS)), {"str": FOUND_COLUMNS[:3], "int64": FOUND_COLUMNS[3:]}
    )


def error_by_group(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    groups: "pd.Series[str] | None",
    *,
    axis: tuple[str, str] | None = None,
    resamples: int = 10_000,
    seed: int,
) -> pd.DataFrame:
    """How much too high or too low the values are in each group, over its coded passages: the mean value minus the mean code.

    An AUC and a rank correlation see only the order. Values that are nearer to 0 than the codes, or that miss a frame as one group words it,
    keep the order and still bring the groups closer together than they are, or drive them apart.

    Parameters
    ----------
    annotations, measures, passages : DataFrames, tables ANNOTATIONS, MEASURES and PASSAGES
    groups : Series of str, or None
        The group of each document, by document_id; None: all documents together, in rows whose `group` is missing.
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis; its code is the code of the first minus that of the second.
    resamples, seed : int

    Returns
    -------
    DataFrame
        One row per coded construct (not the voice) and group that has coded spans with a value: `n` spans (one that several coders judged
        counts once, with the mean of their codes) of `n_documents`, the mean `code` and the mean `value`, both in [0, 1] or [-1, 1], `difference`
        the value minus the code, and `low` and `high` its 95% expanded percentile interval over documents, missing where these are fewer
        than five. `relative` is the difference minus the mean difference of the other groups, and `relative_low` and `relative_high` its interval,
        which holds for all groups of a construct together (`framing.differences`); missing for groups with fewer than five documents, for
        articles of no named group, and where fewer than two groups remain. `weighted` says whether the spans count by their inclusion
        probabilities, in all means; see `agreement`.
    """
    MEASURES.check(measures)
    overlaps = _overlaps(ANNOTATIONS.check(annotations), PASSAGES.check(passages))
    coded = _with_axis(annotations, axis)
    rows = []
    for construct in dict.fromkeys(coded["construct"]):
        if construct == VOICE:
            continue
        values = measures[measures["construct"] == construct].set_index("passage_id")["value"]
        spans, _ = _coded(coded, construct, overlaps, values)
        units = spans.groupby("unit_id").agg(
            document_id=("document_id", "first"), code=("value", "mean"), value=("predicted", "first"), p=_P
        )
        units = units.assign(
            error=units["value"] - units["code"],
            weight=_weights(units),
            group=_ALL if groups is None else units["document_id"].map(groups),
        )
        relative = _relative_errors(units, resamples, np.random.default_rng([seed, *construct.encode()]))
        for name, part in units.groupby("group"):
            rng = np.random.default_rng([seed, *f"{name}\0{construct}".encode()])
            errors, documents = part[["error"]].to_numpy(), part["document_id"].to_numpy(dtype=object)
            weights = part["weight"].to_numpy()
            (low,), (high,) = mean_interval(errors, documents, resamples, rng, weights=weights)
            means = np.average(part[["code", "value", "error"]], axis=0, weights=weights)
            counts = len(part), part["document_id"].nunique()
            others = relative.get(str(name), [np.nan] * 3)
            group = None if groups is None else name
            rows.append((construct, group, *counts, *means, low, high, *others, _weighted(units)))
    return typed(pd.DataFrame(rows, columns=list(ERROR_COLUMNS)), _ERROR_KINDS)


def _relative_errors(units: pd.DataFrame, resamples: int, rng: np.random.Generator) -> dict[str, list[float]]:
    """By group, its mean error minus that of the other groups, and the simultaneous interval; without groups of too few documents."""
    enough = units.groupby("group")["document_id"].transform("nunique") >= FEWEST
    some = units[enough & (units["group"] != UNNAMED)]
    if some["group"].nunique() < 2:
        return {}
    found = against_others(
        some["error"].to_numpy(dtype=np.float64),
        some["group"].to_numpy(dtype="str"),
        some["document_id"].to_numpy(dtype="str"),
        jointly=False,
        resamples=resamples,
        rng=rng,
        weights=some["weight"].to_numpy(),
    )
    return {row["group"]: [row["difference"], row["low"], row["high"]] for row in found.to_dict("records")}


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


def _questions(construct: str) -> list[tuple[str, float, int, bool]]:
    """What is asked of a construct: a name, the code that counts as yes, the sign of the value, and whether only of the spans with one of the two
    sides."""
    if construct == STANCE:
        # A model may see well that a side is taken and badly which one: the third tells the two apart.
        rather = "in favor rather than against", 1.0, 1, True
        return [(*_QUESTIONS["favor"], 1, False), (*_QUESTIONS["against"], -1, False), rather]
    if construct == AXIS:
        return [("the one frame rather than the other", 1.0, 1, True)]
    return [("quoted or outlet", 1.0, 1, False) if construct == VOICE else (*_QUESTIONS["frame"], 1, False)]


def _one_sided(judgements: pd.DataFrame) -> pd.DataFrame:
    """The judgements of those spans to which more than half of their coders gave one and the same side."""
    of_unit = judgements["unit_id"]
    sides = [judgements["value"].eq(side).groupby(of_unit).transform("mean") > _HALF for side in (1.0, -1.0)]
    return judgements[sides[0] | sides[1]]


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
    """The judgements of spans of a construct that have a value, as `predicted`, by the values of passages; and how many spans were judged."""
    coded = annotations[annotations["construct"] == construct].drop_duplicates(["unit_id", "coder"])
    value = overlaps["passage_id"].map(values).astype("float64")
    weight = overlaps["overlap"].where(value.notna())
    sums = pd.DataFrame({"weighted": value * weight, "weight": weight}).groupby(overlaps["unit_id"]).sum(min_count=1)
    spans = coded.assign(predicted=coded["unit_id"].map(sums["weighted"] / sums["weight"]))
    return spans.dropna(subset="predicted"), coded["unit_id"].nunique()


def _units(spans: pd.DataFrame, positive: float) -> pd.DataFrame:
    """Spans once each, in the order of their ids: `document_id`, `predicted`, `right`, whether half of the coders or more gave the code, and how
    likely they were to be drawn, `p`."""
    each = spans.assign(right=spans["value"] == positive).groupby("unit_id")
    units = each.agg(
        document_id=("document_id", "first"), predicted=("predicted", "first"), right=("right", "mean"), p=_P
    )
    return units.assign(right=units["right"] >= _HALF)


def _weighted(units: pd.DataFrame) -> bool:
    """Whether it is known of all units how likely they were to be drawn."""
    return bool(len(units) and units["p"].notna().all())


def _weights(units: pd.DataFrame) -> "_Floats":
    """For how many units each stands: one over its inclusion probability (Horvitz and Thompson 1952), or one where any is not known."""
    return 1 / units["p"].to_numpy(dtype=np.float64) if _weighted(units) else np.ones(len(units))


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
    weights = _weights(units)
    value = float(statistic(truth, predicted, weights[None])[0])
    if clusters < FEWEST:
        return *counts, value, float("nan"), float("nan")
    draws = np.concatenate([statistic(truth, predicted, times * weights) for times in samples(labels, resamples, seed)])
    low, high = interval(draws, clusters)
    return *counts, value, float(low), float(high)


_NOT_DECIDED = (pd.NA, *[np.nan] * 6)


def _found(
    units: pd.DataFrame, sign: int, threshold: float, resamples: int, seed: int
) -> tuple[int, float, float, float, float, float, float]:
    """Spans at or above the threshold; the part of these with the code and the part of those with the code among them, each with its interval."""
    coded, found = units["right"].to_numpy(dtype=bool), (sign * units["predicted"] >= threshold).to_numpy()
    documents, weights = units["document_id"].to_numpy(dtype=object), _weights(units)

    def part(those: _Bools, of: _Bools) -> tuple[float, float, float]:
        if not of.any():
            return float("nan"), float("nan"), float("nan")
        among = those[of].astype(np.float64)
        rng = np.random.default_rng(seed)
        (low,), (high,) = mean_interval(among[:, None], documents[of], resamples, rng, weights=weights[of])
        return float(np.average(among, weights=weights[of])), float(low), float(high)

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
