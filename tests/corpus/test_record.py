"""Which column of a source is which of ours."""

import json

import pytest

from framing.corpus.record import ALIASES, Record, candidates, canonical, folded, named


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
        (["Publication Date", "Publication Name", "Document ID", "Full Text"], {"Publication Date": "published", "Publication Name": "outlet", "Document ID": "document_id", "Full Text": "text"}),
        (["source.name", "publishedAt", "content"], {"source.name": "outlet", "publishedAt": "published", "content": "text"}),
        (["media_name", "publish_date", "FullText"], {"media_name": "outlet", "publish_date": "published", "FullText": "text"}),
        (["domain", "seendate", "plaintext"], {"domain": "outlet", "seendate": "published", "plaintext": "text"}),
        (["source_url", "publish_date", "maintext"], {"source_url": "outlet", "publish_date": "published", "maintext": "text"}),
        (["webTitle", "webUrl", "webPublicationDate", "fields.bodyText"], {"webTitle": "title", "webUrl": "url", "webPublicationDate": "published", "fields.bodyText": "text"}),
        (["Source", "Publication"], {"Publication": "outlet"}),
        (["Source Type", "Text Type", "Date Received", "Subtitle", "_", ""], {}),
        (["doc_id", "newspaper", "link", "lang", "agency", "story_id"], {"doc_id": "document_id", "newspaper": "outlet", "link": "url", "lang": "language", "agency": "origin", "story_id": "story_id"}),
    ],
)  # fmt: skip
def test_the_first_name_that_a_source_has_is_taken(columns: list[str], chosen: dict[str, str]):
    assert canonical(columns) == chosen


def test_no_name_stands_for_two_columns():
    names = [folded(name) for group in ALIASES.values() for name in group]
    assert len(names) == len(set(names))
    assert all(ours in names_of for ours, names_of in ALIASES.items())


def test_a_record_is_readable_unless_it_says_otherwise():
    record = Record("a.txt", "a")
    assert (record.fields, record.encoding, record.trouble) == ({}, "utf-8", "")


def taken(row: dict[str, str], columns: dict[str, str] | None = None) -> dict[str, str]:
    return named(row, candidates(list(row), columns))


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"text": " ", "content": "Whole."}, {"text": "Whole.", "content": "Whole."}),
        ({"text": "Whole.", "content": "Who"}, {"text": "Whole.", "content": "Who"}),
        ({"outlet": "", "source": "Ebrin Daily"}, {"outlet": "Ebrin Daily", "source": "Ebrin Daily"}),
        ({"Title": "", "title": "Mayor left"}, {"title": "Mayor left"}),
        ({"text": "", "body": ""}, {"text": "", "body": ""}),
    ],
)
def test_where_the_first_column_is_empty_the_next_is_taken(row: dict[str, str], fields: dict[str, str]):
    assert taken(row) == fields


@pytest.mark.parametrize(
    ("cell", "outlet"),
    [
        (json.dumps({"id": None, "name": "Ebrin Daily"}), "Ebrin Daily"),
        ("{'id': None, 'name': 'Ebrin Daily'}", "Ebrin Daily"),
        (json.dumps({"uri": "ebrin.example", "dataType": "news", "title": "Ebrin Daily"}), "Ebrin Daily"),
        ('{"$oid": "65a0"}', "65a0"),
        ('["Ebrin Daily"]', "Ebrin Daily"),
        ('{"name": null}', ""),
        ("{}", ""),
        ("[]", "[]"),
        ("[2031]", "[2031]"),
        ("{sic} Ebrin", "{sic} Ebrin"),
        ("{__import__('os')}", "{__import__('os')}"),
        ("[Removed]", "[Removed]"),
        ("{" * 1500, "{" * 1500),
    ],
)
def test_an_object_is_its_name_and_what_is_none_stays(cell: str, outlet: str):
    assert taken({"source": cell})["outlet"] == outlet


