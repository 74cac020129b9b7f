"""Articles from one table: CSV, JSON, JSON lines or Parquet."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from framing.corpus.normalise import open_text
from framing.corpus.record import KNOWN, Record, candidates, check_present, folded, named, text_of
from framing.errors import CorpusError

_ROWS = 1000  # read at a time
_MAX_FIELD = 200_000_000  # characters of a cell: more comes only of a quotation mark that is never closed
_MAX_JSON = 500_000_000  # bytes of a JSON file, which is read whole
_DEPTH = 4  # levels of a JSON file at which articles are looked for
# What exports call the list of their articles, by `folded`.
_EXPORTED = frozenset(
    ("articles", "data", "docs", "documents", "entries", "hits", "items", "news", "posts", "records", "results", "rows", "stories")
)  # fmt: skip
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?[\r\n]', re.IGNORECASE)  # which Excel writes above the header
_OPEN_LIST = re.compile(r"\s*\[\s*\{")  # of objects: no line of JSON lines begins so
_HEAD = 65_536  # characters
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")  # which pandas writes to Parquet


def read_csv(path: Path) -> pd.DataFrame:
    """A CSV as strings, nothing taken for missing or for a number; the separator is found among , ; and tab.

    The index is the line that each row begins at; the name of the file's encoding stands in `attrs["encoding"]`.

    Raises
    ------
    CorpusError
        If the file is no CSV, a row has more fields than the header, or a quotation mark opens or closes where none can; with the line.
    """
    (table,) = _csv_parts(path, None)
    return table


def csv_header(path: Path) -> list[str]:
    """The columns of a CSV, as `read_csv` names them and with its errors; only the first rows are looked at."""
    return list(next(_csv_parts(path, 1)).columns)


def _csv_parts(path: Path, rows: int | None) -> Iterator[pd.DataFrame]:
    """The same in parts of so many rows, or whole; a CSV of a header alone is one empty part."""
    handle, encoding = open_text(path, newline="")
    with handle:
        given = _csv_rows(path, handle)
        _, header = next(given, (0, None))
        if header is None:
            raise CorpusError(f"{path} is empty; a CSV with a header line is expected.")
        first = True
        while (part := list(islice(given, rows))) or first:
            lines = [line for line, _ in part]
            table = pd.DataFrame([row for _, row in part], lines, _distinct(header), dtype="str")
            table.attrs["encoding"] = encoding
            yield table
            first = False


def _csv_rows(path: Path, handle: TextIO) -> Iterator[tuple[int, list[str]]]:
    """The header and the rows, each as long as the header and with the line that it begins at; empty lines are passed over."""
    csv.field_size_limit(_MAX_FIELD)
    start = handle.read(_HEAD)
    handle.seek(0)
    stated = _SEPARATOR_LINE.match(start)
    above = 1 if stated else 0
    if stated:
        handle.readline()
    head = next((line for line in start.splitlines()[above:] if line.strip()), "")
    separator = stated[1] if stated else max(",;\t", key=head.count)
    # What a program writes has no space there; within a text between quotation marks, its own are doubled.
    spaced = re.search(rf'^[^"\n]*{separator} +"(?!")', start, re.MULTILINE) is not None
    reader = csv.reader(handle, delimiter=separator, strict=True, skipinitialspace=spaced)
    header: list[str] = []
    header_line = begins = 1 + above
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1 + above
            if not row or (len(row) == 1 and row[0].isspace()):
                continue
            if not header:
                header, header_line = row, line
            elif any(row[len(header) :]):
                raise CorpusError(
                    f"{path}, line {line} has more fields than its header ({len(row)}, but line {header_line} has {len(header)}); put quotation "
                    f"marks around texts with {separator!r} in them, and remove anything above the header, such as a title."
                )
            yield line, row[: len(header)] + [""] * (len(header) - len(row))
    except csv.Error as problem:
        raise CorpusError(
            f"{path} is not a readable CSV: from line {begins} on, quotation marks do not pair off (noticed in line {reader.line_num + above}: "
            f'{problem}). Put a text that holds one between quotation marks, and double it within the text ("").'
        ) from problem


def _distinct(header: list[str]) -> list[str]:
    """The names of the columns, each once: what has none gets its number, and a second of the same name its count."""
    names: dict[str, None] = {}
    for number, given in enumerate(header):
        name = base = given if given.strip() else f"Unnamed: {number}"
        n = 0
        while name in names:
            n += 1
            name = f"{base}.{n}"
        names[name] = None
    return list(names)


def from_csv(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Record]:
    """One record a row of a CSV; `columns` is their name: ours."""
    row = 1
    for table in _csv_parts(path, _ROWS):
        yield from _rows(
            path, table.to_dict("records"), list(table.columns), columns or {}, table.attrs["encoding"], row
        )
        row += len(table)


def from_parquet(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Record]:
    """One record a row of a Parquet file; `columns` is their name: ours."""
    row = 1
    try:
        with pq.ParquetFile(path) as file:
            given = file.schema_arrow.names
            used = [at for at, name in enumerate(given) if not _UNNAMED_INDEX.fullmatch(name)]
            names = _distinct([given[at] for at in used])
            for batch in file.iter_batches(_ROWS):
                # Not by way of pandas, which drops the index and makes a float of a large number beside a missing one.
                rows = batch.select(used).rename_columns(names).to_pylist()
                yield from _rows(path, rows, names, columns or {}, "utf-8", row)
                row += batch.num_rows
            if row == 1:
                yield from _rows(path, [], names, columns or {}, "utf-8", row)
    except (OSError, pa.ArrowException) as error:
        raise CorpusError(f"{path} is not a readable Parquet file ({str(error).splitlines()[0]}).") from error


def from_frame(source: Path, frame: pd.DataFrame, columns: Mapping[str, str] | None = None) -> Iterator[Record]:
    """One record a row of a data frame, which messages call `source`; `columns` is their name: ours. A named index is a column."""
    named_index = [name for name in frame.index.names if name is not None]
    frame = frame.reset_index(allow_duplicates=True) if named_index else frame
    names = _distinct([str(name) for name in frame.columns])
    for begin in range(0, max(len(frame), 1), _ROWS):
        part = frame.iloc[begin : begin + _ROWS].set_axis(names, axis=1).astype("object")
        rows = [{name: _native(cell) for name, cell in row.items()} for row in part.to_dict("records")]
        yield from _rows(source, rows, names, columns or {}, "utf-8", begin + 1)


def _rows(
    path: Path, rows: list[dict[Any, Any]], present: list[str], columns: Mapping[str, str], encoding: str, first: int
) -> Iterator[Record]:
    check_present(path, columns, present)
    choice = candidates(present, columns)
    if "text" not in choice:
        has_lines = path.suffix.lower() in (".csv", ".tsv")
        above = "; nothing may come above the line with the columns" if has_lines else ""
        raise CorpusError(f"{path} {_no_text(present)}{above}.")
    for number, row in enumerate(rows, first):
        try:
            fields = _fields(row, choice)
        except ValueError as problem:
            raise CorpusError(f"{path}, row {number}: {problem}.") from None
        yield Record(f"{path.name}, row {number}", "", fields, encoding, id_columns=_id_columns(choice))


def _id_columns(choice: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(choice.get("document_id", ()))


def _no_text(present: list[str]) -> str:
    links = "; if the file holds only links, fetch the texts first" if "url" in candidates(present) else ""
    return (
        f"has no column that is known to hold the articles' text (text, body, content); it has {present}. Call it `text`, "
        f"or name it in the study file: `columns: {{ITS_NAME: text}}`{links}"
    )


def from_json(path: Path, columns: Mapping[str, str] | None = None, *, skip_bad: bool) -> Iterator[Record]:
    """One record an article of a JSON file: one object a line, or (also in a .json file) a list of objects, one that holds it, or one article.

    With `skip_bad` what is no article becomes a record with its trouble, unless nothing in the file has a text; `columns` is their name: ours.
    """
    handle, encoding = open_text(path)
    with handle:
        whole = None
        if path.suffix.lower() == ".json" or _OPEN_LIST.match(handle.read(_HEAD)):
            handle.seek(0)
            whole = _articles(path, handle, columns or {})
        handle.seek(0)
        given: Iterator[tuple[str, Any]] = (
            ((f"line {n}", line) for n, line in enumerate(handle, 1) if line.strip())
            if whole is None
            else ((f"article {n}", article) for n, article in enumerate(whole, 1))
        )
        yield from _objects(path, given, columns or {}, encoding, skip_bad)


def _articles(path: Path, handle: TextIO, columns: Mapping[str, str]) -> list[Any] | None:
    """The articles of a JSON document; None if it is one object a line."""
    if path.stat().st_size > _MAX_JSON:
        raise CorpusError(
            f"{path} is larger than {_MAX_JSON:,} bytes; JSON lines (.jsonl, one object a line) can be, as they are read in parts."
        )
    text = handle.read()
    try:
        found = _listed(json.loads(text), columns, _DEPTH)
    except (ValueError, RecursionError) as problem:
        if isinstance(problem, json.JSONDecodeError) and problem.msg == "Extra data" and text.lstrip().startswith("{"):
            return None
        raise CorpusError(f"{path} is not readable JSON ({problem}).") from None
    if found is None:
        raise CorpusError(
            f"{path} holds no list of articles, or more than one; a list of objects, or one object that holds it, is expected. If there "
            "is more than one, leave only the list of the articles in the file."
        )
    return found


def _listed(value: Any, columns: Mapping[str, str], depth: int) -> list[Any] | None:
    """The one list of objects in a JSON document, or the document itself if it is an article."""
    if isinstance(value, list):
        return value
    found = [each for _, each in _lists("", value, columns, depth)]
    filled = [each for each in found if each]
    if not filled:
        return [] if found else None
    return filled[0] if len(filled) == 1 else None


def _lists(name: str, value: Any, columns: Mapping[str, str], depth: int) -> list[tuple[str, list[Any]]]:
    """What may be the articles of a JSON value, with its name: lists that hold an object or nothing, and an article as a list of one.

    An object with a text is an article, and what hangs on it (comments, entities) part of it, unless a list of texts below is called as
    exports call their articles: then the text is one about the export. A list of texts with titles below a text without one may be either.
    """
    if isinstance(value, list):
        return [(name, value)] if not value or any(isinstance(each, dict) for each in value) else []
    if not isinstance(value, dict):
        return []
    below = [pair for key, each in value.items() for pair in _lists(key, each, columns, depth - 1)] if depth else []
    whole = _with_members(value, columns)
    if not any(isinstance(whole[column], str) for column in candidates(list(whole), columns).get("text", ())):
        return below
    exported = [(key, found) for key, found in below if folded(key) in _EXPORTED and _hold(found, "text", columns)]
    if exported:
        return exported
    if _hold([value], "title", columns):
        return [(name, [value])]
    either = [pair for pair in below if all(_hold(pair[1], ours, columns) for ours in ("text", "title"))]
    return [(name, [value]), *either]


def _hold(found: list[Any], ours: str, columns: Mapping[str, str]) -> bool:
    """Whether one object of a list has a column that may be one of ours."""
    rows = (_with_members(each, columns) for each in found if isinstance(each, dict))
    return any(ours in candidates(list(row), columns) for row in rows)


def _objects(
    path: Path, given: Iterator[tuple[str, Any]], columns: Mapping[str, str], encoding: str, skip_bad: bool
) -> Iterator[Record]:
    """Records of objects, or of lines that hold one each."""
    seen: dict[str, None] = {}
    present: list[str] = []
    choice: dict[str, list[str]] = {}
    texts = without_text = 0
    for where, value in given:
        try:
            row = json.loads(value) if isinstance(value, str) else value
            if not isinstance(row, dict):
                raise ValueError("it is not a JSON object")
            row = _with_members(row, columns)
            if list(row) != present:
                present = list(row)
                choice = candidates(present, columns)
                seen |= dict.fromkeys(present)
            if "text" not in choice:
                without_text += 1
                raise ValueError(f"it {_no_text(present)}")
            texts += 1
            fields = _fields(row, choice)
        except (ValueError, RecursionError) as problem:
            if not skip_bad:
                raise CorpusError(
                    f"{path}, {where}: {problem}. Fix it, or set `skip_bad: true` (--skip-bad) to set it aside."
                ) from None
            yield Record(
                f"{path.name}, {where}", f"{path.stem}:{where.split()[1]}", {}, encoding, f"unreadable: {problem}"
            )
            continue
        yield Record(f"{path.name}, {where}", "", fields, encoding, id_columns=_id_columns(choice))
    if seen:
        check_present(path, columns, seen)
    if without_text and not texts:
        raise CorpusError(f"{path} {_no_text(list(seen))}.")


def _with_members(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A JSON object with those members of its objects that may stand for one of our columns, as `source.name`."""
    members = {
        f"{key}.{name}": member
        for key, value in row.items()
        if isinstance(value, dict)
        for name, member in value.items()
        if f"{key}.{name}" in columns or folded(f"{key}.{name}") in KNOWN
    }
    return members | row


def _fields(row: Mapping[str, Any], choice: Mapping[str, list[str]]) -> dict[str, str]:
    """A row's cells as strings under our names; a ValueError as `named` and `text_of` raise it."""
    cells = {column: _string(value) for column, value in row.items()}
    text = text_of({column: row[column] if cells[column] else "" for column in choice["text"]}, choice["text"])
    return named(cells, choice) | {"text": text}


def _native(value: Any) -> Any:
    """A cell as JSON has it: pandas gives a list as an array."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return value
    # Of dates to the nanosecond numpy would make whole numbers.
    return (value.astype("datetime64[us]") if value.dtype.kind == "M" else value).tolist()


def _in_json(value: Any) -> Any:
    """What a list or an object holds that JSON does not know."""
    native = _native(value)
    return str(value) if native is value else native


def _string(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=_in_json)
    return value if isinstance(value, str) else str(value)
