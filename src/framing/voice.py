"""Whose words a passage is: the outlet's own, or those of a source.

A first, honest reading from quotation marks and reporting verbs in English. It knows three answers: "quoted" (at least half of the
passage stands in quotation marks, or a source is named with a reporting verb or with "according to"), "outlet", and "unknown" where
the quotation marks of a paragraph do not pair. A few words in quotation marks do not make a passage quoted: they may be scare quotes.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

OUTLET, QUOTED, UNKNOWN = "outlet", "quoted", "unknown"

_OPENING, _CLOSING = "“«„", "”»"
_STRAIGHT = '"'
_INCHES = re.compile(r'(?<=\d)"')
_STRAY = re.compile(r'[”»]|(?<=\w)"(?!\w)')  # a mark that closes, where none is open
# A single quotation mark opens after a space and closes before one; anything else is an apostrophe.
_SINGLE = re.compile(
    r"(?:(?<=\s)|(?<=^)|(?<=[(—–-]))[‘'](?=\S)(?P<inside>[^‘’'\n]*(?:\b[’'](?=\w)[^‘’'\n]*)*)[’'](?=[\s.,;:!?)—–-]|$)"
)

_VERBS = (
    "says? said saying tells? told claims? claimed argues? argued notes? noted adds? added warns? warned insists? insisted stresse[sd]? stress "
    "emphasi[sz]e[sd]? alleges? alleged asserts? asserted states? stated explains? explained announces? announced denie[sd] deny declared? declares "
    "reports? reported reiterate[sd]? admits? admitted acknowledge[sd]? concedes? conceded describe[sd]? called calls? accuse[sd]? urge[sd]? "
    "criticized criticised criticizes criticises complain(?:s|ed) suggest(?:s|ed) maintain(?:s|ed) contend(?:s|ed) estimate[sd]? believes? expects? "
    "thinks? reckons? predict(?:s|ed) recall(?:s|ed) replie[sd] writes? wrote quoted revealed reveals? disclosed testified vowed pledged rejected rejects cites? cited "
    "dismissed dismisse[sd] highlighted expressed demand(?:s|ed) point(?:s|ed) out asked confirm(?:s|ed) conclude[sd]? found finds? questions? questioned"
)  # fmt: skip
_VERB = rf"(?:{'|'.join(_VERBS.replace('point(?:s|ed) out', 'point(?:s|ed)_out').split())})".replace("_", r"\s+")
# A name begins with a capital; an article, a conjunction or a preposition belongs to one only before another capital.
_NAME = r"\b(?!(?:He|She|They|We|I|You|This|That|These|Those|It|There|Which|Despite|Its|His|Her|Their|My|Our|Your)\b)(?!(?:The|An?|But|And|In|On|Yet|While)\b(?!\s+[A-Z]))(?:[A-Z][\w.'’&-]*\s+(?:(?:of|the|de|van|von|al|bin)\s+){0,2}){0,4}[A-Z][\w&-]*(?<![’']s)"
_ACCORDING = re.compile(
    rf"\b(?:[Aa]ccording to|in the words of|[Cc]iting|as reported by)\s+(?:the |an? )?(?P<who>{_NAME})?"
)
_SPEAKS = re.compile(
    rf"(?P<who>{_NAME})(?:,[^,“\"]{{2,90}},)?\s+(?:\w+ly\s+|has\s+|have\s+|had\s+|also\s+|then\s+)*{_VERB}\b"
)
_SPOKEN = re.compile(rf"[”\"’',]\s+{_VERB}\s+(?P<who>{_NAME})")
# A source without a name: "officials say", "one minister argued", "experts warned", "the report found".
_UNNAMED = re.compile(
    r"\b(?i:officials?|ministers?|ministry|ministries|senators?|lawmakers?|politicians?|critics|experts?|analysts?|observers?|researchers?|engineers?|lawyers?|sources?|"
    r"spokes\w+|authorit(?:y|ies)|agenc(?:y|ies)|reports?|stud(?:y|ies)|audit\w*|government|company|firm|maker|insiders?|mayors?|presidents?|governors?|leaders?|directors?|secretar(?:y|ies)|founders?|executives?|councillors?|economists?|scientists?|activists?|advisers?|opponents|supporters|campaigners|unions?|association|"
    r"committee|commission\w*|regulators?|diplomats?|embassy|scholars?|professors?|owners?|residents?|police|court|judge\w*|statement|letter|poll|survey|[Hh]e|[Ss]he|[Tt]hey|who|it|media|newspaper|article|chief|chair\w*|officer|head)\b"
    rf"(?:\s+(?:in|of|at|from|for|on)(?:\s+[\w’'-]+){{1,4}}?)?(?:,[^,“\"]{{2,90}},)?\s+(?:\w+ly\s+|has\s+|have\s+|had\s+|also\s+)*{_VERB}\b"
)  # fmt: skip
_PARTICIPLE = re.compile(r",\s+(?:citing|saying|calling|arguing|warning|claiming|insisting|alleging|adding|noting)\b")
_PLAIN = re.compile(r"\b(?:said|says|told|telling|wrote|added that|repeated that|pointed to)\b")
_NAMES = r"(?:[A-Z][\w.'’&-]*\s+){0,2}[A-Z][\w.'’&-]+"  # of a source before or behind a colon: "Lind: ...", "...: Trade Ministry"
_HEADLINE = re.compile(rf"(?:[’'”\"],?\s+{_VERB}\b|:\s+{_NAMES}$|^{_NAMES}:\s)")
_HALF = 0.5


@dataclass(frozen=True)
class Voice:
    """Whose words a passage is, and the name of the source where it stands in the passage ("" where it does not)."""

    voice: str
    speaker: str = ""


def quoted_spans(paragraphs: list[tuple[int, str]]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Spans of a text that stand in quotation marks, and paragraphs whose marks do not pair.

    Parameters
    ----------
    paragraphs : list of (start, text)
        The article's paragraphs in order; start is a code point offset.

    Returns
    -------
    quoted, unpaired : lists of (start, end)
        In order, and no two overlap: a quotation within a quotation is part of it. A quotation that runs over several paragraphs has an
        opening mark at the head of each and a closing one only in the last.
    """
    quoted: list[tuple[int, int]] = []
    unpaired: list[tuple[int, int]] = []
    for i, (start, text) in enumerate(paragraphs):
        opened: int | None = None
        stray = False
        for match in re.finditer(rf"[{_OPENING}{_CLOSING}{_STRAIGHT}]", text):
            mark, at = match[0], match.start()
            # Some publishers open with “ and close with “ again: a mark behind a letter or a stop closes.
            closes = mark in _CLOSING or (
                opened is not None and (mark == _STRAIGHT or (at > 0 and not text[at - 1].isspace()))
            )
            if closes and opened is not None:
                quoted.append((start + opened, start + at + 1))
                opened = None
            elif opened is None and _STRAY.match(text, at):
                stray = stray or not _INCHES.match(text, at)
            elif opened is None:
                opened = at
        if opened is not None:
            goes_on = i + 1 < len(paragraphs) and paragraphs[i + 1][1][:1] in (*_OPENING, _STRAIGHT)
            if goes_on:
                quoted.append((start + opened, start + len(text)))
            else:
                stray = True
        if stray:
            unpaired.append((start, start + len(text)))
        quoted += [(start + m.start(), start + m.end()) for m in _SINGLE.finditer(text)]
    return _merged(quoted), unpaired


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def voice_of(start: int, text: str, quoted: list[tuple[int, int]], unpaired: list[tuple[int, int]]) -> Voice:
    """Whose words the passage text (at offset `start` of its article) is, given the article's `quoted_spans`."""
    end = start + len(text)
    inside = [False] * len(text)
    for k in range(bisect_right(quoted, start, key=lambda span: span[1]), len(quoted)):
        low, high = quoted[k]
        if low >= end:
            break
        for i in range(max(low, start), min(high, end)):
            inside[i - start] = True
    letters = [i for i, c in enumerate(text) if c.isalnum()]
    own = "".join(" " if inside[i] else c for i, c in enumerate(text))
    share = sum(inside[i] for i in letters) / max(len(letters), 1)
    who = _source(text, own)
    if share >= _HALF or who is not None:
        return Voice(QUOTED, who or "")
    if any(low < end and start < high for low, high in unpaired) and re.search(
        rf"[{_OPENING}{_CLOSING}{_STRAIGHT}]", text
    ):
        return Voice(UNKNOWN)
    return Voice(OUTLET)


def _source(text: str, own: str) -> str | None:
    """The source that a passage names in the outlet's own words: a name, "" for one without a name, None for no source."""
    for pattern in (_ACCORDING, _SPEAKS, _SPOKEN):
        if match := pattern.search(text):
            # A verb inside the quotation is the source's own reporting, not the outlet's.
            name = next((name for name in match.groups() if name), "")
            if own[match.start() : match.end()].strip(" \"“”'‘’,"):
                return re.sub(r"^(?:The|A|An|But|And|In|On|Yet|While)\s+", "", name)
        found = any(pattern.search(own) for pattern in (_UNNAMED, _PARTICIPLE, _PLAIN)) or _HEADLINE.search(text)
    return "" if found else None