def test_an_object_without_a_name_is_kept_in_its_column_and_refused_in_one_of_ours():
    thing = '{"id": 3, "rank": 4}'
    assert taken({"source": thing, "domain": "ebrin.example"}) == {
        "outlet": "ebrin.example",
        "source": thing,
        "domain": "ebrin.example",
    }
    with pytest.raises(ValueError, match=r"'outlet' is '\{\"id\": 3.*an object with a name is expected"):
        taken({"outlet": thing})


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"language": '["en", "fr"]'}, {"language": "en, fr"}),
        ({"language": "['en', 'fr']"}, {"language": "en, fr"}),
        ({"lang": '["en", null, "fr"]'}, {"language": "en, fr"}),
        ({"language": '["en"]'}, {"language": "en"}),
        ({"origin": '["Ebrin Wire", "Morrow Wire"]'}, {"origin": "Ebrin Wire, Morrow Wire"}),
        ({"agency": '[{"id": 1, "name": "Ebrin Wire"}, {"id": 2, "name": "Morrow Wire"}]'}, {"origin": "Ebrin Wire, Morrow Wire"}),
        ({"origin": '[{"id": 1, "rank": 2}, "Morrow Wire"]'}, {"origin": '[{"id": 1, "rank": 2}, "Morrow Wire"]'}),
        ({"language": '{"a": 1, "b": 2}'}, {"language": '{"a": 1, "b": 2}'}),
        ({"title": '["Mayor left", "Bridge burned"]'}, {"title": '["Mayor left", "Bridge burned"]'}),
        ({"headline": '["Mayor left", "Bridge burned"]'}, {"title": "", "headline": '["Mayor left", "Bridge burned"]'}),
        ({"published": '["2031-01-02", "2031-01-03"]'}, {"published": '["2031-01-02", "2031-01-03"]'}),
        ({"source": '["Ebrin Daily", "Morrow Post"]'}, {"outlet": "", "source": '["Ebrin Daily", "Morrow Post"]'}),
    ],
)  # fmt: skip
def test_several_languages_and_agencies_are_joined_and_no_other_list_is_a_label_or_lost(
    row: dict[str, str], fields: dict[str, str]
):
    assert taken(row) == fields


@pytest.mark.parametrize(
    ("row", "outlet", "url"),
    [
        ({"source": "https://www.Ebrin.example/a/1"}, "ebrin.example", "https://www.Ebrin.example/a/1"),
        ({"source": "https://www.ebrin.example/a/1", "source-hostname": "Ebrin Daily", "hostname": "ebrin.example"}, "Ebrin Daily", "https://www.ebrin.example/a/1"),
        ({"source": "https://ebrin.example/a/1", "url": "https://morrow.example/b"}, "ebrin.example", "https://morrow.example/b"),
        ({"source_url": "http://ebrin.example:80/"}, "ebrin.example", None),
        ({"source": "https://ebrin.example/a/1", "hostname": "Ebrin"}, "Ebrin", "https://ebrin.example/a/1"),
        ({"source": "Ebrin Daily (https://ebrin.example)"}, "Ebrin Daily (https://ebrin.example)", None),
        ({"source": "https://[x/y"}, "[x", "https://[x/y"),
    ],
)  # fmt: skip
def test_an_address_for_an_outlet_is_the_articles_and_its_host_the_outlet(
    row: dict[str, str], outlet: str, url: str | None
):
    fields = taken(row)
    assert (fields["outlet"], fields.get("url")) == (outlet, url)


def test_what_the_user_says_goes_before_every_guess():
    row = {"Quelle": "", "source": "Database", "Titel": "Mayor left", "text": "Summary.", "story": "Whole."}
    assert taken(row, {"Quelle": "outlet", "Titel": "title", "story": "text"}) == {
        "outlet": "", "source": "Database", "title": "Mayor left", "text": "Whole.",
    }  # fmt: skip
    assert taken({"source": "Ebrin", "paper": "Morrow"}, {"source": "origin"}) == {"origin": "Ebrin", "paper": "Morrow"}
