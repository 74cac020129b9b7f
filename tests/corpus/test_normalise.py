"""Bytes to text, and text to one form."""

import codecs
import io
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from framing.corpus.normalise import (
    clean_label,
    clean_text,
    decode,
    digest,
    open_text,
    plain_text,
    unescaped,
    without_cut,
)
from framing.errors import CorpusError

BRIDGE = "The bridge opens on Monday."
GERMAN = "Über die Brücke gehen täglich viele Menschen, sagt der Bürgermeister der Stadt. " * 3
RUSSIAN = "Мост открыт для движения, сообщил мэр города вчера вечером на площади. " * 3
JAPANESE = "橋は月曜日に開通しました。市長は喜んでいます。" * 3
HEBREW = "הגשר נפתח ביום שני, אמר ראש העיר."


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        (b"", "", "utf-8"),
        (BRIDGE.encode(), BRIDGE, "utf-8"),
        (JAPANESE.encode(), JAPANESE, "utf-8"),
        ("Brücke".encode("utf-8-sig"), "Brücke", "utf-8-sig"),
        (HEBREW.encode("utf-16"), HEBREW, "utf-16"),
        (b"\xfe\xff" + HEBREW.encode("utf-16-be"), HEBREW, "utf-16"),
        (BRIDGE.encode("utf-32"), BRIDGE, "utf-32"),
        (b"\x00\x00\xfe\xff" + BRIDGE.encode("utf-32-be"), BRIDGE, "utf-32"),
        (BRIDGE.encode("utf-16-le"), BRIDGE, "utf-16-le"),
        (BRIDGE.encode("utf-16-be"), BRIDGE, "utf-16-be"),
        (RUSSIAN.encode("cp1251"), RUSSIAN, "cp1251"),
        (JAPANESE.encode("shift_jis"), JAPANESE, "cp932"),
    ],
)
def test_the_encoding_is_found_and_recorded(raw: bytes, text: str, encoding: str):
    assert decode(raw, "a.txt") == (text, encoding)


def test_text_in_a_western_encoding_is_read_and_said_not_to_be_utf8():
    text, encoding = decode(GERMAN.encode("latin-1"), "a.txt")
    assert text == GERMAN
    assert not encoding.startswith("utf")


