"""Executed notebooks -> one document: what is shown, what is not, and how it is numbered."""

import json

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_notebook, new_output
from samples import code, markdown, stream

from framing.errors import ReportError
from framing.report import blocks
from framing.report.document import FrontMatter, Output, pandoc, read_document, sanitise, walk


def texts(document):
    return [item.shown.text for item in document.items if isinstance(item.shown, Output)]


def a_table(caption="c"):
    return blocks.table(pd.DataFrame({"a": [1]}), caption=caption)


def test_a_failed_cell_is_refused(document):
    error = new_output("error", ename="ValueError", evalue="no such column", traceback=[])
    with pytest.raises(ReportError, match=r"notebook\.ipynb, cell 2, failed with ValueError: no such column"):
        document(markdown("# T"), code(stream("fine"), error, tags=["remove-cell"]))


def test_a_broken_notebook_is_refused(tmp_path, front):
    (tmp_path / "x.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(ReportError, match=r"x\.ipynb is no notebook"):
        read_document([tmp_path / "x.ipynb"], front)


def test_streams_are_literal_and_stderr_is_not_shown(document):
    colours, progress = stream("\x1b[31m<b>red</b>\x1b[0m\n"), stream(" 1%\r100%\nend")
    made = document(code(colours, stream("more\n"), stream("warning", "stderr"), progress))
    assert texts(made) == ["<b>red</b>\nmore\n100%\nend"]


def test_code_and_tagged_cells_show_nothing(document):
    made = document(
        code(stream("secret"), tags=["parameters"]),
        code(stream("secret"), tags=["injected-parameters"]),
        code(stream("secret"), tags=["remove-cell"]),
        markdown("secret", "remove-cell"),
        code(stream("shown")),
    )
    assert texts(made) == ["shown"]
    assert "secret" not in json.dumps(made.tree)
    assert "hidden_source" not in json.dumps(made.tree)


def test_tables_and_figures_are_numbered_through_all_notebooks(tmp_path, front, ax):
    figure = blocks.figure(ax, name="one", caption="c", alt="a")
    for name, cells in {
        "a": [code(a_table(), figure)],
        "b": [code(blocks.paragraph("x"), blocks.facts({"k": "v"}, caption="c"), a_table())],
    }.items():
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    made = read_document([tmp_path / "a.ipynb", tmp_path / "b.ipynb"], front)
    assert [item.label for item in made.items] == ["Table 1", "Figure 1", "", "Table 2", "Table 3"]
    assert [figure.name for figure in made.figures] == ["one"]


def test_two_figures_of_one_name_are_refused(document, ax):
    figure = blocks.figure(ax, name="one", caption="c", alt="a")
    with pytest.raises(ReportError, match="two figures are called one"):
        document(code(figure, figure))


def test_the_inline_backends_echo_of_a_figure_is_left_out(document, ax):
    figure = blocks.figure(ax, name="one", caption="c", alt="a")
    made = document(code(figure, {"image/png": "AAAA", "text/plain": "<Figure>"}))
    assert len(made.items) == 1


def test_a_picture_without_description_is_named_as_left_out(document):
    (item,) = document(code({"image/png": "AAAA", "text/plain": "<Figure>"})).items
    assert "A picture without a description was left out" in str(item.shown)


def test_progress_bars_are_not_shown(document):
    bar = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "0%"}
    assert document(code(bar)).items == ()


def test_headings_are_numbered_and_no_level_is_skipped(document):
    made = document(markdown("# A\n\n### Deep\n\n## B"), markdown("# A\n\n## B *b*"))
    assert [(h.level, h.number, h.anchor, h.text) for h in made.headings] == [
        (1, "1", "section-1", "A"),
        (2, "1.1", "section-1-1", "Deep"),
        (2, "1.2", "section-1-2", "B"),
        (1, "2", "section-2", "A"),
        (2, "2.1", "section-2-1", "B b"),
    ]


def test_links_lead_to_the_web_and_to_headings_only(document):
    source = (
        "# A b\n\n[1](#a-b) [2](#nowhere) [3](https://example.org/x) [4](mailto:a@example.org)\n\n"
        "[5](javascript:alert(1)) [6](data:text/html,x) [7](file:///etc/passwd) [8](../x) [9](JavaScript:x)\n\n"
        "[10](//example.org) ![11](x.png) ![12](https://example.org/a.png)"
    )
    made = document(markdown(source))
    targets = [link["c"][2][0] for link in walk(made.tree, "Link")]
    assert targets == ["#section-1", "https://example.org/x", "mailto:a@example.org"]
    assert not list(walk(made.tree, "Image", "Figure"))
    strings = [node["c"] for node in walk(made.tree, "Str")]
    assert {str(n) for n in range(1, 13)} <= set(strings)


def test_raw_markup_is_dropped_and_no_cell_reaches_into_the_next(document):
    made = document(
        markdown("<script>alert(1)</script>\n\n<b onclick='x'>bold</b>\n\n<!-- open"),
        markdown("```{=typst}\n#panic()\n```\n\n```{=html}\n<script>\n```"),
        markdown("```python\nnever closed"),
        markdown("::: {.framing #x onclick=y}\nin\n:::\n\n[s]{onclick=y} `c`{=html}"),
        code(stream("out")),
        markdown("# Last\n\nText[^1].\n\n[^1]: Note."),
    )
    raws = [node["c"] for node in walk(made.tree, "RawBlock", "RawInline")]
    assert raws == [["framing", "0"]]
    assert made.headings[-1].text == "Last"
    assert len(list(walk(made.tree, "Note"))) == 1
    html = pandoc(json.dumps(made.tree), "--from", "json", "--to", "html5")
    assert "onclick=" not in html.replace("onclick=y", "")


def test_rich_html_keeps_its_structure_and_nothing_that_acts():
    frame = pd.DataFrame({"a": ["<i>x</i>"]})
    dirty = (
        frame.to_html()
        + "<script>alert(1)</script><style>*{}</style><img src=http://evil.example/x.png><a href='javascript:x'>l</a>"
        + "<iframe src=x></iframe><p onclick=x style='position:fixed' id=text class=skip>p</p><svg onload=x></svg>"
    )
    clean = sanitise(dirty)
    assert "<td>&lt;i&gt;x&lt;/i&gt;</td>" in clean
    assert "<p>p</p>" in clean
    for bad in ("script", "alert", "style", "img", "javascript", "iframe", "onclick", "svg", "id=", "class="):
        assert bad not in clean


@pytest.mark.parametrize(("field", "value"), [("date", "28 March"), ("date", "2031-02-30"), ("language", 'en"]')])
def test_front_matter_is_checked(front, field, value):
    with pytest.raises(ReportError, match=field):
        FrontMatter(**{**vars(front), field: value})


def test_a_failing_pandoc_is_reported():
    with pytest.raises(ReportError, match="--from json"):
        pandoc("{", "--from", "json", "--to", "html5")
