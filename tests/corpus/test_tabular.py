"""Articles from CSV, JSON lines and Parquet."""

import datetime
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from framing.corpus.record import Record
from framing.corpus.tabular import from_csv, from_frame, from_json, from_parquet, read_csv
from framing.errors import CorpusError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def fields(records: list[Record]) -> list[dict[str, str]]:
    return [record.fields for record in records]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("id,text\nNA,None\n0012,nan\n", [{"id": "NA", "text": "None"}, {"id": "0012", "text": "nan"}]),
        ("id;text\n1;one, two\n", [{"id": "1", "text": "one, two"}]),
        ("id\ttext\n1\tone, two; three\n", [{"id": "1", "text": "one, two; three"}]),
        (
            'id,text\n1,"one\n\ntwo, ""three"""\n\n2,x\n',
            [{"id": "1", "text": 'one\n\ntwo, "three"'}, {"id": "2", "text": "x"}],
        ),
        ("id,text,url\n1,x\n", [{"id": "1", "text": "x", "url": ""}]),
        ("id,text\r\n1,x\r\n", [{"id": "1", "text": "x"}]),
        ("id,text\n1,a\x00b\n", [{"id": "1", "text": "a\x00b"}]),
        ("text\nA line.\n", [{"text": "A line."}]),
        ("id,text\r1,x\r2,y\r", [{"id": "1", "text": "x"}, {"id": "2", "text": "y"}]),
        ("sep=;\nid;text\n1;one, two\n", [{"id": "1", "text": "one, two"}]),
        ('"sep=;"\r\nid;text\r\n1;x\r\n', [{"id": "1", "text": "x"}]),
        (
            'id, text\n1, "One, two."\n2, "Say ""x"", he."\n',
            [{"id": "1", "text": "One, two."}, {"id": "2", "text": 'Say "x", he.'}],
        ),
        ('id,text\n1,"He left, ""Yes,"" he said."\n', [{"id": "1", "text": 'He left, "Yes," he said.'}]),
        ('id,text\n1,He said "yes" today.\n', [{"id": "1", "text": 'He said "yes" today.'}]),
        ('id,text\n1," ""Yes,"" he said."\n', [{"id": "1", "text": ' "Yes," he said.'}]),
        ("id,text,,\n1,x,,\n", [{"id": "1", "text": "x", "Unnamed: 2": "", "Unnamed: 3": ""}]),
        ("id,text\n1,x,,\n\n  \n2,y\n", [{"id": "1", "text": "x"}, {"id": "2", "text": "y"}]),
        ("text,text,text.1\na,b,c\n", [{"text": "a", "text.1": "b", "text.1.1": "c"}]),
        ("id,text\n", []),
    ],
)
def test_a_csv_is_strings_and_nothing_in_it_is_taken_for_missing_or_a_number(
    content: str, rows: list[dict[str, str]], tmp_path: Path
):
    assert read_csv(write(tmp_path, "a.csv", content)).to_dict("records") == rows


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is empty; a CSV with a header line is expected"),
        ("\n\n", "is empty; a CSV with a header line is expected"),
        ("text\nOne, two.\n", "line 2 has more fields than its header .*; put quotation marks around texts with ','"),
        ("id,text\n1,one,two\n2,one,two\n", "line 2 has more fields than its header"),
        ("id,text\n1,one\n2,one,two\n", "line 3 has more fields than its header"),
        ('id,text\n1,"open\n', "is not a readable CSV: from line 2"),
        ('id\ttext\n1\tx\n2\t"Yes, he said.\n3\ty\n', "is not a readable CSV: from line 3 .*line 4"),
        (
            'id,text\n1,"The mayor left\n2,Second text.\n3,Third text" here.\n',
            "from line 2 .*noticed in line 4.*double it",
        ),
        ('id,text\n1,"He said \\"yes\\" today."\n', "from line 2"),
        ('id,text\n1,"He said \\"yes, today."\n2,x\n', "from line 2"),
        (
            "Export of 3 July\n\nid,text\n1,x\n",
            "line 3 has more fields than its header .*line 1 has 1.*above the header",
        ),
    ],
)
def test_a_csv_that_would_lose_or_shift_a_field_is_refused(content: str, complaint: str, tmp_path: Path):
    path = write(tmp_path, "a.csv", content)
    with pytest.raises(CorpusError, match=complaint) as caught:
        read_csv(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_of_a_csv_are_records_with_our_names_and_the_encoding(tmp_path: Path):
    path = write(tmp_path, "a.csv", "Headline,ID,Body,Section\nBrücke,0012,Über die Brücke.,NA\n".encode("utf-8-sig"))
    assert list(from_csv(path)) == [
        Record("a.csv, row 1", "", {"title": "Brücke", "document_id": "0012", "text": "Über die Brücke.", "Section": "NA"}, "utf-8-sig")
    ]  # fmt: skip


def test_a_field_longer_than_the_csv_limit_of_python_is_whole(tmp_path: Path):
    long = "The bridge is long. " * 10_000
    assert len(long) > 131_072
    [record] = from_csv(write(tmp_path, "a.csv", f'id,text\n1,"{long}"\n'))
    assert record.fields["text"] == long


def test_a_list_of_links_is_told_to_lack_the_texts(tmp_path: Path):
    path = write(tmp_path, "a.csv", "id,title,url\n1,Bridge,https://ebrin.example/1\n")
    with pytest.raises(CorpusError, match="if the file holds only links, fetch the texts first"):
        list(from_csv(path))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_table_without_a_text_is_refused_with_the_columns_it_has(name: str, tmp_path: Path):
    path = tmp_path / name
    table = pd.DataFrame({"id": ["1"], "words": ["x"]})
    if name == "a.csv":
        table.to_csv(path, index=False)
    elif name == "a.jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    read = {"a.csv": from_csv, "a.jsonl": lambda path: from_json(path, skip_bad=False), "a.parquet": from_parquet}
    with pytest.raises(CorpusError, match=r"\['id', 'words'\]"):
        list(read[name](path))


def test_lines_of_json_are_records(tmp_path: Path):
    lines = [
        '{"id": "NA", "text": "one"}', '{"id": 12, "text": null, "url": NaN}', "", "  ", '{"text": "two\\u2028three", "n": 1.0, "deep": true}', '{"TEXT": "桥\\ud83d\\ude00", "id": "0012"}\r',
    ]  # fmt: skip
    found = list(from_json(write(tmp_path, "a.jsonl", "\n".join(lines)), skip_bad=False))
    assert fields(found) == [
        {"document_id": "NA", "text": "one"},
        {"document_id": "12", "text": "", "url": ""},
        {"text": "two\u2028three", "n": "1", "deep": "True"},
        {"text": "桥😀", "document_id": "0012"},
    ]
    assert [record.source for record in found] == [
        "a.jsonl, line 1",
        "a.jsonl, line 2",
        "a.jsonl, line 5",
        "a.jsonl, line 6",
    ]


BAD_LINES = [
    '{"text": "cut of',
    "text",
    "[1, 2]",
    '"text"',
    "{}",
    '{"words": "x"}',
    '{"text": "a"} {"text": "b"}',
    "[" * 100_000,
    '{"text": 1' + "0" * 5000 + "}",
    "\x00",
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_stops_with_its_number_or_is_set_aside_with_it(bad: str, tmp_path: Path):
    path = write(tmp_path, "a.jsonl", '{"text": "before"}\n' + bad + '\n{"text": "after"}\n')
    with pytest.raises(CorpusError, match=r"a\.jsonl, line 2: .*--skip-bad") as caught:
        list(from_json(path, skip_bad=False))
    assert "\n" not in str(caught.value)
    before, set_aside, after = from_json(path, skip_bad=True)
    assert (before.fields["text"], after.fields["text"]) == ("before", "after")
    assert (set_aside.source, set_aside.fields) == ("a.jsonl, line 2", {})
    assert set_aside.trouble.startswith("unreadable: ")
    assert not before.trouble + after.trouble


def test_the_last_line_of_a_file_that_was_cut_off_is_told(tmp_path: Path):
    whole = "\n".join(json.dumps({"id": str(i), "text": "The bridge is long."}) for i in range(3))
    with pytest.raises(CorpusError, match="line 3"):
        list(from_json(write(tmp_path, "a.jsonl", whole[:-9]), skip_bad=False))


@pytest.mark.parametrize("value", [["one", "two"], {"p": "one"}, True, 3], ids=["list", "object", "true", "number"])
def test_a_text_that_is_no_text_is_a_bad_line(value: object, tmp_path: Path):
    path = write(tmp_path, "a.jsonl", json.dumps({"id": "1", "text": value}))
    with pytest.raises(CorpusError, match="line 1: the article's text is"):
        list(from_json(path, skip_bad=False))
    [record] = from_json(path, skip_bad=True)
    assert record.trouble.startswith("unreadable: the article's text is")


def test_rows_of_parquet_are_records_of_strings(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pd.DataFrame(
        {
            "id": ["NA", "0012", None],
            "body": ["one", None, "three"],
            "n": pd.array([12, None, 3], dtype="Int64"),
            "half": [1.0, 0.5, float("nan")],
            "date": [pd.Timestamp("2031-01-02"), None, pd.Timestamp("2031-01-03 10:00")],
            "day": [datetime.date(2031, 1, 2), None, None],
            "kept": pd.array([True, None, False], dtype="boolean"),
            "kind": pd.Categorical(["a", "b", None]),
        }
    ).to_parquet(path)
    assert fields(list(from_parquet(path))) == [
        {"document_id": "NA", "text": "one", "n": "12", "half": "1", "published": "2031-01-02T00:00:00", "day": "2031-01-02", "kept": "True", "kind": "a"},
        {"document_id": "0012", "text": "", "n": "", "half": "0.5", "published": "", "day": "", "kept": "", "kind": "b"},
        {"document_id": "", "text": "three", "n": "3", "half": "", "published": "2031-01-03T10:00:00", "day": "", "kept": "False", "kind": ""},
    ]  # fmt: skip


def test_the_index_of_a_parquet_file_is_a_column_and_no_large_number_is_rounded(tmp_path: Path):
    path = tmp_path / "a.parquet"
    table = pd.DataFrame(
        {
            "document_id": ["0012", "0013"],
            "text": ["One.", "Two."],
            "post": pd.array([9007199254740993, None], dtype="Int64"),
            "seen": pd.to_datetime(["2031-01-02 10:00:00.5+02:00", None]),
        }
    )
    table.set_index("document_id").to_parquet(path)
    assert fields(list(from_parquet(path))) == [
        {"document_id": "0012", "text": "One.", "post": "9007199254740993", "seen": "2031-01-02T10:00:00.500000+02:00"},
        {"document_id": "0013", "text": "Two.", "post": "", "seen": ""},
    ]
    table[["document_id", "text"]].iloc[[1]].to_parquet(path)
    assert fields(list(from_parquet(path))) == [{"document_id": "0013", "text": "Two."}]


def test_columns_of_one_name_in_a_parquet_file_are_two(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array(["One."]), pa.array(["b"])], names=["text", "text"]), path)
    assert fields(list(from_parquet(path))) == [{"text": "One.", "text.1": "b"}]


@pytest.mark.parametrize("keep", [0, 3, 200, -1])
def test_a_parquet_file_that_was_cut_off_is_named(keep: int, tmp_path: Path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"text": ["The bridge is long."] * 50}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CorpusError, match=r"a\.parquet is not a readable Parquet file") as caught:
        list(from_parquet(path))
    assert "\n" not in str(caught.value)


