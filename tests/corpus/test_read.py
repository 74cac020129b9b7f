"""DOCUMENTS: one row for each article, none lost, every id a string."""

import json
import shutil
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from framing.corpus import intake, iter_corpus, read_corpus, why_nothing
from framing.errors import CorpusError
from framing.passages import split_passages
from framing.tables import DOCUMENTS, read_table, write_tables


def csv_of(folder: Path, *lines: str) -> Path:
    path = folder / "articles.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def jsonl_of(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_folder_becomes_documents_with_all_columns(corpus_folder: Path):
    documents = read_corpus(corpus_folder)
    assert list(documents.columns) == [*DOCUMENTS.columns, "section"]
    assert documents["document_id"].tolist() == ["a1", "a2", "b1"]
    assert documents["outlet"].tolist() == ["Alder Post", "Alder Post", "Birch Mail"]
    assert documents["published"].dt.date.astype(str).tolist() == ["2031-01-02", "2031-01-09", "2031-01-03"]
    assert documents["source_file"].tolist() == ["a1.txt", "a2.txt", "b1.txt"]
    assert set(documents["status"]) == {"ok"}
    assert documents["text"][1] == "Bridge opens\n\nThe bridge opens on Monday. The mayor supports the bridge.\n"


ROWS = [
    {"id": "NA", "outlet": "None", "title": "nan", "date": "2031-01-02", "text": "One is here.", "page": "0012"},
    {"id": "0012", "outlet": "NA", "title": "", "date": "", "text": "Two is here.", "page": "NA"},
    {"id": "1e3", "outlet": "TRUE", "title": "桥", "date": "06/07/2031", "text": "Three is here.", "page": ""},
]


@pytest.mark.parametrize("kind", ["folder", "csv", "jsonl", "parquet"])
def test_all_sources_of_the_same_articles_give_the_same_documents(kind: str, tmp_path: Path):
    table = pd.DataFrame(ROWS)
    path = tmp_path / f"articles.{kind}"
    if kind == "folder":
        path.mkdir()
        for row in ROWS:
            (path / f"{row['id']}.txt").write_text(row["text"], encoding="utf-8")
        table.drop(columns="text").assign(file=table["id"]).to_csv(path / "metadata.csv", index=False)
    elif kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    documents = read_corpus(path).set_index("document_id").loc[["NA", "0012", "1e3"]]
    assert documents["outlet"].tolist() == ["None", "NA", "TRUE"]
    assert documents["page"].tolist() == ["0012", "NA", ""]
    assert documents["text"].tolist() == ["One is here.", "Two is here.", "Three is here."]
    assert documents["title"].fillna("(missing)").tolist() == ["nan", "(missing)", "桥"]
    assert documents["date_status"].tolist() == ["ok", "missing", "ambiguous"]
    assert documents["published"].notna().tolist() == [True, False, False]
    assert documents["published_raw"].fillna("(missing)").tolist() == ["2031-01-02", "(missing)", "06/07/2031"]


@pytest.mark.parametrize("kind", ["corpus", "all", "missing"])
def test_documents_on_disk_are_read_as_they_were(kind: str, corpus_folder: Path, tmp_path: Path):
    source = {
        "corpus": corpus_folder,
        "all": jsonl_of(tmp_path, *ROWS),
        "missing": csv_of(tmp_path, "text", "One.", "Two.", "One."),
    }[kind]
    documents = read_corpus(source)
    write_tables({"documents": documents}, tmp_path / "kept")
    assert_frame_equal(read_table(tmp_path / "kept" / "documents.parquet"), documents)


def test_columns_that_nobody_filled_are_missing_and_still_texts(tmp_path: Path):
    documents = read_corpus(csv_of(tmp_path, "text", "One."))
    assert documents["outlet"].tolist() == ["unknown"]
    for column in ("title", "url", "language", "story_id", "origin", "published_raw", "duplicate_of"):
        assert documents[column].isna().all()
        assert documents[column].dtype == "str"


