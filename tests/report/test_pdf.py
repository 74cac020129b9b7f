"""The PDF: article text printed literally, accessible, nothing cut, the same bytes twice."""

import io
import re

import pandas as pd
import pytest
from pypdf import PdfReader
from samples import HOSTILE, SCRIPTS, code, everything, evidence, markdown, stream

from framing.errors import ReportError
from framing.report import blocks, fonts, pdf
from framing.report.document import FrontMatter
from framing.report.pdf import render_pdf
from framing.study import Author


def read(document):
    return PdfReader(io.BytesIO(render_pdf(document)))


def squeeze(text):
    """Text without white space and soft breaks: where lines break is not what is tested."""
    return re.sub(r"[\s\u200b\u00a0]+", "", text)


def text_of(reader):
    return squeeze("".join(page.extract_text() for page in reader.pages))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printed_literally(document, ax, text):
    front = FrontMatter(text, text, (Author(text, text),), "2031-03-28", "en", text)
    reader = read(document(*everything(ax, text), front=front))
    assert text_of(reader).count(squeeze(text)) >= 20
    assert reader.metadata.title == text
    links = [a.get_object() for page in reader.pages for a in page.get("/Annots", ())]
    assert not [link for link in links if "/URI" in link.get("/A", {})]


def test_hostile_markdown_reads_no_file_and_runs_nothing(document):
    source = '# #read("/etc/passwd") T\n\n' + "\n\n".join(HOSTILE)
    formulas = '$#read("/etc/passwd")$ $\\input{/etc/passwd}$'
    raw = '```{=typst}\n#panic("ran")\n```\n\n`#panic("ran")`{=typst}'
    printed = text_of(read(document(markdown(source), markdown(formulas), markdown(raw), code(stream("the output")))))
    assert "root:x:0" not in printed
    assert squeeze('#read("/etc/passwd") T') in printed
    assert squeeze(r"\input{/etc/passwd}") in printed
    assert printed.count("theoutput") == 1


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_all_scripts_are_drawn(document, text):
    assert fonts.replace_undrawable(text) == (text, 0)
    cells = code(evidence(text), blocks.table(pd.DataFrame({"a": [text]}), caption=text))
    printed = text_of(read(document(cells)))
    assert "\ufffd" not in printed
    assert all(char in printed for char in squeeze(text).replace("\u200d", ""))


@pytest.mark.parametrize("text", [SCRIPTS[name] for name in ("chinese", "japanese", "korean", "combining", "hebrew")])
def test_text_can_be_copied_from_the_pdf(document, text):
    printed = text_of(read(document(code(blocks.paragraph(text)))))
    assert squeeze(text) in printed or squeeze(text)[::-1] in printed or SCRIPTS["hebrew"].split()[0] in printed


def test_what_no_font_draws_is_replaced_and_counted(document):
    drawn = fonts.replace_undrawable("a \U00012345 b\x01")
    assert drawn == ("a \ufffd b\ufffd", 2)
    printed = text_of(read(document(code(blocks.paragraph("odd \U00012345 and \U00012346"), stream("fine")))))
    assert squeeze("2 characters that no font of this report draws are printed as \ufffd") in printed
    assert "nofont" not in text_of(read(document(code(blocks.paragraph("even")))))


@pytest.mark.parametrize(
    "text",
    [
        "a\u0489\u093f",
        "\u0301",
        "x\n\u089f",
        "\u200d\U0001f3fd",
        "\ufeff\u2028",
        "\U0002f8c2",
        "a\u180f",
        "\uf8ff\ufe0f",
    ],
)
def test_odd_sequences_never_break_the_pdf(document, text):
    spec = blocks.paragraph("x").spec() | {"paragraphs": [text + "."]}
    assert render_pdf(document(code({blocks.MIME: spec}, stream(text + "."))))


def test_the_same_document_gives_the_same_bytes(document, ax):
    made = document(*everything(ax, "x"))
    assert render_pdf(made) == render_pdf(document(*everything(ax, "x")))


def test_title_contents_page_numbers_and_language(document, ax):
    cells = [markdown("# One\n\n## Two"), *everything(ax, "x"), markdown("# Three\n\nEnd.")]
    reader = read(document(*cells))
    first, last = reader.pages[0].extract_text(), reader.pages[-1].extract_text()
    count = len(reader.pages)
    assert count >= 2
    for wanted in (
        "A title",
        "A subtitle",
        "A. Author",
        "Institute of Examples",
        "B. Writer",
        "28 March 2031",
        "Contents",
    ):
        assert squeeze(wanted) in squeeze(first)
    assert squeeze("1.1 Two") in squeeze(first)
    assert f"1/{count}" in squeeze(first)
    assert f"{count}/{count}" in squeeze(last)
    assert squeeze("A title") in squeeze(last)
    assert reader.trailer["/Root"]["/Lang"].startswith("en")
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == ["1 One", "2 Section", "3 Three"]