def test_a_parquet_file_whose_texts_are_lists_is_refused(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"text": [["one", "two"]]}).to_parquet(path)
    with pytest.raises(CorpusError, match="row 1: the article's text is"):
        list(from_parquet(path))


LISTS = [
    [{"id": "1", "text": "one"}, {"id": "2", "text": "two"}],
    {
        "status": "ok",
        "totalResults": 2,
        "tags": ["x"],
        "articles": [{"id": "1", "text": "one"}, {"id": "2", "text": "two"}],
    },
    {"response": {"results": [{"id": "1", "fields": {"bodyText": "one"}}, {"id": "2", "fields": {"bodyText": "two"}}]}},
]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", LISTS[0]), ("a.jsonl", LISTS[0]), ("a.json", LISTS[1]), ("a.json", LISTS[2])],
    ids=["array", "array in .jsonl", "object", "deep"],
)
def test_a_json_document_is_the_list_of_articles_in_it(name: str, content: object, indent: int | None, tmp_path: Path):
    found = list(from_json(write(tmp_path, name, json.dumps(content, indent=indent)), skip_bad=False))
    assert [(record.fields["document_id"], record.fields["text"]) for record in found] == [("1", "one"), ("2", "two")]
    assert [record.source for record in found] == [f"{name}, article 1", f"{name}, article 2"]


