"""Articles from a folder: what is taken, what is left alone, and what the metadata adds."""

import os
from pathlib import Path

import pytest

from framing.corpus.folder import from_folder
from framing.corpus.record import Record
from framing.errors import CorpusError

PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><title>Bridge opens</title>
<meta property="article:published_time" content="2021-03-04T10:00:00Z">
<link rel="canonical" href="https://alder.example/bridge"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Bridge opens</h1>
<p>The bridge opens on Monday, and the mayor is glad of it, as the town has waited for years.</p>
<script>alert("x")</script><p onclick="run()">Residents said the old ferry was slow and often broken in winter months.</p>
<p>It sank on 3 May 2018 with a cargo of clocks.</p></article><footer>Copyright 2019</footer></body></html>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles, beside a file that is nobody's business."""
    (tmp_path / "secret.txt").write_text("The secret of the river.", encoding="utf-8")
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text("The bridge opens.", encoding="utf-8")
    (folder / "b.txt").write_text("The ferry sinks.", encoding="utf-8")
    return folder


def read(folder: Path, metadata: str | None = None, *, skip_bad: bool = False) -> dict[str, Record]:
    path = None
    if metadata is not None:
        path = folder / "metadata.csv"
        path.write_text(metadata, encoding="utf-8")
    records = list(from_folder(folder, path, skip_bad=skip_bad))
    assert len({record.source for record in records}) == len(records)
    return {record.source: record for record in records}


def test_articles_of_subfolders_are_taken_in_the_order_of_their_names(folder: Path):
    (folder / "Z" / "deep").mkdir(parents=True)
    (folder / "Z" / "deep" / "c.TXT").write_text("x", encoding="utf-8")
    for left in (".hidden.txt", "~$a.txt", "a.png", "Thumbs.db"):
        (folder / left).write_text("x", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "d.txt").write_text("x", encoding="utf-8")
    (folder / "folder.txt").mkdir()
    assert list(read(folder)) == ["Z/deep/c.TXT", "a.txt", "b.txt"]


def test_a_folder_without_articles_says_what_is_expected(tmp_path: Path):
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "notes.json").write_text("x", encoding="utf-8")
    expected = r"holds no article: files ending in \.txt, \.text, \.md, \.html, \.htm are expected"
    found = (
        r"; found 1 \.json: name .* itself, not its folder; 'README\.md' \(not read: a README is not an article\)\.$"
    )
    with pytest.raises(CorpusError, match=expected + found):
        read(tmp_path)


def test_a_folder_of_other_documents_says_what_was_found_and_what_to_do(tmp_path: Path):
    with pytest.raises(CorpusError, match=r"are expected; found none\.$"):
        read(tmp_path)
    for name in ("a.docx", "b.DOCX", "c.pdf", "d"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read(tmp_path)
    convert = "convert {} to .txt, or to a CSV with one row per article"
    found = f"found 2 .docx: {convert.format('them')}; 1 .pdf: {convert.format('it')}; 1 without a suffix."
    assert str(caught.value).endswith(found)


def test_the_metadata_name_files_with_or_without_suffix_and_all_columns_are_carried(folder: Path):
    records = read(folder, "file,ID,Publisher,section\na,0012,NA,None\nb.txt,0013,Birch Mail,News\n")
    assert records["a.txt"].fields == {
        "document_id": "0012",
        "outlet": "NA",
        "section": "None",
        "text": "The bridge opens.",
    }
    assert records["b.txt"].fields["document_id"] == "0013"
    assert not any(record.trouble for record in records.values())


@pytest.mark.parametrize("header", ["filename", "file_name", "File Name", " FILE "])
def test_the_column_that_names_the_files_may_be_spelled_in_other_ways(folder: Path, header: str):
    records = read(folder, f"{header},outlet\na,Alder Post\nb,Birch Mail\n")
    assert [record.fields["outlet"] for record in records.values()] == ["Alder Post", "Birch Mail"]


def test_a_file_name_beside_the_column_file_is_carried_through(folder: Path):
    assert read(folder, "filename,file\nscan-1,a\nscan-2,b\n")["a.txt"].fields["filename"] == "scan-1"


def test_a_text_in_the_metadata_does_not_replace_the_article(folder: Path):
    assert read(folder, "file,text\na,other\nb,other\n")["a.txt"].fields["text"] == "The bridge opens."


def test_a_windows_path_names_a_file_of_a_subfolder(folder: Path):
    (folder / "sub").mkdir()
    (folder / "sub" / "c.txt").write_text("x", encoding="utf-8")
    assert read(folder, "file,id\nsub\\c.txt,c9\n")["sub/c.txt"].fields["document_id"] == "c9"


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "../secret",
        "sub/../../secret.txt",
        "{absolute}",
        "..\\secret.txt",
        "c.txt",
        "",
        "..",
        "CON",
        "x" * 300,
        "=cmd()",
        "~/secret.txt",
    ],
)
def test_a_row_that_names_no_file_of_the_folder_is_kept_with_its_reason_and_nothing_is_read(name: str, folder: Path):
    name = name.format(absolute=folder.parent / "secret.txt")
    records = read(folder, f'file,outlet,section\na.txt,Alder Post,News\n"{name}",NA,0012\n')
    assert len(records) == 3
    record = records[name.replace("\\", "/")]
    assert record.trouble == "no such file in the folder"
    assert record.fields == {"outlet": "NA", "section": "0012"}
    assert not any("secret" in other.fields.get("text", "") for other in records.values())


