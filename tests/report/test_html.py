"""The page: one file, no script, no request, all text literal."""

import re

import lxml.html
import pandas as pd
import pytest
from samples import HOSTILE, SCRIPTS, code, everything, evidence, markdown, stream

from framing.bidi import isolated
from framing.report import blocks
from framing.report.document import FrontMatter
from framing.report.html import render_html
from framing.study import Author


def parse(document):
    return lxml.html.document_fromstring(render_html(document))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_literal(document, ax, text):
    front = FrontMatter(text, text, (Author(text, text),), "2031-03-28", "en", text)
    page = parse(document(*everything(ax, text), front=front))
    assert not page.xpath("//script | //iframe | //object | //embed | //form | //svg | //link | //base | //*[@srcset]")
    assert not [name for name in page.xpath("//@*/../@*") if getattr(name, "attrname", "").startswith("on")]
    assert len(page.xpath("//style")) == 1
    assert len(page.xpath("//details")) == 1
    assert all(src.startswith("data:image/") for src in page.xpath("//@src"))
    assert all(href.startswith("#") for href in page.xpath("//@href"))
    shown = " ".join(page.find("body").text_content().split())
    assert shown.count(" ".join(text.split())) >= 20
    assert text in page.xpath("//img/@alt")


def test_no_attribute_of_the_page_is_an_event(document, ax):
    page = parse(document(*everything(ax, HOSTILE[1])))
    attributes = {name for element in page.iter() for name in element.attrib}
    assert attributes
    assert not {name for name in attributes if name.startswith("on")}


def test_hostile_markdown_does_nothing(document):
    source = "\n\n".join(["# <script>alert(1)</script> T", *HOSTILE, "$\\href{javascript:alert(1)}{x}$ $<script>$"])
    page = parse(
        document(markdown(source), markdown("```{=html}\n<script>alert(2)</script>\n```"), code(stream("out")))
    )
    assert not page.xpath("//script | //*[local-name()='svg'] | //*[@onerror or @onload]")
    assert [pre.text for pre in page.xpath("//pre[@dir]")] == ["out"]
    assert not [href for href in page.xpath("//@href") if not href.startswith("#")]


def test_the_page_forbids_requests_and_scripts(document):
    (policy,) = parse(document(markdown("# T"))).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "script-src" not in rules


def test_style_and_templates_fetch_nothing(document, ax):
    html = render_html(document(*everything(ax, "x")))
    assert not re.search(r"url\(|@import|@font-face", html)


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS)
def test_all_scripts_survive(document, ax, text):
    assert render_html(document(*everything(ax, text))).count(text) >= 15


def test_the_same_document_gives_the_same_page(document, ax):
    made = document(*everything(ax, "x"))
    assert render_html(made) == render_html(document(*everything(ax, "x")))


def test_tables_are_tables(document):
    frame = pd.DataFrame({"outlet": ["A"], "mean": [-0.5]})
    labels = {"outlet": "Outlet", "mean": "Mean"}
    block = blocks.table(frame, caption="Means.", labels=labels, highlight="mean", note="A note.")
    page = parse(document(code(block)))
    assert page.xpath("normalize-space(//table/caption)") == "Table 1 Means."
    assert page.xpath("//thead//th[@scope='col']/text()") == ["Outlet", "Mean"]
    assert page.xpath("//tbody//th[@scope='row']/text()") == ["A"]
    assert page.xpath("//tbody//td[contains(@class, 'right strong')]/text()") == ["−0.50"]
    assert page.xpath("//div[@id='table-1']/p[@class='note']/text()") == ["A note."]


def test_figures_have_text_and_caption(document, ax):
    page = parse(document(code(blocks.figure(ax, name="f", caption="A line.", alt="It falls."))))
    (figure,) = page.xpath("//figure[@id='figure-1']")
    assert figure.xpath("img/@alt") == ["It falls."]
    assert figure.xpath("img/@src")[0].startswith("data:image/svg+xml;base64,")
    assert figure.xpath("normalize-space(figcaption)") == "Figure 1 A line."