def test_one_article_and_one_object_a_line_may_be_called_json(tmp_path: Path):
    [alone] = from_json(write(tmp_path, "a.json", '{\n"text": "one", "comments": [{"text": "x"}]}'), skip_bad=False)
    assert alone.fields["text"] == "one"
    lines = list(from_json(write(tmp_path, "b.json", '{"text": "one"}\n{"text": "two"}\n'), skip_bad=False))
    assert [record.source for record in lines] == ["b.json, line 1", "b.json, line 2"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "is not readable JSON"),
        ('[{"text": "one"}, {"te', "is not readable JSON .*line 1"),
        ("3", "holds no list of articles"),
        ('{"a": {"b": "c"}}', "holds no list of articles"),
        (
            '{"a": [{"text": "x"}], "b": [{"text": "y"}]}',
            "holds no list of articles, or more than one.*leave only the list",
        ),
        ('{"text": "Export", "june": [{"title": "A", "text": "x"}]}', "holds no list of articles, or more than one"),
        ('[{"text": "one"}, 3]', "article 2: it is not a JSON object.*--skip-bad"),
        ("[" * 100_000, "is not readable JSON"),
        ('[{"words": "x"}]', r"article 1: .*\['words'\].*`columns: \{ITS_NAME: text\}`"),
    ],
)
def test_a_json_document_without_articles_is_a_clear_message(content: str, complaint: str, tmp_path: Path):
    with pytest.raises(CorpusError, match=complaint) as caught:
        list(from_json(write(tmp_path, "a.json", content), skip_bad=False))
    assert "\n" not in str(caught.value)


