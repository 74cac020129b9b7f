"""Bytes to text, and text to one form: what every source format shares."""

import hashlib
import re
import unicodedata

import charset_normalizer

from framing.errors import CorpusError

# Control characters but tab and newline, lone surrogates, and the code points that Unicode says are no characters.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(raw: bytes, name: str) -> tuple[str, str]:
    """Text of a file and the encoding it was in: a byte order mark decides, then UTF-8, then a guess.

    Raises
    ------
    CorpusError
        If the bytes are no text in any encoding that fits.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw.decode(encoding, errors="replace"), encoding
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        guess = charset_normalizer.from_bytes(raw).best()
        if guess is None:
            raise CorpusError(f"{name} is not text in any known encoding; save it as UTF-8.") from None
        return str(guess), guess.encoding


def clean_text(text: str) -> tuple[str, int]:
    """Text in NFC with plain newlines, and how many of its characters had to be replaced by U+FFFD.

    NUL, control characters (tab and newline stay), lone surrogates and noncharacters are replaced, one for one.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # A no-break space is a space to every later rule; a byte order mark inside a text is no character of it.
    text = text.replace("\u00a0", " ").replace("\ufeff", "")
    text, replaced = _UNFIT.subn(_REPLACEMENT, text)
    return unicodedata.normalize("NFC", text), replaced


def clean_label(text: str) -> str:
    """A title, an outlet or an id: cleaned, on one line, trimmed."""
    return " ".join(clean_text(text)[0].split())


def digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
