"""The page in a real browser: no dialog, no request, nothing wider than the window."""

import os

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest
from chromium import Chromium, find_chromium
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from framing.report import blocks
from framing.report.document import Author, FrontMatter, read_document
from framing.report.html import render_html

EXECUTABLE = find_chromium()

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(EXECUTABLE is None or os.name == "nt", reason="no Chromium on this machine"),
]

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src="http://127.0.0.1:9/x.png" onerror="alert(2)">',
    "</style></details></main><svg onload=alert(3)>",
    "javascript:alert(4)",
    "<iframe srcdoc='<script>parent.alert(5)</script>'></iframe>",
    "<style>@import 'http://127.0.0.1:9/x.css';</style>",
    "unbroken" * 60,
    "مرحبا بالعالم 日本語 👨‍👩‍👧",
)
RICH = "<b>rich</b><img src='http://127.0.0.1:9/y.png' onerror='alert(6)'><script>alert(7)</script>" + ATTACKS[4]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    started = Chromium(EXECUTABLE, tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


def cell(*outputs) -> NotebookNode:
    shown = [new_output("display_data", data=o if isinstance(o, dict) else o._repr_mimebundle_()) for o in outputs]
    return new_code_cell("x = 1", outputs=shown)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    _, ax = plt.subplots(figsize=(9, 3))
    ax.set_title(ATTACKS[0])
    articles = [
        {"document_id": text, "title": text, "outlet": text, "published": text, "url": text, "facts": [[text, text]],
         "passages": [{"text": text, "role": role, "value": "+0.50", "reason": text} for role in ("for", "against", "aside")]}
        for text in ATTACKS
    ]  # fmt: skip
    wide = pd.DataFrame({f"{text[:12]} {i}": [text, "x"] for i, text in enumerate(ATTACKS)})
    cells = [
        new_markdown_cell("# Section\n\n" + "\n\n".join(ATTACKS) + "\n\n$\\frac{1}{n}$\n\n| a | b |\n|--|--|\n| c | d |"),
        cell(
            blocks.table(wide, caption=ATTACKS[0]),
            blocks.table(pd.DataFrame({f"c{i}": [1234.5] for i in range(30)}), caption="Wide."),
            blocks.figure(ax, name="f", caption=ATTACKS[1], alt=ATTACKS[1]),
            blocks.facts({text: text for text in ATTACKS}, caption=ATTACKS[2]),
            blocks.paragraph("\n\n".join(ATTACKS), kind="notice"), blocks.paragraph("\n\n".join(ATTACKS), kind="quote"),
            blocks.evidence(articles, caption=ATTACKS[0], rule=ATTACKS[1], total=9),
            {"text/html": RICH, "text/plain": "rich"}, {"text/plain": "\n".join(ATTACKS)},
        ),
    ]  # fmt: skip
    plt.close("all")
    nbformat.write(new_notebook(cells=cells), folder / "n.ipynb")
    front = FrontMatter(ATTACKS[0], ATTACKS[6], (Author(ATTACKS[1], ATTACKS[2]),), "2031-03-28", "en", ATTACKS[0])
    path = folder / "page.html"
    path.write_text(render_html(read_document([folder / "n.ipynb"], front)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1400, 400])
def test_the_page_stays_inside_the_window_and_does_nothing(browser, page, width):
    seen = browser.open(page, width=width)
    opened = browser.evaluate(
        "const all = document.querySelectorAll('details'); all.forEach(d => d.open = true); all.length"
    )
    assert opened == len(ATTACKS)
    assert browser.evaluate("window.innerWidth") == width
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    outside = browser.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1"
        " && !e.closest('.scroll, pre, .rich, math, main > table')).map(e => e.tagName + '.' + e.className).join(' ')"
    )
    assert outside == ""
    assert browser.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert browser.evaluate("document.images.length") == 1
    assert seen.requests == [page.as_uri()]
    assert seen.dialogs == []
    assert seen.errors == []


def test_an_open_page_would_be_noticed(browser, tmp_path):
    """The control: without escaping and policy, dialog, request and width are all seen."""
    bad = tmp_path / "bad.html"
    bad.write_text(ATTACKS[0] + ATTACKS[1].removeprefix('">') + f"<p>{ATTACKS[6]}</p>", encoding="utf-8")
    seen = browser.open(bad, width=400)
    assert browser.evaluate("document.documentElement.scrollWidth") > 400
    assert "1" in seen.dialogs
    assert "http://127.0.0.1:9/x.png" in seen.requests
