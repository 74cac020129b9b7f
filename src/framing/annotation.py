"""Coders' judgements of passages: a coding sheet in, ANNOTATIONS out.

A sheet names spans of articles, or units of a sample that `framing draw` drew; what those are stands in the key beside their sheets.
"""

import difflib
import json
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from framing.codebook import STANCE
from framing.corpus.normalise import clean_label, digest
from framing.corpus.tabular import read_csv
from framing.errors import CorpusError, did_you_mean
from framing.evidence import HIDDEN
from framing.passages import TITLE_FIELD
from framing.tables import ANNOTATIONS, DOCUMENTS, PASSAGES

VOICE = "voice"
UNNAMED = "coder"  # who judged, where a sheet does not say
KEY = "key.json"  # what the units of a drawn sample are
UNIT, BEFORE, TEXT, AFTER, NOTE = "unit", "before", "text", "after", "note"  # columns of a drawn sheet beside the codes
_log = logging.getLogger(__name__)
_OF_UNIT = ("document_id", "start", "end", "field", "inclusion_probability")  # what the key says of each
_ALLOWED_NAMED = re.compile(r"\s*\(.*\)\s*$")  # behind a construct in the header of a drawn sheet
_NUMBER = re.compile(r"\+?(-?\d+)(?:\.0+)?")
_KEY = ("document_id", "start", "end")
_OWN = (
    *_KEY,
    "coder",
    "inclusion_probability",
    "passage_id",
    "field",
    TEXT,
    "unit_id",
)  # of SHEET_COLUMNS, those that are read
_VOICES = {"outlet": 0.0, "quoted": 1.0}
_AGAIN = re.compile(r"(.+)\.\d+")  # what pandas calls a second column of the same name
_NEAR = 0.8  # how alike, of 1, a header and a construct are if one is taken for a slip of the other
_FIRST = "#0000"  # how the passage_id of a title ends that does not stand in the text
_SHOWN = 80  # characters of a passage in an error


