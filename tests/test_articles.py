"""From passages to articles."""

import math

import pytest

from framing.articles import VOICES, score_articles
from tests.handmade import documents, measures, passages


def rows_of(table, construct, voice="all", document_id="a"):
    found = table.query("document_id == @document_id and construct == @construct and voice == @voice")
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("construct", "values", "score", "share"),
    [
        ("danger", [0.0, 0.5, 1.0], 0.5, 2 / 3),
        ("danger", [0.125, 0.25], 0.1875, 0.0),
        ("axis", [0.5, -0.25, -1.0], -0.25, 2 / 3),  # both ends count as carrying
        ("stance", [0.75, 0.25, -0.25], 0.75, 1 / 3),  # passages below the threshold take no side
        ("stance", [0.5, -0.5, 0.0], 0.0, 2 / 3),  # sides that balance are a score of 0, not a missing one
        ("stance", [-1.0], -1.0, 1.0),
    ],
)
def test_scores_and_shares_are_those_worked_out_by_hand(construct, values, score, share):
    texts = passages(*[{}] * len(values))
    valued = measures({f"a#{i}": {construct: value} for i, value in enumerate(values)})
    row = rows_of(score_articles(valued, texts, documents(["a"]), threshold=0.5), construct)
    assert row["score"] == pytest.approx(score)
    assert row["share"] == pytest.approx(share)
    assert row["n_passages"] == len(values)
    assert row["n_siding"] == round(share * len(values))


def test_a_stance_that_no_passage_takes_is_missing_with_its_counts():
    valued = measures({"a#0": {"stance": 0.25}, "a#1": {"stance": -0.25}})
    row = rows_of(score_articles(valued, passages({}, {}), documents(["a"]), threshold=0.5), "stance")
    assert math.isnan(row["score"])
    assert (row["share"], row["n_passages"], row["n_siding"]) == (0.0, 2, 0)


def test_missing_values_are_counted_and_left_out_of_the_mean():
    valued = measures({"a#0": {"danger": 1.0}, "a#1": {"danger": None}, "a#2": {"danger": 0.0}})
    row = rows_of(score_articles(valued, passages({}, {}, {}), documents(["a"]), threshold=0.5), "danger")
    assert (row["score"], row["share"], row["n_passages"], row["n_missing"], row["n_siding"]) == (0.5, 0.5, 2, 1, 1)


def test_an_article_whose_values_are_all_missing_has_no_score_and_no_share():
    valued = measures({"a#0": {"danger": None}, "b#0": {"danger": 0.25}})
    texts = passages({}, {"document_id": "b"})
    row = rows_of(score_articles(valued, texts, documents(["a", "b"]), threshold=0.5), "danger")
    assert math.isnan(row["score"])
    assert math.isnan(row["share"])
    assert (row["n_passages"], row["n_missing"]) == (0, 1)
    assert (row["passages_for"], row["passages_against"]) == ([], [])


def test_articles_without_passages_keep_a_row_for_every_construct_and_voice():
    valued = measures({"a#0": {"danger": 0.5, "axis": 0.5}})
    table = score_articles(valued, passages({}), documents({"a": {}, "empty": {"status": "empty"}}), threshold=0.5)
    of_empty = table[table["document_id"] == "empty"]
    assert set(zip(of_empty["construct"], of_empty["voice"], strict=True)) == {
        (construct, voice) for construct in ("danger", "axis") for voice in VOICES
    }
    assert of_empty[["score", "share"]].isna().all(axis=None)
    assert (of_empty[["n_passages", "n_missing", "n_siding"]] == 0).all(axis=None)
    assert len(table) == 2 * 2 * len(VOICES)


def test_where_no_article_has_a_passage_every_construct_that_is_asked_for_has_its_rows():
    table = score_articles(
        measures({}), passages(), documents(["a", "b"]), threshold=0.5, constructs=["danger", "axis"]
    )
    assert len(table) == 2 * 2 * len(VOICES)
    assert list(dict.fromkeys(table["construct"])) == ["danger", "axis"]
    assert table["score"].isna().all()


def test_a_voice_counts_its_own_passages_and_all_counts_every_one():
    texts = passages({"voice": "outlet"}, {"voice": "quoted"}, {"voice": "unknown"})
    valued = measures({"a#0": {"danger": 0.25}, "a#1": {"danger": 0.75}, "a#2": {"danger": 0.5}})
    table = score_articles(valued, texts, documents(["a"]), threshold=0.5)
    assert {v: rows_of(table, "danger", v)["score"] for v in VOICES} == {"all": 0.5, "outlet": 0.25, "quoted": 0.75}


def test_a_voice_that_an_article_does_not_have_is_missing_and_not_zero():
    table = score_articles(measures({"a#0": {"danger": 0.25}}), passages({}), documents(["a"]), threshold=0.5)
    row = rows_of(table, "danger", "quoted")
    assert math.isnan(row["score"])
    assert row["n_passages"] == 0


@pytest.mark.parametrize(
    ("construct", "values", "on_top", "at_the_foot"),
    [
        ("danger", [0.1, 0.9, 0.5, 0.7, 0.3], ["a#1", "a#3", "a#2"], []),  # nothing speaks against a frame
        ("danger", [0.09, 0.9, 0.1], ["a#1", "a#2"], []),
        ("axis", [0.1, -0.9, 0.5, 0.0, -0.3], ["a#2", "a#0"], ["a#1", "a#4"]),
        ("axis", [0.09, -0.09, 0.0], [], []),  # next to nothing speaks for nothing
        ("axis", [0.1, 0.9], ["a#1", "a#0"], []),  # nothing below 0 speaks against, however low it lies
        ("stance", [-0.6, -0.9], [], ["a#1", "a#0"]),
        ("danger", [0.5, 0.5, 0.5, 0.5], ["a#0", "a#1", "a#2"], []),  # equal ones in the text's order
    ],
)
def test_the_weightiest_passages_are_named_weightiest_first(construct, values, on_top, at_the_foot):
    valued = measures({f"a#{i}": {construct: value} for i, value in enumerate(values)})
    table = score_articles(valued, passages(*[{}] * len(values)), documents(["a"]), threshold=0.5)
    row = rows_of(table, construct)
    assert row["passages_for"] == on_top
    assert row["passages_against"] == at_the_foot


def test_what_is_named_for_an_article_does_not_depend_on_the_other_articles():
    texts = passages({}, {}, {"document_id": "b"})
    alone = measures({"a#0": {"axis": 0.25}, "a#1": {"axis": 0.75}})
    company = measures({"a#0": {"axis": 0.25}, "a#1": {"axis": 0.75}, "b#0": {"axis": -0.5}})
    one = rows_of(score_articles(alone, texts, documents(["a"]), threshold=0.5), "axis")
    two = rows_of(score_articles(company, texts, documents(["a", "b"]), threshold=0.5), "axis")
    assert one.to_dict() == two.to_dict()


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.5, float("nan")])
def test_a_threshold_outside_its_bounds_is_refused(threshold):
    with pytest.raises(ValueError, match=r"`threshold` must lie in \(0, 1\)"):
        score_articles(measures({"a#0": {"danger": 0.5}}), passages({}), documents(["a"]), threshold=threshold)


@pytest.mark.parametrize(("threshold", "carried"), [(0.5, 1), (0.51, 0)])
def test_a_value_at_the_threshold_carries(threshold, carried):
    table = score_articles(measures({"a#0": {"danger": 0.5}}), passages({}), documents(["a"]), threshold=threshold)
    assert rows_of(table, "danger")["n_siding"] == carried
