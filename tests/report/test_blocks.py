"""Blocks: numbers as promised, text as text, the same bytes for the same drawing."""

import base64
import json
import re
import warnings
from datetime import date

import lxml.html
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from samples import HOSTILE, SCRIPTS

from framing.errors import ReportError
from framing.report import blocks
from framing.report.templating import asset


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.123, -0.456, np.nan], ["0.12", "−0.46", "–"]),
        ([-0.001, 0.0], ["0.00", "0.00"]),
        ([np.inf, -np.inf], ["∞", "−∞"]),
        ([3, -4], ["3", "−4"]),
        (pd.array([3, None], dtype="Int64"), ["3", "–"]),
        ([True, False], ["yes", "no"]),
        (pd.array([True, None], dtype="boolean"), ["yes", "–"]),
        (pd.to_datetime(["2031-03-03", None]), ["2031-03-03", "–"]),
        (pd.to_datetime(["2031-03-03 09:30", "2031-03-04 00:00"]), ["2031-03-03 09:30", "2031-03-04"]),
        ([date(2031, 3, 3), None], ["2031-03-03", "–"]),
        (["NA", "0012", None], ["NA", "0012", "–"]),
        (["-5 seats", "- x"], ["-5 seats", "- x"]),
        ([1, 2.5, "x"], ["1", "2.50", "x"]),
    ],
)
def test_cells_are_written_as_promised(values, shown):
    frame = pd.DataFrame({"a": values})
    assert [row[0] for row in blocks.table(frame, caption="c").rows] == shown


def test_numbers_stand_right_and_text_left():
    mixed = pd.Series([1, None], dtype=object)
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, 1], "mixed": mixed, "b": [True, False], "t": ["a", "1"]})
    spec = blocks.table(frame, caption="c").spec()
    assert [c["align"] for c in spec["columns"]] == ["right", "right", "right", "left", "left"]


def test_digits_labels_and_highlight():
    frame = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0]})
    spec = blocks.table(frame, caption="c", labels={"c": "Third", "a": "First"}, digits=1, highlight="a").spec()
    assert spec["columns"] == [
        {"label": "Third", "align": "right", "strong": False},
        {"label": "First", "align": "right", "strong": True},
    ]
    assert spec["rows"] == [["3.0", "1.0"]]


def test_a_part_of_the_rows_states_its_rule():
    frame = pd.DataFrame({"a": range(340)})
    spec = blocks.table(frame, caption="c", limit=20, note="All of them: tables/a.csv.").spec()
    assert spec["note"] == "First 20 of 340 rows. All of them: tables/a.csv."
    assert (len(spec["rows"]), spec["rows_total"]) == (20, 340)
    assert blocks.table(frame, caption="c", limit=340, note="n").spec()["note"] == "n"


def test_a_cell_may_lead_to_an_article():
    frame = pd.DataFrame({"n": [1, 2, 3], "t": [blocks.OfArticle("One", "a"), "Two", blocks.OfArticle("Three", "c")]})
    spec = blocks.table(frame, caption="c", limit=2).spec()
    assert spec["rows"] == [["1", "One"], ["2", "Two"]]
    assert spec["articles"] == [["", "a"], ["", ""]]
    assert blocks.read_block(spec).spec() == spec


def test_an_empty_table_keeps_its_columns():
    spec = blocks.table(pd.DataFrame({"a": [], "b": []}), caption="c").spec()
    assert (len(spec["columns"]), spec["rows"], spec["rows_total"]) == (2, [], 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": {"z": "Z"}}, r"no column \['z'\]; it has \['a'\]"),
        ({"highlight": "z"}, r"no column \['z'\]"),
        ({"digits": -1}, "`digits` must be >= 0"),
        ({"limit": 0}, "`limit` >= 1"),
    ],
)
def test_table_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        blocks.table(pd.DataFrame({"a": [1]}), caption="c", **options)


def test_table_refuses_repeated_columns():
    with pytest.raises(ValueError, match="repeats a column name"):
        blocks.table(pd.DataFrame([[1, 2]], columns=["a", "a"]), caption="c")


def test_a_figure_is_the_same_twice_and_is_closed(ax):
    one = blocks.figure(ax, name="a-figure", caption="c", alt="a line")
    two = blocks.figure(ax, name="a-figure", caption="c", alt="a line")
    assert one == two
    assert one.svg.startswith("<?xml")
    assert "<text" not in one.svg
    assert base64.b64decode(one.png).startswith(b"\x89PNG")
    assert not plt.fignum_exists(ax.figure.number), "an open figure would show twice in a notebook"


def test_figure_labels_are_literal_in_any_script(ax):
    ax.set_title("$\\frac{ " + " ".join(SCRIPTS.values()))
    ax.set_xticks([0, 1], labels=["$x$", "a _ b ^ $"])
    ax.set_xlabel("no font draws \U00012345")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "<svg" in blocks.figure(ax, name="f", caption="c", alt="a").svg


@pytest.mark.parametrize("options", [{"alt": "  "}, {"name": "../x"}, {"name": "A b"}, {"name": ""}])
def test_figure_refuses(ax, options):
    with pytest.raises(ValueError, match=r"`alt`|`name`"):
        blocks.figure(ax, **({"name": "f", "caption": "c", "alt": "a"} | options))


def test_blank_lines_make_paragraphs():
    assert blocks.paragraph("one\n still one\n\n\ntwo\n").paragraphs == ("one still one", "two")


def test_paragraph_refuses_an_unknown_kind():
    with pytest.raises(ValueError, match="text, notice, quote"):
        blocks.paragraph("x", kind="shout")


