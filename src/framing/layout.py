"""The paragraphs of an article as scraped, and what each is: title, body, or furniture of the site with the reason.

Scraped pages carry more than the article: sign-in prompts, lists of other stories, banners, bylines, disclaimers. Whatever of them is
scored gives the article frames that are not its own. The rules below are general: they look at a paragraph's form (length, end,
separators, repetition), at words that sites in English use for their own furniture, and at how much of its vocabulary a paragraph
shares with the article. Nothing is deleted: each paragraph keeps its place, and furniture carries a reason.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

TITLE, BODY, ASIDE = "title", "body", "aside"

BEFORE_TITLE = "before the title"
OTHER_STORIES = "list of other stories"
TEASER = "teaser of another story"
AFTER_END = "after the article's end"
LABEL = "label or caption"
REPEATED = "repeats an earlier paragraph"
RECORD = "field of an article database"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: `text` is the article's text[start:end] (code points, trimmed); `role` is title, body or aside."""

    start: int
    end: int
    text: str
    role: str = BODY
    reason: str = ""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?"
_DATE = rf"(?:{_DAY},?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?\.?\s+{_MONTH}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?)(?:,?\s+(?:\d{{4}}|{_DAY}))?"

# Short paragraphs that are furniture wherever they stand; the first that fits gives the reason.
_ANYWHERE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("picture", _any(r"^!\[[^\]]*\]\([^)]*\)$", r"^https?://\S+$")),
    (
        "sign-in or subscription prompt",
        _any(
            rf"(?<!will )(?<!would )\bsign (?:in|up)\b(?! to (?:the|an?) (?:treaty|pact|deal|agreement))(?! {_MONTH})", r"\balready (?:a |have )?(?:member|subscriber|an account|subscribed)\b(?! of (?!our\b))",
            r"^(?:log ?in|register|subscribe|join (?:us|now|free))\b", r"\bto (?:continue|keep) reading\b", r"\bsubscribe (?:now|today|to|from|for)\b",
            r"\b(?:free trial|days? free|cancel (?:any ?time|at any time)|unsubscribe)\b", r"\benter your e-?mail\b", r"\b(?:become|remain) a (?:member|subscriber|supporter)\b(?! of (?!our\b))",
            r"\b(?:my account|premium (?:titles|content|article))\b", r"\b(?:start|keep|continue) reading$",
            r"\bthis (?:article|story) is (?:for|reserved for|only for) (?:subscribers|members)\b", r"\b(?:one|a) (?:subscription|membership)\b",
        ),
    ),
    (
        "newsletter box",
        _any(r"\bnewsletter\b", r"\b(?:morning|daily|weekly|evening) (?:briefing|digest|letter|round-?up)\b", r"\bin(?:to)? your inbox\b"),
    ),
    ("app banner", _any(r"\b(?:download|get|open|install|try) (?:the|our) app\b", r"\bour (?:free )?app\b", r"^one app\b", r"\bread (?:it |this )?in (?:the|our) app\b")),
    (
        "share or comment bar",
        _any(
            r"^share\b(?! prices?| of\b)(?:(?: this)?(?: article| story)?)?\s*(?:[:|/-]|$)", r"^share this\b", r"^\d+ comments?$", r"^comments?(?: \(\d+\))?$", r"\bjoin the (?:discussion|conversation)\b", r"^(?:print|e-?mail|facebook|x|whatsapp|copy link)(?:\s*[|/,-][\w\s|/,-]*)?$",
            r"^follow us\b", r"^leave a comment\b", r"^back to top$",
        ),
    ),
    ("cookie note", _any(r"\b(?:we|this site|website) uses? cookies\b", r"\baccept (?:all )?cookies\b", r"^cookie (?:notice|settings|policy)\b")),
    (
        "promotion",
        _any(
            r"^(?:sponsored|advertisement|advertising|promoted|paid (?:post|content)|partner content|ad)\b(?:\s*[:|-]|$)", r"(?<!want to )(?<!wanted to )(?<!like to )(?:learn|find out|see|read) more\.?\s*$", r"^(?:skip advertisement|(?:story|article) continues below(?: advertisement)?|show more)$", r"\bclick here\b",
            r"\bsome links may earn\b", r"\baffiliate (?:links?|commission)\b", r"\bsupport (?:our|independent|quality) (?:journalism|work|reporting)\b", r"\b(?:donate|give) (?:now|today)\b",
            r"\b(?:paid for|funded|published) by (?:its|our|their)? ?readers\b", r"\bfree with code\b",
        ),
    ),
    (
        "link to another story",
        _any(
            r"^(?:read|see) (?:more|also|next|on)\b.{0,3}[:|-]", r"^(?:also read|related|more on this|more|don'?t miss|watch|listen|explainer|in depth|opinion|analysis|live)\s*:\s", r"^(?:more )?from the archive\b",
            r"^most (?:read|viewed|popular|shared)\s*:",
        ),
    ),
    (
        "byline, date or reading time",
        _any(
            rf"^by\s+(?!{_DAY}\s|{_MONTH}\s)(?:the\s+|our\s+)?(?:staff\b|[A-Z][\w.'’-]+)(?!.*[.?!]$).{{0,90}}$", rf"^(?:published|updated|posted|last (?:updated|modified)|first published)\b(?:.{{0,60}}(?<![.?!])|(?:\s*:|\s+(?:on|at)\b|\s+{_DATE}|\s+\d).{{0,40}})$", rf"^{_DATE}(?:[\s,|·•-].{{0,60}})?(?<![.?!])$",
            r"^(?:\d+|[a-z]+)[ -]min(?:ute)?s?(?: read)?$", r"^reading time\b.{0,30}$", r"^(?:(?:source|author)s?\s*:|(?:reporting|editing|words|text) by\b:?)\s+\S.{0,60}(?<![.?!])$",
            r"^(?:yesterday|today)(?:,? \d\d?\s?: ?\d\d)?$", r"^\d{1,2}[:.]\d\d(?: ?[ap]m)?(?: [a-z]{2,4})?$", r"^\d+ (?:minutes?|hours?|days?) ago$", r".{0,60}\b\d+ min(?:ute)?s? read\b.{0,40}$",
            rf"^[^.?!]{{0,70}}[,|·-]\s*{_DATE}(?<![.?!])$", r"^\(?(?:additional )?(?:reporting|writing|editing) by\b.{0,90}$",
            r"^[\w.,'’ -]{0,70}\bcontributed (?:to )?(?:this )?(?:report|story|article|reporting)\w*\.?$",
        ),
    ),
    ("picture credit", _any(r"^(?:photo|picture|image|graphic|video|illustration|caption|file (?:photo|picture))\b\s*(?:by (?-i:[A-Z])|credit|courtesy|caption,|source,|:|\().*$", r"^(?-i:[A-Z]{2,8})(?: photo)?/(?-i:[A-Z])[\w .'’-]{2,40}$", r"^(?-i:[A-Z])\w+ images$", r"\((?-i:[A-Z]{2,8})(?: photo)?/[^)]*\)$", r"\((?-i:[A-Z])\w+ images\)$", r"\((?:photo|picture|image|[a-z ]*archive)[^)]*\)$")),
    ("tags", _any(r"^(?:tags?|topics?|keywords|categor(?:y|ies)|filed (?:under|in)|in this (?:article|story))\s*:")),
    ("legal note", _any(r"\bfor information(?:al)?(?: purposes)? only\b", r"\byou agree to (?:our|the)\b", r"\bcomments are (?:closed|moderated)\b", r"\b(?:not|no) (?:investment|financial|legal) advice\b")),
    ("contact or correction note", _any(r"\b(?:corrections?|contact|feedback|tips?)\b.{0,30}\s[^\s@]{1,64}@\S", r"^our standards: the \w+ \w+ trust principles", r"^corrections? policy\b")),
)  # fmt: skip