@pytest.mark.parametrize(
    ("metadata", "complaint"),
    [
        (
            "name,outlet\na,Alder Post\n",
            r"has no column `file` \(or `filename`\).*\['name', 'outlet'\]\. Rename the one",
        ),
        ("file,outlet\na,Alder Post\na,Birch Mail\n", "line 3: the file 'a' appears in an earlier line too"),
        ('file,note\na,"one\ntwo"\n\na,x\n', "line 5: the file 'a'"),
        ("sep=,\nfile,outlet\na,Alder Post\na,Birch Mail\n", "line 4: the file 'a'"),
        ("", "metadata.csv is empty"),
        ("file,outlet\na,Alder,Post\n", "more fields than its header"),
    ],
)
def test_metadata_that_cannot_be_followed_are_refused(metadata: str, complaint: str, folder: Path):
    with pytest.raises(CorpusError, match=complaint):
        read(folder, metadata)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(folder: Path):
    (folder / "out.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to(folder.parent)
    (folder / "broken.txt").symlink_to(folder / "nowhere.txt")
    (folder / "in.txt").symlink_to(folder / "a.txt")
    records = read(folder, "file,outlet\nout.txt,Alder Post\nbroken.txt,Birch Mail\n")
    assert (records["out.txt"].trouble, records["out.txt"].fields) == (
        "not read: a link that leads out of the folder",
        {"outlet": "Alder Post"},
    )
    assert records["broken.txt"].trouble == "no such file in the folder"
    assert records["in.txt"].fields["text"] == "The bridge opens."
    assert not any("secret" in record.fields.get("text", "") for record in records.values())


def test_the_folder_itself_may_be_a_link(folder: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(folder)
    records = read(tmp_path / "link")
    assert [record.trouble for record in records.values()] == ["", ""]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_in_the_folder_is_left_alone(folder: Path):
    os.mkfifo(folder / "pipe.txt")
    assert list(read(folder)) == ["a.txt", "b.txt"]


def test_a_file_larger_than_an_article_can_be_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("framing.corpus.folder._MAX_BYTES", 16)
    records = read(folder, "file,outlet\na,Alder Post\n")
    assert (records["a.txt"].trouble, records["a.txt"].fields) == (
        "not read: larger than 16 bytes",
        {"outlet": "Alder Post"},
    )
    assert (records["b.txt"].trouble, records["b.txt"].fields["text"]) == ("", "The ferry sinks.")


def test_a_file_that_is_no_text_stops_or_is_set_aside(folder: Path):
    (folder / "b.txt").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(CorpusError, match=r"b\.txt is not text in any known encoding"):
        read(folder)
    records = read(folder, "file,outlet\nb,Birch Mail\n", skip_bad=True)
    assert records["b.txt"].trouble.startswith("unreadable: ")
    assert records["b.txt"].fields == {"outlet": "Birch Mail"}
    assert records["a.txt"].fields["text"] == "The bridge opens."


def test_a_file_that_may_not_be_read_stops_or_is_set_aside(folder: Path, monkeypatch: pytest.MonkeyPatch):
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(CorpusError, match=r"b\.txt cannot be read \(Permission denied\)"):
        read(folder)
    assert "Permission denied" in read(folder, skip_bad=True)["b.txt"].trouble


def test_each_file_has_its_own_encoding(folder: Path):
    (folder / "b.txt").write_bytes("Die Fähre sinkt.".encode("utf-16"))
    records = read(folder)
    assert [record.encoding for record in records.values()] == ["utf-8", "utf-16"]
    assert records["b.txt"].fields["text"] == "Die Fähre sinkt."


def test_of_a_page_the_article_is_taken_and_no_markup(folder: Path):
    (folder / "c.html").write_text(PAGE, encoding="utf-8")
    fields = read(folder)["c.html"].fields
    assert "The bridge opens on Monday" in fields["text"]
    assert "the old ferry was slow" in fields["text"]
    assert not [left for left in ("<", "alert", "onclick", "run()") if left in fields["text"]]
    assert (fields["title"], fields["url"], fields["published"]) == (
        "Bridge opens",
        "https://alder.example/bridge",
        "2021-03-04",
    )


def test_a_date_in_the_text_or_footer_of_a_page_is_not_its_date(folder: Path):
    without = "\n".join(line for line in PAGE.splitlines() if "published_time" not in line)
    (folder / "c.html").write_text(without, encoding="utf-8")
    assert "published" not in read(folder)["c.html"].fields


def test_the_metadata_win_over_the_page_where_they_say_something(folder: Path):
    (folder / "c.html").write_text(PAGE, encoding="utf-8")
    fields = read(folder, "file,title,published,url\nc.html,Another title,, \n")["c.html"].fields
    assert (fields["title"], fields["published"], fields["url"]) == (
        "Another title",
        "2021-03-04",
        "https://alder.example/bridge",
    )


@pytest.mark.parametrize(
    "page",
    [
        "", " ", "<html></html>", "no markup at all", "<html><body><p></body>",
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><p>&b;&f;</p></body></html>',
        "<html>" + "<div>" * 5000, "\x00<html><body><p>\x00</p></body></html>",
    ],
)  # fmt: skip
def test_a_page_without_an_article_gives_an_empty_text(page: str, folder: Path):
    (folder / "c.html").write_text(page, encoding="utf-8")
    record = read(folder)["c.html"]
    assert (record.trouble, record.fields["text"].strip("\x00\ufffd ")) == ("", "")
