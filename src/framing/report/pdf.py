"""One document -> one PDF through Typst: accessible (PDF/UA-1), article text only as data.

The text of the Markdown cells goes through pandoc's Typst writer; everything else stands in a JSON file that our own
template reads, so that nothing in it can be Typst markup.
"""

import json
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from framing.bidi import direction, isolated
from framing.errors import ReportError
from framing.report import fonts
from framing.report.blocks import article_anchor
from framing.report.document import PLACE, Document, Item, Node, Output, pandoc, walk
from framing.report.templating import asset, by_paragraph, is_web

# Inner width of an A4 page in points, upright and turned, as templates/report.typ sets its margins.
_UPRIGHT, _TURNED = 462.0, 708.0
_TYPE_SIZES = (8.5, 7.5, 6.8)
_CHARACTER = 0.58  # mean width of a character in units of the type size, on the wide side
_PADDING = 10.0  # of a cell, left and right together
_LONG_WORD = 24
# Where a line of a cell may end: at spaces, and beside Chinese, Japanese and Korean characters.
_BREAKS = re.compile(r"[\s\u200b\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]+")


def render_pdf(document: Document) -> bytes:
    """Render the PDF; the same document gives the same bytes.

    Characters that no font of `fonts` draws are printed as U+FFFD, and the last line says how many.

    Raises
    ------
    ReportError
        If pandoc or Typst fails.
    """
    printer = _Printer(frozenset(document.articles))
    front = document.front
    data: dict[str, Any] = {
        "front": {
            "title": printer.text(front.title), "subtitle": printer.text(front.subtitle),
            "study": printer.text(front.study), "date": front.long_date,
            "authors": [[printer.text(a.name), printer.text(a.affiliation)] for a in front.authors],
        },
        # What readers show as the document's name, without the soft breaks of what is printed.
        "name": front.title, "names": [a.name for a in front.authors],
        "language": front.language.split("-")[0].lower(),
        "region": next((part.lower() for part in front.language.split("-")[1:] if len(part) == 2), None),
        "fonts": {"serif": [fonts.SERIF, fonts.SANS, *fonts.SCRIPTS], "sans": [fonts.SANS, *fonts.SCRIPTS]},
        "items": [printer.item(item) for item in document.items],
    }  # fmt: skip
    body, data["formulas"] = _body(document, printer)
    data["lost"] = printer.lost
    return _compile(f"{asset('report.typ')}\n{body}\n#closing\n", json.dumps(data), front.date)


def _compile(source: str, data: str, day: str) -> bytes:
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    with tempfile.TemporaryDirectory() as empty:
        root = Path(empty)
        (root / "report.typ").write_text(source, encoding="utf-8")
        (root / "data.json").write_text(data, encoding="utf-8")
        try:
            pdf: bytes = typst.compile(
                root / "report.typ", root=root, font_paths=_fonts(), ignore_system_fonts=True, format="pdf",
                timestamp=noon, pdf_standards=["ua-1"], package_path=root, package_cache_path=root,
            )  # fmt: skip
        except typst.TypstError as error:
            raise ReportError(f"Typst cannot set the PDF: {error.message}") from error
    return pdf


@cache
def _fonts() -> typst.Fonts:
    folders = sorted({path.parent for path in fonts.font_files()})
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _body(document: Document, printer: "_Printer") -> tuple[str, list[str]]:
    """The Markdown as Typst, calling `item(n)` for each output; and the TeX of its formulas, their alternative text."""
    tree = deepcopy(document.tree)
    for block in tree["blocks"]:
        if block["t"] == "RawBlock" and block["c"][0] == PLACE:
            block["c"] = ["typst", f"#item({block['c'][1]})"]
    for node in walk(tree["blocks"], "Str"):
        node["c"] = printer.text(node["c"])
    for node in walk(tree["blocks"], "Code", "CodeBlock", "Math"):
        node["c"][1] = printer.drawn(node["c"][1])
    formulas: list[str] = []
    for node in list(walk(tree["blocks"], "Math")):
        opening: Node = {"t": "RawInline", "c": ["typst", f"#formula({len(formulas)})["]}
        formulas.append(node["c"][1])
        node.update(t="Span", c=[["", [], []], [opening, dict(node), {"t": "RawInline", "c": ["typst", "]"]}]])
    return pandoc(json.dumps(tree), "--from", "json", "--to", "typst", "--wrap", "none"), formulas


