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
            covered.append(frozenset(font.getBestCmap()))
    return tuple(covered)


def replace_undrawable(text: str) -> tuple[str, int]:
    """Put U+FFFD in the place of what no font draws, and count it.

    A base character and its marks are drawn by one font or not at all: where no font has them all, the marks
    that the base's font lacks are replaced. PDF/UA-1 refuses a document with a character that no font draws.

    Returns
    -------
    tuple of str and int
        The text, and how many of its code points were replaced (0: it is the text that came).
    """
    if _coverage()[0].issuperset(map(ord, text)):
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
        if not _extends(text[i]) and text[i - 1] != _JOINER:
            yield text[start:i]
            start = i
    if text:
        yield text[start:]


def _extends(char: str) -> bool:
    return unicodedata.category(char) in ("Mn", "Mc", "Me") or _invisible(char) or 0x1F3FB <= ord(char) <= 0x1F3FF


def _invisible(char: str) -> bool:
    """Format characters and variation selectors: they shape or order text and need no glyph of their own."""
    return unicodedata.category(char) == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F or ord(char) == 0x034F


@cache
def _drawn(cluster: str) -> tuple[str, int]:
    if cluster in ("\n", "\t"):
        return cluster, 0
    needed = [char for char in cluster if not _invisible(char)]
    composed = unicodedata.normalize("NFC", cluster)
    for wanted in (needed, [char for char in composed if not _invisible(char)]):
        if any(font.issuperset(map(ord, wanted)) for font in _coverage()):
            return cluster, 0
    base = next((font for font in _coverage() if ord(needed[0]) in font), frozenset())
    kept = "".join(char if ord(char) in base or _invisible(char) else _REPLACEMENT for char in cluster)
    return kept, kept.count(_REPLACEMENT) - cluster.count(_REPLACEMENT)
