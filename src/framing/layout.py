"""The paragraphs of an article as scraped, and what each is: title, body, or furniture of the site with the reason.

Scraped pages carry more than the article: sign-in prompts, lists of other stories, banners, bylines, disclaimers. Whatever of them is
scored gives the article frames that are not its own. The rules below are general: they look at a paragraph's form (length, end,
separators, repetition), at words that sites in English use for their own furniture, and at how much of its vocabulary a paragraph
shares with the article. Nothing is deleted: each paragraph keeps its place, and furniture carries a reason.
"""

import difflib
import itertools
import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from framing.voice import quoted_spans

TITLE, BODY, ASIDE = "title", "body", "aside"

BEFORE_TITLE = "before the title"
OTHER_STORIES = "list of other stories"
TEASER = "teaser of another story"
AFTER_END = "after the article's end"
LABEL = "label or caption"
LEGAL = "legal note"
REPEATED, ANNOUNCED = "repeats an earlier paragraph", "repeated by a later paragraph"
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
    (LEGAL, _any(r"\bfor information(?:al)?(?: purposes)? only\b", r"\byou agree to (?:our|the)\b", r"\bcomments are (?:closed|moderated)\b", r"\b(?:not|no) (?:investment|financial|legal) advice\b")),
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
# A line of the law. It is furniture wherever it stands: under a picture, or in the middle of an article.
_NOTICE = _any(
    r"^(?:©|(?:\(c\)|copyright)\s+(?:©|\(c\)|(?:19|20)\d\d))", r"^copyright\s+(?:by\s+)?(?:the\s+)?(?-i:[A-Z])(?:[^.?!]{0,60}$|[\w’'&-]*(?:\s+(?-i:[A-Z])[\w’'&-]*){0,5}\.)",
    r"^(?:[^.?!]{0,60}[.|,]\s+|[^.?!]{0,60})all rights reserved\s*(?:[.!|©]|$)",
    r"^(?:(?:any|further|unauthori[sz]ed)\s+)?reproduction (?:in whole|without)\b[^.?!]{0,60}\b(?:permission|consent|prohibited|forbidden)\b",
)  # fmt: skip
_CLOSER = _any(
    _NOTICE.pattern, r"^(?:legal )?disclaimer\s*(?:[:.–—-]|$)", r"^about the (?:author|writer)s?(?:\s*:|\s+(?-i:[A-Z])|$)", r"^this (?:article|story) (?:was )?(?:first|originally) (?:appeared (?:in|on|at)|published)\b",
    r"^(?:the (?:author|writer)s?|(?-i:[A-Z])[\w.'’-]*(?:,? (?:and )?(?-i:[A-Z])[\w.'’-]*){1,5}) (?:is a|are) (?:columnist|reporter|correspondent|staff writer|freelance (?:writer|journalist))s? (?:at|for|with|based)\b.{0,60}$",
)  # fmt: skip
# Where such a line is glued to the end of a paragraph of the article's own.
_GLUED = re.compile(
    r"(?<=[.?!…\"”’)])\s+(?=(?:©|(?:\(c\)|copyright)\s+(?:©|\(c\)|(?:19|20)\d\d)|all rights reserved|this (?:article|story) (?:was )?(?:first|originally) (?:appeared (?:in|on|at)|published)))", re.IGNORECASE
)  # fmt: skip

_TERMINAL = re.compile(r"[.?!…:;][\"'”’»)\]]*$")
_WORD = re.compile(r"[^\W\d_]{4,}")
_ADDRESSED = re.compile(r"\b(?:[Yy]ou|[Yy]our|[Oo]ur|us|[Ww]e)\b")  # "US" is a country
_SAID = re.compile(
    r",\s*(?!(?:which|who|that|what|as|and|because)\b)(?:[\w.'’-]+\s+){0,8}?(?:said|says|told(?! us| you)|asked|added|wrote|warned|replied|argued)\b[^.?!]{0,80}\.?$"
)  # behind what is said
_STOP = re.compile(r"[.?!…]")
_CUT_SHORT = re.compile(r"(?:\.\.\.|…)[\"”’)\]]*$")
_QUOTE = re.compile(r"^[\"“‘'«„]")
_CRUMBS = re.compile(r"\s[|>·•/»]\s|^\[[^\]]+\](?:\s*\[[^\]]+\])+$")
_BULLET = re.compile(r"^[•*–-]\s+\S")
_NOTICE_WORDS, _NOTICE_LENGTH = (
    20,
    300,
)  # and characters of a line of the law, at most: a longer one may have the article glued to it
_ENDS = (
    20  # closing lines of a page at which is asked whether the article is over: each costs a look at all that follows
)
_NEAR = 4  # paragraphs from a summary to its copy, at most
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
        start, end = match.start(), match.start() + len(match[0].rstrip())
        cut = _glued(text[start:end])
        for low, high in ((start, start + cut), (start + cut, end)) if cut else ((start, end),):
            stripped = text[low:high].strip()
            low += len(text[low:high]) - len(text[low:high].lstrip())
            yield Paragraph(low, low + len(stripped), stripped)


def _glued(text: str) -> int:
    """Where in a paragraph of prose a closing line begins that is glued to its end; 0 if there is none."""
    for match in _GLUED.finditer(text, max(0, len(text) - _NOTICE_LENGTH)):
        prose = len(text[: match.start()].split(None, _PROSE)) >= _PROSE
        if prose and len(text[match.end() :].split()) <= _NOTICE_WORDS:
            return 0 if _CLOSER.search(text) else match.start()
    return 0


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
    for reason, pattern in _ANYWHERE:
        if (match := pattern.search(text)) and not ((words > _LONG or match.start() > 0) and _is_sentence(text)):
            return reason
    if _CRUMBS.search(text) and not _TERMINAL.search(text) and words <= 25:
        return "navigation"
    if not re.search(r"[^\W_]", text):
        return "no words"
    return ""


