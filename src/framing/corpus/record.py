"""One article as a source gives it, before anything is normalised."""

import ast
import json
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from framing.errors import CorpusError, did_you_mean

# What publishers and exports call the columns of DOCUMENTS, compared by `folded`. The first that is filled is taken; other columns stay as they are.
# A `source` may be a database or an address: what names the publication itself stands before it.
ALIASES = {
    "document_id": ("document_id", "doc_id", "id", "article_id"),
    "outlet": (
        "outlet", "publication", "publication_name", "publication_title", "newspaper", "source_name", "source_title",
        "source_hostname", "site_name", "media_name", "source", "publisher", "media", "source_url", "source_domain",
        "hostname", "domain",
    ),
    "title": ("title", "headline", "article_title", "web_title"),
    "published": (
        "published", "date", "publication_date", "published_at", "pub_date", "publish_date", "date_published",
        "published_date", "date_publish", "web_publication_date", "seen_date",
    ),
    "url": ("url", "link", "article_url", "web_url"),
    "language": ("language", "lang"),
    "text": (
        "text", "full_text", "main_text", "article_text", "body_text", "fields.body_text", "plain_text", "body",
        "content.rendered", "content", "article",
    ),
    "story_id": ("story_id",),
    "origin": ("origin", "agency"),
}  # fmt: skip
_NAMES = ("name", "title")  # of an object that stands where a label is expected
_SEVERAL = ("language", "origin")  # of which an article may have more than one
_LONGEST_OBJECT = 2_000  # characters
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_ADDRESS = re.compile(r"https?://(?:www\.)?(?P<host>[^/\s?#:@]+)(?::\d+)?(?P<path>/\S*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """Fields of one article as strings (missing: ""), where it came from, and why it cannot be read if it cannot."""

    source: str  # file, and line or row where there are several
    fallback_id: str  # "" if only the text can name the article
    fields: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    trouble: str = ""
    # Columns of the source that may have given the id: what an error names.
    id_columns: tuple[str, ...] = field(default=(), compare=False)


def folded(name: str) -> str:
    """A column's name as it is compared: `Publication Date`, `publication_date` and `publicationDate` are one."""
    return re.sub(r"[\W_]+", "", name.casefold())


_FOLDED = {ours: tuple(map(folded, names)) for ours, names in ALIASES.items()}
KNOWN = frozenset(name for names in _FOLDED.values() for name in names)


def check_columns(columns: Mapping[str, str]) -> None:
    """Refuse a setting `columns` (their name: ours) that names what DOCUMENTS do not take, or the same twice.

    Raises
    ------
    CorpusError
        With what is allowed and, where one is near, what may be meant.
    """
    for theirs, ours in columns.items():
        if ours not in ALIASES:
            raise CorpusError(
                f"`columns`, {theirs!r}: one of {list(ALIASES)} is allowed; got {ours!r}{did_you_mean(ours, ALIASES)}"
            )
    if twice := sorted({ours for ours in columns.values() if list(columns.values()).count(ours) > 1}):
        raise CorpusError(f"`columns`: only one column each can be {twice}; got {dict(columns)}.")


def check_present(where: object, columns: Mapping[str, str], present: Iterable[str]) -> None:
    """Refuse a setting `columns` that names a column which the source has not."""
    present = list(present)
    for theirs in columns:
        if theirs not in present:
            raise CorpusError(
                f"{where} has no column {theirs!r}, which `columns` names; it has {present}{did_you_mean(theirs, present)}"
            )


def candidates(present: Sequence[str], columns: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Which of a source's columns may stand for each of ours, the likeliest first: {ours: [theirs, ...]}.

    What `columns` (their name: ours) says goes before every guess: such a column stands for nothing else, and beside it only a column
    of our own name is looked at.
    """
    columns = columns or {}
    by_name: dict[str, list[str]] = {}
    for column in present:
        if column not in columns:
            by_name.setdefault(folded(column), []).append(column)
    told = {ours: theirs for theirs, ours in columns.items()}
    found = {}
    for ours, names in _FOLDED.items():
        guessed = [column for name in (names[:1] if ours in told else names) for column in by_name.get(name, ())]
        if either := [column for column in present if column == told.get(ours)] + guessed:
            found[ours] = either
    return found


def canonical(columns: list[str]) -> dict[str, str]:
    """Which of a source's columns stands for which of ours: {theirs: ours}."""
    return {theirs[0]: ours for ours, theirs in candidates(columns).items()}


def text_of(row: Mapping[str, object], columns: Sequence[str]) -> str:
    """The text of an article: of the cells that may be it, the likeliest first, the first string that is filled; "" if none is.

    A number in a column that is not the likeliest counts something (`article`: 17) and is no text, and an object whose member may be the
    text (`content.rendered`) is none either.

    Raises
    ------
    ValueError
        If no string is filled, but there is what may be the text in another form, such as a list of paragraphs.
    """
    for column in columns:
        cell = row[column]
        if isinstance(cell, str) and cell.strip() and (column == columns[0] or not _NUMBER.fullmatch(cell.strip())):
            return cell
    for column in columns:
        cell = row[column]
        parent = any(other.startswith(f"{column}.") for other in columns)
        if not isinstance(cell, str) and not parent and (column == columns[0] or isinstance(cell, (dict, list))):
            raise ValueError(f"the article's text is of the kind {type(cell).__name__}; one string is expected")
    return ""


def named(row: Mapping[str, str], choice: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The cells of a row under our names, of those that may stand for one of ours (see `candidates`) the first that is filled.

    An object is its name or title. An address that stands for the outlet is the article's, if it has no other, and its host the outlet, if
    nothing else says which. Of languages and agencies there may be several: "en, fr". The other columns stay as they are, and so does one
    that holds what is no label; in a column of our own name that is taken as it stands, but for the outlet, by which articles are compared.

    Raises
    ------
    ValueError
        If a column named `outlet` holds an object that is no label.
    """
    fields: dict[str, str] = {}
    kept = set(row) - {theirs[0] for theirs in choice.values()} - set(ALIASES)
    address = ""
    for ours, columns in choice.items():
        if ours == "text":
            fields[ours] = text_of(row, columns)
            continue
        labels = []
        for column in columns:
            label = _label(row[column], joined=ours in _SEVERAL)
            if label is None and column != ours:
                kept.add(column)
            elif label is None and ours == "outlet":
                raise ValueError(f"{ours!r} is {row[column][:60]!r}; a text, or an object with a name is expected")
            elif label is None:
                labels.append(row[column])
            elif label.strip():
                labels.append(label)
        if ours == "outlet":
            address, labels = _apart(labels)
        fields[ours] = labels[0] if labels else ""
    if address and not fields.get("url"):
        fields["url"] = address
    return fields | {column: cell for column, cell in row.items() if column in kept}


def _label(cell: str, *, joined: bool) -> str | None:
    """A cell as a label: of an object its name, its title or its only value, None if it has none of these; of several all, if `joined`.

    JSON holds such objects, and tables made from it their JSON or their form in Python.
    """
    bare = cell.strip()
    if (bare[:1], bare[-1:]) not in (("{", "}"), ("[", "]")) or len(bare) > _LONGEST_OBJECT:
        return cell
    try:
        value = json.loads(bare)
    except (ValueError, RecursionError):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = ast.literal_eval(bare)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return cell
    # A list of numbers is a title such as "[2031]" as well.
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, (str, dict)) for v in value)):
        return _told(value, joined)
    return cell


def _told(value: object, joined: bool) -> str | None:
    if isinstance(value, dict):
        for name in _NAMES:
            if name in value:
                return _told(value[name], joined)
        if len(value) > 1:
            return None
        value = list(value.values())
    if isinstance(value, list):
        if len(value) < 2:
            return _told(value[0], joined) if value else ""
        told = [_told(each, joined) for each in value] if joined else [None]
        return None if None in told else ", ".join(filter(None, told))
    return "" if value is None else str(value)


def _apart(labels: list[str]) -> tuple[str, list[str]]:
    """The first address of an article (not of a home page) among the labels of an outlet, and the labels: names first, then hosts."""
    found = {label: _ADDRESS.fullmatch(label.strip()) for label in labels}
    address = next((match[0] for match in found.values() if match and (match["path"] or "/") != "/"), "")
    hosts = [match["host"].lower() for match in found.values() if match]
    return address, [label for label, match in found.items() if not match] + hosts
