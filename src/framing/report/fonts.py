"""The fonts of figures and PDF: installed as wheels, so that a report looks the same on every machine."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTFont

SERIF = "Source Serif 4"
SANS = "Noto Sans"
_NAMES = (
    "Arabic", "Hebrew", "Devanagari", "Bengali", "Thai", "Armenian", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi",
    "Kannada", "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "CJK SC", "Symbols",
)  # fmt: skip
SCRIPTS = (*(f"Noto Sans {name}" for name in _NAMES), "Noto Emoji")

_PACKAGES = ("fontpkg_source_serif_4", "manimgx_fonts", "noto_cjk_sans_otc")
_REPLACEMENT = "\ufffd"
_JOINER = "\u200d"
_SPACING = frozenset("\n\t")
# Unicode's default ignorable characters: they order or shape the text around them and are not drawn themselves.
_INVISIBLE = frozenset(
    chr(code)
    for first, last in (
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x17B4, 0x17B5), (0x200B, 0x200F), (0x202A, 0x202E),
        (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xE0001, 0xE0001), (0xE0020, 0xE007F), (0xE0100, 0xE01EF),
    )
    for code in range(first, last + 1)
)  # fmt: skip


@cache
def font_files() -> tuple[Path, ...]:
    """Paths of the font files (.ttf, .ttc), sorted by package and name."""
    found: list[Path] = []
    for package in _PACKAGES:
        found += sorted(p for p in Path(str(files(package))).rglob("*.tt?") if p.suffix in (".ttf", ".ttc"))
    return tuple(found)


@cache
def _coverage() -> tuple[frozenset[int], ...]:
    """The code points that each font file draws; the members of a collection cover the same ones."""
    covered = []
    for path in font_files():
        with TTFont(path, fontNumber=0, lazy=True) as font:
            covered.append(frozenset(c for c in font.getBestCmap() if unicodedata.category(chr(c)) != "Cc"))
    return tuple(covered)


def replace_undrawable(text: str) -> tuple[str, int]:
    """Put U+FFFD in the place of what no font draws, and count it.

    A base character and its marks are drawn by one font or not at all: where no font has them all, the marks
    that the base's font lacks are replaced. PDF/UA-1 refuses a document with a character that no font draws.

    Returns
    -------
    tuple of str and int
        The text, and how many of its code points were replaced.
    """
    # PDF does not allow U+FEFF in text; within text it means the same as U+2060.
    text = text.replace("\ufeff", "\u2060")
    if _coverage()[0].issuperset(map(ord, set(text) - _SPACING)):
        return text, 0
    parts: list[str] = []
    lost = 0
    for cluster in _clusters(text):
        kept, missing = _drawn(cluster)
        parts.append(kept)
        lost += missing
    return "".join(parts), lost


def _clusters(text: str) -> Iterator[str]:
    start = 0
    for i in range(1, len(text)):
        if text[i - 1] in _SPACING or not (_extends(text[i]) or text[i - 1] == _JOINER):
            yield text[start:i]
            start = i
    if text:
        yield text[start:]


def _extends(char: str) -> bool:
    """Whether a character belongs to the one before it: a mark, something invisible, or the skin of an emoji."""
    return _is_mark(char) or char in _INVISIBLE or 0x1F3FB <= ord(char) <= 0x1F3FF


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc", "Me")


@cache
def _drawn(cluster: str) -> tuple[str, int]:
    if cluster in _SPACING:
        return cluster, 0
    # A mark without a base makes the shaper insert one, which the mark's font may lack.
    candidates = () if _is_mark(cluster[0]) else _coverage()
    for form in (cluster, unicodedata.normalize("NFC", cluster)):
        needed = {ord(char) for char in form if char not in _INVISIBLE}
        if any(font.issuperset(needed) for font in candidates):
            return form, 0
    base = next((font for font in candidates if ord(cluster[0]) in font), frozenset())
    kept = "".join(char if ord(char) in base or char in _INVISIBLE else _REPLACEMENT for char in cluster)
    return kept, kept.count(_REPLACEMENT) - cluster.count(_REPLACEMENT)
