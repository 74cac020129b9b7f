"""A report in words: every sentence follows from the tables."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import framing
from framing.correction import COLUMNS as CORRECTED
from framing.differences import compare_groups
from framing.outlets import compare_outlets
from framing.reliability import COLUMNS as RELIABILITY
from framing.report import method, standing, summary
from framing.study import Author, Study
from tests.conftest import WordModel


@pytest.fixture
def study(tmp_path, codebook_file, corpus_folder) -> Study:
    return Study.of(
        title="Who fears the bridge?", corpus=str(corpus_folder), codebook=str(codebook_file), out=str(tmp_path / "out"), date="2031-02-03",
        authors=[Author("Ada Lind"), Author("Bo Ek", "Institute")],
    )  # fmt: skip


def _agreement(**of_danger: object) -> pd.DataFrame:
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
    judged = _agreement(**changes).assign(hypothesis="It burns.")
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
    judged = _agreement(value=0.63, low=0.53, high=0.73).assign(hypothesis="It burns.")
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
    rows = [_agreement(construct="stance", question=question) for question in ("in favor", "against")]
    ranks = {"construct": "stance", "statistic": "rank correlation", "n": 12, "value": 0.5, "low": 0.1}

    def given(*more: pd.DataFrame) -> framing.Analysis:
        return dataclasses.replace(analysis, agreement=pd.concat([*rows, *more], ignore_index=True))

    assert standing.supported(given(), "stance") is True
    assert standing.supported(given(_agreement(**ranks)), "stance") is True
    assert standing.supported(given(_agreement(**ranks | {"low": 0.0})), "stance") is False
    assert standing.supported(given(_agreement(construct="stance", low=0.69)), "stance") is False
    assert standing.supported(given(), "danger") is None
    without = _agreement(value=np.nan, low=np.nan, high=np.nan, n_positive=0)
    assert standing.supported(given(without), "danger") is None  # one code alone occurs
    assert standing.supported(analysis, "danger") is None


def test_captions_are_marked_where_codes_do_not_support_what_they_show(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    rows = [_agreement(), _agreement(construct="show", low=0.6)]
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


def test_what_codes_do_not_support_is_not_summarised(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    rows = [_agreement(construct=construct, low=0.6) for construct in ("axis", "stance")]
    judged = dataclasses.replace(analysis, agreement=pd.concat(rows, ignore_index=True))
    text = summary.in_short(judged, codebook)
    assert "Framing axis: the coded passages do not support it, so its means are not summarised here." in text
    assert (
        "Stance towards the new bridge: the coded passages do not support it, so its counts are not summarised here."
        in text
    )
    assert "in favor on balance" not in text
    assert "highest mean" not in text


def test_decisions_that_are_mostly_wrong_are_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    judged = dataclasses.replace(analysis, agreement=_agreement(precision=0.3))
    assert standing.caution(judged, codebook) == (
        "Of the coded passages that reach the threshold, fewer than half have the code: Danger, carries the frame (30% of 10)."
    )


def test_what_is_mostly_missed_is_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    judged = dataclasses.replace(analysis, agreement=_agreement(recall=0.25))
    assert standing.caution(judged, codebook) == (
        "Of the passages with the code, fewer than half reach the threshold, so a low share is no sign of absence: Danger, carries the frame "
        "(25% of 12)."
    )


@pytest.mark.parametrize("faults", [{"precision": 0.3}, {"recall": 0.25}, {"precision": 0.3, "recall": 0.25}])
def test_in_short_a_threshold_that_does_not_hold_is_named_once(
    analysis: framing.Analysis, codebook: framing.Codebook, faults: dict[str, float]
) -> None:
    text = summary.in_short(dataclasses.replace(analysis, agreement=_agreement(**faults)), codebook)
    assert (
        text.count(
            "At the threshold, most of what is found is wrong, or most of what is there is missed: Danger, carries the frame. "
        )
        == 1
    )
    assert "%" not in text.rsplit("At the threshold", 1)[1]
    assert "At the threshold" not in summary.in_short(dataclasses.replace(analysis, agreement=_agreement()), codebook)


def test_a_rank_correlation_is_judged_by_its_own_chance(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    ranks = _agreement(
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


@pytest.mark.parametrize(
    ("probability", "said"),
    [(None, "How they were drawn is not stated. The figures"), (0.1, "They were drawn with stated probabilities, and")],
)
def test_who_judged_what_is_said(analysis: framing.Analysis, probability: float | None, said: str) -> None:
    rows = [("u1", "a1", "Ada"), ("u1", "a1", "Bo"), ("u2", "a1", "Ada"), ("u3", "a2", "Ada")]
    codes = pd.DataFrame(rows, columns=["unit_id", "document_id", "coder"]).assign(inclusion_probability=probability)
    text = method.coding(dataclasses.replace(analysis, annotations=codes))
    assert text.startswith(
        "3 passages of 2 articles were judged by 2 coders. 1 passage was judged by more than one coder, and counted once, with the code that "
        "half of them or more gave, so that of two coders who disagree the one counts who sees it. "
    )
    assert said in text
    assert "an AUC and a recall depend on how many of the passages are clear cases" in text
    noted = method.coding(dataclasses.replace(analysis, annotations=codes), "They are hard cases.")
    assert ("They are hard cases. The figures" in noted) == (probability is None)
    unnamed = method.coding(dataclasses.replace(analysis, annotations=codes.assign(coder="coder")))
    assert "were judged by coders who are not named. " in unnamed
    alone = method.coding(dataclasses.replace(analysis, annotations=codes[codes["coder"] == "Ada"]))
    assert alone.startswith(
        "3 passages of 2 articles were judged by one coder. No passage was judged twice, so how far coders agree with each other is not known. "
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


ERRORS = {
    "construct": "axis", "what": "Framing axis", "n": 40, "n_documents": 6, "relative": np.nan, "relative_low": np.nan, "relative_high": np.nan,
}  # fmt: skip


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
    text = summary.in_short(dataclasses.replace(analysis, agreement=_agreement()), codebook)
    assert "Not validated against hand-coded passages: Stance towards the new bridge, Show." in text


def test_what_was_drawn_and_what_is_in_other_languages_is_said(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    counts = analysis.counts | {"passages set aside": {"navigation": 2, "language": 7}, "sample": {"articles drawn": 3}}
    text = method.method_paragraph(study, dataclasses.replace(analysis, counts=counts), codebook)
    assert "We analysed a random sample of 3 articles" in text
    assert "; 2 paragraphs of site furniture" in text
    assert "by general rules, as well as 7 passages in languages that the model does not read; " in text


class FailingModel(WordModel):
    """A model of English that gives no number for texts with the word "fails"."""

    def __init__(self) -> None:
        super().__init__("fails")
        self.languages = ("en",)

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> npt.NDArray[np.float32]:
        failed = np.array(["fails" in premise for premise in premises], dtype=bool)
        return np.where(failed, np.float32("nan"), super().entail(premises, hypotheses))


def _of_rows(tmp_path: Path, codebook: framing.Codebook, *rows: str) -> framing.Analysis:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["document_id,outlet,language,text", *rows]) + "\n", encoding="utf-8")
    return framing.analyse(framing.read_corpus(path), codebook, model=FailingModel(), resamples=50)


READABLE = [f"a{i},Alder Post,en,The bridge is dangerous. People could drown here." for i in range(3)]


def test_articles_without_a_score_are_not_counted_but_named_with_the_reason(
    tmp_path: Path, codebook: framing.Codebook, study: Study
) -> None:
    rows = [
        "e,Alder Post,en,",
        "f,Alder Post,fr,Le pont est dangereux.",
        "n,Alder Post,,12 345. 678.",
        "x,Birch Mail,,This fails.",
    ]
    given = _of_rows(tmp_path, codebook, *READABLE, *rows)
    why = (
        "4 other articles have no score: 1 empty, 1 whose passages got no score from the model, "
        "1 in a language that the model does not read, 1 without a passage that was kept."
    )
    said, paragraph = summary.in_short(given, codebook), method.method_paragraph(study, given, codebook)
    assert said.startswith(
        "3 articles of 1 group; 7 passages; 1 of them got no score under one hypothesis or more. " + why
    )
    assert paragraph.startswith(f"We analysed 3 articles with framing {framing.__version__}. {why} Each article")
    assert (
        "as well as 1 passage in languages that the model does not read and 2 passages without a word; 7 passages were kept."
        in paragraph
    )
    assert "The passages were scored by" in paragraph
    assert "(Danger, Show); 1 of them got no score under one hypothesis or more." in paragraph
    assert "0 paragraphs of site furniture" in paragraph


def test_where_every_article_and_passage_has_a_score_nothing_else_is_said(
    tmp_path: Path, codebook: framing.Codebook, study: Study
) -> None:
    given = _of_rows(tmp_path, codebook, *READABLE)
    said, paragraph = summary.in_short(given, codebook), method.method_paragraph(study, given, codebook)
    assert "no score" not in said + paragraph
    assert "Every passage was scored by" in paragraph


def test_the_method_paragraph_states_every_choice(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    rather = _agreement(
        construct="stance", question="in favor rather than against", n_found=pd.NA, precision=np.nan, recall=np.nan
    )
    judged = pd.concat([_agreement(), rather], ignore_index=True).astype({"n_found": object})
    text = method.method_paragraph(study, dataclasses.replace(analysis, agreement=judged), codebook)
    assert "–" not in text
    for part in ("3 articles", "5 hypotheses", "'bridges' (Danger, Show)", "0.5 or more", "Danger minus the value of Show", "the new bridge",
                 "10,000 samples", "seed 1", "Against up to 40 passages coded by hand", "0.80 (0.70 to 0.90) for Danger",
                 "Precision and recall at the threshold are given in tables/agreement.csv", "is 0.70 or more",
                  analysis.model["fingerprint"][:12]):  # fmt: skip
        assert part in text
    assert "not validated" in method.method_paragraph(study, analysis, codebook)


def test_the_citation_names_authors_year_title_and_version(study: Study) -> None:
    text = method.citation(study)
    assert text.startswith(
        f"Ada Lind, Bo Ek (2031). Who fears the bridge? Report made with framing {framing.__version__}."
    )


def _drawn(analysis: framing.Analysis) -> framing.Analysis:
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


def test_corrected_means_come_first_where_a_drawn_sample_was_coded(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    text = summary.in_short(_drawn(analysis), codebook)
    assert text.split("\n\n")[1] == (
        "Framing axis, corrected for the model's errors, for 2 groups with 30 coded passages or more: the highest mean has Alder (+0.30, 95% interval +0.20 to "
        "+0.40; by the model alone +0.10), the lowest Birch (−0.10, 95% interval −0.20 to 0.00; by the model alone +0.20). These are the means to "
        "report; those below are the model's alone."
    )
    assert "corrected" not in summary.in_short(analysis, codebook)


def test_the_method_paragraph_tells_of_coders_and_of_corrections_where_there_are_any(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    text = method.method_paragraph(study, _drawn(analysis), codebook)
    assert "Krippendorff's alpha (2019; 95% interval) was 0.75 (0.60 to 0.90; 30 passages) for Danger." in text
    assert (
        "For 3 of 2 named groups mean values were also corrected for the model's errors with up to 99 coded passages drawn"
        in text
    )
    assert "are of the model's uncorrected values." in text
    plain = method.method_paragraph(study, analysis, codebook)
    assert "alpha" not in plain
    assert "corrected" not in plain


def test_a_bound_below_the_bar_is_not_printed_as_the_bar(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    judged = dataclasses.replace(analysis, agreement=_agreement(low=0.697))
    assert "AUC 0.80, 0.697 to 0.90" in standing.caution(judged, codebook)
