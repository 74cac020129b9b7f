"""Executed notebooks -> one document, from which both the page and the PDF are made.

Markdown cells become one pandoc syntax tree (pandoc runs as a separate program, without access to files or network);
outputs become blocks, and stand in the tree as raw nodes of the format `PLACE`, which nothing else in it can be.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import nh3
import pypandoc

from framing.errors import ReportError
from framing.report.blocks import MIME, Block, EvidenceBlock, FigureBlock, ParagraphBlock, paragraph, read_block
from framing.report.templating import is_web
from framing.study import Author

PLACE = "framing"

HIDDEN_TAGS = frozenset({"parameters", "injected-parameters", "remove-cell"})

Node = dict[str, Any]

_MARKDOWN = "ipynb+footnotes+definition_lists"
_NUMBERED = {"table": "Table", "facts": "Table", "figure": "Figure"}
_SECONDS = 120
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WIDGET = "application/vnd.jupyter.widget-view+json"
_RICH_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h3", "h4", "h5", "h6",
    "hr", "i", "li", "mark", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_RICH_ATTRIBUTES = {
    "*": {"dir", "lang"}, "a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"},
}  # fmt: skip


@dataclass(frozen=True)
class FrontMatter:
    """What stands before the first section.

    `date` is an ISO date, `language` a BCP 47 tag ("en"), `study` the short name in the running head.
    """

    title: str
    subtitle: str
    authors: tuple[Author, ...]
    date: str
    language: str
    study: str

    def __post_init__(self) -> None:
        try:
            date.fromisoformat(self.date)
        except ValueError as error:
            raise ReportError(f"the report's date must be like 2031-03-28, but is {self.date!r}.") from error
        if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", self.language):
            raise ReportError(f"the report's language must be a tag like en or pt-BR, but is {self.language!r}.")

    @property
    def long_date(self) -> str:
        """The date as people write it: 28 March 2031."""
        day = date.fromisoformat(self.date)
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True)
class Heading:
    """A section: `level` 1 is the highest, `number` is like 2.1, `anchor` its id in the page."""

    level: int
    number: str
    anchor: str
    text: str


@dataclass(frozen=True)
class Output:
    """An output that is no block: literal text, and sanitised HTML for the page where there is any."""

    text: str
    html: str = ""


@dataclass(frozen=True)
class Item:
    """An output in its place; `label` is "Table 2" or "Figure 1", empty for what is not numbered."""

    shown: Block | Output
    label: str = ""

    @property
    def anchor(self) -> str:
        """The id in the page: table-2, or empty."""
        return self.label.lower().replace(" ", "-")


@dataclass(frozen=True)
class Document:
    """A report's front matter, its text as a pandoc tree, and its outputs by their place in the tree."""

    front: FrontMatter
    tree: Node
    headings: tuple[Heading, ...]
    items: tuple[Item, ...]

    @property
    def figures(self) -> tuple[FigureBlock, ...]:
        """The figures in the order of the report, to be saved under their names."""
        return tuple(item.shown for item in self.items if isinstance(item.shown, FigureBlock))

    @property
    def articles(self) -> tuple[str, ...]:
        """Ids of the articles whose evidence is shown, in the order of the report, each once."""
        blocks = (item.shown for item in self.items if isinstance(item.shown, EvidenceBlock))
        return tuple(dict.fromkeys(article["document_id"] for block in blocks for article in block.articles))


def read_document(notebooks: Sequence[Path], front: FrontMatter) -> Document:
    """Read executed notebooks into one document, in the order given.

    Code is not shown, nor what a cell writes to stderr, nor the outputs of cells tagged as in `HIDDEN_TAGS`. Raw HTML,
    pictures and links other than http, https, mailto and to headings are taken out of Markdown cells; their text stays.

    Raises
    ------
    ReportError
        If a notebook cannot be read, has a failed cell, two figures share a name, or pandoc fails.
    """
    parts: list[str | Item] = [part for path in notebooks for part in _parts(path)]
    texts = iter(_markdown_blocks([part for part in parts if isinstance(part, str)]))
    blocks: list[Node] = []
    items: list[Item] = []
    for part in parts:
        if isinstance(part, str):
            blocks += next(texts)
        else:
            blocks.append({"t": "RawBlock", "c": [PLACE, str(len(items))]})
            items.append(part)
    blocks, headings = _number_headings(blocks)
    tree = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks}
    document = Document(front, tree, headings, _label(items))
    names = [figure.name for figure in document.figures]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ReportError(f"two figures are called {', '.join(repeated)}; give each figure a name of its own.")
    return document


