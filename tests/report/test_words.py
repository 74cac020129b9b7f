"""Words that several parts of a report use: which articles it is about, and which have no score."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

import framing
from framing.report import method, summary
from framing.study import Study
from tests.conftest import WordModel


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