@pytest.mark.parametrize("text", ["", " \n\t ", "\ufeff", "\u00a0"])
@pytest.mark.parametrize("kind", ["folder", "jsonl"])
def test_an_empty_article_is_a_row_of_its_own_beside_the_others(
    kind: str, text: str, corpus_folder: Path, tmp_path: Path
):
    if kind == "folder":
        (corpus_folder / "void.txt").write_text(text, encoding="utf-8")
        (corpus_folder / "z.txt").write_text("The ferry sinks.", encoding="utf-8")
        documents = read_corpus(corpus_folder)
    else:
        rows: list[dict[str, object]] = [{"id": i, "text": "The ferry sinks."} for i in ("a1", "a2", "b1")]
        documents = read_corpus(jsonl_of(tmp_path, *rows, {"id": "void", "text": text}, {"id": "z", "text": "x"}))
    assert documents["document_id"].tolist() == ["a1", "a2", "b1", "void", "z"]
    assert documents["status"].tolist() == ["ok", "ok", "ok", "empty", "ok"]
    assert pd.isna(documents["duplicate_of"][3])
    assert intake(documents)["empty"] == 1


def test_empty_articles_are_not_duplicates_of_each_other(tmp_path: Path):
    documents = read_corpus(jsonl_of(tmp_path, *[{"id": i, "text": ""} for i in "ab"]))
    assert documents["status"].tolist() == ["empty", "empty"]
    assert documents["duplicate_of"].isna().all()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("articles.csv", "", "is empty; a CSV with a header line"),
        ("articles.csv", "id,text\n", "holds no article"),
        ("articles.jsonl", "", "holds no article"),
        ("articles.jsonl", "\n \n", "holds no article"),
        ("articles.parquet", "", "is not a readable Parquet file"),
        (
            "articles.docx",
            "x",
            r"a folder, or a \.csv, .* file is expected; convert it to \.txt, or to a CSV with one row per article\.$",
        ),
        (
            "articles",
            "x",
            r"is not read: a folder, or a \.csv, \.tsv, \.json, \.jsonl or \.parquet file is expected\.$",
        ),
        ("articles.RTF", "x", "; convert it to"),
        ("articles.pdf", "x", "; convert it to"),
        ("articles.xlsx", "x", r"; save it as CSV \(UTF-8\) with one row per article\.$"),
        ("articles.csv.gz", "x", r"; unpack it first\.$"),
        ("article.txt", "x", r"; put it into a folder and name the folder\.$"),
        ("articles.json", "[]", "holds no article"),
        ("articles.tsv", "id\ttext\n", "holds no article"),
    ],
)
def test_a_source_without_articles_is_a_clear_message(name: str, content: str, complaint: str, tmp_path: Path):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=complaint) as caught:
        read_corpus(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_path_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(CorpusError, match=r"nowhere does not exist; a folder, or a"):
        read_corpus(tmp_path / "nowhere")


@pytest.mark.parametrize(("n", "more"), [(1, ""), (10, ""), (13, " and 3 more")])
def test_ids_given_twice_are_an_error_that_lists_up_to_ten(n: int, more: str, tmp_path: Path):
    rows = [{"id": f"a{i:02}", "text": f"Text {i}."} for i in range(n)]
    with pytest.raises(CorpusError) as caught:
        read_corpus(jsonl_of(tmp_path, *rows, {"id": "single", "text": "x"}, *rows))
    message = str(caught.value)
    assert f"{n} document ids are given to more than one article" in message
    assert message.count("'a") == min(n, 10)
    assert f"{more}. Every article needs an id of its own." in message
    assert "single" not in message


@pytest.mark.parametrize("kind", ["table", "folder"])
def test_ids_given_twice_are_told_with_their_column_and_how_to_name_another(kind: str, tmp_path: Path):
    if kind == "table":
        path = csv_of(tmp_path, "ID,guid,text", "7,a,One.", "7,b,Two.")
    else:
        path = tmp_path / "folder"
        path.mkdir()
        (path / "a.txt").write_text("One.", encoding="utf-8")
        (path / "b.txt").write_text("Two.", encoding="utf-8")
        (path / "metadata.csv").write_text("file,ID,guid\na,7,a\nb,7,b\n", encoding="utf-8")
    said = r"'7'\. Every article needs .* taken from the column 'ID'; .*: `columns: \{ITS_NAME: document_id\}`\.$"
    with pytest.raises(CorpusError, match=said):
        read_corpus(path)
    assert read_corpus(path, columns={"guid": "document_id"})["document_id"].tolist() == ["a", "b"]
    with pytest.raises(CorpusError, match="taken from the column 'guid';"):
        read_corpus(pd.DataFrame({"guid": ["x", "x"], "text": ["One.", "Two."]}), columns={"guid": "document_id"})


def test_an_id_that_the_metadata_give_twice_is_told_where_the_files_have_names_of_their_own(tmp_path: Path):
    for sub in ("x", "y"):
        (tmp_path / sub).mkdir()
        (tmp_path / sub / "a.txt").write_text(sub, encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("file,id\nx/a,7\ny/a,7\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="'7'"):
        read_corpus(tmp_path)


def test_articles_without_an_id_get_one_from_their_text_even_where_the_text_comes_again(tmp_path: Path):
    documents = read_corpus(jsonl_of(tmp_path, *[{"text": text} for text in ("One.", "Two.", "One.", "", "", "One.")]))
    ids = documents["document_id"]
    assert ids.is_unique
    assert ids.str.startswith("sha256-").all()
    assert ids.tolist()[2:6:3] == [f"{ids[0]}-2", f"{ids[0]}-3"]
    assert documents["duplicate_of"].fillna("").tolist() == ["", "", ids[0], "", "", ids[0]]
    alone = read_corpus(jsonl_of(tmp_path, {"text": "Two."}))
    assert alone["document_id"].item() == ids[1]


def test_the_same_text_again_is_a_duplicate_of_the_first_whatever_its_line_ends(tmp_path: Path):
    texts = ["One\nbridge.", "Other.", "One\r\nbridge.", "one\nbridge."]
    documents = read_corpus(jsonl_of(tmp_path, *[{"id": str(i), "text": text} for i, text in enumerate(texts)]))
    assert documents["duplicate_of"].fillna("").tolist() == ["", "", "0", ""]
    assert intake(documents)["exact duplicates of another article"] == 1


DATES = ["2031-01-02", "", "NA", "06/07/2031", "30/02/2031", "Jan. 2, 2031"]


def test_bad_and_ambiguous_dates_are_kept_and_counted(tmp_path: Path):
    documents = read_corpus(
        jsonl_of(tmp_path, *[{"id": str(i), "text": "x", "date": date} for i, date in enumerate(DATES)])
    )
    assert documents["date_status"].tolist() == ["ok", "missing", "unreadable", "ambiguous", "unreadable", "ok"]
    assert documents["published_raw"].fillna("").tolist() == DATES
    counts = intake(documents)
    assert (counts["without a date"], counts["with an ambiguous date"], counts["with an unreadable date"]) == (1, 1, 2)
    assert documents["published"].nunique() == 1


def test_the_first_and_the_last_day_of_the_calendar_are_days(tmp_path: Path):
    rows = [{"id": date, "text": "x", "date": date} for date in ("0001-01-01", "1789-07-14", "9999-12-31")]
    documents = read_corpus(jsonl_of(tmp_path, *rows))
    assert [str(day.date()) for day in documents["published"]] == documents["document_id"].tolist()


SCRIPTS = {
    "right-to-left": "\u200fהגשר נפתח ביום שני.\u202b الجسر\u202c مفتوح.",
    "CJK": "橋は月曜日に開通。桥今天开放。다리가 열린다.",
    "emoji": "👩\u200d👩\u200d👧 at the 🏳️\u200d🌈 bridge 👍🏽.",
    "combining": "q\u0323\u0307 and Zalgo h\u0336e\u0336 on the bridge.",
    "astral": "𝔅ridge 𠀀 𐍈.",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_text_of_any_script_comes_through_a_file_and_the_tables(script: str, tmp_path: Path):
    text = unicodedata.normalize("NFC", SCRIPTS[script])
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / f"{script}.txt").write_text(text, encoding="utf-8")
    pd.DataFrame([{"file": script, "outlet": text, "title": text}]).to_csv(folder / "metadata.csv", index=False)
    documents = read_corpus(folder)
    write_tables({"documents": documents}, tmp_path / "kept")
    kept = read_table(tmp_path / "kept" / "documents.parquet")
    assert kept["text"].item() == kept["outlet"].item() == kept["title"].item() == text
    assert kept["n_replaced"].item() == 0
    assert text in (tmp_path / "kept" / "documents.csv").read_text(encoding="utf-8-sig")


def test_what_is_no_character_is_replaced_and_counted(tmp_path: Path):
    rows: list[dict[str, object]] = [
        {
            "id": "\ud800 id",
            "text": "a\x00b\x07",
            "title": "half \ud83d",
            "outlet": "Alder\x00Post",
            "\udc00column": "\ud800",
        },
        {"id": "clean", "text": "tab\tand\nnewline"},
        {"id": "lost", "text": "lost \ufffd before"},
    ]
    documents = read_corpus(jsonl_of(tmp_path, *rows))
    assert documents["n_replaced"].tolist() == [2, 0, 1]
    assert (documents["text"][0], documents["title"][0]) == ("a\ufffdb\ufffd", "half \ufffd")
    assert (documents["document_id"][0], documents["outlet"][0]) == ("\ufffd id", "Alder\ufffdPost")
    assert documents["\ufffdcolumn"].tolist() == ["\ufffd", "", ""]
    counts = intake(documents)
    assert (counts["with replaced characters"], counts["replaced characters"]) == (2, 3)
    write_tables({"documents": documents}, tmp_path / "kept")
    assert_frame_equal(read_table(tmp_path / "kept" / "documents.parquet"), documents)


def test_the_encoding_of_each_file_is_recorded_and_counted(corpus_folder: Path):
    (corpus_folder / "a1.txt").write_bytes("Die Brücke öffnet.".encode("utf-16"))
    (corpus_folder / "a2.txt").write_bytes("Die Brücke öffnet am Montag.".encode("utf-8-sig"))
    (corpus_folder / "b1.txt").write_bytes(("Über die Brücke gehen täglich viele Menschen. " * 4).encode("latin-1"))
    documents = read_corpus(corpus_folder)
    assert documents["encoding"].tolist()[:2] == ["utf-16", "utf-8-sig"]
    assert documents["text"].str.contains("Brücke").all()
    assert intake(documents)["not in UTF-8"] == 2


def test_what_is_not_valid_utf8_is_refused_where_that_is_demanded(corpus_folder: Path):
    assert len(read_corpus(corpus_folder, strict=True)) == 3
    (corpus_folder / "a1.txt").write_bytes("Die Brücke öffnet.".encode("utf-16"))
    (corpus_folder / "b1.txt").write_bytes(b"The bridge \x00 opens.")
    with pytest.raises(
        CorpusError,
        match=r"2 articles are not valid UTF-8, as `strict` demands: 'a1' \(utf-16\), 'b1' \(1 characters replaced\)\. ",
    ):
        read_corpus(corpus_folder, strict=True)


def test_an_article_longer_than_one_can_be_is_set_aside_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("framing.corpus.read._MAX_CHARACTERS", 40)
    documents = read_corpus(
        csv_of(tmp_path, "id,text", f"long,{'x' * 41}", f"whole,{'x' * 40}", f"huge,{'y' * 200_000}")
    )
    assert documents["status"].tolist() == [
        "not read: longer than 40 characters",
        "ok",
        "not read: longer than 40 characters",
    ]
    assert documents["text"].str.len().tolist() == [0, 40, 0]
    assert documents["text_sha256"].is_unique
    assert intake(documents)["not readable"] == 2


def test_why_nothing_was_read_is_told_with_what_to_do(tmp_path: Path):
    (tmp_path / "export.txt").write_text("A bridge burned.\nEnd of Document\n" * 100, encoding="utf-8")
    assert why_nothing(read_corpus(tmp_path)) == (
        "1 of 1 articles not read: 'export.txt' (it holds 100 articles; split it, or convert it to a CSV with one row per article)"
    )


def test_why_articles_were_not_read_begins_with_the_most_frequent_reason(tmp_path: Path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    assert why_nothing(read_corpus(tmp_path)) == ""
    (tmp_path / "b.txt").write_text(" ", encoding="utf-8")
    for number, name in enumerate(("c.txt", "d.txt", "e.txt"), 2):
        (tmp_path / name).write_text("A road.\nEnd of Document\n" * number, encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("file,outlet\nz,Alder\n", encoding="utf-8")
    assert why_nothing(read_corpus(tmp_path)) == (
        "5 of 6 articles not read: 'c.txt' and 2 more (it holds 2 articles; split it, or convert it to a CSV with one row per article); "
        "'b.txt' (its text is empty); 'z' (no such file in the folder)"
    )


def test_a_bad_line_is_a_row_with_its_reason_if_that_is_wanted(tmp_path: Path):
    path = tmp_path / "articles.jsonl"
    path.write_text('{"id": "a", "text": "One."}\n{"id": "b", "te\n{"id": "c", "text": "Two."}', encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2"):
        read_corpus(path)
    documents = read_corpus(path, skip_bad=True)
    assert documents["document_id"].tolist() == ["a", "articles:2", "c"]
    assert documents["status"][1].startswith("unreadable: ")
    assert documents["source_file"][1] == "articles.jsonl, line 2"
    assert intake(documents) | {"articles": 3, "read": 2, "not readable": 1} == intake(documents)


def test_rows_of_the_metadata_without_a_file_are_counted_not_dropped(corpus_folder: Path):
    with (corpus_folder / "metadata.csv").open("a", encoding="utf-8") as file:
        file.write("../secret.txt,s1,Alder Post,2031-01-02,Secret,bridge,News\n")
    (corpus_folder.parent / "secret.txt").write_text("The secret of the river.", encoding="utf-8")
    documents = read_corpus(corpus_folder).set_index("document_id")
    assert documents.loc["s1", "status"] == "no such file in the folder"
    assert documents.loc["s1", "text"] == ""
    assert intake(documents)["not readable"] == 1


@pytest.mark.parametrize("name", ["../../up", "/etc/passwd", "C:\\x", "CON", "a" * 300, "a/b", "..", "~"])
def test_ids_and_outlets_are_labels_and_never_paths(name: str, tmp_path: Path):
    folder = tmp_path / "only"
    folder.mkdir()
    documents = read_corpus(jsonl_of(folder, {"id": name, "outlet": name, "story_id": name, "text": "One."}))
    assert documents[["document_id", "outlet", "story_id"]].to_numpy().tolist() == [[name] * 3]
    write_tables({"documents": documents}, folder / "kept")
    shutil.rmtree(folder / "kept")
    assert [path.name for path in tmp_path.rglob("*")] == ["only", "articles.jsonl"]


def test_metadata_may_stand_elsewhere(corpus_folder: Path, tmp_path: Path):
    other = tmp_path / "other.csv"
    other.write_text("file,outlet\na1,NA\na2.txt,None\nb1,0012\n", encoding="utf-8")
    documents = read_corpus(str(corpus_folder), metadata=str(other))
    assert documents["outlet"].tolist() == ["NA", "None", "0012"]
    assert documents["document_id"].tolist() == ["a1", "a2", "b1"]


def test_a_column_of_the_source_never_overwrites_what_was_read(tmp_path: Path):
    documents = read_corpus(
        jsonl_of(tmp_path, {"id": "a", "text": "One.", "status": "empty", "text_sha256": "0", "n_replaced": 9})
    )
    assert (documents["status"].item(), documents["n_replaced"].item()) == ("ok", 0)
    assert len(documents["text_sha256"].item()) == 64


@pytest.mark.parametrize("kind", ["folder", "csv", "jsonl", "parquet"])
def test_a_column_of_the_source_that_is_called_as_one_of_ours_is_carried_under_a_name_of_its_own(
    kind: str, tmp_path: Path
):
    own = {name: f"my {name}" for name in ("status", "encoding", "source_file", "truncated", "duplicate_of", "Status")}
    path = tmp_path / f"articles.{kind}"
    if kind == "folder":
        path.mkdir()
        (path / "a.txt").write_text("One.", encoding="utf-8")
        pd.DataFrame([own | {"file": "a"}]).to_csv(path / "metadata.csv", index=False)
    elif kind == "csv":
        pd.DataFrame([own | {"text": "One."}]).to_csv(path, index=False)
    elif kind == "jsonl":
        path.write_text(json.dumps(own | {"text": "One."}), encoding="utf-8")
    else:
        pd.DataFrame([own | {"text": "One."}]).to_parquet(path)
    row = read_corpus(path).iloc[0]
    assert (row["status"], row["encoding"], row["Status"]) == ("ok", "utf-8", "my Status")
    assert {name: row[f"source_{name}"] for name in own if name != "Status"} == {
        name: cell for name, cell in own.items() if name != "Status"
    }


@pytest.mark.parametrize(
    ("names", "taken"),
    [(("note", " note"), "note"), (("status", "source_status"), "source_status"), (("b\u00a0c", "b c"), "b c")],
)
def test_two_columns_that_would_become_one_are_refused(names: tuple[str, str], taken: str, tmp_path: Path):
    path = csv_of(tmp_path, ",".join(["text", *names]), "One.,x,y")
    with pytest.raises(
        CorpusError, match=rf"articles.csv, row 1: of the columns \[.*two would .* '{taken}'; rename one"
    ):
        read_corpus(path)


any_cell = st.text(max_size=20) | st.none() | st.integers() | st.floats() | st.sampled_from(["NA", "None", "0012", ""])


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"text": st.text() | st.none()},
            optional={"title": any_cell, "outlet": any_cell, "date": any_cell, "extra": any_cell},
        ),
        min_size=1,
        max_size=6,
    )
)
def test_rows_in_are_rows_out_and_every_reason_is_counted(
    rows: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("any")
    documents = read_corpus(jsonl_of(folder, *rows))
    counts = intake(documents)
    assert counts["articles"] == len(rows) == counts["read"] + counts["empty"] + counts["not readable"]
    assert documents["document_id"].is_unique
    assert documents["outlet"].notna().all()
    assert ((documents["date_status"] == "ok") == documents["published"].notna()).all()
    write_tables({"documents": documents}, folder)
    assert_frame_equal(read_table(folder / "documents.parquet"), documents)


def test_texts_that_were_cut_off_or_removed_are_counted(tmp_path: Path):
    rows: list[dict[str, object]] = [
        {"id": "cut", "title": "A", "content": "The mayor left. She said th… [+3412 chars]"},
        {"id": "cell", "title": "B", "content": "x" * 32_767},
        {"id": "emoji", "title": "B", "content": "🌉" * 2 + "x" * 32_763},
        {"id": "room", "title": "B", "content": "🌉" * 2 + "x" * 32_762},
        {"id": "whole", "title": "C", "content": "x" * 32_766 + "y."},
        {"id": "gone", "title": "[Removed]", "source": {"name": "[Removed]"}, "content": "[Removed]"},
        {"id": "said", "title": "[Removed] from office", "content": "The mayor was [Removed] from it."},
    ]
    documents = read_corpus(jsonl_of(tmp_path, *rows)).set_index("document_id")
    full = "32,767 characters"
    assert documents["truncated"].fillna("").tolist() == ["[+3412 chars]", full, full, "", "", "", ""]
    assert documents.loc["cut", "text"] == "The mayor left. She said th…"
    assert documents["status"].tolist() == ["ok", "ok", "ok", "ok", "ok", "empty", "ok"]
    assert documents.loc["gone", ["outlet", "text"]].tolist() == ["unknown", ""]
    assert pd.isna(documents.loc["gone", "title"])
    assert documents.loc["said", "title"] == "[Removed] from office"
    counts = intake(documents.reset_index())
    assert (counts["already truncated in the source"], counts["empty"]) == (3, 1)


def test_html_and_entities_of_an_export_are_taken_out_before_anything_is_counted(tmp_path: Path):
    markup = "<p>The council voted <a href='x'>on Monday</a>.</p><p>It \x00 lost &amp; left.</p>"
    documents = read_corpus(jsonl_of(tmp_path, {"id": "a", "title": "<em>Bell</em> &amp; Co", "text": markup, "source": "Bell &amp; Co", "url": "https://ebrin.example/?a=1&amp;b=2"}))  # fmt: skip
    row = documents.iloc[0]
    assert row["text"] == "The council voted on Monday.\n\nIt \ufffd lost & left."
    assert (row["title"], row["outlet"], row["url"]) == ("Bell & Co", "Bell & Co", "https://ebrin.example/?a=1&amp;b=2")
    assert row["n_replaced"] == 1


def test_paragraphs_that_only_blank_lines_part_stay_apart_where_headings_are_marked(tmp_path: Path):
    markup = (
        "Ministers met in Ebrin on Monday to speak of the bridge, which has been closed for nine years.\n\n"
        "Subscribe now to keep reading.\n\n<h2>The costs</h2>\nThe bridge costs more than the council voted for.\n\n"
        "<h2>The river</h2>\n\nThe ferry sails again on Tuesday, its owner said."
    )
    documents = read_corpus(jsonl_of(tmp_path, {"id": "a", "title": "Bridge", "text": markup}))
    passages = split_passages(documents).set_index("text")
    assert passages.loc["Subscribe now to keep reading.", ["kept", "reason"]].tolist() == [
        False,
        "sign-in or subscription prompt",
    ]
    assert passages["kept"].iloc[[1, -1]].all()


@pytest.mark.parametrize("kind", ["folder", "csv", "jsonl", "json", "parquet"])
def test_columns_may_be_told_wherever_the_articles_come_from(kind: str, tmp_path: Path):
    rows = [{"Blatt": "Ebrin Daily", "source": "https://ebrin.example/1", "Zeile": "Mayor left", "story": "One."}]
    path = tmp_path / f"articles.{kind}"
    columns = {"Blatt": "outlet", "source": "url", "Zeile": "title", "story": "text"}
    if kind == "folder":
        path.mkdir()
        (path / "a.txt").write_text("One.", encoding="utf-8")
        pd.DataFrame(rows).drop(columns="story").assign(file="a").to_csv(path / "metadata.csv", index=False)
        del columns["story"]
    elif kind == "csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    elif kind == "parquet":
        pd.DataFrame(rows).to_parquet(path)
    else:
        path.write_text(json.dumps(rows if kind == "json" else rows[0]), encoding="utf-8")
    row = read_corpus(path, columns=columns).iloc[0]
    found = row[["outlet", "url", "title", "text"]].tolist()
    assert found == ["Ebrin Daily", "https://ebrin.example/1", "Mayor left", "One."]
    with pytest.raises(CorpusError, match=r"has no column 'Blat', which `columns` names; .*did you mean 'Blatt'\?"):
        read_corpus(path, columns={k: v for k, v in columns.items() if k != "Blatt"} | {"Blat": "outlet"})


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (
            {"story": "txt"},
            r"`columns`, 'story': one of \['document_id', .* is allowed; got 'txt'; did you mean 'text'\?",
        ),
        ({"a": "title", "b": "title"}, r"only one column each can be \['title'\]"),
    ],
)
def test_columns_that_cannot_be_told_are_refused(columns: dict[str, str], complaint: str, tmp_path: Path):
    with pytest.raises(CorpusError, match=complaint):
        read_corpus(csv_of(tmp_path, "text,story", "One.,Two."), columns=columns)


def test_a_folder_without_metadata_has_no_columns_to_tell(tmp_path: Path):
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"has no metadata\.csv, whose columns `columns` could name"):
        read_corpus(tmp_path, columns={"Blatt": "outlet"})


