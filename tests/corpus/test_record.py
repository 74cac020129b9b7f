"""Which column of a source is which of ours."""

import pytest

from framing.corpus.record import ALIASES, Record, canonical


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ([], {}),
        (["text"], {"text": "text"}),
        (["Headline", " Body ", "DATE"], {"Headline": "title", " Body ": "text", "DATE": "published"}),
        (["id", "document_id"], {"document_id": "document_id"}),
        (["content", "text", "body"], {"text": "text"}),
        (["source", "publisher"], {"source": "outlet"}),
        (["Title", "title"], {"Title": "title"}),
        (["texts", "identity", "dated"], {}),
        (["doc_id", "newspaper", "link", "lang", "agency", "story_id"], {"doc_id": "document_id", "newspaper": "outlet", "link": "url", "lang": "language", "agency": "origin", "story_id": "story_id"}),
    ],
)  # fmt: skip
def test_the_first_name_that_a_source_has_is_taken(columns: list[str], chosen: dict[str, str]):
    assert canonical(columns) == chosen


def test_no_name_stands_for_two_columns():
    names = [name for group in ALIASES.values() for name in group]
    assert len(names) == len(set(names))
    assert all(ours in names_of for ours, names_of in ALIASES.items())


def test_a_record_is_readable_unless_it_says_otherwise():
    record = Record("a.txt", "a")
    assert (record.fields, record.encoding, record.trouble) == ({}, "utf-8", "")
