"""The method paragraph and the citation: every sentence follows from the tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from judged import agreement_row, with_corrections

import framing
from framing.report import method
from framing.study import Study


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


def test_what_was_drawn_and_what_is_in_other_languages_is_said(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    counts = analysis.counts | {"passages set aside": {"navigation": 2, "language": 7}, "sample": {"articles drawn": 3}}
    text = method.method_paragraph(study, dataclasses.replace(analysis, counts=counts), codebook)
    assert "We analysed a random sample of 3 articles" in text
    assert "; 2 paragraphs of site furniture" in text
    assert "by general rules, as well as 7 passages in languages that the model does not read; " in text


def test_the_method_paragraph_states_every_choice(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    rather = agreement_row(
        construct="stance", question="in favor rather than against", n_found=pd.NA, precision=np.nan, recall=np.nan
    )
    judged = pd.concat([agreement_row(), rather], ignore_index=True).astype({"n_found": object})
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


def test_the_method_paragraph_tells_of_coders_and_of_corrections_where_there_are_any(
    analysis: framing.Analysis, codebook: framing.Codebook, study: Study
) -> None:
    text = method.method_paragraph(study, with_corrections(analysis), codebook)
    assert "Krippendorff's alpha (2019; 95% interval) was 0.75 (0.60 to 0.90; 30 passages) for Danger." in text
    assert (
        "For 3 of 2 named groups mean values were also corrected for the model's errors with up to 99 coded passages drawn"
        in text
    )
    assert "are of the model's uncorrected values." in text
    plain = method.method_paragraph(study, analysis, codebook)
    assert "alpha" not in plain
    assert "corrected" not in plain