# What a database of articles adds to each, of any length.
_RECORD = _any(
    r"^(?:section|length|byline|dateline|highlight|graphic|classification|language|publication-type|subject|company|industry|person|geographic|city|state|country|load-date|journal code|document type)\s*:",
    r"^(?:body|classification|graphic|end of document|load-date\b.{0,40}|document [a-z0-9]{20,}|document \d+ of \d+)$", r"^(?-i:[A-Z][A-Z0-9 &,.'/-]*) \(\d\d%\)(?:;|$)",
)  # fmt: skip

# Headings after which other stories follow, and lines after which the article is over.
_LIST_OPENER = _any(
    r"^you (?:might|may) (?:also|like)\b.{0,20}$", r"^(?:related|recommended|popular|latest|trending|top|other|editor'?s?|our|today'?s)(?: (?:top|latest))? ?(?:stories|articles|news|reading|posts|content|picks?|coverage|headlines)?(?: (?:for you|right now|today|on \w+( right now)?|this week))?:?$",
    r"^(?:more (?:from|on|in|stories|news)|most (?:read|viewed|popular|shared|commented)|read (?:next|also)|up next|what to read next|don'?t miss|also in the news|elsewhere(?: on)?|keep reading|from (?:our|the) (?:partners|web)|in other news)\b[^.?!]{0,40}:?$",
)  # fmt: skip
_CLOSER = _any(
    r"^(?:legal )?disclaimer\b", r"^(?:©|(?:\(c\)|copyright)\s+(?:©|\(c\)|by\b|(?:19|20)\d\d)|copyright\b[^.?!]{0,60}$)", r"\ball rights reserved\b", r"^about the (?:author|writer)s?\b", r"\breproduction (?:in whole|without)\b",
    r"\b(?:is a|are) (?:columnist|reporter|correspondent|staff writer|freelance (?:writer|journalist))s? (?:at|for|with|based)\b.{0,60}$", r"^this (?:article|story) (?:was )?(?:first|originally) (?:appeared|published)\b",
)  # fmt: skip