class _Printer:
    """Makes text and blocks printable, and counts the characters that were lost on the way.

    `shown` are the ids of the articles whose evidence the report shows: cells may lead there.
    """

    def __init__(self, shown: frozenset[str]) -> None:
        self.lost = 0
        self._shown = shown
        self._placed: set[str] = set()

    def drawn(self, text: str) -> str:
        """The text with U+FFFD for what no font draws."""
        text, lost = fonts.replace_undrawable(text)
        self.lost += lost
        return text

    def text(self, text: str) -> str:
        """The text as it is printed: drawable, and long words free to break."""
        return break_long_words(self.drawn(text))

    def item(self, item: Item) -> dict[str, Any]:
        """What the template needs to set an output."""
        if isinstance(item.shown, Output):
            return {"kind": "output", "text": self.text(item.shown.text)}
        spec = item.shown.spec()
        made: dict[str, Any] = {
            "kind": spec["kind"], "label": item.label, "caption": self.text(spec["caption"]),
        }  # fmt: skip
        match spec["kind"]:
            case "table":
                rows = [[self.text(cell) for cell in row] for row in spec["rows"]]
                targets = [[article_anchor(a) if a in self._shown else "" for a in row] for row in spec["articles"]]
                columns = [{**column, "label": self.text(column["label"])} for column in spec["columns"]]
                layout = lay_out([[c["label"] for c in columns], *rows], [c["align"] == "right" for c in columns])
                made |= {
                    "note": self.text(spec["note"]), "size": layout.size, "turned": layout.turned,
                    "panels": [
                        {"widths": panel.widths, "columns": [columns[i] for i in panel.columns],
                         "rows": [[[row[i], to[i]] for i in panel.columns] for row, to in zip(rows, targets, strict=True)]}
                        for panel in layout.panels
                    ],
                }  # fmt: skip
            case "figure":
                made |= {"svg": spec["svg"], "alt": spec["alt"]}
            case "paragraph":
                made |= {"style": spec["style"], "paragraphs": [self._directed(p) for p in spec["paragraphs"]]}
            case "facts":
                made["pairs"] = [[self.text(name), self.text(value)] for name, value in spec["pairs"]]
            case "evidence":
                made |= {
                    "rule": self.text(spec["rule"]), "total": spec["total"],
                    "articles": [self._article(article) for article in spec["articles"]],
                }  # fmt: skip
        return made

    def _article(self, article: dict[str, Any]) -> dict[str, Any]:
        anchor = article_anchor(article["document_id"])
        first = anchor not in self._placed  # Typst takes no label twice
        self._placed.add(anchor)
        return {
            "anchor": anchor if first else "",
            "id": self.text(article["document_id"]),
            "title": self._directed(article["title"] or article["document_id"]),
            "source": [
                self.text(isolated(part)) for part in (article["outlet"] or "unknown", article["published"]) if part
            ],
            "facts": [[self.text(isolated(name)), self.text(value)] for name, value in article["facts"]],
            "address": self.text(article["url"]),
            "link": article["url"] if is_web(article["url"]) else "",
            "paragraphs": [self._paragraph(group) for group in by_paragraph(article["passages"])],
        }

    def _paragraph(self, passages: Sequence[Any]) -> dict[str, Any]:
        return {
            "dir": direction(" ".join(p["text"] for p in passages)),
            "passages": [
                {**p, **{key: self.text(p[key]) for key in ("text", "value", "reason")}} for p in passages
            ],
        }  # fmt: skip

    def _directed(self, text: str) -> dict[str, str]:
        return {"dir": direction(text), "text": self.text(text)}


def break_long_words(text: str) -> str:
    """Put a zero-width space after every 12th character of words that no line could hold."""
    return re.sub(rf"\S{{{_LONG_WORD + 1},}}", lambda word: "".join(_breakable(word[0])), text)


