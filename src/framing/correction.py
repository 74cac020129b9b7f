"""Estimates of groups, corrected for the model's errors with passages that people coded.

Every passage has a value of the model, which errs; few have a code, which is taken for right. Where it is known how likely each coded passage was to
be drawn, the codes tell how far off the model is on average, and that is taken off: the difference estimator of survey sampling (Särndal, Swensson
and Wretman 1992, ch. 6), which is prediction-powered inference (Angelopoulos et al. 2023, Science 382, 669-674) with the unequal probabilities of
design-based supervised learning (Egami et al. 2023). With enough codes it is right on average whatever the model is, also where the model errs in
one group and not in the other; a better model makes the interval narrower. What it cannot mend are errors of the coders.

What is estimated is the mean over a group's articles of the mean over their passages: of a frame the share of passages that carry it, of the axis the
share with its first frame less that with its second, of the stance the share in favor less the share against (net stance; the score of an article's
stance is another number, a mean over the passages that take a side).
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import beta

from framing.annotation import VOICE
from framing.articles import ALL
from framing.bootstrap import COVERAGE, drawn, interval
from framing.codebook import AXIS, STANCE
from framing.errors import TableError
from framing.outlets import clusters_of, group_labels
from framing.tables import ANNOTATIONS, DOCUMENTS, MEASURES, PASSAGES, typed

ESTIMATORS = ("raw", "human", "corrected")
_VALUES = tuple(f"{name}{end}" for name in ESTIMATORS for end in ("", "_low", "_high"))
COLUMNS = (
    "outlet", "construct", *_VALUES, "n_documents", "n_passages", "n_coded", "n_coded_documents", "n_effective", "n_without_probability",
    "n_unmatched", "half_width", "n_more",
)  # fmt: skip
HALF_WIDTH = 0.05  # of an interval that is narrow enough
ENOUGH = 30  # codes of a group: with fewer, the interval says little
_COUNTS = ("n_documents", "n_passages", "n_coded", "n_coded_documents", "n_without_probability", "n_unmatched")
DIFFERENCE_COLUMNS = ("outlet_a", "outlet_b", "construct", *_VALUES, "half_width")
_PLACE = ["document_id", "start", "end"]
_PRIOR = 0.5  # codes at either end that count as seen: Jeffreys' prior of a share

_Floats = npt.NDArray[np.float64]


def corrected_estimates(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    group_by: str = "outlet",
    axis: tuple[str, str] | None = None,
    half_width: float = HALF_WIDTH,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """Each group's mean under each coded construct: by the model alone, by the codes alone, and by the model with its error taken off.

    With f the model's value of a passage, y its code (the mean over its coders), p its inclusion probability, N the passages of its article and
    w = 1 / (p N): raw is the mean over articles of the mean of f; human is the sum of w y over the sum of w (Hájek 1971); corrected is raw plus the
    sum of w (y - f) over the sum of w. The 95% interval is the expanded percentile bootstrap (Hesterberg 2015) of the group's articles, or of its
    stories where five or more are known, each drawn with its codes: that of `raw` is the one of OUTLETS. It takes the articles for a sample of what
    the outlet writes. That the number of units of each stratum is fixed is not made use of.

    The codes that were seen say nothing of the rare one that was not: where a frame is rare, samples of them vary too little, and the upper end would
    be too low. So codes that nobody gave are added to each sample, for `human` and `corrected`: at the lowest and at the highest code that is
    possible, of either a number drawn from a gamma distribution with shape 1/2. Each of them weighs as much as one of `n_effective` codes, sum of
    w^2 over sum of w, and is of a passage whose value is the sample's mean. Of a share in n plain codes this makes about Jeffreys' interval (Brown,
    Cai and DasGupta 2001, Statistical Science 16, 101-133), which in weighted samples does well with `n_effective` for n (Franco et al. 2019,
    Journal of Survey Statistics and Methodology 7, 334-364). Where all codes are 0 it ends near 2.5 / n, much as the rule of three has it (Hanley and
    Lippman-Hand 1983, JAMA 249, 1743-1745). How often it holds what it says is measured in benchmarks/correction.py.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
        Codes of whole passages, drawn with a known probability: see `framing.coding`.
    measures, passages, documents : DataFrames, tables MEASURES, PASSAGES and DOCUMENTS
    group_by : str
        Column of `documents` whose values are compared; it need not be the one that was drawn by.
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis; a passage's code is that of the first less that of the second.
    half_width : float > 0
        What `n_more` is to reach, in the unit of the estimate.
    resamples, seed : int

    Returns
    -------
    DataFrame
        Columns COLUMNS, one row per group and coded construct. `raw`, `human` and `corrected`, each with `_low` and `_high`: frames in [0, 1], axis
        and stance in [-1, 1]; where codes are few, `corrected` can lie outside, its interval never does.
        `n_coded` passages have a code and a probability, in `n_coded_documents` articles; they weigh as much as `n_effective` that had been drawn
        alike (Kish 1965; that codes of one article are more alike than others is not counted).
        `n_without_probability` coded passages have no inclusion probability: `human` and `corrected` are missing where there is one, as where
        nothing was coded. `n_unmatched` coded spans of the group are no passage with a value, and left out. Intervals of `human` and `corrected`
        are missing with fewer than five articles (or stories) with codes; those that are there have a width.
        `half_width` is half of the interval of `corrected`; about `n_more` passages more, drawn in the same way, would bring it down to the one
        asked for: 0 if it is there, missing if nothing is known, or the interval of `raw` is as wide already, because the articles differ too
        much. It takes the model to see how much articles differ, and is too low where the model sees little of that.
        `n_more` is missing too where there is no interval yet.

    Raises
    ------
    StudyError
        If `group_by` is no column that can group articles.
    TableError
        If a table breaks its contract, or a passage has two inclusion probabilities.
    ValueError
        If `half_width` is not above 0.
    """
    if not half_width > 0:
        raise ValueError(f"`half_width` must be above 0, but {half_width!r} was passed.")
    return _estimates_of(
        _groups(annotations, measures, passages, documents, group_by, axis, resamples, seed), half_width
    )


def corrected_differences(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    group_by: str = "outlet",
    axis: tuple[str, str] | None = None,
    resamples: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """The difference between each two groups under each coded construct, by the model alone, by the codes alone, and corrected.

    Groups are drawn independently of each other in the bootstrap; where they share stories this makes the intervals rather too wide. They are not
    adjusted for how many pairs are looked at.

    Parameters
    ----------
    annotations, measures, passages, documents, group_by, axis, resamples, seed
        As in `corrected_estimates`.

    Returns
    -------
    DataFrame
        Columns DIFFERENCE_COLUMNS, one row per construct and pair of groups in alphabetical order of which one has codes: the estimate of `outlet_a`
        less that of `outlet_b`, in [-2, 2], missing where one of the two is, and its interval, missing where one of the two has none.
    """
    return _differences_of(_groups(annotations, measures, passages, documents, group_by, axis, resamples, seed))


def corrected_tables(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    *,
    group_by: str,
    axis: tuple[str, str] | None,
    resamples: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """What `corrected_estimates` and `corrected_differences` return, by these names, from one set of bootstrap samples."""
    groups = list(_groups(annotations, measures, passages, documents, group_by, axis, resamples, seed))
    return {"corrected_estimates": _estimates_of(groups), "corrected_differences": _differences_of(groups)}


def _estimates_of(groups: "Iterable[_Group]", half_width: float = HALF_WIDTH) -> pd.DataFrame:
    rows = [
        {
            "outlet": group.name, "construct": group.construct, **_named(group.value, group.low, group.high),
            **group.counts, "half_width": (group.high[2] - group.low[2]) / 2, "n_more": _more(group, half_width),
        }
        for group in groups
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return typed(table, {"str": ("outlet", "construct"), "int64": _COUNTS, "Int64": ("n_more",)})


def _differences_of(every: "Iterable[_Group]") -> pd.DataFrame:
    rows = []
    for construct, groups in itertools.groupby(every, key=lambda group: group.construct):
        for a, b in itertools.combinations(groups, 2):
            if not (a.counts["n_coded"] or b.counts["n_coded"]):
                continue
            low, high = np.full(3, np.nan), np.full(3, np.nan)
            for i in range(3):
                if not np.isnan(a.low[i] + b.low[i]):
                    low[i], high[i] = interval(a.draws[:, i] - b.draws[:, i], min(a.clusters[i], b.clusters[i]))
            least, most = a.bounds
            low[1:], high[1:] = _possible(
                a.value - b.value, low, high, (least - most, most - least), (a.unseen + b.unseen) / 2
            )
            rows.append(
                {
                    "outlet_a": a.name, "outlet_b": b.name, "construct": construct, **_named(a.value - b.value, low, high),
                    "half_width": (high[2] - low[2]) / 2,
                }
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
    return typed(table, {"str": DIFFERENCE_COLUMNS[:3]})


@dataclass(frozen=True)
class _Group:
    """A group under a construct; arrays in the order of ESTIMATORS."""

    name: str
    construct: str
    value: _Floats  # (3,)
    low: _Floats
    high: _Floats
    draws: _Floats  # (resamples, 3)
    clusters: tuple[int, int, int]
    bounds: tuple[float, float]  # of what is possible
    unseen: float  # part of their range that the upper end reaches from the lowest code where no other was given
    counts: dict[str, float]


def _groups(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    documents: pd.DataFrame,
    group_by: str,
    axis: tuple[str, str] | None,
    resamples: int,
    seed: int,
) -> Iterator[_Group]:
    """Every group under every coded construct, constructs in the order of `measures`."""
    ANNOTATIONS.check(annotations)
    articles = DOCUMENTS.check(documents)[["document_id", "story_id", "duplicate_of"]]
    articles = articles.assign(group=group_labels(documents, group_by))
    of_group = articles.set_index("document_id")["group"]
    codes, unmatched = _codes(annotations, passages, axis)
    for construct in dict.fromkeys(MEASURES.check(measures)["construct"]):
        if construct not in codes:
            continue
        values = measures[measures["construct"] == construct].dropna(subset="value")
        of_article = values.groupby("document_id")["value"].agg(["mean", "size"]).reset_index()
        rows = articles.merge(of_article, on="document_id", validate="one_to_one").sort_values("document_id")
        coded = values[["passage_id", "document_id", "value"]].merge(codes[construct][["passage_id", "code", "p"]])
        without = codes[construct].loc[~codes[construct]["passage_id"].isin(values["passage_id"]), "document_id"]
        lost = pd.concat([unmatched[construct], without]).map(of_group).value_counts()
        for name, part in rows.groupby("group"):
            mine = coded.merge(part[["document_id", "size"]], on="document_id")
            # The samples of articles are those of `compare_outlets`: one number has one interval.
            rng = np.random.default_rng([seed, *f"{name}\0{construct}\0{ALL}".encode()])
            yield _group(str(name), construct, part, mine, int(lost.get(name, 0)), resamples, rng)


def _codes(
    annotations: pd.DataFrame, passages: pd.DataFrame, axis: tuple[str, str] | None
) -> tuple[dict[str, pd.DataFrame], dict[str, "pd.Series[str]"]]:
    """By construct: passage_id, document_id, `code` (the mean over coders) and `p` of coded passages; and the documents of coded spans that are no
    kept passage."""
    spans = annotations[annotations["construct"] != VOICE]
    kept = PASSAGES.check(passages).loc[passages["kept"], ["passage_id", *_PLACE]]
    # A title beside the text has no place in it, and is the only one of its article.
    both = [table.assign(**{c: table[c].astype("float64").fillna(-1) for c in _PLACE[1:]}) for table in (spans, kept)]
    spans = both[0].merge(both[1], on=_PLACE, how="left", validate="many_to_one")
    probability = spans.groupby("passage_id")["inclusion_probability"]
    if len(differing := probability.nunique().loc[lambda n: n > 1]):
        raise TableError(
            f"table `annotations`: {differing.index[0]} has more than one inclusion_probability; a passage is drawn once."
        )
    by_construct, unmatched = {}, {}
    for construct, part in spans.groupby("construct", sort=False):
        each = part.groupby("passage_id", sort=True)
        mean = each.agg(
            document_id=("document_id", "first"), code=("value", "mean"), p=("inclusion_probability", "max")
        )
        by_construct[str(construct)] = mean.reset_index()
        unmatched[str(construct)] = part[part["passage_id"].isna()].drop_duplicates("unit_id")["document_id"]
    if axis and all(frame in by_construct for frame in axis):
        plus, minus = (by_construct[frame] for frame in axis)
        of_axis = plus.merge(minus[["passage_id", "code"]], on="passage_id", suffixes=("", "_minus"))
        by_construct[AXIS] = of_axis.assign(code=of_axis["code"] - of_axis["code_minus"])
        unmatched[AXIS] = unmatched[axis[0]]
    return by_construct, unmatched


def _group(
    name: str,
    construct: str,
    articles: pd.DataFrame,
    coded: pd.DataFrame,
    unmatched: int,
    resamples: int,
    rng: np.random.Generator,
) -> _Group:
    """One group under one construct, from its articles (`mean` and `size` of their values) and the coded passages in them."""
    without = int(coded["p"].isna().sum())
    used = coded.iloc[:0] if without else coded
    f, y = (used[column].to_numpy(dtype=np.float64) for column in ("value", "code"))
    w = 1 / (used["p"] * used["size"]).to_numpy(dtype=np.float64)
    labels, _ = clusters_of(articles)
    names, cluster = np.unique(labels.to_numpy(dtype="str"), return_inverse=True)
    of_code = used["document_id"].map(pd.Series(cluster, articles["document_id"])).to_numpy(dtype=np.intp)
    # Of each cluster: sums over its articles, and weighted sums over its codes; a sample of clusters adds them up.
    sums = np.zeros((len(names), 5))
    np.add.at(sums, cluster, np.c_[articles["mean"], np.ones(len(articles)), np.zeros((len(articles), 3))])
    np.add.at(sums, of_code, np.c_[np.zeros((len(used), 2)), w * y, w * f, w])
    value = _estimates(sums.sum(axis=0)[None])[0]
    parts = drawn(len(names), resamples, rng, rows=len(names))
    sampled = np.concatenate([sums[part].sum(axis=1) for part in parts])
    effective = float(w.sum() ** 2 / (w**2).sum()) if len(used) else 0.0
    bounds = (-1.0, 1.0) if construct in (AXIS, STANCE) else (0.0, 1.0)
    # A stream of its own, so that the samples of articles stay those of `compare_outlets`.
    added = rng.spawn(1)[0].gamma(_PRIOR, size=(resamples, 2)) * (w.sum() / effective if len(used) else 0.0)
    draws = _estimates(sampled, added @ np.array(bounds), added.sum(axis=1))
    with_codes = len(np.unique(of_code))
    clusters = len(names), with_codes, with_codes
    ends = [interval(draws[:, i], n) for i, n in enumerate(clusters)]
    low, high = (np.array([end[i] for end in ends], dtype=np.float64) for i in (0, 1))
    unseen = float(beta.ppf((1 + COVERAGE) / 2, _PRIOR, effective + _PRIOR))
    low[1:], high[1:] = _possible(value, low, high, bounds, unseen)
    counts = {
        "n_documents": len(articles),
        "n_passages": int(articles["size"].sum()),
        "n_coded": len(used),
        "n_coded_documents": used["document_id"].nunique(),
        "n_effective": effective,
        "n_without_probability": without,
        "n_unmatched": unmatched,
    }
    return _Group(name, construct, value, low, high, draws, clusters, bounds, unseen, counts)


def _estimates(sums: _Floats, added_wy: _Floats | float = 0.0, added_w: _Floats | float = 0.0) -> _Floats:
    """ESTIMATORS of each row of sums of the articles' means, the articles, w y, w f and w: shape (n, 5) -> (n, 3).

    What is added to the sums of w y and of w, shape (n,), are codes that nobody gave: of passages whose value is the row's weighted mean of f, which
    stays as it is. Missing where a row has no other codes.
    """
    total, n, wy, wf, w = sums.T
    raw = total / n
    some, nothing = w > 0, np.full(len(w), np.nan)
    human = np.divide(wy + added_wy, w + added_w, out=nothing.copy(), where=some)
    model = np.divide(wf, w, out=nothing, where=some)
    estimates: _Floats = np.c_[raw, human, raw + human - model]
    return estimates


def _possible(
    value: _Floats, low: _Floats, high: _Floats, bounds: tuple[float, float], unseen: float
) -> tuple[_Floats, _Floats]:
    """Intervals of `human` and `corrected` that hold their estimate and stay within what is possible; arrays in the order of ESTIMATORS.

    Of an estimate outside of what is possible they still reach the part `unseen` of the range into it, and so have a width.
    """
    least, most = bounds
    reach = unseen * (most - least)
    below = np.minimum(np.minimum(low, value), most - reach)
    above = np.maximum(np.maximum(high, value), least + reach)
    return np.maximum(below, least)[1:], np.minimum(above, most)[1:]


def _named(value: _Floats, low: _Floats, high: _Floats) -> dict[str, float]:
    return dict(zip(_VALUES, np.c_[value, low, high].ravel().tolist(), strict=True))


def _more(group: _Group, asked: float) -> int | None:
    """About how many passages more bring half the interval of `corrected` down to what is asked.

    The part of its variance that `raw` has as well comes of the articles, and stays; the rest falls with the number of codes.
    """
    of_articles, _, reached = (group.high - group.low) / 2
    of_articles = np.nan_to_num(of_articles)  # articles that are all alike have no interval, and add nothing
    if reached <= asked:
        return 0
    if np.isnan(reached) or of_articles >= asked:
        return None
    coded, passages = group.counts["n_coded"], group.counts["n_passages"]
    times = (reached**2 - of_articles**2) / (asked**2 - of_articles**2)
    return int(min(np.ceil(coded * (times - 1)), passages - coded))
