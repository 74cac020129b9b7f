"""Coded spans: each once, with what its coders said of it and the value that the model has for it."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from framing.annotation import VOICE
from framing.bootstrap import Floats
from framing.codebook import AXIS, STANCE
from framing.tables import ANNOTATIONS, PASSAGES

_HALF = 0.5  # of the coders of a span
_SIDES = {1.0: "plus", -1.0: "minus"}  # by code: the column with the share of the coders who gave it


class Question(NamedTuple):
    """What is asked of a construct.

    Attributes
    ----------
    name : str
    code : float, 1 or -1
        The one that counts as yes.
    sign : int, 1 or -1
        Of the construct's values that speak for it.
    rather : bool
        Whether it is asked only of the spans to which more than half of their coders gave one and the same side.
    """

    name: str
    code: float = 1.0
    sign: int = 1
    rather: bool = False

    def asked(self, units: pd.DataFrame) -> pd.DataFrame:
        """Those of the spans of which it is asked, with `right`: whether half of the coders or more gave the code."""
        if self.rather:
            units = units[(units[[*_SIDES.values()]] > _HALF).any(axis=1)]
        return units.assign(right=units[_SIDES[self.code]] >= _HALF)


BY_SIDE = {  # by side of a hypothesis: what its scores, as they are, answer
    "frame": (Question("carries the frame"),),
    "favor": (Question("in favor"), Question("in favor rather than against", rather=True)),
    "against": (Question("against", -1.0), Question("against rather than in favor", -1.0, rather=True)),
}


def questions(construct: str) -> tuple[Question, ...]:
    """What is asked of a construct's values."""
    if construct == STANCE:
        # A model may see well that a side is taken and badly which one: the third tells the two apart.
        favor, rather = BY_SIDE["favor"]
        return favor, BY_SIDE["against"][0]._replace(sign=-1), rather
    if construct == AXIS:
        return (Question("the one frame rather than the other", rather=True),)
    return (Question("quoted or outlet"),) if construct == VOICE else BY_SIDE["frame"]


class Coded:
    """The coded spans of each construct, and the kept passages that a span shares characters with.

    Parameters
    ----------
    annotations, passages : DataFrames, tables ANNOTATIONS and PASSAGES
    axis : pair of str, optional
        See `units_by_construct`.
    """

    def __init__(self, annotations: pd.DataFrame, passages: pd.DataFrame, axis: tuple[str, str] | None = None) -> None:
        self._units = units_by_construct(annotations, axis)
        self._overlaps = _overlaps(annotations, PASSAGES.check(passages))

    @property
    def constructs(self) -> Iterable[str]:
        """Those that were coded, the axis first."""
        return self._units.keys()

    def valued(self, construct: str, values: "pd.Series[float]") -> pd.DataFrame:
        """The spans of a construct, as `units_by_construct` has them, with the model's value.

        Parameters
        ----------
        construct : str
        values : Series of float
            By passage_id.

        Returns
        -------
        DataFrame, one row per unit_id
            `predicted` is the mean over the passages that the span overlaps, weighted by the overlap, passages without a value left out; missing
            where none has one.
        """
        value = self._overlaps["passage_id"].map(values).astype("float64")
        weight = self._overlaps["overlap"].where(value.notna())
        parts = pd.DataFrame({"weighted": value * weight, "weight": weight})
        sums = parts.groupby(self._overlaps["unit_id"]).sum(min_count=1)
        units = self._units[construct]
        return units.assign(predicted=(sums["weighted"] / sums["weight"]).reindex(units.index))


def units_by_construct(annotations: pd.DataFrame, axis: tuple[str, str] | None = None) -> dict[str, pd.DataFrame]:
    """Coded spans once each, by construct.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
    axis : pair of str, optional
        The frames at +1 and -1 of the codebook's axis. It is coded where both are: 1 for the first alone, -1 for the second, 0 for both or neither.

    Returns
    -------
    dict of DataFrames, the axis first, one row per unit_id in the order of the ids
        document_id : str. code : float, the mean over the span's coders. plus, minus : float in [0, 1], the share of them who gave 1, and who gave
        -1. p : float, how likely the span was to be drawn, missing where that is not known.
    """
    judgements = _with_axis(ANNOTATIONS.check(annotations), axis)
    given = judgements.assign(**{name: judgements["value"] == code for code, name in _SIDES.items()})
    means = {"code": ("value", "mean")} | {name: (name, "mean") for name in _SIDES.values()}
    return {
        str(construct): part.groupby("unit_id").agg(
            document_id=("document_id", "first"), **means, p=("inclusion_probability", "first")
        )
        for construct, part in given.groupby("construct", sort=False)
    }


def values_of(measures: pd.DataFrame, construct: str) -> "pd.Series[float]":
    """The values of passages under a construct, by passage_id."""
    return measures[measures["construct"] == construct].set_index("passage_id")["value"]


def weighted(units: pd.DataFrame) -> bool:
    """Whether it is known of all spans how likely they were to be drawn."""
    return bool(len(units) and units["p"].notna().all())


def weights(units: pd.DataFrame) -> Floats:
    """For how many spans each stands: one over its inclusion probability (Horvitz and Thompson 1952), or one where any is not known."""
    return 1 / units["p"].to_numpy(dtype=np.float64) if weighted(units) else np.ones(len(units))


def _with_axis(annotations: pd.DataFrame, axis: tuple[str, str] | None) -> pd.DataFrame:
    """Judgements, led by those of the axis that follow from them."""
    if axis is None:
        return annotations
    plus, minus = (annotations[annotations["construct"] == frame] for frame in axis)
    both = plus.merge(minus[["unit_id", "coder", "value"]], on=["unit_id", "coder"], suffixes=("", "_minus"))
    of_axis = both.assign(construct=AXIS, value=both["value"] - both["value_minus"])[list(annotations.columns)]
    return pd.concat([of_axis, annotations], ignore_index=True) if len(of_axis) else annotations


def _overlaps(annotations: pd.DataFrame, passages: pd.DataFrame) -> pd.DataFrame:
    """Coded spans with the kept passages that they share characters with, and how many; a title beside the text with itself, as one."""
    units = annotations.drop_duplicates("unit_id")[["unit_id", "document_id", "start", "end"]]
    kept = passages.loc[passages["kept"], ["passage_id", "document_id", "start", "end"]]
    both = units.merge(kept, on="document_id", suffixes=("", "_passage"))
    places = {column: both[column].astype("float64") for column in ("start", "end", "start_passage", "end_passage")}
    shared = np.minimum(places["end"], places["end_passage"]) - np.maximum(places["start"], places["start_passage"])
    titles = places["start"].isna() & places["start_passage"].isna()
    return both.assign(overlap=np.where(titles, 1.0, shared)).query("overlap > 0")
