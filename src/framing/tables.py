"""The tables that the stages hand on: what a row is, which columns it has, and how a table is kept on disk.

Every stage takes tables of this module and returns new ones. A table is a pandas DataFrame; its contract is checked
at each border. Ids and labels are strings, so "NA" and "0012" stay what they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from framing.errors import TableError
from framing.files import write_whole

_SHOWN = 10  # how many offending keys an error lists
_LISTS = ("passages_for", "passages_against")  # columns whose cells are lists of ids


@dataclass(frozen=True)
class Table:
    """Columns that a stage promises; `key` says what one row is, in columns of text, and `made_with` what makes such a table."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    made_with: str = ""

    def check(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return `df` unchanged if it keeps the contract.

        Raises
        ------
        TableError
            If a column is missing, a key is missing or no text, or a key stands in more than one row (up to ten are listed).
        """
        if missing := sorted(set(self.columns) - set(df.columns)):
            next_step = f" Make it with {self.made_with}." if self.made_with else ""
            raise TableError(f"table `{self.name}` lacks {missing}; it has {sorted(map(str, df.columns))}.{next_step}")
        key = list(self.key)
        if (without := int(df[key].isna().any(axis=1).sum())) > 0:
            raise TableError(f"table `{self.name}`: {without} rows lack their key {self.key}.")
        for column in key:
            if len(df) and (kind := _kind(df[column])) != "string":
                raise TableError(
                    f"table `{self.name}`: column {column} holds {kind}; ids and labels are text: "
                    f"df[{column!r}] = df[{column!r}].astype('str')."
                )
        repeated = df.loc[df.duplicated(key, keep=False), key].drop_duplicates()
        if len(repeated):
            shown = [" / ".join(map(str, row)) for row in repeated.head(_SHOWN).itertuples(index=False)]
            more = f" and {len(repeated) - _SHOWN} more" if len(repeated) > _SHOWN else ""
            raise TableError(
                f"table `{self.name}`: {len(repeated)} values of {self.key} stand in more than one row: {shown}{more}."
            )
        return df


def typed(table: pd.DataFrame, kinds: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table with the types that its columns have also where there is no row: `kinds` names columns by type, all others hold floats."""
    told = {column: kind for kind, columns in kinds.items() for column in columns}
    return table.astype(dict.fromkeys(table.columns, "float64") | told)


def _kind(values: pd.Series) -> str:
    """What a column holds: "string", or another type's name; cells are looked at only where the column's type does not tell."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    if isinstance(values.dtype, pd.StringDtype):
        return "string"
    return pd.api.types.infer_dtype(values) if values.dtype == object else str(values.dtype)


DOCUMENTS = Table(
    "documents",
    (
        "document_id", "outlet", "title", "published", "published_raw", "date_status", "url", "language", "text",
        "source_file", "encoding", "story_id", "duplicate_of", "origin", "text_sha256", "n_replaced", "truncated", "status",
    ),
    ("document_id",),
    made_with="framing.read_corpus",
)  # fmt: skip
PASSAGES = Table(
    "passages",
    (
        "passage_id", "document_id", "position", "paragraph", "field", "start", "end", "text", "voice", "speaker",
        "kept", "reason",
    ),
    ("passage_id",),
)  # fmt: skip
HYPOTHESES = Table("hypotheses", ("hypothesis_id", "construct", "side", "text"), ("hypothesis_id",))
SCORES = Table("scores", ("passage_id", "hypothesis_id", "p_entail", "status"), ("passage_id", "hypothesis_id"))
MEASURES = Table(
    "measures", ("document_id", "passage_id", "construct", "value", "n_hypotheses"), ("passage_id", "construct")
)
ARTICLES = Table(
    "articles",
    (
        "document_id", "construct", "voice", "score", "share", "n_passages", "n_missing", "n_siding", "passages_for",
        "passages_against",
    ),
    ("document_id", "construct", "voice"),
)  # fmt: skip
OUTLETS = Table(
    "outlets",
    (
        "outlet", "construct", "voice", "estimate", "low", "high", "share", "share_low", "share_high", "n_documents",
        "n_undefined", "n_stories", "resampled", "share_n_documents", "share_resampled",
    ),
    ("outlet", "construct", "voice"),
)  # fmt: skip
ANNOTATIONS = Table(
    "annotations",
    ("unit_id", "document_id", "start", "end", "coder", "construct", "value", "inclusion_probability"),
    ("unit_id", "coder", "construct"),
)
# What a coding sheet may have beside the codes: each construct is a column of its own there.
SHEET_COLUMNS = tuple(
    column
    for column in dict.fromkeys((*PASSAGES.columns, *ANNOTATIONS.columns))
    if column not in ("construct", "value")
)

# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _for_people(value: object) -> object:
    """One cell of a CSV: text that a spreadsheet would run is led by an apostrophe; lists become text."""
    if isinstance(value, (list, tuple, np.ndarray)):
        value = " ".join(map(str, value))
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, *, for_people: bool = True) -> None:
    """Write each table as NAME.parquet and, for people, as NAME.csv (UTF-8 with a mark that spreadsheets know).

    The Parquet file is exact. In the CSV a text cell that a spreadsheet would take for a formula is led by an apostrophe.

    Raises
    ------
    StorageError
        If there is no room for a file; what stood there before is intact.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, df in tables.items():
        arrow = to_arrow(df)
        write_whole(folder / f"{name}.parquet", partial(pq.write_table, arrow))
        if for_people:
            write_csv(df, folder / f"{name}.csv")


def write_csv(df: pd.DataFrame, path: Path) -> None:
    """Write a table for people: UTF-8 with a mark that spreadsheets know; text that one would take for a formula is led by an apostrophe."""
    cells = df.rename(columns=_for_people)
    for column in cells.columns[[not pd.api.types.is_numeric_dtype(t) for t in cells.dtypes]]:
        if not pd.api.types.is_datetime64_any_dtype(cells[column]):
            cells[column] = cells[column].map(_for_people, na_action="ignore")
    write_whole(
        path,
        partial(cells.to_csv, index=False, encoding="utf-8-sig", date_format="%Y-%m-%d", lineterminator="\r\n"),
    )


def to_arrow(df: pd.DataFrame) -> pa.Table:
    """A table with types that do not depend on which cells are there, so that files of the same columns read as one."""
    arrow = pa.Table.from_pandas(df, preserve_index=False)
    texts, lists = pa.large_string(), pa.list_(pa.string())
    fields = [
        field.with_type(lists)
        if field.name in _LISTS
        else field.with_type(texts)
        if pa.types.is_null(field.type)
        else field
        for field in arrow.schema
    ]
    return arrow.cast(pa.schema(fields, metadata=arrow.schema.metadata))


def read_table(path: Path) -> pd.DataFrame:
    """Read one Parquet table as `write_tables` was given it; cells that are lists come back as lists.

    Raises
    ------
    TableError
        If the file is not a readable Parquet file; the message names it.
    """
    try:
        arrow = pq.read_table(path, partitioning=None)
        table: pd.DataFrame = arrow.to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise TableError(f"{path} is not a readable Parquet file ({str(error).splitlines()[0]}).") from error
    lists = [field.name for field in arrow.schema if pa.types.is_list(field.type) or pa.types.is_large_list(field.type)]
    for column in lists:
        table[column] = table[column].map(list, na_action="ignore")
    return table
