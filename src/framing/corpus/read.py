"""read_corpus: whatever articles come in, DOCUMENTS go out, one row for each, none lost."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pandas as pd

from framing.corpus.dates import read_date
from framing.corpus.folder import METADATA, NEXT, SUFFIXES, file_column, from_folder, own_metadata
from framing.corpus.normalise import (
    clean_label,
    clean_text,
    digest,
    plain_text,
    unescaped,
    without_cut,
    without_inline_tags,
)
from framing.corpus.record import Record, candidates, canonical, check_columns, check_present, named
from framing.corpus.tabular import csv_header, from_csv, from_frame, from_json, from_parquet
from framing.errors import CorpusError
from framing.tables import DOCUMENTS

OK, EMPTY = "ok", "empty"
UNKNOWN = "unknown"
_LISTED = 10
_REASONS = 5
_FIGURES = r"\d[\d,]*"
_MAX_CHARACTERS = 2_000_000  # an article is never so long; scoring a larger one would only exhaust memory and patience
_CELL = 32_767  # characters, in units of UTF-16, that a cell of a spreadsheet holds: a longer text was cut off there
_REMOVED = "[removed]"  # what some services put where an article was
_KINDS = "a folder, or a .csv, .tsv, .json, .jsonl or .parquet file is expected"
_NEXT = NEXT | dict.fromkeys(SUFFIXES, "put {it} into a folder and name the folder")
_LABELS = ("outlet", "title", "url", "language", "story_id", "origin")


def read_corpus(
    path: str | Path | pd.DataFrame,
    *,
    metadata: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    skip_bad: bool = False,
    strict: bool = False,
    date_order: str = "",
) -> pd.DataFrame:
    """Read articles from a folder of .txt and .html files, from a CSV, TSV, JSON, JSON lines or Parquet file, or from a data frame.

    Parameters
    ----------
    path : str, Path or DataFrame
        A folder (with an optional metadata.csv: file, document_id, outlet, published, url, title, ...), or a .csv, .tsv, .json, .jsonl or
        .parquet file, or a data frame, with a column `text`.
    metadata : str or Path, optional
        A metadata CSV elsewhere than in the folder.
    columns : mapping, optional
        Column of the table or the metadata -> document_id, outlet, title, published, url, language, text, story_id or origin, where the
        name is not one that is understood, or is understood wrongly.
    skip_bad : bool
        Keep a record that cannot be read as a row with its reason in `status`, instead of stopping.
    strict : bool
        Stop at articles that are not in UTF-8 or hold what is no character, instead of recording that in `encoding` and `n_replaced`.
    date_order : "dmy", "mdy" or ""
        What dates such as 06/07/2031 are; without it they are ambiguous.

    Returns
    -------
    DataFrame, table DOCUMENTS
        One row per article, in the order of the source. Text is NFC, without HTML tags and entities; `n_replaced` counts characters that
        became U+FFFD; `truncated` is the mark of a text that was already cut off in the source, missing if there is none; `status` is "ok",
        "empty", or why the article could not be read; `published` is a day or missing, `date_status` says why; a missing outlet is
        "unknown"; a missing id is the file's stem (with its folders where two files have it) or begins with "sha256-" (and ends in
        -2, -3, ... where a text without an id comes again); `duplicate_of` names the first article with the same text. The source's other
        columns follow, as text; one that has the name of a column which is filled here, such as `status`, is called `source_status`.

    Raises
    ------
    CorpusError
        If the path cannot be read, is of another kind, holds no article, gives two articles the same id, is not as `strict` demands,
        lacks a column that `columns` names, or has two columns that would get one name.
    """
    (documents,) = iter_corpus(
        path, metadata=metadata, columns=columns, skip_bad=skip_bad, strict=strict, date_order=date_order, size=None
    )
    return documents


def iter_corpus(
    path: str | Path | pd.DataFrame,
    *,
    metadata: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    skip_bad: bool = False,
    strict: bool = False,
    date_order: str = "",
    size: int | None = 1000,
) -> Iterator[pd.DataFrame]:
    """Read articles as `read_corpus` does, in tables of `size` articles (None: all in one), so that memory does not grow with the corpus.

    A table has those columns of the source that its own articles have. What is remembered of earlier articles are ids and digests.

    Raises
    ------
    CorpusError
        As `read_corpus`; ids that are given twice are found when the second comes.
    ValueError
        If `size` is below 1.
    """
    if size is not None and size < 1:
        raise ValueError(f"`size` must be 1 or more, or None, but {size!r} was passed.")
    check_columns(columns or {})
    if isinstance(path, pd.DataFrame):
        if metadata:
            raise CorpusError("`metadata` describes the files of a folder; join it to the data frame instead.")
        frame, path = path, Path("the data frame")
        records = from_frame(path, frame, columns)
    else:
        path = Path(path)
        records = iter(_records(path, Path(metadata) if metadata else None, columns or {}, skip_bad))
    earlier = _Earlier(path)
    none = True
    records = earlier.noting(records)
    while rows := [_document(record, date_order) for record in islice(records, size)]:
        none = False
        documents = earlier.table(rows)
        if strict:
            _refuse_repaired(path, documents)
        yield documents
    if none:
        raise CorpusError(f"{path} holds no article.")


class _Earlier:
    """What later articles need to know of earlier ones: ids, how often a text had none, and who was the first with a text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: set[str] = set()
        self._without_id: Counter[str] = Counter()
        self._first: dict[str, str] = {}
        self._id_columns: dict[str, None] = {}

    def noting(self, records: Iterator[Record]) -> Iterator[Record]:
        """The same records; which columns their ids come from is remembered."""
        for record in records:
            self._id_columns.update(dict.fromkeys(record.id_columns))
            yield record

    def table(self, rows: list[dict[str, object]]) -> pd.DataFrame:
        """The table DOCUMENTS of some articles."""
        documents = pd.DataFrame(rows)
        documents["document_id"] = self._with_ids(documents)
        extra = [column for column in documents.columns if column not in DOCUMENTS.columns]
        documents[extra] = documents[extra].fillna("")
        documents["published"] = pd.to_datetime(documents["published"]).astype("datetime64[ms]")
        self._refuse_repeated(documents["document_id"])
        for column in documents.columns.difference(["published", "n_replaced"]):
            documents[column] = documents[column].astype(
                "str"
            )  # missing stays missing; an all-missing column is text too
        readable = documents[documents["status"].eq(OK)]
        first = [
            self._first.setdefault(sha256, document_id)
            for sha256, document_id in zip(readable["text_sha256"], readable["document_id"], strict=True)
        ]
        firsts = pd.Series(first, index=readable.index, dtype="str")
        documents["duplicate_of"] = (
            firsts.where(firsts != readable["document_id"]).reindex(documents.index).astype("str")
        )
        return DOCUMENTS.check(documents[[*DOCUMENTS.columns, *extra]])

    def _with_ids(self, documents: pd.DataFrame) -> list[str]:
        """The ids, where one is missing made from the text; the second of the same text ends in -2."""
        ids = []
        for given, sha256 in zip(documents["document_id"], documents["text_sha256"], strict=True):
            if not isinstance(given, str):
                self._without_id[sha256] += 1
                n = self._without_id[sha256]
                given = f"sha256-{sha256[:16]}" + (f"-{n}" if n > 1 else "")
            ids.append(given)
        return ids

    def _refuse_repeated(self, ids: pd.Series) -> None:
        # Not `isin`, which would go through all earlier ids for every part.
        repeated = ids[ids.duplicated() | ids.map(self._ids.__contains__)].unique()
        self._ids.update(ids)
        if len(repeated):
            columns = " or ".join(map(repr, self._id_columns))
            told = (
                f" Ids are taken from the column {columns}; if another one holds them, name it in the study file: "
                "`columns: {ITS_NAME: document_id}`."
                if columns
                else ""
            )
            raise CorpusError(
                f"{self._path}: {len(repeated)} document ids are given to more than one article: "
                f"{_listed([repr(each) for each in repeated])}. Every article needs an id of its own.{told}"
            )


