"""Coders' judgements -> every table that follows from them."""

import pandas as pd

from framing.bygroup import error_by_group, found_by_group
from framing.correction import corrected_tables
from framing.outlets import group_labels
from framing.reliability import reliability
from framing.stages import Tables
from framing.validation import agreement, agreement_by_article, agreement_by_hypothesis


def against_coders(
    annotations: pd.DataFrame,
    tables: Tables,
    *,
    axis: tuple[str, str] | None,
    group_by: str,
    threshold: float,
    resamples: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Every table of an `Analysis` that follows from coders' judgements, by name; without any judgement they have no rows.

    Parameters
    ----------
    annotations : DataFrame, table ANNOTATIONS
    tables : Tables
    axis : pair of str or None
        The frames at +1 and -1 of the codebook's axis.
    group_by, threshold, resamples, seed
        As `analyse` has them.
    """
    documents, passages, hypotheses, scores, measures, articles = tables
    resampled = {"resamples": resamples, "seed": seed}
    groups = group_labels(documents, group_by).set_axis(documents["document_id"])
    held = (
        agreement(annotations, measures, passages, axis=axis, threshold=threshold, **resampled),
        agreement_by_article(annotations, articles, axis=axis, **resampled),
    )
    # Nothing can be corrected with passages of which it is not known how likely they were to be coded.
    drawn = annotations if annotations["inclusion_probability"].notna().any() else annotations.iloc[:0]
    return {
        "reliability": reliability(annotations, **resampled),
        "agreement": pd.concat(held, ignore_index=True),
        "hypothesis_agreement": agreement_by_hypothesis(annotations, scores, hypotheses, passages, **resampled),
        "found": found_by_group(annotations, measures, passages, groups, threshold=threshold),
        "errors": error_by_group(annotations, measures, passages, groups, axis=axis, **resampled),
    } | corrected_tables(drawn, measures, passages, documents, group_by=group_by, axis=axis, **resampled)
