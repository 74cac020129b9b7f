"""From a number back to the sentences behind it."""

import math

import pytest

import framing
from framing.articles import score_articles
from framing.errors import StudyError, TableError
from framing.evidence import (
    EXCERPT,
    annotate_passages,
    choose_articles,
    main_construct,
    shown_text,
    widest_article,
)
from tests.handmade import articles, documents, measures, passages


def test_the_main_construct_is_the_axis_and_without_one_the_first_frame(codebook, codebook_file, tmp_path):
    assert main_construct(codebook) == "axis"
    path = tmp_path / "no-axis.yaml"
    path.write_text(codebook_file.read_text(encoding="utf-8").replace("axis: [danger, show]\n", ""), encoding="utf-8")
    assert main_construct(framing.Codebook.load(path)) == "danger"


def marked(values, construct="axis", **last):
    texts = passages(*[{}] * (len(values) - 1), last)
    valued = measures({f"a#{i}": {construct: v} for i, v in enumerate(values) if v is not None})
    scored = score_articles(valued, texts, documents(["a"]), threshold=0.5)
    return annotate_passages(texts, valued, scored, construct=construct)


def test_each_passage_has_its_value_and_its_part_in_the_score():
    table = marked([0.75, 0.0, -0.5, None], kept=False, reason="prompt")
    assert table["role"].tolist() == ["for", "plain", "against", "aside"]
    assert table["value"].tolist()[:3] == [0.75, 0.0, -0.5]
    assert math.isnan(table["value"].iloc[3])


def test_beyond_the_weightiest_three_of_a_side_passages_are_plain():
    table = marked([0.9, 0.1, 0.8, 0.7, -0.1])
    assert table["role"].tolist() == ["for", "plain", "for", "for", "against"]


def test_an_article_without_values_has_plain_passages_alone():
    texts = passages({"document_id": "a"}, {"document_id": "b"})
    valued = measures({"a#0": {"axis": 0.5}})
    scored = score_articles(valued, texts, documents(["a", "b"]), threshold=0.5)
    table = annotate_passages(texts, valued, scored, construct="axis")
    assert dict(zip(table["passage_id"], table["role"], strict=True)) == {"a#0": "for", "b#0": "plain"}


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [(9, "fbdca"), (5, "fbdca"), (4, "fbca"), (3, "fba"), (2, "fa"), (1, "f")],
)
def test_articles_are_chosen_from_both_ends(limit, chosen):
    scored = articles({"a": -0.9, "b": 0.5, "c": -0.25, "d": 0.125, "e": None, "f": 0.75})
    assert choose_articles(scored, construct="axis", limit=limit) == list(chosen)


def test_equal_articles_are_chosen_by_their_ids():
    assert choose_articles(articles({"b": 0.5, "c": 0.5, "a": 0.5}), construct="axis", limit=2) == ["a", "c"]


def test_a_construct_that_has_no_scores_is_refused_where_others_have_some():
    said = r"^construct 'axes' is not in this table; it has \['axis'\]; did you mean 'axis'\?$"
    with pytest.raises(TableError, match=said):
        choose_articles(articles({"a": 0.5}), construct="axes", limit=2)
    texts, valued = passages({}), measures({"a#0": {"axis": 0.5}})
    scored = score_articles(valued, texts, documents(["a"]), threshold=0.5)
    with pytest.raises(TableError, match=said):
        annotate_passages(texts, valued, scored, construct="axes")


def test_where_nothing_has_a_score_nothing_is_chosen_or_marked():
    assert choose_articles(articles({}), construct="axis", limit=2) == []
    assert choose_articles(articles({"a": None}), construct="axis", limit=2) == []
    table = annotate_passages(passages({}), measures({}), articles({}), construct="axis")
    assert table["role"].tolist() == ["plain"]
    assert table["value"].isna().all()


def test_the_widest_article_is_found_among_those_with_the_most_to_show():
    def table(*values_of):
        texts = passages(*[{"document_id": name} for name, values in values_of for _ in values])
        valued = measures({f"{name}#{i}": {"axis": v} for name, values in values_of for i, v in enumerate(values)})
        scored = score_articles(valued, texts, documents([name for name, _ in values_of]), threshold=0.5)
        return annotate_passages(texts, valued, scored, construct="axis")

    long, longer = [0.0, 0.25] * 5, [0.0, 0.5] * 6
    assert widest_article(table(("short", [-1.0, 1.0]), ("long", long), ("longer", longer))) == "longer"
    assert widest_article(table(("long", [0.5, -0.5] * 5), ("longer", longer))) == "long"
    assert widest_article(table(("a", [0.25, 0.0]), ("b", [0.5, 0.0]))) == "b"
    assert widest_article(table(("a", [None, None]))) == ""


@pytest.mark.parametrize(
    ("mode", "text", "shown"),
    [
        ("full", "x" * 1000, "x" * 1000),
        ("none", "A sentence.", "(text not shown)"),
        ("excerpts", "A sentence.", "A sentence."),
        ("excerpts", "x" * EXCERPT, "x" * EXCERPT),
        ("excerpts", "x" * (EXCERPT + 1), "x" * (EXCERPT - 1) + "…"),
        ("excerpts", "x" * (EXCERPT - 2) + " yz", "x" * (EXCERPT - 2) + "…"),
    ],
)
def test_a_passage_is_shown_as_far_as_the_study_allows(mode, text, shown):
    assert shown_text(text, mode) == shown


@pytest.mark.parametrize("mode", ["excerpt", "Full", "", "nothing"])
def test_a_mode_that_is_not_known_shows_nothing(mode):
    with pytest.raises(
        StudyError, match=rf"mode '{mode}' is not in the setting `text`; it has \['full', 'excerpts', 'none'\]"
    ):
        shown_text("A sentence.", mode)
