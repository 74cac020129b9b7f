"""Articles from one table: CSV, JSON lines or Parquet."""

import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from framing.corpus.normalise import open_text
from framing.corpus.record import Record, canonical
from framing.errors import CorpusError

_ROWS = 1000  # read at a time


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV as strings, nothing taken for missing or for a number; the separator is found among , ; and tab.

    The name of the file's encoding stands in `attrs["encoding"]`.

    Raises
    ------
    CorpusError
        If the file is no CSV, or a row has more fields than the header.
    """
    (table,) = _csv_parts(path, None)
    return table


def _csv_parts(path: Path, rows: int | None) -> Iterator[pd.DataFrame]:
    """The same in parts of so many rows, or whole."""
    handle, encoding = open_text(path)
    try:
        with handle, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            head = handle.readline()
            handle.seek(0)
            separator = max(",;\t", key=head.count)
            # Without index_col=False, pandas takes the first field of too long rows for an index and shifts the others.
            given = pd.read_csv(
                handle,
                sep=separator,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                index_col=False,
                chunksize=rows,
            )
            for table in [given] if isinstance(given, pd.DataFrame) else given:
                table.attrs["encoding"] = encoding
                yield table
    except pd.errors.ParserWarning:
        raise CorpusError(
            f"{path} has rows with more fields than its header; put quotation marks around texts with {separator!r} in them."
        ) from None
    except pd.errors.EmptyDataError:
        raise CorpusError(f"{path} is empty; a CSV with a header line is expected.") from None
    except (pd.errors.ParserError, ValueError) as problem:
        raise CorpusError(f"{path} is not a readable CSV ({str(problem).splitlines()[0]}).") from problem


def from_csv(path: Path) -> Iterator[Record]:
    """One record a row of a CSV."""
    row = 1
    for table in _csv_parts(path, _ROWS):
        yield from _rows(path, table.to_dict("records"), list(table.columns), table.attrs["encoding"], row)
        row += len(table)


def from_parquet(path: Path) -> Iterator[Record]:
    """One record a row of a Parquet file."""
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS):
                table = batch.to_pandas()
                yield from _rows(path, table.to_dict("records"), list(table.columns), "utf-8", row)
                row += len(table)
            if row == 1:
                _names(path, file.schema_arrow.names)
    except (OSError, pa.ArrowException) as error:
        raise CorpusError(f"{path} is not a readable Parquet file ({str(error).splitlines()[0]}).") from error


def _names(path: Path, columns: list[str]) -> dict[str, str]:
    names = canonical([str(column) for column in columns])
    if "text" not in names.values():
        raise CorpusError(f"{path} has no column with the articles' text (text, body or content); it has {columns}.")
    return names


def _rows(path: Path, rows: list[dict[Any, Any]], columns: list[str], encoding: str, first: int) -> Iterator[Record]:
    names = _names(path, columns)
    for number, row in enumerate(rows, first):
        try:
            fields = _fields(row, names)
        except ValueError as problem:
            raise CorpusError(f"{path}, row {number}: {problem}.") from None
        yield Record(f"{path.name}, row {number}", "", fields, encoding)


def from_jsonl(path: Path, *, skip_bad: bool) -> Iterator[Record]:
    """One record a line of a JSON lines file; with `skip_bad` a bad line becomes a record with its trouble."""
    handle, encoding = open_text(path)
    with handle:
        yield from _lines(path, handle, encoding, skip_bad)


def _lines(path: Path, handle: TextIO, encoding: str, skip_bad: bool) -> Iterator[Record]:
    for number, line in enumerate(handle, 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError("the line is not a JSON object")
            if not (names := canonical(list(row))) or "text" not in names.values():
                raise ValueError(f"no field with the article's text (text, body or content); it has {list(row)}")
            fields = _fields(row, names)
        except (ValueError, RecursionError) as problem:
            if not skip_bad:
                raise CorpusError(
                    f"{path}, line {number}: {problem}. Mend the line, or set `skip_bad: true` (--skip-bad) to set it aside."
                ) from None
            yield Record(where, f"{path.stem}:{number}", {}, encoding, f"unreadable: {problem}")
            continue
        yield Record(where, "", fields, encoding)


def _fields(row: Mapping[Any, Any], names: Mapping[str, str]) -> dict[str, str]:
    """A row's cells as strings under our names; a ValueError if the text is of another kind, such as a list of paragraphs."""
    fields = {}
    for key, value in row.items():
        ours = names.get(str(key), str(key))
        fields[ours] = _string(value)
        if ours == "text" and fields[ours] and not isinstance(value, str):
            raise ValueError(f"the article's text is of the kind {type(value).__name__}; one string is expected")
    return fields


def _string(value: Any) -> str:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)