def test_metadata_of_a_folder_are_named_as_those_of_a_table(tmp_path: Path):
    (tmp_path / "a.txt").write_text("One.", encoding="utf-8")
    (tmp_path / "metadata.csv").write_text(
        "file,outlet,source,Publication Date\na,,https://ebrin.example/1,2031-01-02\n", encoding="utf-8"
    )
    row = read_corpus(tmp_path).iloc[0]
    assert (row["outlet"], row["url"], row["date_status"]) == ("ebrin.example", "https://ebrin.example/1", "ok")


def test_metadata_stand_for_no_file_without_words_unless_the_user_says_so(tmp_path: Path):
    (tmp_path / "a.txt").write_text("", encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("file,body,article,story\na,Summary.,17,Whole.\n", encoding="utf-8")
    row = read_corpus(tmp_path).iloc[0]
    assert (row["text"], row["status"], row["article"]) == ("", "empty", "17")
    assert read_corpus(tmp_path, columns={"story": "text"})["text"].tolist() == ["Whole."]


def test_a_tsv_is_a_table(tmp_path: Path):
    (tmp_path / "a.tsv").write_text("id\ttext\n0012\tOne, two.\n", encoding="utf-8")
    assert read_corpus(tmp_path / "a.tsv")[["document_id", "text"]].to_numpy().tolist() == [["0012", "One, two."]]


def test_a_data_frame_is_read_as_its_parquet_file_is(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "Body": ["The bridge opens.", None, "<p>It rains.</p><p>Nobody minds.</p>"],
            "publishedAt": [pd.Timestamp("2031-01-02"), pd.NaT, pd.Timestamp("2031-01-04 10:00")],
            "source": [{"name": "Alder Post"}, None, {"name": "Birch Mail"}],
            "pages": pd.array([3, None, 4], dtype="Int64"),
        },
        index=pd.Index(["0012", "b", "c"], name="document_id"),
    )
    frame.to_parquet(tmp_path / "articles.parquet")
    told, kept = (
        read_corpus(each).drop(columns=["source_file", "encoding"]) for each in (frame, tmp_path / "articles.parquet")
    )
    assert told["document_id"].tolist() == ["0012", "b", "c"]
    assert told["status"].tolist() == ["ok", "empty", "ok"]
    assert told["outlet"].tolist() == ["Alder Post", "unknown", "Birch Mail"]
    assert told["pages"].tolist() == ["3", "", "4"]
    assert_frame_equal(told, kept)
    assert read_corpus(frame)["source_file"].tolist() == [f"the data frame, row {n}" for n in (1, 2, 3)]
    assert intake(read_corpus(frame))["not in UTF-8"] == 0