def test_a_file_with_a_mark_of_utf8_is_read_as_it_is_asked_for(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid,text\r\n1,Brücke\r\n".encode())
    handle, encoding = open_text(path, newline="")
    with handle:
        assert (handle.read(), encoding) == ("id,text\r\n1,Brücke\r\n", "utf-8-sig")
        handle.seek(0)
        assert (handle.readline(), isinstance(handle, io.StringIO)) == ("id,text\r\n", False)


@pytest.mark.parametrize(
    ("raw", "text", "encoding"),
    [
        (GERMAN.encode() + b"\xff \xfe" + BRIDGE.encode(), GERMAN + "\ufffd \ufffd" + BRIDGE, "utf-8"),
        ("桥今天开放。".encode()[:-1], "桥今天开放\ufffd", "utf-8"),
        (b"\xef\xbb\xbfBr\xffcke", "Br\ufffdcke", "utf-8-sig"),
        (b"\xff\xfe" + "Brücke".encode("utf-16-le")[:-1], "Brück\ufffd", "utf-16"),
    ],
)
def test_a_few_broken_bytes_cost_only_the_characters_they_were(raw: bytes, text: str, encoding: str):
    assert decode(raw, "a.txt") == (text, encoding)
    assert clean_text(text)[1] == text.count("\ufffd")


@pytest.mark.parametrize(
    "raw", [bytes(range(256)) * 4, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\xff\xd8\xfe" * 5]
)
def test_what_is_no_text_is_refused_by_name(raw: bytes):
    with pytest.raises(CorpusError, match=r"^pier\.txt is not text in any known encoding; save it as UTF-8\.$"):
        decode(raw, "pier.txt")


@pytest.mark.parametrize("raw", [b"a\x00b", b"NUL \x00 in a sentence of its own.", BRIDGE.encode() + b"\x00" * 6])
def test_a_few_zeros_do_not_make_a_text_utf16(raw: bytes):
    assert decode(raw, "a.txt") == (raw.decode(), "utf-8")


@pytest.mark.parametrize(
    ("raw", "text", "n"),
    [
        ("a\x00b", "a\ufffdb", 1),
        ("a\x07\x1b[0m", "a\ufffd\ufffd[0m", 2),
        ("page\x0cbreak\x0b\x85", "page\nbreak\n\n", 0),
        ("a\x7f\x80\x9f", "a\ufffd\ufffd\ufffd", 3),
        ("half \ud83d of a pair", "half \ufffd of a pair", 1),
        ("\ude00\ud83d", "\ufffd\ufffd", 2),
        ("\ufffe\uffff\ufdd0\U0001fffe\U0010ffff", "\ufffd" * 5, 5),
        ("lost \ufffd before", "lost \ufffd before", 1),
        ("tab\tand\nnewline", "tab\tand\nnewline", 0),
        ("a\r\nb\rc\u2028d\u2029e", "a\nb\nc\nd\ne", 0),
        ("no\u00a0break \ufeffmark", "no break mark", 0),
        ("e\u0301 \u1112\u1161\u11ab \u212b", "\u00e9 \ud55c \u00c5", 0),
        ("👩\u200d👩\u200d👧 🏳️\u200d🌈", "👩\u200d👩\u200d👧 🏳️\u200d🌈", 0),
        ("\u202bשלום\u202c \u200fجسر", "\u202bשלום\u202c \u200fجسر", 0),
        ("q\u0323\u0307 q\u0307\u0323", "q\u0323\u0307 q\u0323\u0307", 0),
    ],
)
def test_text_is_put_into_one_form_and_what_is_lost_is_counted(raw: str, text: str, n: int):
    assert clean_text(raw) == (text, n)


any_text = st.text(
    st.characters() | st.sampled_from("\r\n\t \x00\x0c\x85\u00a0\u2028\ufeff\ufffd\ud800\udfffe\u0301\u0323")
)


@settings(max_examples=200)
@given(raw=any_text)
def test_cleaned_text_is_nfc_without_control_characters_and_cleaning_it_again_changes_nothing(raw: str):
    text, replaced = clean_text(raw)
    assert clean_text(text) == (text, replaced)
    assert unicodedata.is_normalized("NFC", text)
    assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert text.encode("utf-8").decode("utf-8") == text
    assert replaced == text.count("\ufffd")
    assert len(digest(text)) == 64


@given(raw=any_text)
def test_a_label_is_one_trimmed_line_and_cleaning_it_again_changes_nothing(raw: str):
    label = clean_label(raw)
    assert clean_label(label) == label
    assert label == label.strip()
    assert len(label.splitlines()) <= 1
    assert "  " not in label


@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_text_in_a_known_encoding_or_are_refused_by_name(raw: bytes):
    try:
        text, encoding = decode(raw, "pier.txt")
    except CorpusError as problem:
        text, encoding = str(problem), "refused"
    assert text.startswith("pier.txt") if encoding == "refused" else codecs.lookup(encoding)


@example(text="The ferry\ufffds last day.")
@given(
    text=st.text(st.characters(exclude_categories=["Cs"])).filter(
        lambda text: "\x00" not in text and text[:1] != "\ufeff"
    )
)
def test_any_utf8_is_read_as_it_was_written(text: str):
    assert decode(text.encode("utf-8"), "a.txt") == (text, "utf-8")


def test_a_digest_is_the_sha256_of_the_utf8_bytes():
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest("é") != digest("e\u0301")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            "<p>The council voted <a href='x>y'>on Monday</a>.</p><p>It&nbsp;lost&amp;left.</p>",
            "The council voted on Monday.\n\nIt\u00a0lost&left.",
        ),
        ("It voted.<br><br/>It <b>lost</b>.<br />", "It voted.\n\nIt lost."),
        (
            '<div class="a">\n  It voted\n  today. </div>\n<ul><li>One</li><li>Two</li></ul>',
            "It voted today.\n\nOne\n\nTwo",
        ),
        ("<p>It voted.<script>var a = '<p>x</p>';</script><!-- ad --></p><style>p {}</style>", "It voted."),
        ("&lt;p&gt;It voted.&lt;/p&gt; &lt;p&gt;It lost.&lt;/p&gt;", "It voted.\n\nIt lost."),
        ("<p>Five &lt; six, and 5 < 6.</p><p>Write &amp;quot;x&amp;quot;.</p>", 'Five < six, and 5 < 6.\n\nWrite "x".'),
        ("Bell &amp; Co said &#8220;no&#8221;.", "Bell & Co said “no”."),
        ("&amp;quot;No&amp;quot;", '"No"'),
        ("<p>第一段的内容在这里。</p><p>第二段的内容。</p>", "第一段的内容在这里。\n\n第二段的内容。"),
        ("<p>पहला वाक्य।</p><p>दूसरा वाक्य।</p>", "पहला वाक्य।\n\nदूसरा वाक्य।"),
        ("<p>Zeile ohne Punkt</p><p>Noch eine Zeile</p>", "Zeile ohne Punkt\n\nNoch eine Zeile"),
        ("<p>One paragraph.</p>", "One paragraph."),
        ("One <b>bold</b> word.<br>And a break.", "One bold word.\nAnd a break."),
        ("One.\n\n<b>Two: </b>a <A HREF='x>y'><i>linked</i></A> word.", "One.\n\nTwo: a linked word."),
        ("The &lt;em&gt;Ebrin Courier&lt;/em&gt; &amp; others.", "The Ebrin Courier & others."),
        (
            "One.\n\nTwo\nlines.\n \n<h2>Three</h2>\nFour.\n\n<h2>Five</h2>Six.",
            "One.\n\nTwo lines.\n\nThree\n\nFour.\n\nFive\n\nSix.",
        ),
        (
            "<p>One\n\n  <a>goes</a>\n\non.</p>\n\nTwo.\n\nThree.<h3>\nFour\n\nfive\n</h3>",
            "One goes on.\n\nTwo.\n\nThree.\n\nFour five",
        ),
        (
            "<p>One<br>\n\ntwo.<p>Three\n\nfour.<ul><li>Five.\n\nSix.</li></ul>",
            "One\ntwo.\n\nThree four.\n\nFive.\n\nSix.",
        ),
        (
            "<div>One.\n\n<!-- an\n\nad -->Two.</div><p\n\nclass='a\n\nb'>Three <b\n\n>four</b>.</p>",
            "One.\n\nTwo.\n\nThree four.",
        ),
        ("First.\\n\\nSecond line.\\nThird", "First.\n\nSecond line.\nThird"),
        ("First.\\r\\nSecond.\\r\\nThird", "First.\nSecond.\nThird"),
    ],
)
def test_what_an_export_made_of_a_text_is_taken_off(raw: str, text: str):
    assert plain_text(raw) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "Plain.\n\nText with 5 < 6 > 4 & more; R&D; AT&T.",
        "Wrap it in <p> and <br> tags, or a <div> if you must.", "Close <p> with </p>. Then a <div> with </div>.",
        "The form held <script>alert(1)</script> and <img src=x onerror=alert(1)>.",
        "A line.<br>And another.", "Write <b> and </b>, or <i>, </i>.", "If a<b and c>d, then x<i, i>y.", "An <a href=x>open link, and </i> closed.",
        "See https://ebrin.example/?a=1&copy=2&section=3&lt=4 for it.",
        "It lies in C:\\news\\new\\notes.", "One \\n only.", "A line.\nWrite \\n or \\n.",
        "&unheard; &; &#; &#x;",
    ],
)  # fmt: skip
def test_prose_about_markup_and_addresses_stay_as_they_are(text: str):
    assert plain_text(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<b>",
        "<a ",
        "<!--",
        "<![CDATA[",
        "<p a='",
        "</",
        "\n",
        "\n \n",
        "<p>\n\n",
        " ",
        "&#32;",
        "&#10;",
        "&amp;",
        "\\n",
        ".<p",
        "<p>x",
        "<b></i>",
        "<center>",
        "<a x=",
        "<a '\"",
        "<script>",
        "<style></script",
        "<!--x--",
    ],
)
def test_hostile_markup_leaves_the_text_before_it_whole(piece: str):
    """So many pieces that what takes the square of their number would not end."""
    found = plain_text("<p>One.</p><p>Two.</p>" + piece * 100_000)
    assert 0 <= found.find("One.") < found.find("Two.")