def _refuse_repaired(path: Path, documents: pd.DataFrame) -> None:
    """What `strict` does not let pass."""
    foreign = _foreign(documents)
    repaired = documents[foreign | documents["n_replaced"].gt(0)]
    if len(repaired):
        reasons = repaired["encoding"].where(foreign, repaired["n_replaced"].astype("str") + " characters replaced")
        told = [f"{name!r} ({why})" for name, why in zip(repaired["document_id"], reasons, strict=True)]
        raise CorpusError(
            f"{path}: {len(repaired)} articles are not valid UTF-8, as `strict` demands: {_listed(told)}. Convert them, or leave "
            "out `strict`: encodings and broken characters are then recorded, and the articles are read."
        )


def _listed(told: list[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(told) - _LISTED} more" if len(told) > _LISTED else ""
    return f"{', '.join(told[:_LISTED])}{more}"


def _foreign(documents: pd.DataFrame) -> "pd.Series[bool]":
    return ~documents["encoding"].isin(["utf-8", "utf-8-sig"])


def intake(documents: pd.DataFrame) -> dict[str, int]:
    """What came in and what was wanting.

    Parameters
    ----------
    documents : DataFrame, table DOCUMENTS
        As `read_corpus` returns them.

    Returns
    -------
    dict of str to int
        "articles" is what came in: the sum of "read", "empty" and "not readable". Each of the others counts articles with something wanting
        (no outlet or no date, a date that is ambiguous or unreadable, a text that is another's copy, was cut off, has replaced characters or was
        not in UTF-8), but "replaced characters", which counts characters; an article may be in several.
    """
    status, dates = documents["status"], documents["date_status"]
    return {
        "articles": len(documents),
        "read": int(status.eq(OK).sum()),
        "empty": int(status.eq(EMPTY).sum()),
        "not readable": int((~status.isin([OK, EMPTY])).sum()),
        "exact duplicates of another article": int(documents["duplicate_of"].notna().sum()),
        "without an outlet": int(documents["outlet"].eq(UNKNOWN).sum()),
        "without a date": int(dates.eq("missing").sum()),
        "with an ambiguous date": int(dates.eq("ambiguous").sum()),
        "with an unreadable date": int(dates.eq("unreadable").sum()),
        "already truncated in the source": int(documents["truncated"].notna().sum()),
        "with replaced characters": int(documents["n_replaced"].gt(0).sum()),
        "replaced characters": int(documents["n_replaced"].sum()),
        "not in UTF-8": int(_foreign(documents).sum()),
    }


def why_nothing(documents: pd.DataFrame) -> str:
    """Why articles were not read, the most frequent reason first and each with the file or row that it was met in first.

    For example: "1 of 1 articles not read: 'export.txt' (it holds 100 articles; split it, or convert it to a CSV with one row per article)".

    Parameters
    ----------
    documents : DataFrame, table DOCUMENTS

    Returns
    -------
    str
        One line without a full stop, with up to five reasons; "" if every article was read.
    """
    unread = documents[documents["status"].ne(OK)]
    if unread.empty:
        return ""
    kinds = unread["status"].str.replace(_FIGURES, "#", regex=True)  # "holds 12 articles" and "holds 9" are one reason
    groups = sorted((group for _, group in unread.groupby(kinds, sort=False)), key=len, reverse=True)
    told = []
    for group in groups[:_REASONS]:
        first = group.iloc[0]
        reason = "its text is empty" if first["status"] == EMPTY else first["status"].removeprefix("not read: ")
        beside = f" and {len(group) - 1:,} more" if len(group) > 1 else ""
        told.append(f"{first['source_file']!r}{beside} ({reason})")
    more = f"; and {len(groups) - _REASONS} more reasons" if len(groups) > _REASONS else ""
    return f"{len(unread):,} of {len(documents):,} articles not read: {'; '.join(told)}{more}"


def _records(path: Path, metadata: Path | None, columns: Mapping[str, str], skip_bad: bool) -> Iterator[Record]:
    kind = path.suffix.lower()
    if path.is_dir():
        yield from _folder(path, metadata or own_metadata(path), columns, skip_bad)
    elif metadata:
        raise CorpusError(
            f"{path} is no folder: its metadata belong in the table itself, and `metadata` ({metadata}) would be ignored."
        )
    elif not path.exists():
        raise CorpusError(f"{path} does not exist; {_KINDS}.")
    elif kind in (".csv", ".tsv"):
        yield from from_csv(path, columns)
    elif kind in (".json", ".jsonl", ".ndjson"):
        yield from from_json(path, columns, skip_bad=skip_bad)
    elif kind == ".parquet":
        yield from from_parquet(path, columns)
    else:
        step = f"; {_NEXT[kind].format(it='it')}" if kind in _NEXT else ""
        raise CorpusError(f"{path} is of a kind that is not read: {_KINDS}{step}.")


def _folder(path: Path, metadata: Path | None, columns: Mapping[str, str], skip_bad: bool) -> Iterator[Record]:
    """The records of a folder, whose metadata bear our names where those are understood; the rest of the naming is done here."""
    if columns and not metadata:
        raise CorpusError(f"{path} has no {METADATA}, whose columns `columns` could name; got {dict(columns)}.")
    header = csv_header(metadata) if metadata else []
    check_present(metadata, columns, header)
    naming = file_column(header)
    described = [column for column in header if column != naming]
    id_columns = tuple(candidates(described, columns).get("document_id", ()))
    taken = canonical(described)
    columns = {taken.get(theirs, theirs): ours for theirs, ours in columns.items()}
    for record in from_folder(path, metadata, skip_bad=skip_bad):
        try:
            choice = candidates(list(record.fields), columns)
            if "text" not in columns.values():
                choice["text"] = (
                    ["text"] if "text" in record.fields else []
                )  # no metadata stand for a file without words
            fields = named(record.fields, {ours: theirs for ours, theirs in choice.items() if theirs})
        except ValueError as problem:
            raise CorpusError(f"{metadata}: of {record.source}, {problem}.") from None
        yield replace(record, fields=fields, id_columns=id_columns)


def _document(record: Record, date_order: str) -> dict[str, object]:
    given = dict(record.fields)
    raw = given.pop("text", "")
    text, replaced = clean_text(raw)
    trouble, truncated, sha256 = record.trouble, "", ""
    if len(text) > _MAX_CHARACTERS:
        trouble, sha256, text = f"not read: longer than {_MAX_CHARACTERS:,} characters", digest(text), ""
    elif text:
        bare, truncated = without_cut(plain_text(text))
        if bare != text:
            text, replaced = clean_text(bare)
        if text.strip().lower() == _REMOVED:
            text = ""
        if _fills_cell(raw):
            truncated = f"{_CELL:,} characters"
    row: dict[str, object] = {label: _label(given.pop(label, ""), label) for label in _LABELS}
    published_raw = given.pop("published", "").strip()
    day, date_status = read_date(published_raw, date_order)
    row |= {
        "document_id": clean_label(given.pop("document_id", "")) or clean_label(record.fallback_id) or None,
        "outlet": row["outlet"] or UNKNOWN,
        "published": day,
        "published_raw": clean_label(published_raw) or None,
        "date_status": date_status,
        "text": text,
        "source_file": clean_label(record.source),
        "encoding": record.encoding,
        "duplicate_of": None,
        "text_sha256": sha256 or digest(text),
        "n_replaced": replaced,
        "truncated": truncated or None,
        "status": trouble or (OK if text.strip() else EMPTY),
    }
    return row | _carried(record.source, given)


def _fills_cell(text: str) -> bool:
    """Whether a text is as long as a spreadsheet's cell allows, which counts most emoji twice."""
    return len(text) <= _CELL <= 2 * len(text) and len(text.encode("utf-16-le", "surrogatepass")) == 2 * _CELL


def _carried(where: str, given: Mapping[str, str]) -> dict[str, object]:
    """The source's other columns; one that has the name of a column of DOCUMENTS gets `source_` before it."""
    carried: dict[str, object] = {}
    for column, cell in given.items():
        label = clean_label(column)
        name = f"source_{label}" if label in DOCUMENTS.columns else label
        if name in carried:
            raise CorpusError(f"{where}: of the columns {list(given)}, two would be carried as {name!r}; rename one.")
        carried[name] = clean_label(cell)
    return carried


def _label(given: str, name: str) -> str | None:
    plain = given if name == "url" else unescaped(given)
    label = clean_label(without_inline_tags(plain) if name == "title" else plain)
    return None if not label or label.lower() == _REMOVED else label