def pandoc(source: str, *arguments: str) -> str:
    """Run pandoc on `source` with these arguments, without access to files or network.

    Raises
    ------
    ReportError
        If pandoc fails or does not end.
    """
    command = [pypandoc.get_pandoc_path(), "--sandbox", *arguments]
    try:
        done = subprocess.run(command, input=source.encode("utf-8"), capture_output=True, check=True, timeout=_SECONDS)
    except subprocess.CalledProcessError as error:
        raise ReportError(f"pandoc {' '.join(arguments)}: {error.stderr.decode('utf-8', 'replace').strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise ReportError(f"pandoc {' '.join(arguments)} did not end within {_SECONDS} seconds.") from error
    return done.stdout.decode("utf-8")


def _parts(path: Path) -> Iterator[str | Item]:
    """Sources of the Markdown cells and the outputs of the code cells, in their order."""
    try:
        notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # nbformat raises what its parsers raise
        raise ReportError(f"{path} is no notebook that can be read: {error}") from error
    for number, cell in enumerate(notebook.cells, start=1):
        hidden = not HIDDEN_TAGS.isdisjoint(cell.metadata.get("tags", ()))
        if cell.cell_type == "markdown" and not hidden:
            yield cell.source
        elif cell.cell_type == "code":
            for output in cell.outputs:
                if output.output_type == "error":
                    raise ReportError(f"{path}, cell {number}, failed with {output.ename}: {output.evalue}")
            if not hidden:
                yield from _items(cell.outputs)


def _items(outputs: Iterable[Any]) -> Iterator[Item]:
    """The outputs of one cell as a report shows them."""
    printed = ""
    outputs = list(outputs)
    described = any(MIME in output.get("data", ()) for output in outputs)
    for output in outputs:
        if output.output_type == "stream":
            printed += output.text if output.name == "stdout" else ""
            continue
        if printed.strip():
            yield Item(Output(_plain(printed)))
        printed = ""
        shown = _shown(output.data, described=described)
        if shown is not None:
            yield Item(shown)
    if printed.strip():
        yield Item(Output(_plain(printed)))


def _shown(data: Mapping[str, Any], *, described: bool) -> Block | Output | None:
    if MIME in data:
        return read_block(data[MIME])
    if _WIDGET in data:  # a progress bar
        return None
    if any(name.startswith("image/") for name in data):
        # Next to a figure block it is the same drawing once more, put there by the inline backend.
        return None if described else _UNDESCRIBED
    text = _plain(data.get("text/plain", ""))
    if "text/html" in data:
        return Output(text, sanitise(data["text/html"]))
    return Output(text) if text.strip() else None


_UNDESCRIBED: ParagraphBlock = paragraph(
    "A picture without a description was left out here. Show it with framing.report.blocks.figure, which asks for one.",
    kind="notice",
)


def sanitise(html: str) -> str:
    """Rich HTML reduced to text structure: no script, style, picture, class, id or event; links to the web only."""
    return nh3.clean(
        html, tags=_RICH_TAGS, attributes=_RICH_ATTRIBUTES, url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow", strip_comments=True,
    )  # fmt: skip


def _plain(text: str) -> str:
    """Terminal output as it reads: no escape sequences, and of a line that was overwritten its last state."""
    text = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text).replace("\r\n", "\n")
    text = re.sub(r"^.*\r(?!$)", "", text, flags=re.MULTILINE)
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", text.replace("\r", "")).strip("\n")


