"""What the notebooks show, from tables."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import framing
from framing.bygroup import ERROR_COLUMNS
from framing.coders import against_coders
from framing.errors import TableError
from framing.report import exhibits
from framing.stages import Tables
from framing.tables import ANNOTATIONS
from tests.conftest import CODEBOOK, WordModel


def test_own_and_quoted_words_are_compared_within_articles_that_have_both(analysis: framing.Analysis) -> None:
    """Own words and quotations are alike on average; only five of the outlet's seven articles have quotations."""
    both = {name: (0.6, 0.6 + offset) for name, offset in zip("vwxyz", (-0.2, -0.1, 0.0, 0.1, 0.2), strict=True)}
    scores = both | {"c": (0.0, None), "d": (0.0, None), "e": (0.5, 0.25)}
    scores |= dict.fromkeys(("copy1", "copy2", "copy3", "copy4"), (0.5, 0.25))
    template = analysis.articles.iloc[0].to_dict() | {"construct": "danger"}
    articles = pd.DataFrame(
        [
            template | {"document_id": name, "voice": voice, "score": score}
            for name, both in scores.items()
            for voice, score in zip(("outlet", "quoted"), both, strict=True)
        ]
    )
    documents = pd.concat([analysis.documents.iloc[:1]] * len(scores), ignore_index=True)
    documents = documents.assign(document_id=list(scores), outlet=["Alder"] * 7 + ["Birch"] * 5)
    documents["duplicate_of"] = documents["document_id"].str.startswith("copy").map({True: "e", False: None})
    given = dataclasses.replace(analysis, articles=articles, documents=documents)
    table = exhibits.voice_table(given, "danger", group_by="outlet", resamples=100).set_index("group")
    assert table.loc["Alder", ["n_documents", "outlet", "quoted", "difference"]].tolist() == pytest.approx(
        [5, 0.6, 0.6, 0]
    )
    assert -0.2 <= table.loc["Alder", "low"] < 0 < table.loc["Alder", "high"] <= 0.2
    assert table.loc["Birch", ["n_documents", "difference"]].tolist() == [5, 0.25]  # one article and its copies
    assert table.loc["Birch", ["low", "high"]].isna().all()


@pytest.mark.parametrize("frame", ["danger", "group", "title", "published", "siding", "share"])
def test_a_frame_of_any_name_stands_beside_the_other_columns_of_the_articles(
    frame: str, tmp_path: Path, corpus_folder: Path, word_model: WordModel
) -> None:
    (tmp_path / "codebook.yaml").write_text(
        CODEBOOK.replace("danger:", f"{frame}:").replace("[danger", f"[{frame}"), encoding="utf-8"
    )
    codebook = framing.Codebook.load(tmp_path / "codebook.yaml")
    documents = framing.read_corpus(corpus_folder)
    given = framing.analyse(documents, codebook, model=word_model, resamples=50)
    table = exhibits.article_table(given, codebook, group_by="section").set_index("document_id")
    assert table.loc["a1", ["group", "title"]].map(str).tolist() == ["News", "Bridge is dangerous"]
    assert str(table.loc["a1", "published"].date()) == "2031-01-02"
    sides = given.articles.query("construct == 'stance' and voice == 'all'").set_index("document_id")["n_siding"]
    assert table["siding"].to_dict() == sides.to_dict()
    shares = table[list(exhibits.frame_labels(codebook))]
    assert list(exhibits.frame_labels(codebook).values()) == ["Danger", "Show"]
    rows = given.articles.query("document_id == 'b1' and voice == 'all'").set_index("construct")
    assert shares.loc["b1"].tolist() == rows.loc[[frame, "show"], "share"].tolist() == [0.0, 1.0]
    facts = exhibits.evidence_articles(given, codebook, construct="axis", limit=4, text="full", group_by="section")
    assert {article["outlet"] for article in facts} == {"News"}


def _coded(analysis: framing.Analysis, codes: dict[str, tuple[str, float]]) -> framing.Analysis:
    """The analysis with a code of danger for the first passage of each article."""
    first = analysis.passages[analysis.passages["kept"]].drop_duplicates("document_id").set_index("document_id")
    rows = [
        (f"{d}:{first.at[d, 'start']}-{first.at[d, 'end']}", d, first.at[d, "start"], first.at[d, "end"], "Ada", c, code, float("nan"))
        for d, (c, code) in codes.items()
    ]  # fmt: skip
    return _against(analysis, pd.DataFrame(rows, columns=list(ANNOTATIONS.columns)))