TWO = [{"id": "1", "text": "One."}, {"id": "2", "text": "Two."}]


@pytest.mark.parametrize(
    "content",
    [
        {"content": "application/json", "results": TWO},
        {"text": "Export of 2031", "articles": TWO},
        {"text": "Export of 2031", "response": {"docs": TWO}},
        {"results": TWO, "facets": []},
        {"facets": {"years": []}, "results": TWO, "tags": ["x"]},
        {"results": [{"id": "1", "text": None}, TWO[1]], "text": "Export"},
    ],
)
def test_a_text_or_an_empty_list_beside_the_articles_does_not_hide_them(content: object, tmp_path: Path):
    found = list(from_json(write(tmp_path, "a.json", json.dumps(content)), skip_bad=False))
    assert [record.fields["document_id"] for record in found] == ["1", "2"]


@pytest.mark.parametrize(
    "content",
    [
        {"id": "1", "text": "One.", "comments": TWO},
        {"id": "1", "text": "One.", "entities": [{"text": "Ebrin", "kind": "place"}], "items": []},
        {"id": "1", "text": "One.", "data": [{"views": 3}]},
        {"id": "1", "title": "A", "text": "One.", "related": [{"title": "B", "text": "Two."}]},
        {"id": "1", "content": {"rendered": "One.", "protected": False}},
    ],
)
def test_what_hangs_on_an_article_makes_it_no_export(content: object, tmp_path: Path):
    [record] = from_json(write(tmp_path, "a.json", json.dumps(content)), skip_bad=False)
    assert (record.fields["document_id"], record.fields["text"]) == ("1", "One.")


@pytest.mark.parametrize("bad", ["oops", None, 3])
def test_what_is_no_object_in_the_list_of_articles_hides_no_article(bad: object, tmp_path: Path):
    path = write(tmp_path, "a.json", json.dumps({"data": [TWO[0], bad]}))
    with pytest.raises(CorpusError, match="article 2: "):
        list(from_json(path, skip_bad=False))
    one, set_aside = from_json(path, skip_bad=True)
    assert (one.fields["text"], set_aside.trouble[:12]) == ("One.", "unreadable: ")
    either = write(tmp_path, "b.json", json.dumps({"data": [TWO[0], bad], "related": [{"text": "Other."}]}))
    with pytest.raises(CorpusError, match="or more than one"):
        list(from_json(either, skip_bad=True))


def test_lines_that_all_lack_a_text_are_no_bad_lines_but_a_file_without_one(tmp_path: Path):
    path = write(tmp_path, "a.jsonl", '{"story": "one"}\n{"story": "two"}\n')
    with pytest.raises(CorpusError, match=r"\['story'\].*Call it `text`, or name it in the study file: `columns:"):
        list(from_json(path, skip_bad=True))
    assert [r.fields["text"] for r in from_json(path, {"story": "text"}, skip_bad=False)] == ["one", "two"]


def test_a_text_of_another_kind_gives_way_to_none_that_is_filled(tmp_path: Path):
    path = write(tmp_path, "a.jsonl", '{"text": "one", "content": ["x"]}\n{"text": null, "content": "two"}\n')
    assert [record.fields["text"] for record in from_json(path, skip_bad=False)] == ["one", "two"]