def test_the_pdf_is_tagged_for_accessibility(document, ax):
    reader = read(document(*everything(ax, "x"), markdown("$\\frac{1}{n}$")))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags, texts = set(), set()

    def visit(node):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                visit(child)
        elif isinstance(node, dict):
            tags.add(node.get("/S"))
            texts.add(node.get("/Alt"))
            if "/K" in node:
                visit(node["/K"])

    visit(root["/StructTreeRoot"]["/K"])
    assert {"/Table", "/TH", "/TD", "/Figure", "/Caption", "/Formula", "/H1"} <= tags
    assert {"x", "\\frac{1}{n}"} <= texts


def test_a_long_table_repeats_its_head(document):
    frame = pd.DataFrame({"unmistakable": range(200)})
    printed = text_of(read(document(code(blocks.table(frame, caption="Long.")))))
    assert printed.count("unmistakable") >= 4
    assert squeeze("Table 1 Long.") in printed


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({f"column {i}": [1234.5] * 3 for i in range(40)}),
        pd.DataFrame({"a": ["w" * 400], "b": ["https://example.org/" + "y" * 300], "c": ["word " * 200]}),
        pd.DataFrame(
            {
                "title": ["A headline of some length on a matter of state " * 2] * 3,
                **{f"c{i}": [0.5] * 3 for i in range(9)},
            }
        ),
        pd.DataFrame({f"text {i}": ["日本語の長い文です" * 6] for i in range(4)}),
    ],
    ids=["many", "long words", "wrapping", "east asian"],
)
def test_nothing_of_a_wide_table_leaves_the_page(document, frame):
    reader = read(document(code(blocks.table(frame, caption="Wide."))))
    printed = text_of(reader)
    for column in frame:
        assert squeeze(column) in printed
    for page in reader.pages:
        left, right = edges(page)
        assert left > 60
        assert right < float(page.mediabox.width) - 50


def edges(page):
    """Where the page's text begins and, from the number of its characters, at least ends (in points)."""
    starts, ends = [], []

    def note(text, cm, tm, _font, size):
        if text.strip():
            start = tm[4] * cm[0] + cm[4]
            starts.append(start)
            ends.append(start + 0.4 * size * abs(tm[0] * cm[0]) * len(text.strip()))

    page.extract_text(visitor_text=note)
    return min(starts), max(ends)


def test_the_edges_of_a_page_would_be_seen(document, monkeypatch):
    monkeypatch.setattr(pdf, "break_long_words", lambda text: text)
    (_, page) = read(document(code(blocks.paragraph("w" * 400)))).pages
    assert edges(page)[1] > float(page.mediabox.width)


def test_layouts_fit_the_page():
    numbers = [["outlet", *(f"c{i}" for i in range(30))], ["Somewhere Daily", *["-123.45"] * 30]]
    layout = pdf.lay_out(numbers, [False] + [True] * 30)
    assert layout.turned
    assert len(layout.panels) > 1
    assert [panel.columns[0] for panel in layout.panels] == [0] * len(layout.panels)
    assert sorted({i for panel in layout.panels for i in panel.columns}) == list(range(31))
    assert all(sum(panel.widths) <= 708.5 for panel in layout.panels)
    small = pdf.lay_out([["a", "b"], ["x", "1"]], [False, True])
    assert (small.size, small.turned, len(small.panels)) == (8.5, False, 1)


def test_long_words_may_break_but_letters_stay_whole():
    assert pdf.break_long_words("a short text") == "a short text"
    broken = pdf.break_long_words("x" * 60)
    assert broken.replace("\u200b", "") == "x" * 60
    assert max(map(len, broken.split("\u200b"))) <= 12
    for whole in ("👨‍👩‍👧" * 20, "e\u0301" * 40, "ب" * 40):
        assert pdf.break_long_words(whole) == whole


def test_links_lead_to_the_web_only(document):
    cells = [markdown("[a](https://example.org/a) [b](javascript:x)"), code(evidence(url="https://example.org/b"))]
    links = [a.get_object()["/A"]["/URI"] for p in read(document(*cells)).pages for a in p.get("/Annots", ())]
    assert set(links) == {"https://example.org/a", "https://example.org/b"}


def test_a_title_leads_to_its_evidence_where_that_is_shown(document):
    titles = pd.DataFrame({"n": [1, 2, 3], "title": [blocks.OfArticle(x, x) for x in ("shown", "else", HOSTILE[0])]})
    cells = blocks.table(titles, caption="c"), evidence("shown"), evidence("shown"), evidence(HOSTILE[0])

    def inner(*cells):
        return [a.get_object() for p in read(document(code(*cells))).pages for a in p.get("/Annots", ())]

    assert len(inner(*cells)) == 2
    assert all("/URI" not in link.get("/A", {}) for link in inner(*cells))
    assert inner(cells[0]) == []


def test_what_typst_refuses_is_a_report_error(monkeypatch, document):
    monkeypatch.setattr(pdf, "asset", lambda _: "#panic()")
    with pytest.raises(ReportError, match="Typst cannot set the PDF: panicked"):
        render_pdf(document(markdown("# T")))
