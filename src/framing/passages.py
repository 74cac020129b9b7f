"""DOCUMENTS -> PASSAGES: the sentences of each article, with exact offsets, whose words they are, and what was set aside."""

import itertools
import re
from collections.abc import Collection, Iterator

import pandas as pd
import sentencex

from framing.languages import language_codes
from framing.layout import ASIDE, TITLE, Paragraph, layout
from framing.tables import DOCUMENTS, PASSAGES
from framing.voice import OUTLET, quoted_spans, voice_of

TITLE_FIELD, BODY_FIELD = "title", "body"
NO_WORDS, LANGUAGE = "no words", "language"

# sentencex keeps a quotation in one piece; with its marks as spaces it splits inside. The length stays, so offsets do.
_MARKS = str.maketrans(dict.fromkeys('"“”«»„', " "))
# Titles and references whose full stop ends no sentence; sentencex knows most, but not before every name.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Gen|Col|Lt|Maj|Sgt|Supt|Insp|Capt|Cmdr|Adm|Sen|Rep|Gov|Hon|Rev|St|No|Nos|Art|Sec|Fig|vs|v|cf|approx|[A-Z])\.\s*$"
)
_GOES_ON = re.compile(r"[\s\"”’»)\]]*(?:[a-zà-öø-ÿ]|[—–]\s)")
_ASKED = re.compile(r"[?!…\"”’»)][\s\"”’»)\]]*$")
_INITIALS = re.compile(r"(?:^|[.?!”\"]\s+)(?:[A-Z]\.){2,4}\s*$")
_LETTER = re.compile(r"[^\W\d_]")
_LOOK_BACK = 40  # characters before a cut in which an abbreviation is looked for
_GLUED = re.compile(r"(?<=[a-z]{3}[.?!])(?=[\"”’']?[A-Z][a-z]+[\s,])|(?<=[a-z][.?!][\"”’'])(?=[A-Z][a-z]*\s)")
_LEADING_CLOSERS = re.compile(r"[\s\"”»’')\]]*[”»’)\]\"'](?=\s|$)")


def split_passages(documents: pd.DataFrame) -> pd.DataFrame:
    """Split articles into sentences and mark what is not theirs.

    Parameters
    ----------
    documents : DataFrame, table DOCUMENTS

    Returns
    -------
    DataFrame, table PASSAGES
        One row per sentence of title and body, and one per paragraph set aside, in the order of the text. `start` and `end` are code
        points: documents.text[start:end] == passage; both are missing for a title that does not stand in the text. `kept` says whether the
        passage is scored; `reason` says why not. Articles whose status is not "ok" have no passages.
    """
    DOCUMENTS.check(documents)
    rows = [
        (f"{row.document_id}#{position:04d}", row.document_id, position, *cells)
        for row in documents[documents["status"] == "ok"].itertuples()
        for position, cells in enumerate(_passages(_text(row.text), _text(row.title), _language(row.language)))
    ]
    passages = pd.DataFrame(rows, columns=list(PASSAGES.columns))
    kinds = {"position": "int64", "paragraph": "int64", "start": "Int64", "end": "Int64", "kept": "bool"}
    return PASSAGES.check(passages.astype({c: kinds.get(c, "str") for c in passages.columns}))


def set_aside_languages(passages: pd.DataFrame, documents: pd.DataFrame, languages: Collection[str]) -> pd.DataFrame:
    """Set aside the passages of articles whose stated language is not one of those that a model reads.

    Parameters
    ----------
    passages, documents : DataFrames, tables PASSAGES and DOCUMENTS
    languages : codes such as "en"
        None at all: the model does not say, and everything is kept.

    Returns
    -------
    DataFrame, table PASSAGES
        With `kept` False and the reason "language" for those; articles that state no language, none that is known by its code or its English
        name, or several of which the model reads one, are taken for readable.
    """
    if not languages:
        return passages
    read = {code for language in languages for code in language_codes(language)}
    stated = [language_codes(_text(language)) for language in documents["language"]]
    other = documents.loc[[bool(codes) and read.isdisjoint(codes) for codes in stated], "document_id"]
    refused = passages["kept"] & passages["document_id"].isin(other)
    return passages.assign(kept=passages["kept"] & ~refused, reason=passages["reason"].mask(refused, LANGUAGE))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _language(stated: object) -> str:
    """Whose rules split an article into sentences; English where no language is stated."""
    return next(iter(language_codes(_text(stated))), "en")


def _passages(text: str, title: str, language: str) -> Iterator[tuple[object, ...]]:
    paragraphs = layout(text, title or None)
    if title and not any(p.role == TITLE for p in paragraphs):
        found = voice_of(0, title, *quoted_spans([(0, title)]))
        yield 0, TITLE_FIELD, None, None, title, found.voice, found.speaker, *_kept(title)
    quoted, unpaired = quoted_spans([(p.start, p.text) for p in paragraphs if p.role != ASIDE])
    for number, paragraph in enumerate(paragraphs, 1):
        field = TITLE_FIELD if paragraph.role == TITLE else BODY_FIELD
        if paragraph.role == ASIDE:
            yield number, field, paragraph.start, paragraph.end, paragraph.text, OUTLET, "", False, paragraph.reason
            continue
        for start, end in (
            _sentences(paragraph, language) if field == BODY_FIELD else [(paragraph.start, paragraph.end)]
        ):
            sentence = text[start:end]
            found = voice_of(start, sentence, quoted, unpaired)
            yield number, field, start, end, sentence, found.voice, found.speaker, *_kept(sentence)


def _kept(passage: str) -> tuple[bool, str]:
    """Whether a title or a sentence is scored, and the reason why not."""
    return (True, "") if _LETTER.search(passage) else (False, NO_WORDS)


def _within(text: str, at: int) -> bool:
    """Whether a cut is none: what goes on in lower case behind a question or a quotation has not ended, nor has a name after its initials."""
    before = text[max(0, at - _LOOK_BACK) : at]
    return bool((_GOES_ON.match(text, at) and _ASKED.search(before)) or _INITIALS.search(before))


def _sentences(paragraph: Paragraph, language: str) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a paragraph, trimmed, in the article's code points."""
    text = paragraph.text
    masked = re.sub(r"\n", " ", text.translate(_MARKS))
    cuts = {0, len(text)}
    for boundary in sentencex.get_sentence_boundaries(language, masked):
        at = int(boundary["start_index"])
        if not _ABBREVIATION.search(text, max(0, at - _LOOK_BACK), at):
            cuts.add(at)
    cuts |= {match.start() for match in _GLUED.finditer(text)}
    ordered = [at for at in sorted(cuts) if at in (0, len(text)) or not _within(text, at)]
    # A closing mark that the cut left at the head of the next sentence belongs to the one before.
    for i in range(1, len(ordered) - 1):
        back = ordered[i]
        while back > ordered[i - 1] and text[back - 1] in ' \n"“«„':
            back -= 1
        if closers := _LEADING_CLOSERS.match(text[back : ordered[i + 1]]):
            ordered[i] = back + closers.end()
        else:
            ordered[i] = back
    for low, high in itertools.pairwise(ordered):
        sentence = text[low:high]
        if sentence.strip():
            yield (
                paragraph.start + low + len(sentence) - len(sentence.lstrip()),
                paragraph.start + high - (len(sentence) - len(sentence.rstrip())),
            )
