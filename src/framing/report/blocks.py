"""What a notebook shows and a report prints: tables, figures, paragraphs, facts and evidence.

Each block is data. A notebook output carries it three times: as `MIME` for the report, as HTML for JupyterLab and
as a line of text. Text in a block is text, never markup.
"""

import base64
import hashlib
import io
import json
import math
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, TypedDict, cast, get_args

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.text import Text
from pandas.api import types

from framing.bidi import settled
from framing.errors import ReportError
from framing.report import fonts
from framing.report.templating import asset, environment

MIME = "application/vnd.framing.block+json"

MISSING = "–"
MINUS = "−"

ParagraphKind = Literal["text", "notice", "quote"]
Role = Literal["for", "against", "plain", "aside"]
Voice = Literal["outlet", "quoted", "unknown"]

Passage = TypedDict(
    "Passage",
    {"text": str, "role": Role, "value": str, "voice": Voice, "reason": str, "break": bool, "gap": bool},
)


class Article(TypedDict):
    """An article of an evidence block, with what is shown of it in the order of its text."""

    document_id: str
    title: str
    outlet: str
    published: str
    url: str
    facts: list[list[str]]
    passages: list[Passage]


@dataclass(frozen=True)
class _Block:
    kind: ClassVar[str]
    caption: str

    def spec(self) -> dict[str, Any]:
        """The block as JSON-native values, with its `kind`."""
        spec: dict[str, Any] = json.loads(json.dumps({"kind": self.kind, **asdict(self)}, allow_nan=False))
        return spec

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        spec = self.spec()
        page = environment().get_template("notebook.html.j2").render(block=spec, css=asset("blocks.css"))
        return {MIME: spec, "text/html": page, "text/plain": str(self)}

    def __str__(self) -> str:
        return f"[{self.kind}] {self.caption}"


@dataclass(frozen=True)
class Column:
    """A column of a table block; `strong` sets it in bold."""

    label: str
    align: Literal["left", "right"]
    strong: bool = False


@dataclass(frozen=True)
class OfArticle:
    """A cell's text that leads to the evidence of an article, where the report shows it."""

    text: str
    document_id: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class TableBlock(_Block):
    """A table whose cells are text already; `rows_total` counts the rows of which `rows` may be a part.

    `articles` has the form of `rows`: the document_id of the article that a cell leads to, or "".
    """

    kind: ClassVar[str] = "table"
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    rows_total: int
    articles: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class FigureBlock(_Block):
    """A picture as SVG (text as paths) and as PNG in base64; `name` is its file name without ending."""

    kind: ClassVar[str] = "figure"
    name: str
    alt: str
    svg: str
    png: str


@dataclass(frozen=True)
class ParagraphBlock(_Block):
    """Paragraphs of plain text, shown as text, as a boxed notice or as a quotation."""

    kind: ClassVar[str] = "paragraph"
    style: ParagraphKind
    paragraphs: tuple[str, ...]

    def __str__(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True)
class FactsBlock(_Block):
    """Names and their values, in two columns."""

    kind: ClassVar[str] = "facts"
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EvidenceBlock(_Block):
    """Articles with their passages for and against a number; `total` counts the articles of which they are a part."""

    kind: ClassVar[str] = "evidence"
    rule: str
    total: int
    articles: tuple[Article, ...]


Block = TableBlock | FigureBlock | ParagraphBlock | FactsBlock | EvidenceBlock


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    labels: Mapping[str, str] | None = None,
    digits: int = 2,
    limit: int | None = None,
    note: str = "",
    highlight: str | None = None,
) -> TableBlock:
    """Set the columns of a data frame as a table for people; the index is not shown.

    Numbers stand right with `digits` decimals and a true minus sign, whole-number columns without decimals, dates
    as ISO, booleans as yes and no, missing values as an en dash. A cell that is an `OfArticle` leads to the article's evidence.

    Parameters
    ----------
    frame : DataFrame
        One row a table row.
    caption : str
        What the table shows.
    labels : mapping of column name to heading, optional
        The columns to show, in its order. All columns under their own names by default.
    digits : int >= 0
    limit : int >= 1, optional
        Show no more rows than this, the first ones; the note then says so.
    note : str
        A sentence below the table, such as where all rows are.
    highlight : str, optional
        Name of the column that is set in bold.

    Raises
    ------
    ValueError
        If `labels` or `highlight` names no column of the frame, the frame repeats a column name, or `digits` or
        `limit` is out of range.
    """
    if digits < 0 or (limit is not None and limit < 1):
        raise ValueError(f"`digits` must be >= 0 and `limit` >= 1, but {digits!r} and {limit!r} were passed.")
    if not frame.columns.is_unique:
        raise ValueError(f"`frame` repeats a column name: {list(map(str, frame.columns))}.")
    labels = {str(name): str(name) for name in frame.columns} if labels is None else labels
    columns = {str(name): frame[name] for name in frame.columns}
    if unknown := sorted({*labels, *([highlight] if highlight is not None else [])} - set(columns)):
        raise ValueError(f"`frame` has no column {unknown}; it has {sorted(columns)}.")

    shown = {name: columns[name] if limit is None else columns[name].head(limit) for name in labels}
    cells = [[_cell(value, digits) for value in series] for series in shown.values()]
    articles = [[v.document_id if isinstance(v, OfArticle) else "" for v in series] for series in shown.values()]
    cut = limit is not None and len(frame) > limit
    rule = f"First {limit} of {len(frame)} rows." if cut else ""
    return TableBlock(
        caption=_clean(caption),
        note=" ".join(part for part in (rule, _clean(note)) if part),
        columns=tuple(
            Column(_clean(label), "right" if _is_numeric(columns[name]) else "left", name == highlight)
            for name, label in labels.items()
        ),
        rows=tuple(zip(*cells, strict=True)),
        rows_total=len(frame),
        articles=tuple(zip(*articles, strict=True)),
    )