_TERMINAL = re.compile(r"[.?!…:;][\"'”’»)\]]*$")
_WORD = re.compile(r"[^\W\d_]{4,}")
_ADDRESSED = re.compile(r"\b(?:[Yy]ou|[Yy]our|[Oo]ur|us|[Ww]e)\b")  # "US" is a country
_QUOTE = re.compile(r"^[\"“‘'«„]")
_CRUMBS = re.compile(r"\s[|>·•/»]\s|^\[[^\]]+\](?:\s*\[[^\]]+\])+$")
_BULLET = re.compile(r"^[•*–-]\s+\S")
_HEADING = 7  # words of a heading above other stories, at most
_SHORT = 40  # words; a longer paragraph is furniture only within a list of other stories
_PROSE, _LONG = 8, 18  # words from which a paragraph with, and without, an end mark is prose
_RESUME_WORDS, _RESUME_COHESION = 20, 0.3  # an article goes on after a box at such a paragraph
_TOGETHER_COHESION = 0.2  # or at two in a row that share so much: stories in a list seldom have two


def layout(text: str, title: str | None = None) -> list[Paragraph]:
    """The paragraphs of `text` in order, each with its role.

    Parameters
    ----------
    text : str
        An article as scraped.
    title : str, optional
        Its title where known. Where it stands in the text, that paragraph is the title; where none is given, a first line
        that looks like one is.

    Returns
    -------
    list of Paragraph
        Together they cover every character of `text` but white space. At most one has the role title.
    """
    paragraphs = list(_paragraphs(text))
    if not paragraphs:
        return []
    at = _find_title(paragraphs, title) if title else _guess_title(paragraphs)
    if at is not None:
        paragraphs[at] = replace(paragraphs[at], role=TITLE)
    paragraphs = _mark_repeated(paragraphs)
    paragraphs = _mark_single(paragraphs)
    paragraphs = _mark_head(paragraphs, at)
    return _mark_lists(paragraphs)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    """Lines, or blocks between blank lines where the text is hard-wrapped."""
    blocks = list(re.finditer(r"\S.*(?:\n(?!\s*\n).*)*", text))
    wraps = sum(len(re.findall(r"[^\s.?!:\"”’][ \t]*\n[ \t]*[a-z(]", m[0])) for m in blocks)
    breaks = sum(m[0].count("\n") for m in blocks)
    hard_wrapped = wraps >= 5 and wraps > 0.3 * breaks
    for match in blocks if hard_wrapped else re.finditer(r"\S.*", text):
        stripped = match[0].rstrip()
        yield Paragraph(match.start(), match.start() + len(stripped), stripped)