def test_a_number_or_the_parent_of_an_empty_member_is_no_text(tmp_path: Path):
    [csv] = from_csv(write(tmp_path, "a.csv", "id,text,article\na,,17\n"))
    assert csv.fields == {"document_id": "a", "text": "", "article": "17"}
    lines = '{"text": "", "article": 17}\n{"content": {"rendered": "", "protected": false}}\n{"text": null, "content": "Whole."}\n'
    assert [r.fields["text"] for r in from_json(write(tmp_path, "a.jsonl", lines), skip_bad=False)] == [
        "",
        "",
        "Whole.",
    ]
    pd.DataFrame({"text": ["One.", None], "article": [17, 18]}).to_parquet(tmp_path / "a.parquet")
    assert [(r.fields["text"], r.fields["article"]) for r in from_parquet(tmp_path / "a.parquet")] == [
        ("One.", "17"),
        ("", "18"),
    ]


def test_a_text_in_another_form_beside_an_empty_one_is_refused_and_a_number_in_the_text_column_of_a_csv_is_it(
    tmp_path: Path,
):
    path = write(tmp_path, "a.jsonl", '{"text": "", "content": ["One.", "Two."]}')
    with pytest.raises(CorpusError, match="the article's text is of the kind list"):
        list(from_json(path, skip_bad=False))
    [number] = from_csv(write(tmp_path, "a.csv", "id,text,article\na,1984,17\n"))
    assert number.fields["text"] == "1984"


def test_an_object_in_a_field_stays_with_its_record_as_json(tmp_path: Path):
    path = write(
        tmp_path, "a.jsonl", '{"text": "one", "source": {"id": null, "name": "Ebrin Daily"}, "meta": {"a": [1]}}\n'
    )
    [record] = from_json(path, skip_bad=False)
    assert record.fields["outlet"] == "Ebrin Daily"
    assert json.loads(record.fields["meta"]) == {"a": [1]}


def test_a_parquet_object_in_a_field_is_its_name(tmp_path: Path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"text": ["one"], "source": [{"id": None, "name": "Ebrin Daily"}], "tags": [["a", "b"]]}).to_parquet(
        path
    )
    [record] = from_parquet(path)
    assert record.fields == {"text": "one", "outlet": "Ebrin Daily", "tags": '["a", "b"]'}


def test_a_title_that_could_be_a_header_is_told_as_one(tmp_path: Path):
    with pytest.raises(
        CorpusError, match=r"it has \['Export of July 3', ' 2031'\].*nothing may come above the line with"
    ):
        list(from_csv(write(tmp_path, "a.csv", "Export of July 3, 2031\nid,text\n1,x\n")))


def test_a_csv_says_at_which_line_each_row_begins(tmp_path: Path):
    path = write(tmp_path, "a.csv", 'sep=;\nid;text\n1;"one\ntwo"\n\n2;x\n3;y\n')
    assert read_csv(path).index.tolist() == [3, 6, 7]


def test_lists_and_numbers_of_a_data_frame_are_those_of_its_parquet_file(tmp_path: Path):
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "id": pa.array([3, 4], pa.float32()),
            "text": ["One.", "Two."],
            "tags": [["a", "b"], None],
            "authors": [[{"name": "Ada", "posts": [1, 2]}], []],
            "grid": [[["x"], ["y", "z"]], [[]]],
            "seen": [[datetime.datetime(2031, 1, 2, 10)], []],
        }
    )
    pq.write_table(table, path)
    told = fields(list(from_frame(tmp_path, pd.read_parquet(path))))
    assert told == fields(list(from_parquet(path)))
    assert told[0] == {
        "document_id": "3",
        "text": "One.",
        "tags": '["a", "b"]',
        "authors": '[{"name": "Ada", "posts": [1, 2]}]',
        "grid": '[["x"], ["y", "z"]]',
        "seen": '["2031-01-02 10:00:00"]',
    }
    assert told[1]["tags"] == ""


def test_a_text_that_is_an_array_is_refused_as_a_list_is(tmp_path: Path):
    pd.DataFrame({"text": [["one", "two"]]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match="row 1: the article's text is of the kind list"):
        list(from_frame(tmp_path, pd.read_parquet(tmp_path / "a.parquet")))


@pytest.mark.parametrize("index", [["id"], ["id", "section"], ["Section", "id"]])
def test_an_index_that_is_a_column_too_is_no_obstacle(index: list[str], tmp_path: Path):
    frame = pd.DataFrame({"id": ["7", "8"], "section": ["a", "b"], "Section": ["a", "b"], "text": ["One.", "Two."]})
    told = list(from_frame(tmp_path, frame.set_index(index, drop=False)))
    assert [(r.fields["document_id"], r.fields["section"], r.fields["text"]) for r in told] == [
        ("7", "a", "One."),
        ("8", "b", "Two."),
    ]