@pytest.mark.parametrize(
    ("frame", "given", "said"),
    [
        (pd.DataFrame({"headline": ["A"]}), {}, "the data frame has no column that is known to hold the articles' text"),
        (pd.DataFrame({"text": []}), {}, "the data frame holds no article"),
        (pd.DataFrame({"text": ["A."]}), {"columns": {"story": "text"}}, "the data frame has no column 'story'"),
        (pd.DataFrame({"text": ["A."]}), {"metadata": "m.csv"}, "`metadata` describes the files of a folder"),
    ],
)  # fmt: skip
def test_a_data_frame_that_cannot_be_read_is_told_in_one_line(frame: pd.DataFrame, given: dict[str, object], said: str):
    with pytest.raises(CorpusError, match=said) as caught:
        read_corpus(frame, **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [0, -1])
def test_a_part_of_no_articles_is_refused(size: int, tmp_path: Path):
    with pytest.raises(ValueError, match=f"`size` must be 1 or more, or None, but {size} was passed"):
        next(iter_corpus(csv_of(tmp_path, "text", "One."), size=size))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_ids_that_come_again_are_found_in_parts_of_every_size(size: int, tmp_path: Path):
    path = csv_of(tmp_path, "id,text", "a,One.", "b,Two.", "c,Three.", "a,Four.", "a,Five.")
    with pytest.raises(CorpusError, match=r"1 document ids are given to more than one article: 'a'\."):
        list(iter_corpus(path, size=size))
