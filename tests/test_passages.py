"""Sentences with exact offsets, whose words they are, and what was set aside."""

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.corpus.normalise import clean_label, clean_text, digest
from framing.corpus.read import read_corpus
from framing.errors import TableError
from framing.passages import BODY_FIELD, NO_WORDS, TITLE_FIELD, set_aside_languages, split_passages
from framing.tables import DOCUMENTS, PASSAGES
from tests import handmade

FIRST = "The council of Alder voted on Monday to build the bridge over the river, ending a quarrel of nine years."
SECOND = "Ferrymen blocked the pier on Tuesday and said the council had not asked anyone who lives from the river."


def documents(*articles: tuple[str, str, str | None], status: str = "ok", language: str | None = None) -> pd.DataFrame:
    """DOCUMENTS from (document_id, text, title)."""
    rows = [
        {
            **dict.fromkeys(DOCUMENTS.columns),
            "document_id": document_id,
            "text": text,
            "title": title,
            "status": status,
            "language": language,
            "text_sha256": digest(text),
        }
        for document_id, text, title in articles
    ]
    return pd.DataFrame(rows, columns=list(DOCUMENTS.columns))


def split(text: str, title: str | None = None, language: str | None = None) -> pd.DataFrame:
    return split_passages(documents(("a", text, title), language=language))


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph of prose."""
    text = f"{FIRST}\n\n{paragraph}\n\n{SECOND}"
    found = split(text, "A title elsewhere")
    return found.loc[found["paragraph"] == 2, "text"].tolist()


SPLITS: list[Sequence[str]] = [
    ["The bridge opens on Monday.", "Nobody will come to it."],
    ["Will it hold?", "It must!", "We shall see what comes of it…"],
    ["Mr. Berg and Dr. Lind of St. Alder met Gov. Ruiz at No. 9 on the pier."],
    ["On Monday Supt. Berg and Cmdr. Lind closed approx. Half of the pier."],
    ["The bridge cost 4.5 million crowns, i.e. 0.9 million more than planned."],
    ["Ada B. Lind opened the bridge in the rain."],
    ["“The bridge is dangerous. ", "The pier is rotten. ", "The ferry leaks,” said Lind on Monday."],
    ["“The bridge is dangerous.” ", "Nobody answered her that day."],
    ["“Is it safe?” ", "“It is.” ", "That was all they said."],
    ["Lind called it “rotten.” ", "The council did not answer."],
    ["The ferry (it leaks!) sails at noon on Monday."],
    ["The bridge is closed.", "“Why?” ", "Nobody knows at the town hall."],
    ["The bridge holds.", "The ferry, a wreck in all but name, sails on."],
    ["A sentence without an end that goes on and on and on"],
    ["桥今天开放。", "市长很高兴。"],
    ["👩\u200d👩\u200d👧 crossed the bridge. ", "e\u0301 and q\u0323\u0307 stayed. ", "Nobody else came."],
    ["הגשר נפתח ביום שני. ", "ראש העיר שמח."],
]


@pytest.mark.parametrize("expected", SPLITS, ids=["".join(parts)[:40] for parts in SPLITS])
def test_a_paragraph_is_split_where_a_reader_would(expected: Sequence[str]):
    paragraph = " ".join(part.strip() for part in expected)
    assert sentences(paragraph) == [part.strip() for part in expected]


def test_sentences_that_lost_the_space_between_them_are_split():
    assert sentences("The bridge is closed.The ferry sails at noon.") == [
        "The bridge is closed.",
        "The ferry sails at noon.",
    ]


def test_a_title_in_the_text_is_a_span_of_it():
    text = f"Bridge vote\n\n{FIRST}\n\n{SECOND}"
    found = split(text, "Bridge Vote")
    title = found.iloc[0]
    assert (title["field"], title["start"], title["end"], title["text"]) == (TITLE_FIELD, 0, 11, "Bridge vote")
    assert found["field"].tolist() == [TITLE_FIELD, BODY_FIELD, BODY_FIELD]


def test_a_title_that_is_not_in_the_text_is_a_passage_of_its_own_without_offsets():
    found = split(f"{FIRST}\n\n{SECOND}", "Mayor: “Nine seals in the harbour”")
    title = found.iloc[0]
    assert (title["field"], title["text"], title["paragraph"], title["kept"]) == (
        TITLE_FIELD,
        "Mayor: “Nine seals in the harbour”",
        0,
        True,
    )
    assert found[["start", "end"]].isna().all(axis=1).tolist() == [True, False, False]
    assert title["voice"] == "quoted"


def test_a_title_of_several_sentences_is_one_passage():
    assert split(f"Bridge vote. Quarrel ends!\n\n{FIRST}", "Bridge vote. Quarrel ends!")["text"].tolist() == [
        "Bridge vote. Quarrel ends!",
        FIRST,
    ]


def test_furniture_is_one_passage_a_paragraph_not_kept_and_with_its_reason():
    found = split(f"{FIRST}\n\nSign in. Read on. Share.\n\n{SECOND}", "x")
    aside = found[found["text"] == "Sign in. Read on. Share."].iloc[0]
    assert (aside["kept"], aside["reason"]) == (False, "sign-in or subscription prompt")
    assert found.loc[found["kept"], "text"].tolist() == ["x", FIRST, SECOND]
    assert (found.loc[found["kept"], "reason"] == "").all()


def test_a_passage_without_a_letter_is_not_scored():
    found = split(f"{FIRST} 40 000 000. …\n\n{SECOND}", "x")
    assert found.loc[~found["kept"], "reason"].tolist() == [NO_WORDS] * (~found["kept"]).sum()
    assert not found.loc[found["text"].str.contains("40"), "kept"].any()


@pytest.mark.parametrize("title", ["2031", "***", "12/07 – 13/07"])
@pytest.mark.parametrize("text", [f"{FIRST}\n\n{SECOND}", f"2031\n\n{FIRST}"])
def test_a_title_without_a_letter_is_not_scored_wherever_it_stands(text: str, title: str):
    found = split(text, title).iloc[0]
    assert (found["kept"], found["reason"]) == (False, NO_WORDS)


def test_a_quotation_over_paragraphs_is_quoted_past_a_banner_between_them():
    found = split(f"{FIRST}\n\n“The pier is rotten.\n\nAdvertisement\n\n“The ferry leaks.”\n\n{SECOND}", "x").set_index(
        "text"
    )
    assert found.loc["“The pier is rotten.", "voice"] == "quoted"
    assert found.loc["“The ferry leaks.”", "voice"] == "quoted"
    assert found.loc[FIRST, "voice"] == "outlet"


def test_passages_are_numbered_in_the_order_of_the_text_and_named_after_their_article():
    found = split_passages(
        documents(("0012", f"{FIRST} {SECOND}", "x"), ("NA", SECOND, None), ("../None", FIRST, None))
    )
    assert found["passage_id"].tolist() == ["0012#0000", "0012#0001", "0012#0002", "NA#0000", "../None#0000"]
    assert found["document_id"].tolist() == ["0012", "0012", "0012", "NA", "../None"]
    assert found["position"].tolist() == [0, 1, 2, 0, 0]


@pytest.mark.parametrize("status", ["empty", "unreadable: cut off", "no such file in the folder"])
def test_articles_that_were_not_read_have_no_passages(status: str):
    found = split_passages(documents(("a", FIRST, "x"), status=status))
    assert len(found) == 0
    assert list(found.columns) == list(PASSAGES.columns)
    assert found.dtypes.equals(split(FIRST).dtypes)


def test_a_table_that_is_not_documents_is_refused():
    with pytest.raises(TableError, match=r"table `documents` lacks \['text'\]"):
        split_passages(documents(("a", FIRST, None)).drop(columns="text"))


@pytest.mark.parametrize("language", [None, "en", "en-GB", "xx", "English", "zh", "", "NA"])
def test_an_unknown_language_is_no_reason_to_stop(language: str | None):
    assert split(f"{FIRST} {SECOND}", None, language)["text"].tolist() == [FIRST, SECOND]


def test_a_corpus_goes_through_as_it_was_read(corpus_folder):
    corpus = read_corpus(corpus_folder)
    found = split_passages(corpus)
    assert found["document_id"].unique().tolist() == ["a1", "a2", "b1"]
    assert found.loc[found["field"] == TITLE_FIELD, "text"].tolist() == corpus["title"].tolist()
    assert found["kept"].all()


words = st.sampled_from(
    ["The bridge", "is closed.", "“It is", "not safe,”", "said Ada Lind.", "Dr.", "No. 9", "e.g.", "4.5", "(Why?)", "'90s", "…", "?!", '"', "”", "»", "\n", "\n\n",
     "Advertisement", "\nSign in\n", "Related stories", "👩\u200d👧", "桥今天开放。", "e\u0301", "\u202eabc", "\t", "A.B.", "U.S.", "\u3000", FIRST, SECOND]
)  # fmt: skip
prose = st.lists(words, max_size=25).map(" ".join) | st.lists(words, max_size=15).map("".join)
any_text = (prose | st.text(max_size=80)).map(lambda raw: clean_text(raw)[0])
any_title = st.none() | (prose | st.text(max_size=30)).map(clean_label)


@settings(max_examples=200)
@given(text=any_text, title=any_title, language=st.sampled_from([None, "en", "de", "zh"]))
def test_passages_are_exact_trimmed_in_order_and_cover_the_text(text: str, title: str | None, language: str | None):
    found = split(text, title, language)
    inside = found.dropna(subset=["start"])
    spans = list(zip(inside["start"], inside["end"], strict=True))
    assert all(text[start:end] == passage for (start, end), passage in zip(spans, inside["text"], strict=True))
    assert (found["text"].str.strip() == found["text"]).all()
    assert (found["text"] != "").all()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    covered = {i for start, end in spans for i in range(start, end)}
    assert not [i for i, c in enumerate(text) if not c.isspace() and i not in covered]
    outside = found[found["start"].isna()]
    assert outside["text"].tolist() == ([title] if title and (inside["field"] == BODY_FIELD).all() else [])


@given(text=any_text, title=any_title)
def test_every_passage_is_kept_or_has_a_reason(text: str, title: str | None):
    found = split(text, title)
    assert ((found["reason"] == "") == found["kept"]).all()
    assert found["voice"].isin(["outlet", "quoted", "unknown"]).all()
    assert found["position"].tolist() == list(range(len(found)))
    assert found["paragraph"].is_monotonic_increasing
    assert not found.drop(columns=["start", "end"]).isna().any(axis=None)


@given(texts=st.lists(any_text, min_size=2, max_size=4))
def test_the_passages_of_an_article_do_not_depend_on_its_neighbours(texts: list[str]):
    together = split_passages(documents(*[(str(i), text, None) for i, text in enumerate(texts)]))
    for i, text in enumerate(texts):
        alone = split_passages(documents((str(i), text, None)))
        pd.testing.assert_frame_equal(together[together["document_id"] == str(i)].reset_index(drop=True), alone)


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("en", True),
        ("EN-gb", True),
        ("en_US", True),
        (None, True),
        ("English", True),
        ("de", False),
        ("zh-Hant-TW", False),
        (" fra ", False),
        ("eng", True),
        ("ENG", True),
        ("eng-US", True),
        ("eng_Latn", True),
        ("english", True),
        ("British English", True),
        ("English (UK)", True),
        ("['en']", True),
        ("und", True),
        ("mul", True),
        ("zxx", True),
        ("Unknown", True),
        ("NA", True),
        ("nan", True),
        ("nil", True),
        ("Quenya", True),
        ("en, fr", True),
        ("French and English", True),
        ("translated from Spanish", True),
        ("ger", False),
        ("deu", False),
        ("de-AT", False),
        ("Spanish", False),
        ("GERMAN", False),
        ("Spanish; Castilian", False),
        ("Brazilian Portuguese", False),
        ("German/French", False),
        ("yue", False),
    ],
)
def test_articles_in_a_language_that_the_model_does_not_read_are_set_aside(stated: str | None, kept: bool) -> None:
    given = documents(("a", "The bridge opens on Monday.", None), language=stated)
    passages = split_passages(given)
    found = set_aside_languages(passages, given, ("en",))
    assert found["kept"].tolist() == [kept]
    assert found["reason"].fillna("").tolist() == ([""] if kept else ["language"])
    pd.testing.assert_frame_equal(set_aside_languages(passages, given, ()), passages)


@pytest.mark.parametrize("reads", [("de", "en"), ("deu",), ("German",)])
@pytest.mark.parametrize("stated", ["de", "ger", "DEU", "German", "de-CH"])
def test_a_language_is_the_same_in_every_form(stated: str, reads: tuple[str, ...]) -> None:
    given = documents(("a", "Die Brücke ist offen.", None), language=stated)
    assert set_aside_languages(split_passages(given), given, reads)["kept"].tolist() == [True]


@pytest.mark.parametrize("language", ["de", "de-AT", "deu", "ger", "German"])
def test_sentences_end_as_the_language_has_it(language: str) -> None:
    text = "Am 3. Mai wird die Brücke gesperrt. Danach ruht die Arbeit."
    assert len(split(text, None, language)) == 2


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("“Will it be banned?” asked Mr. Chew. Nobody knew.", ["“Will it be banned?” asked Mr. Chew.", "Nobody knew."]),
        ("“What a day!” the mayor wrote. He left.", ["“What a day!” the mayor wrote.", "He left."]),
        ("The question — is it a risk? — is open.", ["The question — is it a risk? — is open."]),
        ("The Senate met. J.D. Vance presided over it.", ["The Senate met.", "J.D. Vance presided over it."]),
    ],
)
def test_a_sentence_goes_on_behind_a_question_and_behind_initials(text, sentences):
    passages = split_passages(handmade.documents({"a": {"text": text}}))
    assert passages["text"].tolist() == sentences
