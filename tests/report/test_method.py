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
        "value": 0.6,
        "low": low,
        "high": 0.7,
    }
    judged = dataclasses.replace(analysis, hypothesis_agreement=pd.DataFrame([row]))
    said = method.poor_hypotheses(judged, codebook)
    assert ("“It burns.” (Danger, carries the frame: AUC 0.60, 0.50 to 0.70)" in said) == named


def test_the_summary_names_extent_ends_and_sides(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    text = method.summary(analysis, codebook)
    assert text.startswith("3 articles of 2 groups, from 2031-01-02 to 2031-01-09; ")
    assert "Alder Post lies closest to danger (mean " in text
    assert "Birch Mail closest to show (mean −" in text
    assert "no interval, n = 1)" in text
    assert "Towards the new bridge, " in text


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
                 "2,000 samples", "seed 1", "Against 40 passages coded by hand", "0.70 (0.60 to 0.80) for danger", analysis.model["fingerprint"][:12]):  # fmt: skip
        assert part in text
    assert "not validated" in method.method_paragraph(study, analysis, codebook)


def test_the_citation_names_authors_year_title_and_version(study: Study) -> None:
    text = method.citation(study)
    assert text.startswith(
        f"Ada Lind, Bo Ek (2031). Who fears the bridge? Report made with framing {framing.__version__}."
    )
