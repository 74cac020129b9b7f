"""A report in short: every sentence follows from the tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from judged import ERRORS, agreement_row, with_corrections

import framing
from framing.differences import compare_groups
from framing.outlets import compare_outlets
from framing.report import summary


def test_what_codes_do_not_support_is_not_summarised(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    rows = [agreement_row(construct=construct, low=0.6) for construct in ("axis", "stance")]
    judged = dataclasses.replace(analysis, agreement=pd.concat(rows, ignore_index=True))
    text = summary.in_short(judged, codebook)
    assert "Framing axis: the coded passages do not support it, so its means are not summarised here." in text
    assert (
        "Stance towards the new bridge: the coded passages do not support it, so its counts are not summarised here."
        in text
    )
    assert "in favor on balance" not in text
    assert "highest mean" not in text


@pytest.mark.parametrize("faults", [{"precision": 0.3}, {"recall": 0.25}, {"precision": 0.3, "recall": 0.25}])
def test_in_short_a_threshold_that_does_not_hold_is_named_once(
    analysis: framing.Analysis, codebook: framing.Codebook, faults: dict[str, float]
) -> None:
    text = summary.in_short(dataclasses.replace(analysis, agreement=agreement_row(**faults)), codebook)
    assert (
        text.count(
            "At the threshold, most of what is found is wrong, or most of what is there is missed: Danger, carries the frame. "
        )
        == 1
    )
    assert "%" not in text.rsplit("At the threshold", 1)[1]
    assert "At the threshold" not in summary.in_short(
        dataclasses.replace(analysis, agreement=agreement_row()), codebook
    )


def test_articles_without_a_scored_passage_are_not_said_to_take_no_side(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    unread = analysis.articles["document_id"].eq("a1")
    articles = analysis.articles.assign(
        n_passages=analysis.articles["n_passages"].mask(unread, 0), score=analysis.articles["score"].mask(unread)
    )
    text = summary.in_short(dataclasses.replace(analysis, articles=articles), codebook)
    assert "no side was found, and 1 have no scored passage." in text


def test_the_summary_names_extent_ends_and_sides(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = summary.in_short(analysis, codebook)
    assert text.startswith("3 articles of 2 groups, from 2031-01-02 to 2031-01-09; ")
    assert "Framing axis (Danger at +1, Show at −1): of 2 groups, Alder Post has the highest mean (−" in text
    assert "and Birch Mail the lowest (−" in text
    assert "no interval, n = 1). The mean over all articles is −" in text
    assert "No difference between groups can be estimated: fewer than two have 5 articles." in text
    assert "Towards the new bridge, " in text
    assert "The scores were not validated against hand-coded passages" in text


def test_groups_without_a_name_or_an_interval_are_no_ends_where_others_are_there(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    row = analysis.outlets.query("construct == 'axis' and voice == 'all'").iloc[0].to_dict()
    groups = [
        ("unknown", 0.9, 0.8), ("One Article", 0.8, None), ("Alder", 0.5, 0.4), ("Birch", 0.1, 0.05), ("Cedar", -0.2, -0.3),
    ]  # fmt: skip
    outlets = pd.DataFrame(
        [
            row | {"outlet": name, "estimate": mean, "low": low, "high": None if low is None else mean + 0.05}
            for name, mean, low in groups
        ]
    )
    text = summary.in_short(dataclasses.replace(analysis, outlets=outlets), codebook)
    assert "3 articles of 4 named groups (2 articles without one), from 2031-01-02" in text
    assert "of 3 named groups with an interval, Alder has the highest mean (+0.50, " in text
    assert "and Cedar the lowest (−0.20, " in text


def _of_groups(analysis: framing.Analysis, codebook: framing.Codebook, means: dict[str, float], n: int = 8) -> str:
    """The summary of so many articles a group, whose scores on the axis lie about these means."""
    names = [f"{group}{i}" for group in means for i in range(n)]
    scores = [mean + 0.01 * (i - (n - 1) / 2) for mean in means.values() for i in range(n)]
    axis = analysis.articles.query("construct == 'axis' and voice == 'all'").iloc[0].to_dict()
    articles = pd.DataFrame([axis | {"document_id": d, "score": s} for d, s in zip(names, scores, strict=True)])
    document = analysis.documents.iloc[0].to_dict()
    documents = pd.DataFrame(
        [document | {"document_id": f"{g}{i}", "outlet": g, "story_id": None} for g in means for i in range(n)]
    )
    outlets = compare_outlets(articles, documents, resamples=200, seed=1)
    differences = compare_groups(articles, documents, construct="axis", resamples=200, seed=1).assign(construct="axis")
    given = dataclasses.replace(
        analysis, articles=articles, documents=documents, outlets=outlets, differences=differences
    )
    return summary.in_short(given, codebook)


def test_groups_that_differ_from_the_others_are_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = _of_groups(analysis, codebook, {"Alder": 0.5, "Birch": 0.1, "Cedar": 0.1, "Dogwood": -0.3})
    assert "of 4 groups, Alder has the highest mean (+0.50, 95% interval " in text
    assert (
        "The mean over all articles is +0.10. Against the mean of the other groups, by intervals that hold for all 4 groups together: "
        in text
    )
    assert "higher Alder (+0.53, 95% interval " in text
    assert "; lower Dogwood (−0.53, 95% interval " in text
    assert "Birch" not in text
    assert "overlap" not in text


def test_groups_that_do_not_differ_are_not_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = _of_groups(analysis, codebook, {"Alder": 0.101, "Birch": 0.1, "Cedar": 0.1})
    assert (
        "No group differs distinguishably from the mean of the other groups, by intervals that hold for all 3 groups together: the largest "
        "difference is that of " in text
    )
    assert "differences of up to ±0.0" in text
    assert text.split("cannot be excluded.")[0].count("±") == 1


def test_of_two_groups_their_difference_is_told(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = _of_groups(analysis, codebook, {"Alder": -0.1, "Birch": 0.1})
    assert "The difference between Birch and Alder is +0.20 (95% interval +0." in text


def test_of_many_groups_that_differ_the_farthest_are_named(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    text = _of_groups(analysis, codebook, {f"G{i}": 0.8 * (i < 7) for i in range(14)})
    assert text.count("(+0.43, 95% interval ") == 5
    assert ", 2 more; lower " in text


def test_in_short_the_errors_of_the_main_construct_are_told_and_the_others_named(
    analysis: framing.Analysis, codebook: framing.Codebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = {"group": "Alder", "code": 0.4, "value": 0.2, "difference": -0.2, "low": -0.3, "high": -0.1}
    rows = [ERRORS | off | {"construct": c, "what": w} for c, w in (("axis", "Axis"), ("danger", "Danger"))]
    monkeypatch.setattr(summary, "error_table", lambda *_: pd.DataFrame(rows))
    said = summary.in_short(analysis, codebook)
    assert "code): Axis (Alder −0.20). The values err in some groups for Danger as well: see the table" in said
    assert "Danger (Alder" not in said
    monkeypatch.setattr(summary, "error_table", lambda *_: pd.DataFrame(rows[:1]))
    assert "as well: see the table" not in summary.in_short(analysis, codebook)


def test_stories_that_recur_and_are_too_few_are_told(analysis: framing.Analysis) -> None:
    assert summary.recurring_stories(analysis).startswith(
        "In 1 group fewer than 5 stories are known, and several articles are on the same story."
    )
    own = analysis.documents.assign(story_id=analysis.documents["document_id"])
    assert summary.recurring_stories(dataclasses.replace(analysis, documents=own)) == ""
    unknown = analysis.documents.assign(story_id=None)
    assert summary.recurring_stories(dataclasses.replace(analysis, documents=unknown)) == ""


def test_no_name_turns_the_sentence_that_it_stands_in(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    arabic = "\u0635\u062d\u064a\u0641\u0629"
    row = analysis.outlets.query("construct == 'axis' and voice == 'all'").iloc[0].to_dict()
    groups = (("\u202eEvil Post", -0.5), (arabic, 0.25))
    rows = [row | {"outlet": o, "estimate": v, "low": np.nan, "high": np.nan} for o, v in groups]
    text = summary.in_short(dataclasses.replace(analysis, outlets=pd.DataFrame(rows)), codebook)
    assert f"\u2068{arabic}\u2069 has the highest mean (+0.25, no interval, n = 2) and Evil Post the lowest" in text
    assert "\u202e" not in text


def _with_articles(analysis: framing.Analysis, counts: dict[str, dict[str, int]]) -> framing.Analysis:
    """The analysis with so many scored articles by construct and group."""
    row = analysis.outlets.iloc[0].to_dict() | {"voice": "all"}
    rows = [row | {"construct": c, "outlet": o, "n_documents": n} for c, of in counts.items() for o, n in of.items()]
    return dataclasses.replace(analysis, outlets=pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("stance", "rest", "said"),
    [
        ({"Alder": 12, "Birch": 10}, {"Alder": 12, "Birch": 10}, ""),
        ({"Alder": 12, "Birch": 10, "unknown": 1}, {"Alder": 12, "Birch": 10, "unknown": 1}, ""),
        ({"Alder": 12, "Birch": 9, "unknown": 1}, {"Alder": 12, "Birch": 9, "unknown": 1}, ": 1 of 2. Below five"),
        ({"Alder": 1, "Birch": 0}, {"Alder": 20, "Birch": 20}, ": 2 of 2 (Stance towards the new bridge). Below five"),
        (
            {"Alder": 1, "Birch": 2},
            {"Alder": 20, "Birch": 3},
            ": 1 of 2 (Framing axis, Danger, Show); 2 of 2 (Stance towards the new bridge). Below five",
        ),
    ],
)
def test_groups_of_few_articles_are_told_for_each_construct(
    analysis: framing.Analysis, codebook: framing.Codebook, stance: dict[str, int], rest: dict[str, int], said: str
) -> None:
    given = _with_articles(analysis, {"axis": rest, "stance": stance, "danger": rest, "show": rest})
    found = summary.few_articles(given, codebook)
    assert said in found
    assert bool(found) == bool(said)


def test_constructs_that_no_coder_judged_are_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = summary.in_short(dataclasses.replace(analysis, agreement=agreement_row()), codebook)
    assert "Not validated against hand-coded passages: Stance towards the new bridge, Show." in text


def test_corrected_means_come_first_where_a_drawn_sample_was_coded(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    text = summary.in_short(with_corrections(analysis), codebook)
    assert text.split("\n\n")[1] == (
        "Framing axis, corrected for the model's errors, for 2 groups with 30 coded passages or more: the highest mean has Alder (+0.30, 95% interval +0.20 to "
        "+0.40; by the model alone +0.10), the lowest Birch (−0.10, 95% interval −0.20 to 0.00; by the model alone +0.20). These are the means to "
        "report; those below are the model's alone."
    )
    assert "corrected" not in summary.in_short(analysis, codebook)