def _plain(text: str) -> str:
    """For comparison: without case, punctuation and typographic variants."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _find_title(paragraphs: list[Paragraph], title: str) -> int | None:
    wanted = _plain(title)
    near: tuple[float, int] = (0.0, 0)
    for i, paragraph in enumerate(paragraphs[:25]):
        here = _plain(paragraph.text)
        if here == wanted:
            return i
        if abs(len(here) - len(wanted)) <= 0.3 * max(len(wanted), 1):
            near = max(near, (difflib.SequenceMatcher(None, here, wanted).ratio(), -i))
    return -near[1] if near[0] >= 0.85 else None


def _guess_title(paragraphs: list[Paragraph]) -> int | None:
    for i, paragraph in enumerate(paragraphs[:8]):
        if _is_prose(paragraph):
            return None
        words = len(paragraph.text.split())
        if 4 <= words <= 25 and not _furniture(paragraph) and not re.search(r"[.:;,]$", paragraph.text):
            return i
    return None


def _is_prose(paragraph: Paragraph) -> bool:
    words = len(paragraph.text.split())
    return words >= _LONG or (words >= _PROSE and bool(_TERMINAL.search(paragraph.text)))


def _furniture(paragraph: Paragraph) -> str:
    """The reason why a paragraph is furniture by its own form, or ""."""
    text = paragraph.text
    words = len(text.split())
    if _RECORD.search(text):
        return RECORD
    if words > _SHORT:
        return ""
    # A sentence that merely has such words in it is an article's own, and a long one in any case, unless it is addressed to the reader.
    sentence = words >= _PROSE and _TERMINAL.search(text) and not _ADDRESSED.search(text)
    for reason, pattern in _ANYWHERE:
        if (match := pattern.search(text)) and not (sentence and (words > _LONG or match.start() > 0)):
            return reason
    if _CRUMBS.search(text) and not _TERMINAL.search(text) and words <= 25:
        return "navigation"
    if not re.search(r"[^\W_]", text):
        return "no words"
    return ""


def _aside(paragraph: Paragraph, reason: str) -> Paragraph:
    return paragraph if paragraph.role != BODY else replace(paragraph, role=ASIDE, reason=reason)


def _mark_single(paragraphs: list[Paragraph]) -> list[Paragraph]:
    marked = [_aside(p, reason) if (reason := _furniture(p)) else p for p in paragraphs]
    # What cannot be told from a subheading by its form is furniture before the first paragraph of prose, and after the last.
    prose = [i for i, p in enumerate(marked) if p.role == BODY and _is_prose(p)]
    if not prose:
        return marked
    for i, p in enumerate(marked):
        outside = i < prose[0] or i > prose[-1]
        if p.role == BODY and outside and _is_label(p.text):
            marked[i] = _aside(p, LABEL)
        elif p.role == BODY and i > prose[-1] and not _TERMINAL.search(p.text):
            marked[i] = _aside(p, AFTER_END)
    return marked


def _is_label(text: str) -> bool:
    """A few words without an end, one word, or nothing but names ("Ana Ruiz and Tom Okafor, Diplomatic editor")."""
    words = text.split()
    if _BULLET.match(text) or len(words) > 8:
        return False
    if len(words) <= 3:
        return len(words) == 1 or not _TERMINAL.search(text)
    names = sum(word[0].isupper() for word in words)
    return (
        not _TERMINAL.search(text)
        and names >= 0.6 * len(words)
        and bool(re.search(r"\b(?:and|editor|correspondent|reporter|writer)\b", text, re.I))
    )


def _mark_repeated(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """A paragraph that stands twice; and teasers, whose summary stands once behind their headline and once alone."""
    seen: dict[str, int] = {}
    marked = list(paragraphs)
    for i, p in enumerate(paragraphs):
        plain = _plain(p.text)
        if len(plain) < 20:
            continue
        if plain in seen:
            marked[i] = _aside(p, REPEATED)
        seen.setdefault(plain, i)
        for j in range(max(0, i - 4), i):
            before = _plain(paragraphs[j].text)
            summary = _is_prose(p) and not _QUOTE.search(p.text) and TITLE not in (p.role, paragraphs[j].role)
            if summary and len(before) > len(plain) and before.endswith(plain):
                marked[j], marked[i] = _aside(marked[j], TEASER), _aside(marked[i], TEASER)
    return marked


def _mark_head(paragraphs: list[Paragraph], title_at: int | None) -> list[Paragraph]:
    """What stands before the title, if it is short; prose before it is the article's (a lead above the title)."""
    if title_at is None:
        return paragraphs
    return [
        _aside(p, BEFORE_TITLE) if i < title_at and (p.role == ASIDE or not _is_prose(p)) else p
        for i, p in enumerate(paragraphs)
    ]