def test_evidence_marks_its_passages(document):
    page = parse(document(code(evidence("The words.", document_id="chatbot-01", url="https://example.org/a?b=1&c=2"))))
    (details,) = page.xpath("//details")
    assert details.get("id") == blocks.article_anchor("chatbot-01")
    assert details.xpath("normalize-space(.//mark[@class='for'])") == "▲ +0.62 quoted The words."
    assert details.xpath("normalize-space(.//mark[@class='against'])") == "▼ −0.40 Against it."
    assert details.xpath("normalize-space(.//span[@class='aside'])") == "Sign in. [sign-in prompt]"
    assert len(details.xpath(".//div[@class='body']/p[@dir]")) == 2
    assert details.xpath(".//span[@class='gap']/text()") == ["[…]"]
    assert details.xpath(".//a/@href") == ["https://example.org/a?b=1&c=2"]
    assert "1 of 5 articles: The words." in page.text_content()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "file:///x", "//x.org", " https://x", "https://a b"],
)
def test_other_addresses_are_shown_and_not_linked(document, url):
    page = parse(document(code(evidence(url=url))))
    assert not page.xpath("//details//a")
    assert " ".join(url.split()) in page.text_content()


def test_one_article_in_two_places_has_two_ids(document):
    page = parse(document(code(evidence("x"), evidence("x"))))
    ids = page.xpath("//details/@id")
    assert ids == [blocks.article_anchor("x"), blocks.article_anchor("x") + "-2"]


def test_a_sentence_has_the_direction_of_its_own_words(document):
    name = SCRIPTS["arabic"]
    blocks_ = (
        blocks.paragraph(f"{isolated(name)} lies closest."),
        blocks.paragraph(f"{name}."),
        blocks.paragraph("Words."),
    )
    page = parse(document(code(*blocks_)))
    assert page.xpath("//div[contains(@class, 'text')]/p/@dir") == ["ltr", "rtl", "ltr"]


def test_overrides_of_the_direction_are_shown_nowhere(document, ax):
    page = parse(document(*everything(ax, "\u202eEvil\u2067 Post")))
    shown = "".join(each.text_content() for each in page.xpath("//*[contains(@class, 'framing-block')]"))
    assert not set("\u202e\u2067") & set(shown)
    assert shown.count("Evil Post") >= 15


TITLES = pd.DataFrame(
    {"outlet": ["A", "B", "C"], "title": [blocks.OfArticle(x, x) for x in ("shown", "else", HOSTILE[0])]}
)


def test_a_title_leads_to_its_evidence_where_that_is_shown(document):
    cells = blocks.table(TITLES, caption="c"), evidence("shown"), evidence("shown"), evidence(HOSTILE[0])
    page = parse(document(code(*cells)))
    assert page.xpath("//td//a/text()") == ["shown", HOSTILE[0]]
    leads = [page.xpath(f"//*[@id='{href[1:]}']")[0] for href in page.xpath("//td//a/@href")]
    assert [each.tag for each in leads] == ["details", "details"]
    assert leads == [page.xpath("//details")[0], page.xpath("//details")[2]]
    assert page.xpath("//td[text()='else']")


def test_where_no_evidence_is_shown_no_title_is_a_link(document):
    assert not parse(document(code(blocks.table(TITLES, caption="c")))).xpath("//td//a")
    assert "<a " not in blocks.table(TITLES, caption="c")._repr_mimebundle_()["text/html"]


def test_article_text_has_its_own_direction(document):
    page = parse(document(code(evidence(SCRIPTS["arabic"]))))
    assert page.xpath("//div[@class='body']/p/@dir")[0] == "rtl"


def test_contents_and_headings(document, front):
    page = parse(document(markdown("# One\n\n## Two & <three>\n\n### Four"), markdown("# Five")))
    assert page.get("lang") == "en"
    assert [re.sub(r"\s+", " ", a.text_content()) for a in page.xpath("//nav//a")] == ["1 One", "1.1 Two & ", "2 Five"]
    targets = page.xpath("//nav//a/@href")
    assert [page.xpath(f"//*[@id='{target[1:]}']")[0].tag for target in targets] == ["h2", "h3", "h2"]
    assert [h.tag for h in page.xpath("//h1|//h2|//h3|//h4")] == ["h1", "h2", "h3", "h4", "h2"]
    assert page.xpath("//a[@class='skip']/@href") == ["#" + page.xpath("//main/@id")[0]]
    assert page.xpath("//time/text()") == ["28 March 2031"]
    assert front.authors[0].affiliation in page.text_content()


def test_formulas_are_mathml(document):
    page = parse(document(markdown("$\\bar{s} = \\frac{1}{n}$")))
    assert page.xpath("//*[local-name()='math']//*[local-name()='mfrac']")


def test_rich_output_is_shown_without_its_script(document):
    page = parse(
        document(code({"text/html": "<table><tr><td>1</td></tr></table><script>x</script>", "text/plain": "1"}))
    )
    assert page.xpath("//div[@class='rich']//td/text()") == ["1"]
    assert not page.xpath("//script")
