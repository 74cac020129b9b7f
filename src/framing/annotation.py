"""Coders' judgements of passages: a coding sheet in, ANNOTATIONS out."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from framing.codebook import STANCE
from framing.corpus.tabular import read_csv
from framing.errors import CorpusError
from framing.tables import ANNOTATIONS, DOCUMENTS

VOICE = "voice"
_NUMBER = re.compile(r"\+?(-?\d+)(?:\.0+)?")
_KEY = ("document_id", "start", "end")
_VOICES = {"outlet": 0.0, "quoted": 1.0}


def read_annotations(
    path: str | Path, documents: pd.DataFrame, constructs: Sequence[str], *, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Read a coding sheet (CSV): one row a coded span, one column a construct.

    Parameters
    ----------
    path : str or Path
        Columns document_id, start, end (code points in the article's text), perhaps coder and inclusion_probability, and one for each coded
        construct: a frame is 0 or 1, the stance -1, 0 or 1, `voice` is outlet or quoted. An empty cell is a judgement not made, an empty row
        nothing. In a sheet with the column passage_id, which was made from the table of passages, `voice` is no judgement unless `columns` names it.
    documents : DataFrame, table DOCUMENTS
        The articles that were coded.
    constructs : sequence of str
        The codebook's constructs; other columns are left alone.
    columns : mapping, optional
        Column of the sheet -> construct, where the two names differ.

    Returns
    -------
    DataFrame, table ANNOTATIONS
        One row per coded span, coder and construct; `voice` stands beside the constructs, 1 for quoted. `inclusion_probability` is missing unless
        the sheet states it: the spans are then no random sample that estimates could be corrected with.

    Raises
    ------
    CorpusError
        If the sheet lacks a column, names an unknown article, a span outside its text, a value that is not allowed, or no construct.
    """
    path = Path(path)
    sheet = read_csv(path)
    if missing := [column for column in _KEY if column not in sheet.columns]:
        raise CorpusError(f"{path} lacks the columns {missing}; it has {list(sheet.columns)}.")
    renamed = sheet.rename(columns=dict(columns or {}))
    if twice := sorted(set(renamed.columns[renamed.columns.duplicated()])):
        raise CorpusError(
            f"{path}: after renaming, more than one column is called {twice}; it has {list(sheet.columns)}."
        )
    # A sheet made from the table of passages carries the voice that the rules found: that is no coder's judgement.
    ours = "passage_id" in sheet.columns and VOICE not in (columns or {}).values()
    coded = [c for c in renamed.columns if c in constructs or (c == VOICE and not ours)]
    if not any(c in constructs for c in coded):
        raise CorpusError(
            f"{path} has no column of the codebook's constructs {list(constructs)}; it has {list(sheet.columns)}."
        )
    lengths = dict(zip(DOCUMENTS.check(documents)["document_id"], documents["text"].str.len(), strict=True))
    rows = []
    for line, row in enumerate(renamed.to_dict("records"), 2):
        if not any(str(cell).strip() for cell in row.values()):
            continue
        document_id, start, end = str(row["document_id"]), *(_offset(path, line, row[c]) for c in ("start", "end"))
        if document_id not in lengths:
            raise CorpusError(f"{path}, line {line}: the corpus has no article {document_id!r}.")
        if not 0 <= start < end <= lengths[document_id]:
            raise CorpusError(
                f"{path}, line {line}: {start} to {end} is no span of {document_id!r}, whose text has {lengths[document_id]} characters."
            )
        for construct in coded:
            if str(row[construct]).strip():
                value = _value(path, line, construct, str(row[construct]).strip())
                unit = f"{document_id}:{start}-{end}"
                probability = _probability(path, line, str(row.get("inclusion_probability", "")).strip())
                rows.append(
                    (
                        unit,
                        document_id,
                        start,
                        end,
                        str(row.get("coder") or "coder"),
                        construct,
                        value,
                        probability,
                    )
                )
    return ANNOTATIONS.check(pd.DataFrame(rows, columns=list(ANNOTATIONS.columns)))


def _offset(path: Path, line: int, cell: object) -> int:
    try:
        return int(_whole(str(cell).strip()))
    except ValueError:
        raise CorpusError(f"{path}, line {line}: start and end are whole numbers; got {cell!r}.") from None


def _probability(path: Path, line: int, cell: str) -> float:
    try:
        probability = float(cell or "nan")
    except ValueError:
        probability = 0.0
    if cell and not 0 < probability <= 1:
        raise CorpusError(f"{path}, line {line}: inclusion_probability is a number above 0 and up to 1; got {cell!r}.")
    return probability


def _whole(cell: str) -> str:
    """A whole number as it was before a spreadsheet or pandas made "22.0" or "+1" of it."""
    return match[1] if (match := _NUMBER.fullmatch(cell)) else cell


def _value(path: Path, line: int, construct: str, cell: str) -> float:
    allowed = _VOICES if construct == VOICE else {"0": 0.0, "1": 1.0} | ({"-1": -1.0} if construct == STANCE else {})
    cell = _whole(cell)
    if cell not in allowed:
        raise CorpusError(f"{path}, line {line}, {construct}: one of {list(allowed)} is allowed; got {cell!r}.")
    return allowed[cell]
