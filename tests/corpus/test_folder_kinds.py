"""What lies in a folder beside articles."""

import pytest

import framing
from framing.errors import CorpusError


def test_documents_of_other_kinds_are_counted_and_not_read(tmp_path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "notes.md").write_text("not an article", encoding="utf-8")
    documents = framing.read_corpus(tmp_path).set_index("document_id")
    assert list(documents.index) == ["a", "b.pdf"]
    assert documents.loc["b.pdf", "status"] == "not read: .pdf is not one of .txt, .html, .htm"
    assert documents.loc["b.pdf", "text"] == ""


def test_a_folder_of_other_kinds_alone_holds_no_article(tmp_path):
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CorpusError, match="holds no article"):
        framing.read_corpus(tmp_path)


def test_metadata_beside_a_table_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("document_id,text\na,A bridge burned.\n", encoding="utf-8")
    (tmp_path / "m.csv").write_text("file,outlet\na,Alder\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no folder"):
        framing.read_corpus(tmp_path / "a.csv", metadata=tmp_path / "m.csv")


def _metadata(folder, *rows):
    (folder / "metadata.csv").write_text("\n".join(("File,outlet", *rows)) + "\n", encoding="utf-8")


@pytest.mark.parametrize("named", ["a.txt", "a", "./a.txt", "sub/a.txt", "corpus/sub/a.txt", "sub\\a.txt", "a.html"])
def test_a_row_of_the_metadata_finds_its_file_however_it_is_spelled(tmp_path, named):
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    _metadata(folder, f"{named},Alder", ",", ",")
    documents = framing.read_corpus(folder)
    if named == "a.html":  # another file
        assert documents[["document_id", "outlet", "status"]].values.tolist() == [
            ["a", "unknown", "ok"], ["a.html", "Alder", "no such file in the folder"]
        ]  # fmt: skip
    else:
        assert documents[["document_id", "outlet", "status"]].values.tolist() == [["a", "Alder", "ok"]]


def test_a_bare_name_that_two_files_have_is_not_guessed(tmp_path):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text("A bridge.", encoding="utf-8")
        (tmp_path / name / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    _metadata(tmp_path, "a.txt,Alder", "x.txt,Birch")
    with pytest.raises(CorpusError, match="more than one article"):
        framing.read_corpus(tmp_path)  # both are called "a": ids are the user's to give


def test_names_are_compared_whatever_form_their_letters_have(tmp_path):
    (tmp_path / "Bru\u0308cke.txt").write_text("A bridge burned.", encoding="utf-8")
    _metadata(tmp_path, "Br\u00fccke.txt,Alder")
    assert framing.read_corpus(tmp_path)["outlet"].tolist() == ["Alder"]


def test_a_document_of_another_kind_beside_its_text_takes_no_id_away(tmp_path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert sorted(framing.read_corpus(tmp_path)["document_id"]) == ["a", "a.pdf"]


def test_a_file_of_several_articles_is_refused_with_their_number(tmp_path):
    (tmp_path / "nexis.txt").write_text(
        "A bridge burned.\nEnd of Document\n\nA road.\nEnd of Document\n", encoding="utf-8"
    )
    (tmp_path / "one.txt").write_text("A bridge burned.\nEnd of Document\n", encoding="utf-8")
    status = framing.read_corpus(tmp_path).set_index("document_id")["status"]
    assert status["nexis"] == "not read: it holds 2 articles; save each in a file of its own"
    assert status["one"] == "ok"


def test_the_language_that_a_page_states_is_taken(tmp_path):
    text = "<p>Die Brücke brannte gestern Abend, und niemand wusste, warum sie so lange brannte.</p>" * 3
    (tmp_path / "a.html").write_text(
        f'<!doctype html><html class="x" lang="de-AT"><body><article>{text}</article></body></html>', encoding="utf-8"
    )
    assert framing.read_corpus(tmp_path)["language"].tolist() == ["de-AT"]


@pytest.mark.parametrize(
    "text",
    [
        "The company’s lawyers said they couldn't pay.",
        "The fine was €200m at the café",
        "It’s over.",
        "Iñaki Sánchez said so.",
    ],
)
def test_western_text_of_windows_is_read_as_such(tmp_path, text):
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    row = framing.read_corpus(tmp_path).iloc[0]
    assert (row["text"], row["encoding"]) == (text, "cp1252")
