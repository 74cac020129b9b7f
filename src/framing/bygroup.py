"""The model against coders in each group: what is found and right there, and how far its values are off."""

import numpy as np
import pandas as pd

from framing.annotation import VOICE
from framing.bootstrap import FEWEST, mean_interval
from framing.differences import against_others
from framing.outlets import UNKNOWN
from framing.spans import Coded, questions, values_of, weighted, weights
from framing.tables import MEASURES, typed

FOUND_COLUMNS = ("construct", "question", "group", "n_passages", "n_coded", "n_right", "n_positive")
ERROR_COLUMNS = (
    "construct", "group", "n", "n_documents", "code", "value", "difference", "low", "high", "relative", "relative_low", "relative_high",
    "weighted",
)  # fmt: skip
_NONE = [np.nan] * 3  # of a difference from other groups, and its interval
_ERROR_KINDS = {"str": ("construct", "group"), "int64": ("n", "n_documents"), "bool": ("weighted",)}


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
    coded = Coded(annotations, passages)
    of_passage = passages.set_index("passage_id")["document_id"].map(groups)
    rows = []
    for construct in coded.constructs:
        if construct == VOICE:
            continue
        values = values_of(measures, construct)
        known = coded.valued(construct, values).dropna(subset="predicted")
        group = known["document_id"].map(groups)
        for question in questions(construct):
            if question.rather:
                continue
            right = question.asked(known)["right"]
            reached = question.sign * known["predicted"] >= threshold
            found = of_passage.reindex(values.index[question.sign * values >= threshold]).value_counts()
            counted = [found, *(group[part].value_counts() for part in (reached, reached & right, right))]
            rows += [
                (construct, question.name, name, *(int(counts.get(name, 0)) for counts in counted))
                for name in sorted(set(groups))
            ]
    return typed(
        pd.DataFrame(rows, columns=list(FOUND_COLUMNS)), {"str": FOUND_COLUMNS[:3], "int64": FOUND_COLUMNS[3:]}
    )


def error_by_group(
    annotations: pd.DataFrame,
    measures: pd.DataFrame,
    passages: pd.DataFrame,
    groups: "pd.Series[str]",
    *,
    axis: tuple[str, str] | None = None,
    resamples: int = 10_000,
    seed: int,
) -> pd.DataFrame:
    """How much too high or too low the values are, over the coded passages of each group and of all: the mean value minus the mean code.

    An AUC and a rank correlation see only the order. Values that are nearer to 0 than the codes, or that miss a frame as one group words it,
    keep the order and still bring the groups closer together than they are, or drive them apart.

    Parameters
    ----------
    annotations, measures, passages : DataFrames, tables ANNOTATIONS, MEASURES and PASSAGES
    groups : Series of str
        The group of each document, by document_id.
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis; its code is the code of the first minus that of the second.
    resamples, seed : int

    Returns
    -------
    DataFrame
        One row per coded construct (not the voice) and group that has coded spans with a value, and after these one per construct of all documents
        together, whose `group` is missing: `n` spans (one that several coders judged counts once, with the mean of their codes) of
        `n_documents`, the mean `code` and the mean `value`, both in [0, 1] or [-1, 1], `difference` the value minus the code, and `low` and `high`
        its 95% expanded percentile interval over documents, missing where these are fewer than five. `relative` is the difference minus the mean
        difference of the other groups, and `relative_low` and `relative_high` its interval, which holds for all groups of a construct together
        (`framing.differences`); missing for groups with fewer than five documents, for articles of no named group, for all together, and where
        fewer than two groups remain. `weighted` says whether the spans count by their inclusion probabilities, in all means; see
        `framing.validation.agreement`.
    """
    MEASURES.check(measures)
    coded = Coded(annotations, passages, axis)
    rows: list[tuple[object, ...]] = []
    together: list[tuple[object, ...]] = []
    for construct in coded.constructs:
        if construct == VOICE:
            continue
        units = coded.valued(construct, values_of(measures, construct)).dropna(subset="predicted")
        if units.empty:
            continue
        units = units.assign(
            error=units["predicted"] - units["code"], weight=weights(units), group=units["document_id"].map(groups)
        )
        known = weighted(units)
        relative = _relative_errors(units, resamples, np.random.default_rng([seed, *construct.encode()]))
        for name, part in units.groupby("group"):
            rng = np.random.default_rng([seed, *f"{name}\0{construct}".encode()])
            others = relative.get(str(name), _NONE)
            rows.append((construct, name, *_error(part, resamples, rng), *others, known))
        rng = np.random.default_rng([seed, *f"\0{construct}".encode()])
        together.append((construct, None, *_error(units, resamples, rng), *_NONE, known))
    return typed(pd.DataFrame(rows + together, columns=list(ERROR_COLUMNS)), _ERROR_KINDS)


def _error(units: pd.DataFrame, resamples: int, rng: np.random.Generator) -> tuple[float, ...]:
    """Of some spans, `n`, `n_documents`, `code`, `value`, `difference`, `low` and `high`."""
    documents, stands_for = units["document_id"].to_numpy(dtype=object), units["weight"].to_numpy()
    (low,), (high,) = mean_interval(units[["error"]].to_numpy(), documents, resamples, rng, weights=stands_for)
    means = np.average(units[["code", "predicted", "error"]], axis=0, weights=stands_for)
    return len(units), units["document_id"].nunique(), *means, low, high


def _relative_errors(units: pd.DataFrame, resamples: int, rng: np.random.Generator) -> dict[str, list[float]]:
    """By group, its mean error minus that of the other groups, and the simultaneous interval; without groups of too few documents."""
    enough = units.groupby("group")["document_id"].transform("nunique") >= FEWEST
    some = units[enough & (units["group"] != UNKNOWN)]
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
