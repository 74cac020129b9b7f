"""Bytes to text, and text to one form: what every source format shares."""

import hashlib
import html
import io
import re
import unicodedata
from codecs import getincrementaldecoder
from collections import Counter
from pathlib import Path
from typing import TextIO

import charset_normalizer

from framing.errors import CorpusError

# Control characters but tab and newline, lone surrogates, and the code points that Unicode says are no characters.
_NO_CHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_UNFIT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NO_CHARACTERS}]")
_PIECE = 1 << 20  # bytes
_REPLACEMENT = "\ufffd"
_WESTERN_SHARE, _WESTERN_FEW = 0.08, 4  # of the bytes, and bytes, at most, beyond ASCII
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_BLOCKS = (
    "address|article|aside|blockquote|br|dd|div|dl|dt|fig(?:caption|ure)|footer|h[1-6]|header|hr|li|main|nav|ol|p|pre|section|"
    "t(?:able|body|d|foot|h|head|r)|ul"
)
# The rest of a tag. A value between quotation marks may hold > and <; nothing is tried twice, so that hostile markup costs no more than its length.
_REST = r"""(?:(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>|[^<>]*+>)"""
_BLOCK = re.compile(rf"</?(?P<name>{_BLOCKS})\b{_REST}", re.IGNORECASE)
_TAG = re.compile(rf"</?[a-z]{_REST}|<![a-z][^<>]*+>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_HIDDEN = tuple(
    (re.compile(closes, re.IGNORECASE), re.compile(f"{opens}.*?{closes}", re.IGNORECASE | re.DOTALL))
    for opens, closes in [
        ("<!--", "-->"),
        *((rf"<{name}\b[^<>]*+>", rf"</{name}\b[^<>]*+>") for name in ("script", "style")),
    ]
)
# Markup stands between sentences; prose about markup (wrap it in <p> and <br> tags) has it within them.
_BETWEEN, _LOOK_BACK = tuple(">.!?…:;\"'”’»)]。！？」』।۔؟"), 20  # characters
_SAME_LINE = ("br", "td", "th")
_WITHIN = "a|abbr|b|big|cite|del|em|font|i|ins|mark|q|s|small|span|strike|strong|sub|sup|u"
# Tags within a sentence touch the words that they mark; in prose about markup they stand by themselves.
_INLINE = re.compile(
    rf"<(?P<opens>{_WITHIN})(?=[\s>]){_REST}(?=[^\s,.;:)])"
    rf"|(?:(?<=\S)|(?=</\w+\s*>[\w<]))</(?P<closes>{_WITHIN})\s*>",
    re.IGNORECASE,
)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ONE_PARAGRAPH = ("p", "h1", "h2", "h3", "h4", "h5", "h6")  # blocks that hold no paragraphs of their own
_BLANK_LINES = re.compile(r"\n\s*\n")
_PARTED = re.compile(rf"{_BLOCK.pattern}|\n\n", re.IGNORECASE)
_TWICE = 2
_WRITTEN_BREAK = re.compile(r"(?:\\r)?\\n")
_BREAK_BETWEEN = re.compile(r"(?:^|[\s.!?…:;\"'”’»)\]]|\\n)(?:\\r)?\\n")  # not that of C:\news
_CUT_OFF = re.compile(r"\s*(\[(?:\+?\d[\d,.]* char(?:acter)?s|\.\.\.|…)\])\s*$")
_TAIL = 200  # characters
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),  # before UTF-16, whose mark begins alike
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip


def decode(raw: bytes, name: str) -> tuple[str, str]:
    """Text of a file and the encoding it was in: a byte order mark decides, then UTF-8, then a guess.

    Bytes that do not fit become U+FFFD: under a byte order mark, and in UTF-8 with fewer broken characters than whole ones.

    Raises
    ------
    CorpusError
        If the bytes are no text in any encoding that fits.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, errors="replace"), encoding
    if wide := _utf16_without_mark(raw):
        return raw.decode(wide, errors="replace"), wide
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        loose = raw.decode("utf-8", errors="replace")
    broken = loose.count(_REPLACEMENT)
    if broken < sum(c > "\x7f" for c in loose) - broken:
        return loose, "utf-8"
    if western := _windows_western(raw):
        return western, "cp1252"
    guess = charset_normalizer.from_bytes(raw).best()
    if guess is None:
        raise CorpusError(f"{name} is not text in any known encoding; save it as UTF-8.")
    return str(guess), guess.encoding


def _windows_western(raw: bytes) -> str:
    """Text in the encoding of Windows for Western Europe, "" if it is none.

    English or German has few letters beyond ASCII, and a guess from so few is often wrong; Polish, Turkish and other scripts have more.
    """
    if b"\0" in raw or sum(byte > 0x7F for byte in raw) > max(_WESTERN_FEW, _WESTERN_SHARE * len(raw)):
        return ""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return ""


def open_text(path: Path, *, newline: str = "\n") -> tuple[TextIO, str]:
    """A file as `decode` reads it, and its encoding; lines end at `newline` ("": at any) and keep it.

    UTF-8 is not read whole, but as it is asked for.

    Raises
    ------
    CorpusError
        If the bytes are no text in any encoding that fits.
    """
    if plain := _plain_utf8(path):
        return path.open(encoding=plain, newline=newline), plain
    text, encoding = decode(path.read_bytes(), str(path))
    return io.StringIO(text, newline=newline), encoding


def _plain_utf8(path: Path) -> str:
    """The name of UTF-8, with its byte order mark or without, if a file is that and nothing else (no zeros of UTF-16); else ""."""
    decoder = getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        piece = file.read(_PIECE)
        encoding = next((encoding for bom, encoding in _BOMS if piece.startswith(bom)), "utf-8")
        if not encoding.startswith("utf-8"):
            return ""
        try:
            while piece:
                if b"\0" in piece:
                    return ""
                decoder.decode(piece)
                piece = file.read(_PIECE)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return ""
    return encoding


def _utf16_without_mark(raw: bytes) -> str:
    """The kind of UTF-16 that gives text in a Latin script a zero in every other byte, or ""."""
    first, second = raw[::2].count(0), raw[1::2].count(0)
    if len(raw) < 16 or len(raw) % 2 or max(first, second) < len(raw) // 4 or min(first, second) > len(raw) // 50:
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def clean_text(text: str) -> tuple[str, int]:
    """Text in NFC with plain newlines, and how many U+FFFD stand in it.

    Line and page breaks of all kinds are newlines. NUL, other control characters (tab stays), lone surrogates and noncharacters become
    U+FFFD, one for one. One that was there before, because the bytes did not fit or an earlier tool gave up, is counted too: the
    character is lost all the same.
    """
    text = _BREAKS.sub("\n", text)
    # A no-break space is a space to every later rule; a byte order mark inside a text is no character of it.
    text = text.replace("\u00a0", " ").replace("\ufeff", "")
    text = unicodedata.normalize("NFC", _UNFIT.sub(_REPLACEMENT, text))
    return text, text.count(_REPLACEMENT)


def unescaped(text: str) -> str:
    """Text with its HTML entities (those that end in a semicolon: &copy=1 is part of an address) as characters."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def plain_text(text: str) -> str:
    """Text out of what an export made of it: HTML (two block tags at least, most of them between sentences), tags within sentences, entities,
    line ends written as \\n.

    Blocks become paragraphs, and what is never shown (scripts, styles, comments) is left out. Blank lines part paragraphs too, since some
    systems keep articles so and mark only headings and lists; within a heading or a `<p>` they are layout. Feeds escape what was escaped before,
    so entities are taken off twice.
    """
    if not _is_markup(text):
        text = unescaped(text)
    if _is_markup(text):
        shown = _shown("\n\n".join(" ".join(part.split()) for part in _BLANK_LINES.split(text)))
        bare = html.unescape(_TAG.sub("", _in_paragraphs(shown)))
        lines = "\n".join(line.strip() for line in bare.split("\n"))
        text = re.sub(r"\n{3,}", "\n\n", lines).strip()
    else:
        text = without_inline_tags(text)
    text = unescaped(text)
    if "\\n" in text and "\n" not in text.strip() and len(_BREAK_BETWEEN.findall(text)) >= _TWICE:
        text = _WRITTEN_BREAK.sub("\n", text)
    return text


def without_inline_tags(text: str) -> str:
    """Text without the tags of emphasis, links and the like; those of a kind are taken out if as many close as open.

    A text that has such tags is markup, so a <br> in it is a line break.
    """
    if "</" not in text:
        return text
    opened = Counter(tag["opens"].lower() for tag in _INLINE.finditer(text) if tag["opens"])
    closed = Counter(tag["closes"].lower() for tag in _INLINE.finditer(text) if tag["closes"])
    paired = {name for name, n in opened.items() if closed[name] == n}
    if not paired:
        return text
    bare = _INLINE.sub(lambda tag: "" if (tag["opens"] or tag["closes"]).lower() in paired else tag[0], text)
    return _BREAK_TAG.sub("\n", bare)


def _in_paragraphs(text: str) -> str:
    """Markup with line ends in place of its blocks, and with the blank lines that part paragraphs."""
    within = False  # something that is one paragraph, whatever blank lines stand in it

    def parted(match: re.Match[str]) -> str:
        nonlocal within
        name = (match["name"] or "").lower()
        if not name:
            return " " if within else "\n\n"
        if name != "br":
            within = name in _ONE_PARAGRAPH and not match[0].startswith("</")
        return "\n" if name in _SAME_LINE else "\n\n"

    return _PARTED.sub(parted, text)


def _shown(text: str) -> str:
    """Markup without comments, scripts and styles; one that is never closed is text."""
    for closes, whole in _HIDDEN:
        end = max(
            (close.end() for close in closes.finditer(text)), default=0
        )  # beyond it each opening would be searched in vain
        text = whole.sub("", text[:end]) + text[end:]
    return text


def _is_markup(text: str) -> bool:
    # A tag that ends a block says little where sentences end without a mark that is known here: those that begin one are judged.
    between, beginning = {True: 0, False: 0}, 0
    for tag in _BLOCK.finditer(text):
        before = text[max(0, tag.start() - _LOOK_BACK) : tag.start()]
        begins = not tag[0].startswith("</")
        beginning += begins
        between[begins] += before.endswith("\n") or not before.strip() or before.rstrip().endswith(_BETWEEN)
    return sum(between.values()) >= _TWICE and between[True] * 2 > beginning


def without_cut(text: str) -> tuple[str, str]:
    """Text without the mark that says it was cut off, and that mark ("" if there is none): [+3412 chars], or [...] and […] at the end."""
    if cut := _CUT_OFF.search(text[-_TAIL:]):
        return text[: max(0, len(text) - _TAIL) + cut.start()], cut[1]
    return text, ""


def clean_label(text: str) -> str:
    """A title, an outlet or an id: cleaned, on one line, trimmed."""
    return " ".join(clean_text(text)[0].split())


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
