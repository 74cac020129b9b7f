"""The main job on five real, messy articles that lie beside the project, not in it: does the report say what a reader would say?

They belong to their publishers and are read from ../shared/articles; without that folder the tests are skipped, visibly.
"""

from pathlib import Path

import pandas as pd
import pytest
from lxml import html

from framing.bootstrap import FEWEST
from framing.corpus import read_corpus
from framing.passages import split_passages
from framing.report.build import build_report
from framing.study import Study
from framing.validation import RANKS
from tests.conftest import ROOT

ARTICLES = ROOT.parent / "shared" / "articles"

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(not ARTICLES.is_dir(), reason="needs the real articles in ../shared/articles"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = Study.of(
        title="Five real articles",
        corpus=str(ARTICLES),
        codebook=str(ROOT / "data" / "codebooks" / "technology-restrictions.yaml"),
        annotations=str(ARTICLES / "codes.csv"),
        annotation_columns={"stance_on_restrictions": "stance"},
        out=str(tmp_path_factory.mktemp("real")),
        seed=5,
    )
    return build_report(study, progress=False)


def _scores(report: Path, construct: str) -> "pd.Series[float]":
    articles = pd.read_parquet(report / "tables" / "articles.parquet").query(
        "construct == @construct and voice == 'all'"
    )
    outlets = pd.read_parquet(report / "tables" / "documents.parquet").set_index("document_id")["outlet"]
    return articles.set_index(articles["document_id"].map(outlets))["score"]


def test_the_editorial_leans_most_to_politicization_and_the_allegation_most_to_security(report: Path) -> None:
    axis = _scores(report, "axis")
    assert axis.idxmin() == "Global Times", axis.to_dict()
    assert axis.idxmax() == "Cryptopolitan", axis.to_dict()


def test_the_editorial_is_against_restrictions(report: Path) -> None:
    stance = _scores(report, "stance")
    assert stance["Global Times"] < 0, stance.to_dict()


@pytest.mark.parametrize(
    "word",
    [
        "Ethereum",
        "Bitcoin",
        "XRP",
        "Sign up",
        "Sign in",
        "Already a member",
        "Download the app",
        "You might also like",
        "DeFi",
    ],
)
def test_teasers_and_prompts_are_set_aside_and_kept_in_sight(report: Path, word: str) -> None:
    passages = split_passages(read_corpus(ARTICLES))
    found = passages[passages["text"].str.contains(word, regex=False)]
    assert len(found)
    assert not found["kept"].any(), found.loc[found["kept"], "text"].tolist()
    assert (found["reason"] != "").all()
    shared = pd.read_parquet(report / "tables" / "passages.parquet")
    assert shared["text"].str.contains(word, regex=False).sum() >= 1


def test_coded_passages_are_not_set_aside_but_for_furniture(report: Path) -> None:
    agreement = pd.read_parquet(report / "tables" / "agreement.parquet")
    codes = pd.read_csv(ARTICLES / "codes.csv")
    furniture = codes["note"].fillna("").str.contains("boilerplate").sum()
    one = codes["security_risk"] != codes["politicization"]
    asked = {
        "in favor rather than against": (codes["stance_on_restrictions"] != 0).sum(),
        "the one frame rather than the other": one.sum(),
    }
    of_passages = agreement[agreement["statistic"] != RANKS]
    expected = of_passages["question"].map(asked).fillna(len(codes))
    assert (of_passages["n"] + of_passages["n_unmatched"] == expected).all()
    assert (agreement.loc[agreement["statistic"] == RANKS, "n"] <= codes.iloc[:, 0].nunique()).all()
    assert (agreement["n_unmatched"] <= furniture).all()


def test_agreement_with_the_coder_is_reported_with_its_interval(report: Path) -> None:
    agreement = pd.read_parquet(report / "tables" / "agreement.parquet")
    assert set(agreement["construct"]) == {"axis", "security_risk", "politicization", "stance", "voice"}
    many = agreement["n_clusters"] >= FEWEST  # the fewer of the articles with the code and without it
    assert agreement["low"].notna().tolist() == many.tolist()
    assert agreement.loc[many, "value"].between(agreement.loc[many, "low"], agreement.loc[many, "high"]).all()
    page = html.fromstring((report / "report.html").read_bytes()).text_content()
    for value in agreement["value"]:
        assert f"{value:.2f}".replace("-", "−") in page
    print(agreement.to_string())


def test_the_shared_page_holds_excerpts_only(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    for path in ARTICLES.glob("*.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if len(line) > 400:
                assert line not in page