def an_article(**changes):
    passages = [{"text": "One.", "role": "plain"}, {"text": "Two.", "role": "for", "value": "-0.5", "voice": "quoted"}]
    article = {"document_id": "0012", "title": "T", "outlet": "NA", "facts": [("axis", "-0.2")], "passages": passages}
    return article | changes


def test_evidence_fills_in_what_was_left_out():
    spec = blocks.evidence([an_article()], caption="c", rule="r", total=3).spec()
    (article,) = spec["articles"]
    assert (article["document_id"], article["outlet"], article["url"]) == ("0012", "NA", "")
    assert article["facts"] == [["axis", "−0.2"]]
    assert article["passages"][1] == {
        "text": "Two.", "role": "for", "value": "−0.5", "voice": "quoted", "reason": "", "break": False, "gap": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("articles", "total", "message"),
    [
        ([an_article(passages=[{"text": "x", "role": "maybe"}])], 1, "`role` must be one of"),
        ([an_article(passages=[{"text": "x", "role": "for", "voice": "me"}])], 1, "`voice` must be one of"),
        ([{"passages": []}], 1, "no `document_id`"),
        ([an_article()], 0, "`total` is 0"),
    ],
)
def test_evidence_refuses(articles, total, message):
    with pytest.raises(ValueError, match=message):
        blocks.evidence(articles, caption="c", rule="r", total=total)


def test_anchors_are_readable_and_never_meet():
    anchors = {blocks.article_anchor(x) for x in ("a b", "a-b", "../a/b", "", "日本", "x" * 300, "CON", "<script>")}
    assert len(anchors) == 8
    assert all(len(a) < 60 and a.replace("-", "").isalnum() and a.isascii() for a in anchors)
    assert blocks.article_anchor("a b").startswith("article-a-b-")


def every_block(ax, text="text"):
    article = an_article(title=text, outlet=text, document_id=text, url=text)
    return [
        blocks.table(pd.DataFrame({text: [text, text]}), caption=text, limit=1, note=text),
        blocks.figure(ax, name="f", caption=text, alt=text),
        blocks.paragraph(text, kind="notice"),
        blocks.facts({text: text}, caption=text),
        blocks.evidence([article], caption=text, rule=text, total=2),
    ]


def test_a_spec_is_json_and_makes_the_same_block_again(ax):
    for block in every_block(ax):
        spec = block.spec()
        assert json.loads(json.dumps(spec, allow_nan=False)) == spec
        again = blocks.read_block(spec)
        assert again.spec()["kind"] == spec["kind"]
        if not isinstance(block, blocks.TableBlock):
            assert again.spec() == spec
        else:
            assert again == block


@pytest.mark.parametrize("spec", [{}, {"kind": "other"}, {"kind": "table", "rows": 3}, {"kind": "figure", "alt": " "}])
def test_a_spec_of_another_form_is_refused(spec):
    with pytest.raises(ReportError, match="has not the form of a block"):
        blocks.read_block(spec)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_never_markup_in_a_notebook(ax, text):
    for block in every_block(ax, text):
        bundle = block._repr_mimebundle_(include=None, exclude=None)
        page = lxml.html.fromstring(f"<main>{bundle['text/html']}</main>")
        assert not page.xpath("//script | //svg | //*[@onerror or @onload] | //img[not(starts-with(@src, 'data:'))]")
        assert len(page.xpath("//style")) == 1
        assert " ".join(text.split()) in " ".join(page.text_content().split()) or text in page.xpath("//@alt")
        assert bundle[blocks.MIME] == block.spec()


def test_control_characters_and_surrogates_become_replacement_characters():
    assert blocks.paragraph("a\x00b\ud800c\x1bd\te").paragraphs == ("a\ufffdb\ufffdc\ufffdd e",)


def style_rules():
    """(selectors, declarations) of each rule that stands beside a block in a notebook."""
    text = re.sub(r"/\*.*?\*/", "", str(asset("blocks.css")), flags=re.DOTALL)
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        yield selectors, {k.strip(): v.strip() for k, _, v in (part.partition(":") for part in body.split(";")) if v}


def strength(selector):
    """(classes, elements) of a selector: of two rules for a cell the one with more wins."""
    return len(re.findall(r"\.[\w-]+|:[\w-]+(?!:)", selector)), len(re.findall(r"(?:^|[\s>])\w+", selector.strip()))


def test_cells_stand_as_the_block_has_them_against_the_style_of_jupyterlab():
    jupyterlab = (
        strength(":not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td")[0] - 1,
        1,
    )  # `:not` itself counts nothing
    aligned = [
        (selector.strip(), found["text-align"], strength(selector))
        for selectors, found in style_rules()
        if "text-align" in found
        for selector in selectors.split(",")
        if re.search(r"\bt[dh](\.right)?$", selector.strip())
    ]
    assert {(s.split()[-1], value) for s, value, _ in aligned} == {
        ("th", "left"), ("td", "left"), ("th.right", "right"), ("td.right", "right"),
    }  # fmt: skip
    left, right = ([each for _, value, each in aligned if value == side] for side in ("left", "right"))
    assert min(left) >= jupyterlab  # which stands before it in the page
    assert min(right) > max(left)


def test_text_can_be_read_on_the_background_of_any_theme():
    """A colour of our own stands on a background of our own; all else takes the theme's, or ours where there is none."""
    for selectors, found in style_rules():
        fixed = [
            name
            for name in found
            if name in ("color", "background") and "#" in found[name] and "var(" not in found[name]
        ]
        assert fixed in ([], ["background", "color"]) or selectors.strip().endswith("img"), selectors
