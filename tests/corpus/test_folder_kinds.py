"""What lies in a folder beside articles."""

import pytest

import framing
from framing.errors import CorpusError


def test_documents_of_other_kinds_are_counted_and_not_read(tmp_path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    for name in ("c.json", "c.xlsx", "codes.csv", "c.docx", "plain", "README.md", "ReadMe.txt"):
        (tmp_path / name).write_text("not an article", encoding="utf-8")
    documents = framing.read_corpus(tmp_path).set_index("document_id")
    allowed = "is not one of .txt, .text, .md, .html, .htm"
    assert documents["status"].to_dict() == {
        "a": "ok",
        "b.pdf": f"not read: .pdf {allowed}",
        "c.json": f"not read: .json {allowed}",
        "c.xlsx": f"not read: .xlsx {allowed}",
        "codes.csv": f"not read: .csv {allowed}",
        "c.docx": f"not read: .docx {allowed}",
        "plain": f"not read: a name without a suffix {allowed}",
        "README.md": "not read: a README is not an article",
        "ReadMe.txt": "not read: a README is not an article",
    }
    assert set(documents["text"].drop("a")) == {""}


def test_what_pages_bring_along_is_no_document(tmp_path):
    (tmp_path / "a.md").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "b.text").write_text("A road burned.", encoding="utf-8")
    for name in ("a.png", "b.css", "c.JS", "d.woff2", ".hidden.json", "Thumbs.db", "metadata.csv"):
        (tmp_path / name).write_text("file,outlet\n" if name == "metadata.csv" else "x", encoding="utf-8")
    documents = framing.read_corpus(tmp_path)
    assert documents[["document_id", "text", "status"]].values.tolist() == [
        ["a", "A bridge burned.", "ok"], ["b", "A road burned.", "ok"]
    ]  # fmt: skip


@pytest.mark.parametrize("parts", ["art_files", "art-Dateien"])
def test_what_a_browser_saved_beside_a_page_is_no_article(tmp_path, parts):
    page = "<html><body><article><p>{} burned on Monday, and nobody in the town knew why it burned.</p></article></body></html>"
    (tmp_path / "art.html").write_text(page.format("A bridge"), encoding="utf-8")
    (tmp_path / parts / "frames").mkdir(parents=True)
    for name in ("saved_resource.html", "frames/ads.html", "x.js.download", "a.png"):
        (tmp_path / parts / name).write_text(page.format("A sofa"), encoding="utf-8")
    (tmp_path / "old_files").mkdir()
    (tmp_path / "old_files" / "b.txt").write_text("A road burned.", encoding="utf-8")
    documents = framing.read_corpus(tmp_path).set_index("document_id")
    assert documents["status"].to_dict() == {
        "art": "ok", parts: "not read: part of the saved page art.html", "b": "ok"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["metadata.csv", "Metadata.csv", "METADATA.CSV"])
def test_the_metadata_of_a_folder_are_found_in_whatever_case_they_are_named(tmp_path, name):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / name).write_text("file,outlet\na,Alder\n", encoding="utf-8")
    assert framing.read_corpus(tmp_path)[["document_id", "outlet"]].values.tolist() == [["a", "Alder"]]


def test_metadata_that_are_passed_and_lie_in_the_folder_are_no_document(tmp_path):
    (tmp_path / "a.txt").write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "mine.csv").write_text("file,outlet\na,Alder\n", encoding="utf-8")
    documents = framing.read_corpus(tmp_path, metadata=tmp_path / "mine.csv")
    assert documents[["document_id", "outlet"]].values.tolist() == [["a", "Alder"]]