def _against(analysis: framing.Analysis, annotations: pd.DataFrame) -> framing.Analysis:
    """The analysis with these codes."""
    known = Tables(*(getattr(analysis, name) for name in Tables._fields))
    held = against_coders(
        annotations, known, axis=("danger", "show"), group_by="outlet", threshold=0.5, resamples=50, seed=1
    )
    return dataclasses.replace(analysis, annotations=annotations, **held)


def test_errors_are_told_by_group_and_over_all_of_them(analysis: framing.Analysis, codebook: framing.Codebook) -> None:
    given = _coded(analysis, {"a1": ("danger", 1.0), "a2": ("danger", 0.0), "b1": ("danger", 1.0)})
    table = exhibits.error_table(given, codebook)
    assert table[["what", "group", "n"]].to_numpy().tolist() == [
        ["Danger", "Alder Post", 2],
        ["Danger", "Birch Mail", 1],
    ]
    assert table["code"].tolist() == [0.5, 1.0]
    (overall,) = exhibits.error_table(given, codebook, by_group=False).to_dict("records")
    assert pd.isna(overall["group"])
    assert (overall["n"], overall["code"]) == (3, pytest.approx(2 / 3))
    assert exhibits.error_table(analysis, codebook).empty


def test_errors_of_groups_are_shown_of_the_main_construct_and_where_they_are_beyond_chance(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    row = dict.fromkeys(ERROR_COLUMNS, 0.1) | {"low": -0.1, "high": 0.3, "relative_low": -0.1, "relative_high": 0.3}
    rows = [
        {"construct": "stance", "group": None},
        {"construct": "axis", "group": None},
        {"construct": "axis", "group": "Alder"},
        {"construct": "stance", "group": "Alder"},
        {"construct": "stance", "group": "Birch", "low": 0.05},
        {"construct": "stance", "group": "Cedar", "relative_high": -0.05},
    ]
    given = dataclasses.replace(analysis, errors=pd.DataFrame([row | each for each in rows]))
    table = exhibits.telling_errors(given, codebook)
    assert table[["construct", "group"]].to_numpy().tolist() == [
        ["axis", "all articles"], ["axis", "Alder"], ["stance", "all articles"], ["stance", "Birch"], ["stance", "Cedar"],
    ]  # fmt: skip
    assert exhibits.telling_errors(analysis, codebook).empty


def test_what_was_missed_in_a_group_is_shown_where_nothing_was_found(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    given = _coded(analysis, {"b1": ("danger", 1.0)})
    table = exhibits.found_table(given, codebook)
    assert table[["group", "n_coded", "n_right", "n_positive"]].to_numpy().tolist() == [["Birch Mail", 0, 0, 1]]


def test_differences_are_told_from_the_highest_on(analysis: framing.Analysis) -> None:
    table = exhibits.difference_table(analysis, "axis")
    assert table["estimate"].is_monotonic_decreasing
    assert table["n_documents"].tolist() == [2, 1]
    with pytest.raises(TableError, match="construct 'axes'"):
        exhibits.difference_table(analysis, "axes")


def test_titles_of_the_article_table_lead_to_their_articles(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    documents = analysis.documents.assign(
        title=analysis.documents["title"].mask(analysis.documents["document_id"] == "b1")
    )
    given = dataclasses.replace(analysis, documents=documents)
    titles = exhibits.article_table(given, codebook, group_by="outlet").set_index("document_id")["title"]
    assert {i: (str(title), title.document_id) for i, title in titles.items()} == {
        "a1": ("Bridge is dangerous", "a1"), "a2": ("Bridge opens", "a2"), "b1": ("(no title)", "b1"),
    }  # fmt: skip


def test_a_caption_names_an_article_by_title_group_and_id(analysis: framing.Analysis) -> None:
    assert exhibits.article_in_words(analysis, "a2", group_by="section") == "“Bridge opens” (News; a2)"
    scraped = analysis.documents.assign(title="\u202eEvil", outlet="\u05e2\u05d9\u05ea\u05d5\u05df")
    turned = exhibits.article_in_words(dataclasses.replace(analysis, documents=scraped), "a2", group_by="outlet")
    assert turned == "“Evil” (\u2068\u05e2\u05d9\u05ea\u05d5\u05df\u2069; a2)"
    untitled = dataclasses.replace(analysis, documents=analysis.documents.assign(title=pd.NA))
    assert exhibits.article_in_words(untitled, "b1", group_by="outlet") == "an article without a title (Birch Mail; b1)"


def test_numbers_of_the_evidence_have_no_sign_where_they_are_nothing(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    given = dataclasses.replace(analysis, articles=analysis.articles.assign(score=-0.001))
    shown = exhibits.evidence_articles(given, codebook, construct="axis", limit=1, text="full", group_by="outlet")
    assert shown[0]["facts"][0] == ["Framing axis", "0.00"]


def test_labels_with_a_colon_are_shown_whole_beside_an_article(analysis: framing.Analysis, tmp_path: Path) -> None:
    text = CODEBOOK.replace("label: Danger", 'label: "Danger: now"').replace(
        "target: the new bridge", 'target: "the bridge: stage two"'
    )
    (tmp_path / "codebook.yaml").write_text(text, encoding="utf-8")
    codebook = framing.Codebook.load(tmp_path / "codebook.yaml")

    def names(construct: str) -> list[str]:
        found = exhibits.evidence_articles(
            analysis, codebook, construct=construct, limit=1, text="full", group_by="outlet"
        )
        return [name for name, _ in found[0]["facts"]]

    assert names("axis") == ["Framing axis", "Stance towards the bridge: stage two"]
    assert names("danger") == ["Danger: now", "Framing axis", "Stance towards the bridge: stage two"]


def test_an_article_that_is_not_there_is_named_with_one_that_is_like_it(analysis: framing.Analysis) -> None:
    with pytest.raises(TableError) as error:
        exhibits.article_in_words(analysis, "a01", group_by="outlet")
    assert str(error.value) == (
        "document_id 'a01' is not in the table `documents`; it has ['a1', 'a2', 'b1']; did you mean 'a1'?"
    )
    many = pd.concat([analysis.documents.iloc[:1]] * 40).assign(document_id=[f"sale-{i:02d}" for i in range(40)])
    with pytest.raises(TableError, match=r"'sale-11'\] and 28 more; did you mean 'sale-30'\?$"):
        exhibits.article_in_words(dataclasses.replace(analysis, documents=many), "sal-30", group_by="outlet")


def test_evidence_and_voices_of_no_construct_are_refused(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    said = r"^construct 'dangers' is not in this table; it has \[.*'danger'.*\]; did you mean 'danger'\?$"
    with pytest.raises(TableError, match=said):
        exhibits.evidence_articles(analysis, codebook, construct="dangers", limit=2, text="full", group_by="outlet")
    with pytest.raises(TableError, match=said):
        exhibits.voice_table(analysis, "dangers", group_by="outlet", resamples=50)


def test_coders_are_compared_and_estimates_corrected_where_the_codes_allow_it(
    analysis: framing.Analysis, codebook: framing.Codebook
) -> None:
    kept = analysis.passages[analysis.passages["kept"]]
    judged = pd.concat([kept.assign(coder="AB", value=1.0), kept.iloc[:2].assign(coder="CD", value=[1.0, 0.0])])
    annotations = judged.assign(unit_id=judged["passage_id"], construct="danger", inclusion_probability=0.5)
    given = _against(analysis, annotations[list(ANNOTATIONS.columns)])

    coders = exhibits.reliability_table(given, codebook).set_index("statistic")
    assert coders["what"].str.startswith("Danger: ").all()
    assert coders.loc["share equal", ["n_units", "n_coders", "value"]].tolist() == [2, 2, 0.5]

    corrected = exhibits.corrected_table(given, codebook)
    assert set(corrected["what"]) == {"Danger"}
    assert corrected["n_coded"].sum() == len(kept)
    values = analysis.measures.query("construct == 'danger'").groupby("document_id")["value"].mean()
    assert corrected["raw"].between(values.min(), values.max()).all()
    coded = corrected.dropna(subset="human")
    assert len(coded)
    assert (coded["human"] > coded["raw"]).all()

    undrawn = _against(given, given.annotations.assign(inclusion_probability=float("nan")))
    assert exhibits.corrected_table(undrawn, codebook).empty
    once = _against(given, given.annotations.query("coder == 'AB'"))
    assert exhibits.reliability_table(once, codebook).empty