def read_annotations(
    path: str | Path, documents: pd.DataFrame, constructs: Sequence[str], *, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Read coders' judgements: a sheet of coded spans (CSV), or the sheets of a sample that was drawn to be coded.

    Parameters
    ----------
    path : str or Path
        A sheet with one row a coded span and one column a construct; or the folder that `framing draw` made, with its coded sheets and their
        key, or one sheet of it. Columns: document_id, start, end (code points in the article's text), perhaps coder and
        inclusion_probability, and one for each coded construct: a frame is 0 or 1, the stance -1, 0 or 1, `voice` is outlet or quoted. An empty
        cell is a judgement not made, a row without a judgement nothing; letter case in the header does not matter. In a sheet with the column
        passage_id, which was made from the table of passages, `voice` is no judgement unless `columns` names it. A title that does not stand in
        the text has no start and end; `field`, or else its passage_id, tells it. Where there is a column `text`, what stands at the span must
        read the same. A drawn sheet has a column `unit` instead of a span; its coder is called as the file is.
    documents : DataFrame, table DOCUMENTS
        The articles that were coded.
    constructs : sequence of str
        The codebook's constructs that are coded (the axis follows from its two frames); other columns are left alone, and those that hold
        nothing but 0 and 1 are named in a warning to the log.
    columns : mapping, optional
        Column of the sheet -> construct (or document_id, coder and the like), where the two names differ.

    Returns
    -------
    DataFrame, table ANNOTATIONS
        One row per coded span, coder and construct; `voice` stands beside the constructs, 1 for quoted. `start` and `end` are missing for a
        title that does not stand in the text. `inclusion_probability` is missing unless the sheet or the key states it: the spans are then no
        random sample that estimates could be corrected with. It is missing too, with a warning, where the articles are not those that a sample
        was drawn from.

    Raises
    ------
    CorpusError
        If the sheet lacks a column, names an unknown article, a span outside its text or one that reads otherwise, a value that is not allowed,
        one judgement twice, or no construct; if a column with codes is called almost as a construct; if `columns` names what is not there; if
        drawn sheets have no key, or name a unit that it does not know.
    """
    DOCUMENTS.check(documents)
    sheets, units = _read_sheets(Path(path), documents, columns or {})
    articles = documents.set_index("document_id")[["title", "text"]].to_dict("index")
    rows = [
        row for file, sheet in sheets for row in _judgements(file, sheet, units, articles, constructs, columns or {})
    ]
    table = pd.DataFrame(rows, columns=list(ANNOTATIONS.columns))
    return ANNOTATIONS.check(table.astype({"start": "Int64", "end": "Int64"}))


def corpus_digest(documents: pd.DataFrame) -> str:
    """A digest of the articles' ids and texts, in whatever order they stand: whether articles are those that a sample was drawn from."""
    texts = documents["text"].fillna("").map(digest)
    return digest("\n".join(sorted(documents["document_id"] + " " + texts)))


_Units = Mapping[str, Mapping[str, str]]
_Judgement = tuple[str, str, int | None, int | None, str, str, float, float]


def _read_sheets(
    path: Path, documents: pd.DataFrame, renamed: Mapping[str, str]
) -> tuple[list[tuple[Path, pd.DataFrame]], _Units | None]:
    """The sheets at `path`, and what the units in them are; None for a sheet that names spans itself."""
    if not path.is_dir():
        sheet = read_csv(path)
        heads = {column.strip().lower() for column in sheet.columns}
        if UNIT not in heads or "document_id" in {*heads, *renamed.values()}:
            return [(path, sheet)], None
        return [(path, _plain_heads(path, sheet))], _units(path.parent, documents)
    # Not by a pattern: whether that finds KIM.CSV depends on the system, and a coder's sheet must not be lost in silence.
    files = sorted(
        file for file in path.iterdir() if file.suffix.lower() == ".csv" and not file.name.startswith((".", "~"))
    )
    if not files:
        raise CorpusError(f"{path} holds no coding sheet (.csv); name a sheet, or the folder that `framing draw` made.")
    units = _units(path, documents)
    return [(file, _plain_heads(file, read_csv(file))) for file in files], units


def _plain_heads(path: Path, sheet: pd.DataFrame) -> pd.DataFrame:
    """A drawn sheet with its units, texts and codes, under the names that sheets of spans have."""
    heads = {column: column.strip().lower() for column in sheet.columns}
    if missing := [name for name in (UNIT, TEXT) if name not in heads.values()]:
        raise CorpusError(f"{path} lacks the columns {missing} of a drawn sheet; it has {list(sheet.columns)}.")
    # A frame may be called as what stands beside the codes: its header has the codes that are allowed behind it.
    used = {
        column: _ALLOWED_NAMED.sub("", column) for column, head in heads.items() if head not in (BEFORE, AFTER, NOTE)
    }
    used |= {column: "unit_id" for column, head in heads.items() if head == UNIT}
    names = list(used.values())
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise CorpusError(f"{path}: more than one column is called {repeated}; remove one.")
    return sheet[list(used)].rename(columns=used)


def _units(folder: Path, documents: pd.DataFrame) -> _Units:
    """What the key in a folder says of each unit, as text; nothing of how likely it was drawn if it was from other articles."""
    path = folder / KEY
    try:
        key = json.loads(path.read_text(encoding="utf-8"))
        units = {
            str(unit[UNIT]): {name: "" if unit[name] is None else str(unit[name]) for name in _OF_UNIT}
            for unit in key["units"]
        }
        drawn_from = key["corpus_sha256"]
    except FileNotFoundError:
        raise CorpusError(
            f"{folder} holds drawn sheets and no {KEY}, which says what their units are; put the one that `framing draw` wrote beside them."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path} is not as `framing draw` wrote it ({error!r}); put the first one back.") from error
    if drawn_from == corpus_digest(documents):
        return units
    _log.warning(
        "%s: the sample was drawn from other articles than those of the corpus now, so its inclusion probabilities are left out: the codes count for "
        "agreement, and correct no estimate. Draw from this corpus, or use the one of the draw.", path,
    )  # fmt: skip
    return {name: {**unit, "inclusion_probability": ""} for name, unit in units.items()}


def _judgements(
    path: Path,
    sheet: pd.DataFrame,
    units: _Units | None,
    articles: Mapping[Any, Any],
    constructs: Sequence[str],
    columns: Mapping[str, str],
) -> Iterator[_Judgement]:
    """The rows of ANNOTATIONS that a sheet makes."""
    theirs = _columns(path, sheet, constructs, columns)
    if units is None and (missing := [column for column in _KEY if column not in theirs]):
        raise CorpusError(f"{path} lacks the columns {missing}; it has {list(sheet.columns)}.")
    coded = [name for name in theirs if name not in _OWN]
    if not any(name in constructs for name in coded):
        raise CorpusError(
            f"{path} has no column of the codebook's constructs {list(constructs)}; it has {list(sheet.columns)}."
        )
    lines: dict[tuple[str, str, str], int] = {}  # of each judgement
    for line, record in zip(sheet.index, sheet.to_dict("records"), strict=True):
        row = {name: str(record[column]).strip() for name, column in theirs.items()}
        codes = {name: row[name] for name in coded if row[name]}
        if not codes:
            continue
        where = f"{path}, line {line}"
        if units is None:
            row.pop("unit_id", None)  # of a sheet of spans it is a column like any other
        else:
            row |= _drawn(where, row["unit_id"], units) | {"coder": path.stem}
        document_id = _article(where, row["document_id"], articles)
        start, end = _span(where, row, document_id, articles[document_id])
        unit = f"{document_id}:{TITLE_FIELD if start is None else f'{start}-{end}'}"
        coder = row.get("coder") or UNNAMED
        probability = _probability(where, row.get("inclusion_probability", ""))
        for construct, code in codes.items():
            value = _value(where, construct, code)
            if (earlier := lines.setdefault((unit, coder, construct), line)) != line:
                who = f"by {coder!r}" if row.get("coder") else "of which none names its coder"
                way = (
                    "If they are of two coders, add a column `coder`; if not, remove one."
                    if units is None
                    else "Remove one; each coder has a sheet of their own."
                )
                raise CorpusError(
                    f"{path}, lines {earlier} and {line}: two judgements of {unit} on {construct}, {who}. {way}"
                )
            yield unit, document_id, start, end, coder, construct, value, probability


def _drawn(where: str, unit: str, units: _Units) -> dict[str, str]:
    """What the key says of a unit."""
    if unit not in units:
        first, last = min(units, default=""), max(units, default="")
        raise CorpusError(
            f"{where}: {KEY} knows no unit {unit!r}; its {len(units):,} units are called {first} to {last}. Put the name back that stood there, "
            "and keep the key with its own sheets."
        )
    return dict(units[unit])


def _columns(path: Path, sheet: pd.DataFrame, constructs: Sequence[str], renamed: Mapping[str, str]) -> dict[str, str]:
    """Which of the sheet's columns stands for what: {our name: theirs}."""
    ours = dict.fromkeys([*_OWN, VOICE, *constructs])
    heads = {column: column.strip().lower() for column in sheet.columns}
    columns = {head: column for column, head in heads.items()}
    names: dict[str, str] = {}
    for key, name in renamed.items():
        column = key if key in heads else columns.get(key.strip().lower())
        if column is None:
            raise CorpusError(
                f"annotation_columns: {path} has no column {key!r}; it has {list(sheet.columns)}{did_you_mean(key, heads)}"
            )
        if name not in ours:
            raise CorpusError(
                f"annotation_columns, {key}: {name!r} is not a construct of the codebook, which has {list(constructs)}{did_you_mean(name, ours)}"
            )
        names[column] = name
    chosen: dict[str, str] = {}
    for column, head in heads.items():
        again = _AGAIN.fullmatch(head)
        name = names.get(column) or (again[1] if again and again[1] in columns else head)
        # A sheet made from the table of passages carries the voice that the rules found: that is no coder's judgement.
        if name not in ours or (name == VOICE and column not in names and "passage_id" in columns):
            continue
        if name in chosen:
            raise CorpusError(
                f"{path}: more than one column is called {[name]}, by its header or by annotation_columns: {[chosen[name], column]}; rename one."
            )
        chosen[name] = column
    _refuse_slips(path, sheet, [c for c in (*constructs, VOICE) if c not in chosen], chosen.values())
    _tell_ignored(path, sheet, chosen.values())
    return chosen


def _tell_ignored(path: Path, sheet: pd.DataFrame, used: Iterable[str]) -> None:
    """Name the columns that are left out and look like codes of a frame: its key may have changed in the codebook since."""
    others = sheet[sheet.columns.difference([*used, *PASSAGES.columns], sort=False)]
    filled = {column: {_whole(cell.strip()) for cell in others[column]} - {""} for column in others}
    if alike := [column for column, cells in filled.items() if cells and cells <= {"0", "1"}]:
        _log.warning(
            "%s: no construct of the codebook is called %s; what is coded there (0 and 1) is ignored. If it is a construct, write "
            "`annotation_columns: {ITS_NAME: CONSTRUCT}`.",
            path,
            " or ".join(map(repr, alike)),
        )


def _refuse_slips(path: Path, sheet: pd.DataFrame, lacking: Sequence[str], used: Iterable[str]) -> None:
    """A column with codes whose name is almost that of a construct would be left out, and the construct be taken for not coded."""
    for column in sheet.columns.difference([*used, *PASSAGES.columns], sort=False):
        plain = re.sub(r"\W+", "_", column.strip().lower())
        for name in difflib.get_close_matches(plain, lacking, 1, _NEAR):
            if any(_whole(cell.strip()) in allowed_codes(name) for cell in sheet[column]):
                raise CorpusError(
                    f"{path}: the column {column!r} holds codes and is not a construct of the codebook; did you mean {name!r}? Call it so, or write "
                    f"`annotation_columns: {{{column}: {name}}}`; if it is something else, call it something else."
                )


def _article(where: str, cell: str, articles: Mapping[Any, Any]) -> str:
    """The id that a cell names; our tables for spreadsheets have an apostrophe before what could be run as a formula."""
    given = clean_label(cell)
    for document_id in (given, given.removeprefix("'")):
        if document_id in articles:
            return document_id
    if not given:
        raise CorpusError(f"{where}: a judgement needs its article, but document_id is empty.")
    zeros = [each for each in articles if each.lstrip("0") == _whole(given).lstrip("0")]
    hint = (
        f"did a spreadsheet take the zeros from {zeros[0]!r}? Make the column text."
        if zeros
        else "ids come from file names unless `document_id` is given; was a file renamed?"
    )
    raise CorpusError(f"{where}: the corpus has no article {given!r}; {hint}")


def _span(
    where: str, row: Mapping[str, str], document_id: str, article: Mapping[Any, Any]
) -> tuple[int | None, int | None]:
    """Start and end of what a row codes, none of a title that does not stand in the text; it must read as the row says, if it does."""
    start, end = (_offset(where, row, name) for name in ("start", "end"))
    if start is None or end is None:
        field = row.get("field") or (TITLE_FIELD if row.get("passage_id", "").endswith(_FIRST) else "")
        if start is not None or end is not None or field != TITLE_FIELD:
            raise CorpusError(
                f"{where}: start and end are whole numbers; got {row['start']!r} and {row['end']!r}. Only a title that does not stand in the text "
                "has none: the column `field` or `passage_id` of the table of passages tells it."
            )
        stands, place = article["title"], "the title"
        if not isinstance(stands, str):
            raise CorpusError(f"{where}: a title is coded, and the article {document_id!r} has none.")
    else:
        length = len(article["text"])
        if not 0 <= start < end <= length:
            raise CorpusError(
                f"{where}: {start} to {end} is not a span of {document_id!r}, whose text has {length} characters."
            )
        stands, place = article["text"][start:end], f"{start} to {end}"
    coded = row.get("text", "")
    if coded and coded != HIDDEN and not _reads(coded, stands):
        way = (
            "Take the span from the table of passages of this corpus, or remove the column `text` if the span is right."
            if not (unit := row.get("unit_id"))
            else f"Put the text of {unit} back as it was drawn: rows must be sorted whole, and the sheet saved as CSV in UTF-8."
        )
        raise CorpusError(
            f"{where}: {place} of {document_id!r} was coded as {_short(coded)} and reads {_short(stands)}. {way}"
        )
    return start, end


def _reads(coded: str, stands: str) -> bool:
    """Whether a passage is the one that was coded, perhaps cut short: spaces and marks may have come out differently of a spreadsheet."""
    was, now = ("".join(re.findall(r"\w", unicodedata.normalize("NFKC", text))) for text in (coded, stands))
    return was == now or (coded.endswith("…") and now.startswith(was))


def _short(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…")


def _offset(where: str, row: Mapping[str, str], name: str) -> int | None:
    try:
        return int(_whole(row[name])) if row[name] else None
    except ValueError:
        raise CorpusError(f"{where}: start and end are whole numbers; got {row[name]!r}.") from None


def _probability(where: str, cell: str) -> float:
    try:
        probability = float(cell or "nan")
    except ValueError:
        probability = 0.0
    if cell and not 0 < probability <= 1:
        raise CorpusError(f"{where}: inclusion_probability is a number above 0 and up to 1; got {cell!r}.")
    return probability


def _whole(cell: str) -> str:
    """A whole number as it was before a spreadsheet or pandas made "22.0" or "+1" of it."""
    return match[1] if (match := _NUMBER.fullmatch(cell)) else cell


def allowed_codes(construct: str) -> dict[str, float]:
    """The codes of a frame, the stance or the voice as they are written, and their values."""
    return _VOICES if construct == VOICE else {"0": 0.0, "1": 1.0} | ({"-1": -1.0} if construct == STANCE else {})


def _value(where: str, construct: str, cell: str) -> float:
    allowed, cell = allowed_codes(construct), _whole(cell)
    if cell not in allowed:
        raise CorpusError(f"{where}, {construct}: one of {list(allowed)} is allowed; got {cell!r}.")
    return allowed[cell]