def _markdown_blocks(cells: Sequence[str]) -> list[list[Node]]:
    """The cleaned blocks of each Markdown cell; no cell can reach into another."""
    source = {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {},
        "cells": [{"cell_type": "markdown", "id": f"c{i}", "metadata": {}, "source": c} for i, c in enumerate(cells)],
    }  # fmt: skip
    divs = json.loads(pandoc(json.dumps(source), "--from", _MARKDOWN, "--to", "json"))["blocks"]
    if len(divs) != len(cells):
        raise ReportError(f"pandoc made {len(divs)} parts of {len(cells)} Markdown cells.")
    return [_clean(div["c"][1]) for div in divs]


def _clean(node: Any) -> Any:
    """The node without raw markup, pictures, foreign links and attributes; headings keep their id."""
    if isinstance(node, list):
        if _is_attributes(node):
            return ["", [], []]
        return [kept for child in node for kept in (_clean_node(child) if _is_node(child) else [_clean(child)])]
    if isinstance(node, dict):
        return {key: _clean(value) for key, value in node.items()}
    return node


def _clean_node(node: Node) -> list[Node]:
    """What stands in the place of a node: itself, its content, or nothing."""
    kind: str = node["t"]
    content: Any = node.get("c")
    if kind in ("RawBlock", "RawInline"):
        return []
    if kind == "Image":
        return list(_clean(content[1]))
    if kind == "Figure":
        return list(_clean(content[1][1]))
    if kind == "Link" and not re.match(r"#|mailto:", content[2][0]) and not is_web(content[2][0]):
        return list(_clean(content[1]))
    if kind == "Header":
        level, (anchor, _, _), text = content
        return [{"t": "Header", "c": [level, [anchor, [], []], _clean(text)]}]
    return [{key: _clean(value) for key, value in node.items()}]


def _is_node(value: Any) -> bool:
    return isinstance(value, dict) and "t" in value


def _is_attributes(value: list[Any]) -> bool:
    """Whether this is pandoc's (id, classes, pairs)."""
    return len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], list) and isinstance(value[2], list)


def _number_headings(blocks: list[Node]) -> tuple[list[Node], tuple[Heading, ...]]:
    """Give headings numbers and ids of their own, let no level be skipped, and point links to headings at them."""
    headings: list[Heading] = []
    anchors: dict[str, str] = {}
    counters: list[int] = []
    for header in walk(blocks, "Header"):
        level = min(header["c"][0], len(counters) + 1)
        counters = [*counters[:level], *([0] * (level - len(counters)))]
        counters[level - 1] += 1
        number = ".".join(map(str, counters))
        heading = Heading(level, number, "section-" + number.replace(".", "-"), text_of(header["c"][2]))
        anchors.setdefault(header["c"][1][0], heading.anchor)
        header["c"][:2] = [level, [heading.anchor, [], [["number", number]]]]
        headings.append(heading)
    for link in walk(blocks, "Link"):
        target = link["c"][2][0]
        if target.startswith("#"):
            if target[1:] in anchors:
                link["c"][2][0] = "#" + anchors[target[1:]]
            else:
                link.update(t="Span", c=link["c"][:2])
    return blocks, tuple(headings)


def walk(node: Any, *kinds: str) -> Iterator[Node]:
    """All nodes of these kinds below `node`, in the order of the text."""
    if isinstance(node, list):
        for child in node:
            yield from walk(child, *kinds)
    elif isinstance(node, dict):
        if node.get("t") in kinds:
            yield node
        for child in list(node.values()):
            yield from walk(child, *kinds)


def text_of(inlines: Any) -> str:
    """The text of inline nodes, without markup and footnotes."""
    if isinstance(inlines, list):
        return "".join(map(text_of, inlines))
    if not isinstance(inlines, dict) or inlines["t"] == "Note":
        return ""
    if inlines["t"] in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if inlines["t"] in ("Str", "Code", "Math"):
        return str(inlines["c"] if inlines["t"] == "Str" else inlines["c"][1])
    return text_of(inlines.get("c"))


def _label(items: Sequence[Item]) -> tuple[Item, ...]:
    """Number tables and figures through the whole document."""
    counts = {"Table": 0, "Figure": 0}
    labelled = []
    for item in items:
        name = _NUMBERED.get(getattr(item.shown, "kind", ""), "")
        if name:
            counts[name] += 1
        labelled.append(Item(item.shown, f"{name} {counts[name]}" if name else ""))
    return tuple(labelled)
