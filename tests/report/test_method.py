"""A report in words: every sentence follows from the tables."""

import dataclasses

import pandas as pd
import pytest

import framing
from framing.report import method
from framing.study import Author, Study


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
        "n_positive": 9,
        "value": 0.7,
        "low": 0.6,
        "high": 0.8,
    }
    return pd.DataFrame([row | of_danger])


@pytest.mark.parametrize(("low", "named"), [(0.5, True), (0.51, False)])
def test_a_hypothesis_that_is_no_better_than_chance_is_named(
    analysis: framing.Analysis, codebook: framing.Codebook, low: float, named: bool
) -> None:
    assert method.poor_hypotheses(analysis, codebook) == ""  # nobody has coded anything
    row = {
        "construct": "danger",
        "question": "carries the frame",
        "hypothesis": "It burns.",
        "n_positive": 9,
        "value": 0.6,
        "low": low,
        "high": 0.7,
    }
    judged = dataclasses.replace(analysis, hypothesis_agreement=pd.DataFrame([row]))
    said = method.poor_hypotheses(judged, codebook)
    assert ("“It burns.” (Danger, carries the frame: AUC 0.60, 0.50 to 0.70, 9 with the code)" in said) == named


def test_the_summary_names_extent_ends_and_sides(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = method.summary(analysis, codebook)
    assert text.startswith("3 articles of 2 groups, from 2031-01-02 to 2031-01-09; ")
    assert "Alder Post lies closest to danger (mean " in text
    assert "Birch Mail closest to show (mean −" in text
    assert "no interval, n = 1)" in text
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
    text = method.summary(dataclasses.replace(analysis, outlets=outlets), codebook)
    assert "of 4 groups and of none that is named" in text
    assert "Alder lies closest to danger" in text
    assert "Cedar closest to show" in text
    assert "Their intervals do not overlap, though the two were picked of 3 as the ends." in text


def test_constructs_that_no_coder_judged_are_named(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = method.summary(dataclasses.replace(analysis, agreement=_agreement()), codebook)
    assert "Not validated against hand-coded passages: Stance towards the new bridge, Show." in text


def test_what_was_drawn_and_what_is_in_other_languages_is_said(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    counts = analysis.counts | {"passages set aside": {"navigation": 2, "language": 7}}
    drawn = dataclasses.replace(study, sample=3)
    text = method.method_paragraph(drawn, dataclasses.replace(analysis, counts=counts), codebook)
    assert "We analysed a random sample of 3 articles" in text
    assert "; 2 paragraphs of site furniture" in text
    assert "by general rules, and 7 passages in languages that the model does not read, and " in text


@pytest.mark.parametrize(("low", "warned"), [(0.44, True), (0.5, True), (0.51, False)])
def test_a_construct_that_is_no_better_than_chance_is_named(
    analysis: framing.Analysis, codebook: framing.Codebook, low: float, warned: bool
) -> None:
    judged = dataclasses.replace(analysis, agreement=_agreement(low=low))
    assert ("Danger, carries the frame (AUC 0.70" in method.caution(judged, codebook)) == warned
    assert method.caution(analysis, codebook) == ""


def test_the_method_paragraph_states_every_choice(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    text = method.method_paragraph(study, dataclasses.replace(analysis, agreement=_agreement()), codebook)
    for part in ("3 articles", "5 hypotheses", "'bridges' (danger, show)", "0.5 or more", "danger minus the value of show", "the new bridge",
                 "2,000 samples", "seed 1", "Against up to 40 judgements of passages coded by hand", "0.70 (0.60 to 0.80) for danger", analysis.model["fingerprint"][:12]):  # fmt: skip
        assert part in text
    assert "not validated" in method.method_paragraph(study, analysis, codebook)


def test_the_citation_names_authors_year_title_and_version(study: Study) -> None:
    text = method.citation(study)
    assert text.startswith(
        f"Ada Lind, Bo Ek (2031). Who fears the bridge? Report made with framing {framing.__version__}."
    )