def _mark_lists(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Lists of other stories and what follows the article's end: set aside until the article goes on.

    It goes on at a paragraph of prose that shares enough of its vocabulary with what came before the list.
    """
    marked: list[Paragraph] = []
    body: set[str] = set()
    reason = ""
    for i, p in enumerate(paragraphs):
        if p.role != BODY and not (p.role == ASIDE and p.reason in (LABEL, AFTER_END)):
            marked.append(p)
            if p.reason == TEASER and body:
                reason = OTHER_STORIES
            elif body and _CLOSER.search(p.text) and not _goes_on(paragraphs[i + 1 :], body):
                reason = reason or AFTER_END
            continue
        heading = len(p.text.split()) <= _HEADING and not re.search(r",|\.$", p.text)
        if body and heading and _LIST_OPENER.search(p.text):
            reason = OTHER_STORIES
        elif body and _CLOSER.search(p.text) and not _goes_on(paragraphs[i + 1 :], body):
            reason = AFTER_END
        elif reason and (_resumes(p, body) or _resumes_together(paragraphs[i : i + 2], body)):
            reason = ""
        if reason:
            marked.append(replace(p, role=ASIDE, reason=reason))
        else:
            marked.append(p)
            if p.role == BODY and _is_prose(p):
                body |= _vocabulary(p.text)
    return marked


def _vocabulary(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _resumes(paragraph: Paragraph, body: set[str], cohesion: float = _RESUME_COHESION) -> bool:
    words = _vocabulary(paragraph.text)
    return (
        len(paragraph.text.split()) >= _RESUME_WORDS
        and bool(_TERMINAL.search(paragraph.text))
        and len(words & body) >= cohesion * max(len(words), 1)
    )


def _resumes_together(two: list[Paragraph], body: set[str]) -> bool:
    """Whether two short paragraphs of prose in a row, taken as one, are the article's."""
    if len(two) < 2 or not all(p.role == BODY and _is_prose(p) and _TERMINAL.search(p.text) for p in two):
        return False
    return _resumes(replace(two[0], text=f"{two[0].text} {two[1].text}"), body, _TOGETHER_COHESION)


def _goes_on(rest: list[Paragraph], body: set[str]) -> bool:
    return sum(_resumes(p, body) for p in rest if p.role == BODY) >= 2