def _is_numeric(series: "pd.Series[Any]") -> bool:
    if types.is_object_dtype(series):
        present = [value for value in series if not _is_missing(value)]
        return bool(present) and all(isinstance(v, Real) and not isinstance(v, bool) for v in present)
    return types.is_numeric_dtype(series) and not types.is_bool_dtype(series)


def _is_missing(value: object) -> bool:
    return value is None or (types.is_scalar(value) and bool(pd.isna(cast(Any, value))))


def _cell(value: object, digits: int) -> str:
    if _is_missing(value):
        return MISSING
    if types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return _signed(f"{int(value):d}")
    if isinstance(value, Real):
        return _number(float(value), digits)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return _clean(str(value))


def _number(value: float, digits: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else _signed(text)


def _signed(text: str) -> str:
    return re.sub(r"^-(?=\d)", MINUS, text)


def figure(ax: Axes, *, name: str, caption: str, alt: str) -> FigureBlock:
    """Save the figure that `ax` belongs to as SVG and PNG (200 dpi); the same drawing gives the same bytes.

    Labels are literal: a dollar sign starts no formula. Text without a family of its own is set in the report's
    fonts, which draw most scripts. The figure is closed, so
    that a notebook shows the block alone.

    Parameters
    ----------
    ax : Axes
    name : str of a-z, 0-9 and single hyphens
        File name of the figure, without ending.
    caption : str
    alt : str
        What the figure shows, for those who do not see it.

    Raises
    ------
    ValueError
        If `alt` is empty or `name` is no slug.
    """
    if not alt.strip():
        raise ValueError(f"`alt` of figure {name!r} is empty: say what the figure shows.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"`name` must consist of a-z, 0-9 and single hyphens, but {name!r} was passed.")
    drawing = ax.get_figure(root=True)
    if drawing is None:
        raise ValueError("`ax` belongs to no figure.")
    families = _figure_families()
    for text in drawing.findobj(Text):
        text.set_parse_math(False)
        if text.get_fontfamily() == mpl.rcParams["font.family"]:
            text.set_fontfamily(families)
    settings: dict[Any, Any] = {
        "font.family": families,
        "text.parse_math": False,
        "svg.fonttype": "path",
        "svg.hashsalt": name,
    }
    svg, png = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A character that no font draws becomes a box: a label is no reason to lose a report.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        drawing.savefig(svg, format="svg", metadata={"Date": None}, bbox_inches="tight")
        drawing.savefig(png, format="png", dpi=200, bbox_inches="tight")
    plt.close(drawing)
    return FigureBlock(
        caption=_clean(caption), name=name, alt=_clean(alt), svg=svg.getvalue().decode("utf-8"),
        png=base64.b64encode(png.getvalue()).decode("ascii"),
    )  # fmt: skip


@cache
def _figure_families() -> list[str]:
    for path in fonts.font_files():
        font_manager.fontManager.addfont(path)
    return [fonts.SANS, *fonts.SCRIPTS]


def paragraph(text: str, *, kind: ParagraphKind = "text") -> ParagraphBlock:
    """Show plain text; blank lines part paragraphs, and no character of it is markup.

    Raises
    ------
    ValueError
        If `kind` is none of "text", "notice" (a boxed caution) and "quote".
    """
    _check_one_of("kind", kind, get_args(ParagraphKind))
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", _clean(text)))
    return ParagraphBlock(caption="", style=kind, paragraphs=tuple(part for part in parts if part))


def facts(pairs: Mapping[str, str], *, caption: str) -> FactsBlock:
    """Show names and their values in two columns, in the order of `pairs`."""
    return FactsBlock(caption=_clean(caption), pairs=tuple((_clean(str(k)), _clean(str(v))) for k, v in pairs.items()))


def evidence(articles: Sequence[Mapping[str, Any]], *, caption: str, rule: str, total: int) -> EvidenceBlock:
    """Show passages of articles in the order of the text, those for and against a number marked.

    Parameters
    ----------
    articles : sequence of mappings
        Each with document_id, title, outlet, published and url (str, "" if unknown; an url that is not http or https
        is shown but not linked), facts (pairs of label and value) and passages: mappings with text, role ("for",
        "against", "plain" or "aside": set aside from the analysis), value (the passage's number as text, or ""),
        voice ("outlet", "quoted" or "unknown"), reason (why it was set aside), break (a new paragraph begins before
        it) and gap (text was left out before it). All but text and role may be left out.
    caption, rule : str
        What is shown, and by which rule these articles were chosen.
    total : int
        Number of articles of which these are a part.

    Raises
    ------
    ValueError
        If a role or voice is unknown, a document_id is missing, or `total` is smaller than the number of articles.
    """
    if total < len(articles):
        raise ValueError(f"`total` is {total}, but {len(articles)} articles were passed.")
    return EvidenceBlock(
        caption=_clean(caption), rule=_clean(rule), total=total, articles=tuple(map(_article, articles))
    )


def _article(article: Mapping[str, Any]) -> Article:
    if "document_id" not in article:
        raise ValueError(f"an article of the evidence has no `document_id`; it has {sorted(article)}.")
    return {
        "document_id": _clean(str(article["document_id"])),
        "title": _clean(str(article.get("title", ""))),
        "outlet": _clean(str(article.get("outlet", ""))),
        "published": _clean(str(article.get("published", ""))),
        "url": _clean(str(article.get("url", ""))),
        "facts": [[_clean(str(label)), _signed(_clean(str(value)))] for label, value in article.get("facts", ())],
        "passages": [_passage(passage) for passage in article["passages"]],
    }


def _passage(passage: Mapping[str, Any]) -> Passage:
    _check_one_of("role", passage["role"], get_args(Role))
    _check_one_of("voice", voice := passage.get("voice", "unknown"), get_args(Voice))
    return {
        "text": _clean(str(passage["text"])),
        "role": passage["role"],
        "value": _signed(_clean(str(passage.get("value", "")))),
        "voice": voice,
        "reason": _clean(str(passage.get("reason", ""))),
        "break": bool(passage.get("break", False)),
        "gap": bool(passage.get("gap", False)),
    }


def article_anchor(document_id: str) -> str:
    """The id under which the page shows an article: a readable slug and a hash, so that no two ids meet."""
    ascii_only = unicodedata.normalize("NFKD", document_id).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].rstrip("-")
    digest = hashlib.sha256(document_id.encode("utf-8", "replace")).hexdigest()[:8]
    return "-".join(part for part in ("article", slug, digest) if part)


def read_block(spec: Mapping[str, Any]) -> Block:
    """Build the block that a notebook output describes.

    Raises
    ------
    ReportError
        If `spec` is not what `spec()` of a block gives.
    """
    try:
        return _BUILDERS[spec["kind"]](spec)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(
            f"a notebook output of type {MIME} has not the form of a block ({error!r}); show blocks with "
            "framing.report.blocks."
        ) from error


def _table_from(spec: Mapping[str, Any]) -> TableBlock:
    columns = tuple(
        Column(_clean(c["label"]), "right" if c["align"] == "right" else "left", bool(c.get("strong")))
        for c in spec["columns"]
    )
    rows, articles = (tuple(tuple(_clean(cell) for cell in row) for row in spec[part]) for part in ("rows", "articles"))
    if [len(columns)] * len(rows) != [*map(len, rows)] or [*map(len, articles)] != [*map(len, rows)]:
        raise ValueError("a row has not as many cells as the table has columns")
    return TableBlock(_clean(spec["caption"]), _clean(spec["note"]), columns, rows, int(spec["rows_total"]), articles)


def _figure_from(spec: Mapping[str, Any]) -> FigureBlock:
    if not spec["alt"].strip() or not re.fullmatch(r"[a-z0-9-]+", spec["name"]):
        raise ValueError("a figure lacks its alternative text, or its name is no slug")
    base64.b64decode(spec["png"], validate=True)
    return FigureBlock(_clean(spec["caption"]), spec["name"], _clean(spec["alt"]), spec["svg"], spec["png"])


_BUILDERS: dict[str, Callable[[Mapping[str, Any]], Block]] = {
    "table": _table_from,
    "figure": _figure_from,
    "paragraph": lambda spec: paragraph("\n\n".join(spec["paragraphs"]), kind=spec["style"]),
    "facts": lambda spec: facts(dict(spec["pairs"]), caption=spec["caption"]),
    "evidence": lambda spec: evidence(
        spec["articles"], caption=spec["caption"], rule=spec["rule"], total=spec["total"]
    ),
}


def _check_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"`{name}` must be one of {', '.join(allowed)}, but {value!r} was passed.")


def _clean(text: str) -> str:
    """Control characters and lone surrogates, which no renderer takes, become U+FFFD; tab and newline stay. Nothing in it turns what follows it."""
    return re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", settled(text.replace("\r\n", "\n"))
    )