@pytest.mark.parametrize(
    "piece", ["<b>x", "x</b>", "<a ", "<a '\"", "</", "</b ", "<b></i>", "<i>x</i>", "</aaaa", "<br "]
)
def test_hostile_tags_within_sentences_leave_the_text_before_them_whole(piece: str):
    assert plain_text("One.\n\nTwo </b>." + piece * 100_000).startswith("One.\n\nTwo </b>.")


def test_tags_of_many_kinds_go():
    tags = "".join(f"<b a={i}>" for i in range(100_000))
    assert plain_text("<p>One.</p><p>Two.</p>" + tags) == "One.\n\nTwo."


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('<p title="a > b, <c>">One.</p><p>Two.</p>', "One.\n\nTwo."),
        ("<p>One.</p><p title='it's'>It's two.</p>", "One.\n\nIt's two."),
        ("<p>One.</p><SCRIPT src=x>if (a < b) {}</SCRIPT ><p>Two.</p>", "One.\n\nTwo."),
        ("<p>One.</p><!-- a > b --><p>Two. <!-- open</p>", "One.\n\nTwo. <!-- open"),
        ("<!DOCTYPE html><p>One.</p><p><![CDATA[Two.]]></p>", "One.\n\nTwo."),
        ("<p>One.</p><p>It rose by <5 %, then >6 %.</p>", "One.\n\nIt rose by <5 %, then >6 %."),
    ],
)
def test_tags_go_whole_and_what_is_shown_stays(raw: str, text: str):
    assert plain_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "text", "mark"),
    [
        ("The mayor left the… [+3412 chars]", "The mayor left the…", "[+3412 chars]"),
        ("The mayor left. [3412 chars]\n", "The mayor left.", "[3412 chars]"),
        ("The mayor left [...]", "The mayor left", "[...]"),
        ("The mayor left […] ", "The mayor left", "[…]"),
        ("The mayor [...] left.", "The mayor [...] left.", ""),
        ("“We shall […]” he said", "“We shall […]” he said", ""),
        ("The mayor left…", "The mayor left…", ""),
        ("It has [+3412 chars] in it.", "It has [+3412 chars] in it.", ""),
        ("x" * 500 + " [+1 chars]", "x" * 500, "[+1 chars]"),
        ("", "", ""),
    ],
)
def test_the_mark_of_a_text_that_was_cut_off_is_set_apart(raw: str, text: str, mark: str):
    assert without_cut(raw) == (text, mark)


def test_entities_of_a_label_are_characters():
    assert unescaped("Bell &amp; Whistle&#39;s") == "Bell & Whistle's"