def _is_sentence(text: str) -> bool:
    """Whether words of furniture merely stand in a sentence, or a long one in any case, and are not addressed to the reader.

    What stands in quotation marks, or is said by somebody, is not.
    """
    own = _unquoted(text)
    plain = len(text.split()) >= _PROSE and not _ADDRESSED.search(own)
    return bool(_TERMINAL.search(text) and (plain or _SAID.search(own)))


def _unquoted(text: str) -> str:
    """A paragraph with a comma for each quotation; one that opens with a mark and closes it nowhere is all quotation."""
    quoted, unpaired = quoted_spans([(0, text)])
    if unpaired and _QUOTE.search(text):
        return ","
    for start, end in reversed(quoted):
        text = f"{text[:start]},{text[end:]}"
    return text


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
    """What stands twice, once; and teasers, whose summary stands once behind their headline and once alone.

    An article's own lead may stand so too, behind a place or the word "Summary", or cut short: one copy is its, the other is set aside.
    Only where two such summaries come in a row, behind prose of the article or before its title, are they teasers of other stories.
    """
    seen: set[str] = set()
    marked = list(paragraphs)
    pairs: list[tuple[int, int]] = []
    plain = [_plain(p.text) for p in paragraphs]
    for i, p in enumerate(paragraphs):
        if len(plain[i]) < 20:
            continue
        if plain[i] in seen:
            marked[i] = _aside(p, REPEATED)
        seen.add(plain[i])
        around = range(max(0, i - _NEAR), min(i + _NEAR + 1, len(paragraphs)))
        near = [j for j in around if len(plain[j]) > len(plain[i])]
        whole = [j for j in near if plain[j].startswith(plain[i])]
        if whole and _CUT_SHORT.search(p.text):
            marked[i] = _aside(p, REPEATED if whole[0] < i else ANNOUNCED)
        elif _is_prose(p) and not _QUOTE.search(p.text) and p.role != TITLE:
            pairs += [(j, i) for j in near if j < i and paragraphs[j].role != TITLE and plain[j].endswith(plain[i])]
    for row in _rows(pairs, marked):
        teasers = len({plain[i] for _, i in row}) > 1
        for j, i in row:
            first, again = paragraphs[j].text, paragraphs[i].text
            ahead = first[: len(first) - len(again)]
            if teasers:
                marked[j], marked[i] = _aside(marked[j], TEASER), _aside(marked[i], TEASER)
            elif len(ahead.split()) >= _PROSE and _STOP.search(ahead):
                marked[i] = _aside(marked[i], REPEATED)  # a sentence of a paragraph that has others
            else:
                marked[j] = _aside(marked[j], ANNOUNCED)
    return marked


def _rows(pairs: list[tuple[int, int]], paragraphs: list[Paragraph]) -> Iterable[list[tuple[int, int]]]:
    """Pairs in a row, that is, without prose of the article's own between them; there is none before the article has begun."""
    title = next((at for at, p in enumerate(paragraphs) if p.role == TITLE), -1)
    members = set(itertools.chain.from_iterable(pairs))
    own = [at for at, p in enumerate(paragraphs) if at not in members and _is_own(p)] if pairs else []
    rows: dict[object, list[tuple[int, int]]] = {}
    for j, i in pairs:
        begun = bisect(own, j) > 0 or i < title
        rows.setdefault((bisect(own, j), bisect(own, i), i < title) if begun else i, []).append((j, i))
    return rows.values()


def _is_own(paragraph: Paragraph) -> bool:
    return paragraph.role == BODY and _is_prose(paragraph) and not _furniture(paragraph)


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
    told = judged = asked = 0  # words of the article so far, when it was last asked whether it is over, and how often
    reason = ""
    for i, p in enumerate(paragraphs):
        ends = False
        if not reason and told > judged and asked < _ENDS and _CLOSER.search(p.text):
            judged, asked, ends = told, asked + 1, _is_end(paragraphs[i + 1 :], body, told)
        if p.role != BODY and not (p.role == ASIDE and p.reason in (LABEL, AFTER_END)):
            marked.append(p)
            if p.reason == TEASER and body:
                reason = OTHER_STORIES
            elif ends:
                reason = AFTER_END
            continue
        if body and _opens_list(p):
            reason = OTHER_STORIES
        elif ends:
            reason = AFTER_END
        elif reason and (_resumes(p, body) or _resumes_together(paragraphs[i : i + 2], body)):
            reason = ""
        if reason:
            marked.append(replace(p, role=ASIDE, reason=reason))
        elif len(p.text.split()) <= _NOTICE_WORDS and _NOTICE.search(p.text):
            marked.append(_aside(p, LEGAL))
        else:
            marked.append(p)
            if p.role == BODY and _is_prose(p):
                body |= _vocabulary(p.text)
                told += len(p.text.split())
    return marked


def _opens_list(paragraph: Paragraph) -> bool:
    heading = len(paragraph.text.split()) <= _HEADING and not re.search(r",|\.$", paragraph.text)
    return heading and bool(_LIST_OPENER.search(paragraph.text))


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


def _is_end(rest: list[Paragraph], body: set[str], told: int) -> bool:
    """Whether the article of so many words is over at a line that may close it: little prose follows, and it is strange to the article.

    A short body has too few words to tell by them what is its own: where half as much or more follows, nothing is over.
    """
    words = resuming = 0
    for p in itertools.takewhile(lambda p: not _opens_list(p), rest):
        if p.role == BODY and _is_prose(p):
            words += len(p.text.split())
            resuming += _resumes(p, body)
        if 2 * words >= told or resuming > 1:
            return False
    return True
