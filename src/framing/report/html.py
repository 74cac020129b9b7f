"""One document -> one self-contained HTML page: no script, no request, article text only as text."""

import json
import re
from typing import Any

from markupsafe import Markup

from framing.report.blocks import EvidenceBlock, TableBlock, article_anchor
from framing.report.document import PLACE, Document, Item, Output, pandoc
from framing.report.templating import asset, environment

_PLACEHOLDER = re.compile(r"<!--framing-output-(\d+)-->")


def render_html(document: Document) -> str:
    """Render the page; the same document gives the same text.

    Raises
    ------
    ReportError
        If pandoc fails.
    """
    taken: set[str] = set()
    shown = set(document.articles)
    outputs = [_render_item(item, taken, shown) for item in document.items]
    pieces = _PLACEHOLDER.split(_body(document))
    body = "".join(outputs[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces))
    return environment().get_template("page.html.j2").render(
        front=document.front, headings=document.headings, css=asset("blocks.css") + asset("page.css"),
        body=Markup(body),  # made by pandoc and our templates
    )  # fmt: skip


def _body(document: Document) -> str:
    """The Markdown's HTML, with a comment in the place of each output (pandoc escapes what looks like one in text)."""
    blocks = [
        {"t": "RawBlock", "c": ["html", f"<!--framing-output-{block['c'][1]}-->"]}
        if block["t"] == "RawBlock" and block["c"][0] == PLACE
        else block
        for block in document.tree["blocks"]
    ]
    # The page's title is its only heading of the first level.
    options = ("--from", "json", "--to", "html5", "--mathml", "--wrap", "none", "--shift-heading-level-by", "1")
    return pandoc(json.dumps({**document.tree, "blocks": blocks}), *options)


def _render_item(item: Item, taken: set[str], shown: set[str]) -> str:
    context: dict[str, Any] = {"label": item.label, "anchor": item.anchor, "anchors": [], "targets": []}
    if isinstance(item.shown, Output):
        html = Markup(item.shown.html)  # sanitised when the notebook was read
        return environment().get_template("output.html.j2").render(text=item.shown.text, html=html)
    if isinstance(item.shown, EvidenceBlock):
        context["anchors"] = [_unique(article_anchor(a["document_id"]), taken) for a in item.shown.articles]
    if isinstance(item.shown, TableBlock):
        context["targets"] = [[article_anchor(a) if a in shown else "" for a in row] for row in item.shown.articles]
    return environment().get_template("item.html.j2").render(block=item.shown.spec(), **context)


def _unique(anchor: str, taken: set[str]) -> str:
    """The anchor itself for an article's first evidence, with a number for further ones."""
    unique, n = anchor, 1
    while unique in taken:
        n += 1
        unique = f"{anchor}-{n}"
    taken.add(unique)
    return unique