def test_articles_whose_files_have_the_same_name_are_called_by_their_folders(tmp_path):
    for name in ("ebrin/001.txt", "morrow/001.txt", "morrow/002.txt", "morrow/003.txt", "morrow/003.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"A bridge burned: {name}.", encoding="utf-8")
    _metadata(tmp_path, "ebrin/001,Ebrin", "morrow/001.txt,Morrow", "002,Morrow")
    documents = framing.read_corpus(tmp_path)
    assert documents[["document_id", "outlet"]].values.tolist() == [
        ["ebrin/001", "Ebrin"], ["morrow/001", "Morrow"], ["002", "Morrow"], ["morrow/003.html", "unknown"],
        ["morrow/003.txt", "unknown"],
    ]  # fmt: skip


def test_a_row_of_the_metadata_without_suffix_means_the_file_that_is_read(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "a.json", "sub/b.txt", "c.json"):
        (tmp_path / name).write_text("A bridge burned.", encoding="utf-8")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "metadata.csv").write_text("file,id,outlet\na,7,Alder\nb,8,Birch\nc,9,Crown\n", encoding="utf-8")
    documents = framing.read_corpus(tmp_path).set_index("document_id")
    assert documents["source_file"].to_dict() == {
        "a.json": "a.json", "7": "a.txt", "b.pdf": "b.pdf", "9": "c.json", "8": "sub/b.txt"
    }  # fmt: skip


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
    assert framing.read_corpus(tmp_path)[["document_id", "outlet", "status"]].values.tolist() == [
        ["x/a", "unknown", "ok"], ["x", "Birch", "ok"], ["y/a", "unknown", "ok"], ["y", "unknown", "ok"],
        ["a.txt", "Alder", "no such file in the folder"],
    ]  # fmt: skip


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
    assert status["nexis"] == "not read: it holds 2 articles; split it, or convert it to a CSV with one row per article"
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


BURNED = "The bridge of Ebrin burned on Monday, and nobody in the town knew for hours why it had burned so long."
COURT = "A court in Morrow said on Tuesday that the ferry may sail again, since its owner has paid for the repair."
FLOOD = "The river stood at nine metres on Wednesday, and the villages below the dam were told to pack their things."
NOT_ONE = "not read: it holds 3 articles; split it, or convert it to a CSV with one row per article"


