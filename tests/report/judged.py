"""What an analysis knows of coders, by hand: a test names what matters to it."""

import dataclasses

import numpy as np
import pandas as pd

import framing
from framing.correction import COLUMNS as CORRECTED
from framing.reliability import COLUMNS as RELIABILITY


def agreement_row(**of_danger: object) -> pd.DataFrame:
    """A row of `agreement`: of a frame that coders bear out, unless told otherwise."""
    row = {
        "construct": "danger",
        "question": "carries the frame",
        "statistic": "AUC",
        "n": 40,
        "n_positive": 12,
        "n_clusters": 8,
        "value": 0.8,
        "low": 0.7,
        "high": 0.9,
        "n_found": 10,
        "precision": 0.75,
        "precision_low": 0.5,
        "precision_high": 0.9,
        "recall": 0.5,
        "recall_low": 0.25,
        "recall_high": 0.7,
    }
    return pd.DataFrame([row | of_danger])


# Of a row of `errors`, as the report shows it: what all of them share.
ERRORS = {
    "construct": "axis", "what": "Framing axis", "n": 40, "n_documents": 6, "relative": np.nan, "relative_low": np.nan, "relative_high": np.nan,
}  # fmt: skip


def with_corrections(analysis: framing.Analysis) -> framing.Analysis:
    """The analysis with estimates of the axis that codes corrected, of three groups, and alpha of two coders."""
    groups = [
        ("Alder", 0.1, 0.3, 0.2, 0.4, 40), ("Birch", 0.2, -0.1, -0.2, 0.0, 30), ("Cedar", 0.2, 0.8, 0.7, 0.9, 29), ("unknown", 0.0, 0.9, 0.8, 1.0, 40),
    ]  # fmt: skip
    rows = [
        dict.fromkeys(CORRECTED, float("nan"))
        | {
            "outlet": name,
            "construct": "axis",
            "raw": raw,
            "corrected": value,
            "corrected_low": low,
            "corrected_high": high,
            "n_coded": coded,
        }
        for name, raw, value, low, high, coded in groups
    ]
    alpha = dict(zip(RELIABILITY, ("danger", "all codes", "alpha, nominal", 2, 30, 30, 9, 0.75, 0.6, 0.9), strict=True))
    return dataclasses.replace(analysis, corrected_estimates=pd.DataFrame(rows), reliability=pd.DataFrame([alpha]))
