"""Texts of both directions of writing beside each other: what one says must not turn round what stands beside it.

Letters know their direction; the characters that set it for others (Unicode Standard Annex 9) are no letters, are not seen, and come in with
scraped names. What is written of itself, such as a sentence or a label of a figure, keeps names apart with isolates.
"""

import re
import unicodedata

_TURNS = "\u202a-\u202e"  # embeddings, overrides, and their end
_ISOLATES, _ENDS_ISOLATE = "\u2066\u2067\u2068", "\u2069"
_RIGHT_TO_LEFT = ("R", "AL")


def plain(text: str) -> str:
    """The text without the characters that set a direction; each letter keeps its own."""
    return re.sub(f"[{_TURNS}{_ISOLATES}{_ENDS_ISOLATE}]", "", text)


def isolated(name: str) -> str:
    """A name as a sentence can hold it: plain, and isolated where anything in it runs from right to left."""
    name = plain(name)
    turns = any(unicodedata.bidirectional(char) in (*_RIGHT_TO_LEFT, "AN") for char in name)
    return f"\u2068{name}\u2069" if turns else name


def settled(text: str) -> str:
    """The text so that nothing in it reaches beyond its end: without embeddings and overrides, and with isolates only where each is closed."""
    text = re.sub(f"[{_TURNS}]", "", text)
    depth = 0
    for char in text:
        depth += (char in _ISOLATES) - (char == _ENDS_ISOLATE)
        if depth < 0:
            break
    return plain(text) if depth else text


def direction(text: str) -> str:
    """ "rtl" if the first letter with a direction that no isolate encloses runs from right to left, else "ltr"."""
    depth = 0
    for char in text:
        kind = unicodedata.bidirectional(char)
        depth = max(depth + (char in _ISOLATES) - (char == _ENDS_ISOLATE), 0)
        if not depth and kind in ("L", *_RIGHT_TO_LEFT):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"
