"""How many articles a file holds: databases write many into one, and a page may carry several whole ones."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Lines that a database writes once an article.
_ONCE = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^End of Document\s*$",
        r"^Document (?!\d+ of )\w{20,}\s*$",
        r"^Document \d+ of \d+\s*$",
        r"^[ \t]*\d+ of \d+ DOCUMENTS?\s*$",
        r"^(?i:load-date)[ \t]*:",
    )
)
_RULE = re.compile(r"^_{20,}[ \t]*$", re.MULTILINE)  # between articles whose fields are named
_FIELD = re.compile(r"^(?:full text|[\w ]{0,20}\bdocument ID)[ \t]*:", re.MULTILINE | re.IGNORECASE)

_MARKED = re.compile(r"<article\b|\bclass\s*=\s*[\"']?[^\"'>]{0,200}?\barticle\b", re.IGNORECASE)
_ARTICLE = "(self::article or self::div[contains(concat(' ', normalize-space(@class), ' '), ' article ')])"
_BESIDE = "(self::nav or self::aside or self::footer or contains(@class, 'comment') or contains(@id, 'comment'))"
_ARTICLES = f"//*[{_ARTICLE}][not(ancestor::*[{_ARTICLE}])][not(ancestor-or-self::*[not(self::body) and {_BESIDE}])]"
_ONE = "//meta[(@property='og:type' and @content='article') or @property='article:published_time']"
_TEXTS = ".//text()[not(ancestor::script or ancestor::style)]"
_PROSE, _BRIEF = 8, 20  # words of a piece of text that is prose, and of prose in an article, at least


def articles_in_text(text: str) -> int:
    """How many articles a plain text holds, by the lines that databases write about each; 1 where there are none."""
    marked = max(len(pattern.findall(text)) for pattern in _ONCE)
    divided = sum(bool(_FIELD.search(part)) for part in _RULE.split(text))
    return max(1, marked, divided)


def articles_in_page(markup: str) -> int:
    """How many articles a web page holds: those marked as such that are about as long as the longest.

    Cards of other articles are shorter, or stand beside an article that is not marked; comments are none. A page that says of itself that it
    is an article is one, whatever was loaded below it.
    """
    if sum(1 for _ in _MARKED.finditer(markup)) < 2:
        return 1
    import trafilatura  # takes most of a second, which only web pages are worth

    tree = trafilatura.load_html(markup)
    if tree is None or tree.xpath(_ONE):
        return 1
    lengths = [_words(article) for article in tree.xpath(_ARTICLES)]
    longest = max(lengths, default=0)
    whole = sum(2 * length >= max(longest, 2 * _BRIEF) for length in lengths)
    return whole if whole > 1 and _words(tree) - sum(lengths) <= longest else 1


def _words(element: "HtmlElement") -> int:
    """Words of an element's prose."""
    counts = (len(str(text).split()) for text in element.xpath(_TEXTS))
    return sum(count for count in counts if count >= _PROSE)
