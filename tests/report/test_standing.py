"""What coded passages bear out, and what they do not: every sentence follows from the tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from judged import ERRORS, agreement_row

import framing
from framing.report import standing, summary


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"value": 1.0, "low": float("nan"), "high": float("nan")}, ""),  # in every draw of articles
        (
            {"low": 0.5},
            "Not distinguishable from chance on the coded passages, and to be reworded: {name} (AUC 0.80, 0.50 to 0.90).",
        ),
        (
            {"low": float("nan"), "high": float("nan"), "n_clusters": 4},
            "Coded in too few articles to say (fewer than 5 with the code, or without it): {name} (AUC 0.80, no interval).",
        ),
        (
            {"value": 0.9, "low": float("nan"), "high": float("nan")},
            "Without an interval, because every draw of articles gives the same value: {name} (AUC 0.90, no interval).",
        ),
        (
            {"value": 0.1, "low": 0.05, "high": 0.2},
            "Higher for passages without the code than for those with it, and to be reworded: {name} (AUC 0.10, 0.05 to 0.20).",
        ),
        (
            {"n_positive": 9},
            "Coded too seldom to say (fewer than 10 passages with the code, or without it): {name} (9 of 40).",
        ),
        (
            {"n_positive": 31},
            "Coded too seldom to say (fewer than 10 passages with the code, or without it): {name} (31 of 40).",
        ),
    ],
)
def test_what_coded_passages_do_not_bear_out_is_named_with_the_reason(
    analysis: framing.Analysis, codebook: framing.Codebook, changes: dict[str, object], said: str
) -> None:
    judged = agreement_row(**changes).assign(hypothesis="It burns.")
    both = dataclasses.replace(analysis, agreement=judged, hypothesis_agreement=judged)
    assert standing.poor_hypotheses(both, codebook) == said.format(name="“It burns.” (Danger, carries the frame)")
    expected = said.format(name="Danger, carries the frame").replace("to be reworded", "not to be reported as findings")
    assert standing.caution(both, codebook) == expected
    unsure = said.startswith(("Coded too seldom", "Coded in too few", "Without an interval"))
    assert standing.supported(both, "danger") is (None if unsure else not said)
    marks = {True: "", False: " (NOT SUPPORTED BY CODES)", None: " (TOO FEW CODES TO SAY)"}
    assert standing.mark(both, codebook, "danger") == marks[standing.supported(both, "danger")]
    assert standing.poor_hypotheses(analysis, codebook) == standing.caution(analysis, codebook) == ""


def test_better_than_chance_is_not_enough_to_be_reported(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    judged = agreement_row(value=0.63, low=0.53, high=0.73).assign(hypothesis="It burns.")
    both = dataclasses.replace(analysis, agreement=judged, hypothesis_agreement=judged)
    assert standing.caution(both, codebook) == (
        "Better than chance, but with a lower bound of the interval below 0.70, and not to be reported as findings: Danger, carries the frame "
        "(AUC 0.63, 0.53 to 0.73)."
    )
    assert standing.supported(both, "danger") is False
    assert standing.poor_hypotheses(both, codebook) == ""  # a single wording may see a part of what its frame is


def test_a_construct_is_supported_if_each_of_its_questions_is(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    rows = [agreement_row(construct="stance", question=question) for question in ("in favor", "against")]
    ranks = {"construct": "stance", "statistic": "rank correlation", "n": 12, "value": 0.5, "low": 0.1}

    def given(*more: pd.DataFrame) -> framing.Analysis:
        return dataclasses.replace(analysis, agreement=pd.concat([*rows, *more], ignore_index=True))

    assert standing.supported(given(), "stance") is True
    assert standing.supported(given(agreement_row(**ranks)), "stance") is True
    assert standing.supported(given(agreement_row(**ranks | {"low": 0.0})), "stance") is False
    assert standing.supported(given(agreement_row(construct="stance", low=0.69)), "stance") is False
    assert standing.supported(given(), "danger") is None
    without = agreement_row(value=np.nan, low=np.nan, high=np.nan, n_positive=0)
    assert standing.supported(given(without), "danger") is None  # one code alone occurs
    assert standing.supported(analysis, "danger") is None


def test_captions_are_marked_where_codes_do_not_support_what_they_show(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    rows = [agreement_row(), agreement_row(construct="show", low=0.6)]
    judged = dataclasses.replace(analysis, agreement=pd.concat(rows, ignore_index=True))
    assert standing.mark(judged, codebook, "danger") == ""
    assert standing.mark(judged, codebook, "show") == " (NOT SUPPORTED BY CODES)"
    assert standing.mark(judged, codebook, "stance") == " (NOT VALIDATED)"
    assert standing.mark(judged, codebook, "danger", "show") == " (NOT SUPPORTED BY CODES: Show)"
    errors = pd.DataFrame(
        [
            ERRORS | {"construct": "danger", "group": "Alder", "relative_low": 0.1, "relative_high": 0.3},
            ERRORS | {"construct": "show", "group": "unknown", "relative_low": 0.1, "relative_high": 0.3},
            ERRORS | {"construct": "show", "group": "Alder", "relative_low": -0.1, "relative_high": 0.3},
        ]
    )
    uneven = dataclasses.replace(judged, errors=errors)
    assert standing.mark_groups(uneven, codebook, "danger") == " (ERROR DIFFERS BETWEEN GROUPS)"
    assert standing.mark_groups(uneven, codebook, "danger", "show") == (
        " (NOT SUPPORTED BY CODES: Show) (ERROR DIFFERS BETWEEN GROUPS: Danger)"
    )
    assert standing.mark_groups(uneven, codebook, "show") == standing.mark(uneven, codebook, "show")
    assert standing.mark(judged, codebook, "stance", "danger", "show") == (
        " (NOT SUPPORTED BY CODES: Show; NOT VALIDATED: Stance towards the new bridge)"
    )
    assert standing.mark(analysis, codebook, "danger", "show") == " (NOT VALIDATED)"


def test_decisions_that_are_mostly_wrong_are_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    judged = dataclasses.replace(analysis, agreement=agreement_row(precision=0.3))
    assert standing.caution(judged, codebook) == (
        "Of the coded passages that reach the threshold, fewer than half have the code: Danger, carries the frame (30% of 10)."
    )


def test_what_is_mostly_missed_is_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    judged = dataclasses.replace(analysis, agreement=agreement_row(recall=0.25))
    assert standing.caution(judged, codebook) == (
        "Of the passages with the code, fewer than half reach the threshold, so a low share is no sign of absence: Danger, carries the frame "
        "(25% of 12)."
    )


def test_a_rank_correlation_is_judged_by_its_own_chance(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    ranks = agreement_row(
        construct="stance", question="order of the articles", statistic="rank correlation", n=12, n_positive=3, value=0.3, low=-0.1,
        precision=float("nan"), recall=float("nan"),
    )  # fmt: skip
    judged = dataclasses.replace(analysis, agreement=ranks)
    assert standing.caution(judged, codebook) == (
        "Not distinguishable from chance on the coded passages, and not to be reported as findings: Stance towards the new bridge, order of the "
        "articles (rank correlation 0.30, −0.10 to 0.90)."
    )
    better = dataclasses.replace(analysis, agreement=ranks.assign(low=0.1))
    assert not standing.caution(better, codebook)
    few = dataclasses.replace(analysis, agreement=ranks.assign(n=9))
    assert standing.caution(few, codebook) == (
        "Coded in too few articles to say how these are ordered (fewer than 10): Stance towards the new bridge, order of the articles (9 articles)."
    )
    assert standing.supported(few, "stance") is None
    assert (
        "Over 12 articles with coded sides, these scores and the mean codes have a rank correlation of 0.30 (0.10 to 0.90)."
        in summary.in_short(better, codebook)
    )


def test_groups_in_which_most_of_what_is_found_is_wrong_are_named(codebook: framing.Codebook) -> None:
    found = pd.DataFrame(
        [("danger", "carries the frame", name, 20, coded, right) for name, coded, right in (("Alder", 10, 4), ("Birch", 10, 5), ("Cedar", 4, 0))],
        columns=["construct", "question", "group", "n_passages", "n_coded", "n_right"],
    )  # fmt: skip
    assert standing.wrong_in_groups(found, codebook) == (
        "Of the coded passages that are found in a group, fewer than half have the code: Alder, Danger, carries the frame (4 of 10)."
    )
    assert standing.wrong_in_groups(found[1:], codebook) == ""


def test_groups_in_which_the_values_are_off_are_named(codebook: framing.Codebook) -> None:
    rows = [
        ("Alder", 0.4, 0.2, -0.3, -0.1, -0.4, -0.5, -0.3), ("Birch", -0.5, 0.0, 0.4, 0.6, 0.5, 0.4, 0.6), ("Cedar", 0.1, 0.1, -0.1, 0.1, -0.1, -0.2, 0.1),
        ("unknown", 0.9, 0.0, -0.95, -0.8, np.nan, np.nan, np.nan),
    ]  # fmt: skip
    columns = ["group", "code", "value", "low", "high", "relative", "relative_low", "relative_high"]
    errors = pd.DataFrame([ERRORS | dict(zip(columns, row, strict=True)) for row in rows])
    errors["difference"] = errors["value"] - errors["code"]
    assert standing.errors_in_groups(errors, codebook) == (
        "Framing axis: over the coded passages the groups' means run from −0.50 to +0.40 by the codes, and from 0.00 to +0.20 by the values. "
        "The error of the values differs between groups, so a difference between groups may come from the model or be hidden by it "
        "(mean value minus mean code, against that of the other groups): Framing axis (Alder −0.40, Birch +0.50). "
        "In these groups the values are too high (+) or too low (−) against the coded passages, and the 95% interval excludes 0 (mean value minus mean "
        "code): Framing axis (Alder −0.20, Birch +0.50)."
    )
    assert standing.errors_in_groups(errors[errors["group"] == "Cedar"], codebook) == ""
    assert standing.errors_in_groups(errors.assign(n_documents=4), codebook) == ""


def test_a_bound_below_the_bar_is_not_printed_as_the_bar(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    judged = dataclasses.replace(analysis, agreement=agreement_row(low=0.697))
    assert "AUC 0.80, 0.697 to 0.90" in standing.caution(judged, codebook)