def _breakable(word: str) -> Iterator[str]:
    since = 0
    for char, following in zip(word, word[1:] + " ", strict=True):
        yield char
        since += 1
        # Never inside a letter with its marks, a joined emoji, or a script whose letters join.
        if since >= 12 and all(c.isascii() or unicodedata.category(c) in ("Ll", "Lu", "Nd") for c in (char, following)):
            yield "\u200b"
            since = 0


@dataclass(frozen=True)
class Panel:
    """Columns of a table that stand side by side, with their widths in points."""

    columns: list[int]
    widths: list[float]


@dataclass(frozen=True)
class Layout:
    """How a table fits the page: type size in points, on a turned page or not, in one or more panels."""

    size: float
    turned: bool
    panels: list[Panel]


def lay_out(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> Layout:
    """Fit a table to the page: first as it is, then wrapped, then smaller, then turned, then in several panels.

    Parameters
    ----------
    rows : sequence of rows of text, the headings first
    numeric : sequence of bool
        Whether a column holds numbers, whose cells never wrap (their heading may).
    """
    natural, least = _column_widths(rows, numeric)
    everything = list(range(len(numeric)))
    for turned, page in ((False, _UPRIGHT), (True, _TURNED)):
        for size in _TYPE_SIZES:
            if _points(natural, size) <= page:
                return Layout(size, turned, [Panel(everything, _scaled(natural, size))])
            # A wrapped column is readable while it has some air.
            if _points(least, size) <= page * (0.8 if size > _TYPE_SIZES[-1] else 1):
                return Layout(size, turned, [Panel(everything, _shared(natural, least, size, page))])
    size = _TYPE_SIZES[-1]
    panels = []
    for columns in _groups(least, size, _TURNED):
        chosen = [natural[i] for i in columns], [least[i] for i in columns]
        fits = _points(chosen[0], size) <= _TURNED
        panels.append(Panel(columns, _scaled(chosen[0], size) if fits else _shared(*chosen, size, _TURNED)))
    return Layout(size, True, panels)


def _column_widths(rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> tuple[list[int], list[int]]:
    """In characters: what each column wants, and what it needs when its text wraps at spaces."""
    natural, least = [], []
    for i, is_number in enumerate(numeric):
        heading, cells = rows[0][i], [row[i] for row in rows[1:]]
        words = (word for cell in (heading, *cells) for word in _BREAKS.split(cell))
        longest_word = max(map(_width, words))
        widest = max(map(_width, ["", *cells]))
        needed = max(longest_word, widest) if is_number else longest_word
        natural.append(max(needed, widest, min(_width(heading) + 1, 24)))  # headings are bold
        least.append(max(needed, 3))
    return natural, least


def _width(text: str) -> int:
    """Width in characters; East Asian ones count double, marks not at all."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else unicodedata.category(char) not in ("Mn", "Me", "Cf")
        for char in text
    )


def _points(widths: Sequence[float], size: float) -> float:
    return sum(_scaled(widths, size))


def _scaled(widths: Sequence[float], size: float) -> list[float]:
    return [width * _CHARACTER * size + _PADDING for width in widths]


def _shared(natural: Sequence[int], least: Sequence[int], size: float, page: float) -> list[float]:
    """The page's width, shared out by what each column wants beyond what it needs."""
    needed = _scaled(least, size)
    if sum(needed) > page:  # words that nothing can break; better close than cut
        return [width * page / sum(needed) for width in needed]
    wanted = [min(n, 8 * m + 20) - m for n, m in zip(natural, least, strict=True)]
    spare = (page - sum(needed)) / max(sum(wanted), 1)
    return [width + spare * want for width, want in zip(needed, wanted, strict=True)]


def _groups(least: Sequence[int], size: float, page: float) -> list[list[int]]:
    """Columns in panels that fit; each panel repeats the first column."""
    groups, current = [], [0]
    for i in range(1, len(least)):
        if len(current) > 1 and _points([least[j] for j in [*current, i]], size) > page:
            groups.append(current)
            current = [0]
        current.append(i)
    return [*groups, current]