def _status(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return framing.read_corpus(folder)["status"].item()


def _export(divided, *fields):
    return "\n\n".join(
        "\n".join((divided.format(n), *fields, story)) for n, story in enumerate((BURNED, COURT, FLOOD), 1)
    )


@pytest.mark.parametrize(
    "text",
    [
        _export("{} of 3 DOCUMENTS", "LOAD-DATE: May 3, 2031"),
        _export("                             {} of 3 DOCUMENTS"),
        _export("Title {}", "LOAD-DATE: May 3, 2031"),
        _export("Document {} of 3"),
        _export("_" * 64, "Full text:"),
        _export("_" * 64, "Archive document ID: 20310503"),
        _export("_" * 64, "Full text: ") + "\n" + "_" * 64 + "\nContact us",
    ],
)
def test_a_text_of_several_articles_is_not_read_as_one(tmp_path, text):
    assert _status(tmp_path, "a.txt", text) == NOT_ONE


@pytest.mark.parametrize(
    "text",
    [
        f"1 of 1 DOCUMENTS\n{BURNED}\nLOAD-DATE: May 3, 2031\nEnd of Document\nDocument 1 of 1",
        f"{'_' * 64}\nFull text: {BURNED}\nArchive document ID: 20310503\n{'_' * 64}\nContact us",
        f"{BURNED}\n{'_' * 64}\n{COURT}\n{'_' * 64}\n{FLOOD}",
        f"Full text: the treaty\n{BURNED}\nFull text: the letter\n{COURT}",
        f"{BURNED}\nOf the letters, 2 of 3 documents were false, and 1 of 3 documents was lost.",
    ],
)
def test_a_text_of_one_article_is_read_whatever_lines_a_database_adds(tmp_path, text):
    assert _status(tmp_path, "a.txt", text) == "ok"


def _page(*parts, head=""):
    return f"<!doctype html><html><head><title>Ebrin</title>{head}</head><body>{''.join(parts)}</body></html>"


def _story(text, tag="article", marks="", times=1):
    return f"<{tag} {marks}><h2>{text[:20]}</h2>{f'<p>{text}</p>' * times}</{tag}>"


@pytest.mark.parametrize(("tag", "marks"), [("article", ""), ("article", "id=x"), ("div", 'class="article enArticle"')])
def test_a_page_of_several_articles_is_not_read_as_one(tmp_path, tag, marks):
    stories = [_story(text, tag, marks) for text in (BURNED, COURT, FLOOD)]
    assert _status(tmp_path, "a.html", _page(*stories)) == NOT_ONE
    assert _status(tmp_path, "a.html", _page("<main>", *stories, "</main>")) == NOT_ONE


CARDS = [_story(text[:60]) for text in (BURNED, COURT, FLOOD)]
MAIN = f"<p>{BURNED}</p><p>{COURT}</p><p>{FLOOD}</p>"


@pytest.mark.parametrize(
    "page",
    [
        _page(f"<article>{MAIN}</article>", *CARDS),
        _page(*CARDS, f"<article>{MAIN}</article>"),
        _page(f"<article>{MAIN}", *CARDS, "</article>"),
        _page(f"<main>{MAIN}</main>", *CARDS),
        _page(f'<div class="article">{MAIN}</div>', *(_story(text, "div", "class=article") for text in (COURT,))),
        _page(f"<article>{MAIN}</article>", "<aside>", f"<article>{MAIN}</article>", "</aside>"),
        _page(
            f"<article>{MAIN}</article>", *(_story(t, marks='class="comment-body"', times=3) for t in (COURT, FLOOD))
        ),
        _page(f"<article>{MAIN}</article>", _story(COURT, times=4), head='<meta property="og:type" content="article">'),
        _page(f'<div class="article-wrap"><div class="article-body">{MAIN}</div></div>'),
    ],
)
def test_a_page_of_one_article_is_read_whatever_cards_and_comments_stand_beside_it(tmp_path, page):
    assert _status(tmp_path, "a.html", page) == "ok"
    assert BURNED[:40] in framing.read_corpus(tmp_path)["text"].item()


POLISH = "Pożar zniszczył most w mieście, a burmistrz ogłosił, że odbudowa będzie trwać dłużej niż się spodziewano; mieszkańcy są źli."
RUSSIAN = "Пожар уничтожил мост в городе, и мэр объявил, что восстановление продлится дольше, чем ожидали жители."


@pytest.mark.parametrize(
    ("text", "encoding", "found", "declaration"),
    [
        (POLISH, "iso-8859-2", "iso8859-2", '<meta charset="iso-8859-2">'),
        (POLISH, "windows-1250", "cp1250", "<META http-equiv=Content-Type content='text/html; charset=windows-1250'>"),
        (RUSSIAN, "windows-1251", "cp1251", '<meta charset=windows-1251 />'),
        (RUSSIAN, "koi8-r", "koi8-r", '<meta charset="KOI8-R">'),
        ("It’s over.", "cp1252", "cp1252", '<meta charset="iso-8859-1">'),
        (POLISH, "utf-8", "utf-8", '<meta charset="iso-8859-2">'),
        (RUSSIAN, "utf-8-sig", "utf-8-sig", '<meta charset="windows-1251">'),
        ("The café.", "cp1252", "cp1252", '<meta charset="punycode">'),
        ("The café.", "cp1252", "cp1252", '<meta charset="iso-8859-99">'),
        ("The café.", "cp1252", "cp1252", '<meta name="x">' + " " * 1100 + '<meta charset="iso-8859-5">'),
    ],
)  # fmt: skip
def test_the_encoding_that_a_page_declares_is_taken_where_its_bytes_are_no_utf(
    tmp_path, text, encoding, found, declaration
):
    english = "<p>The bridge burned on Monday, and nobody in the town knew for hours why it had burned.</p>" * 8
    page = _page(f"<article><p>{text}</p>{english}</article>", head=declaration)
    (tmp_path / "a.html").write_bytes(page.encode(encoding))
    row = framing.read_corpus(tmp_path).iloc[0]
    assert (row["encoding"], row["status"]) == (found, "ok")
    assert text in row["text"]
