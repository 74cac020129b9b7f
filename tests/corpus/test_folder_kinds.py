"""What lies in a folder beside articles."""

import pytest

import framing
from framing.errors import CorpusError


def test_documents_of_other_kinds_are_counted_and_not_read(tmp_path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "notes.md").write_text("not an article", encoding="utf-8")
    documents = framing.read_corpus(tmp_path).set_index("document_id")
    assert list(documents.index) == ["a", "b"]
    assert documents.loc["b", "status"] == "not read: .pdf is not one of .txt, .html, .htm"
    assert documents.loc["b", "text"] == ""


def test_a_folder_of_other_kinds_alone_holds_no_article(tmp_path):
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CorpusError, match="holds no article"):
        framing.read_corpus(tmp_path)


def test_metadata_beside_a_table_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("document_id,text\na,A bridge burned.\n", encoding="utf-8")
    (tmp_path / "m.csv").write_text("file,outlet\na,Alder\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="no folder"):
        framing.read_corpus(tmp_path / "a.csv", metadata=tmp_path / "m.csv")
