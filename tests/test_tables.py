"""The contracts of the tables, and what a table on disk keeps."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from framing.errors import TableError
from framing.tables import DOCUMENTS, Table, read_table, write_tables

PIERS = Table("piers", ("pier_id", "side", "length"), ("pier_id", "side"))


def piers(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["pier_id", "side", "length"])


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_table_that_keeps_its_contract_comes_back_as_it_is():
    table = piers(("NA", "north", 1.0), ("NA", "south", 2.0), ("0012", "north", None))
    assert PIERS.check(table) is table


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (piers(("p", "north", 1)).drop(columns=["length", "side"]), r"`piers` lacks \['length', 'side'\]; it has"),
        (piers((None, "north", 1), ("p", "south", 2)), r"1 rows lack their key"),
        (piers(("p", "north", 1), ("p", "north", 2)), r"1 values of .* more than one row: \['p / north'\]"),
        (
            piers((1, "north", 1)),
            r"column pier_id holds int64; ids and labels are text: .*df\['pier_id'\]\.astype\('str'\)",
        ),
        (piers((1, "north", 1)).astype({"pier_id": "category"}), r"column pier_id holds int64"),
        (piers(("p", True, 1)), r"column side holds bool"),
        (
            piers(("p", "north", 1), (2, "north", 1)).astype({"pier_id": "object"}),
            r"column pier_id holds mixed-integer",
        ),
        (piers((b"p", "north", 1)), r"column pier_id holds bytes"),
    ],
)
def test_a_broken_contract_names_the_table_and_the_fault(table: pd.DataFrame, complaint: str):
    with pytest.raises(TableError, match=complaint):
        PIERS.check(table)


@pytest.mark.parametrize("kind", ["str", "string", "object", "category", "string[pyarrow]"])
def test_keys_of_every_type_that_holds_text_are_text(kind: str):
    table = piers(("0012", "north", 1), ("0012", "south", 2)).astype({"pier_id": kind, "side": kind})
    assert PIERS.check(table) is table


def test_a_table_without_rows_has_no_key_that_could_be_of_another_type():
    table = pd.DataFrame(columns=["pier_id", "side", "length"], dtype="float64")
    assert PIERS.check(table) is table


def test_what_makes_a_table_is_told_with_what_it_lacks():
    with pytest.raises(
        TableError, match=r"`documents` lacks .*'text'.*it has \['body'\]\. Make it with framing\.read_corpus\."
    ):
        DOCUMENTS.check(pd.DataFrame({"body": ["The pier stands."]}))


@pytest.mark.parametrize(("n", "more"), [(10, ""), (12, " and 2 more")])
def test_up_to_ten_repeated_keys_are_listed(n: int, more: str):
    rows = [(f"pier{i:02}", "north", 1) for i in range(n)]
    with pytest.raises(TableError) as caught:
        PIERS.check(piers(*rows, *rows, ("other", "north", 1)))
    message = str(caught.value)
    assert f"{n} values" in message
    assert message.count(" / north") == 10
    assert message.endswith(f"]{more}.")
    assert "other" not in message


KEPT = {
    "ids": pd.DataFrame({"outlet": ["NA", "None", "nan", ""], "document_id": ["0012", "1e3", "-0", "TRUE"]}).astype("str"),
    "missing": pd.DataFrame({"label": ["a", None], "n": [1, 2], "score": [0.1, float("nan")]}).astype({"label": "str"}),
    "offsets": pd.DataFrame({"start": pd.array([1, None], dtype="Int64"), "kept": [True, False]}),
    "days": pd.DataFrame({"published": pd.to_datetime(["2031-01-02", None]).astype("datetime64[ms]")}),
    "lists": pd.DataFrame({"passages_for": [["a#1", "a#2"], []], "document_id": ["a", "b"]}),
    "scripts": pd.DataFrame({"text": ["جسر على النهر", "桥今天开放。", "👩‍👩‍👧 e\u0301", "a\nb\tc"]}).astype("str"),
    "no_rows": pd.DataFrame({"a": pd.Series([], dtype="str"), "b": pd.Series([], dtype="float64")}),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_a_table_is_read_as_it_was_written(name: str, tmp_path: Path):
    write_tables({name: KEPT[name]}, tmp_path)
    assert_frame_equal(read_table(tmp_path / f"{name}.parquet"), KEPT[name])


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_is_read_as_it_was_written(texts: list[str], tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("any")
    table = pd.DataFrame({"text": pd.Series(texts, dtype="str")})
    write_tables({"texts": table}, folder, for_people=False)
    assert_frame_equal(read_table(folder / "texts.parquet"), table)
    assert [path.name for path in folder.iterdir()] == ["texts.parquet"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-bridge", "'-bridge"),
        ("@sum", "'@sum"),
        ("\t=1+1", "'\t=1+1"),
        ("\r=1+1", "'\r=1+1"),
        ("1=1", "1=1"),
        ("“=1+1”", "“=1+1”"),
        ("NA", "NA"),
        ("0012", "0012"),
        ("'quoted'", "'quoted'"),
        ("one\ntwo, three", "one\ntwo, three"),
        (["a#1", "a#2"], "a#1 a#2"),
        (["=1", "a"], "'=1 a"),
        (("a", "b"), "a b"),
        (np.float64(0.5), "0.5"),
    ],
)
def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(cell: object, shown: str, tmp_path: Path):
    write_tables({"t": pd.DataFrame({"x": pd.Series([cell], dtype="object")})}, tmp_path)
    assert cells(tmp_path / "t.csv") == [["x"], [shown]]
    kept = read_table(tmp_path / "t.parquet")["x"].item()
    assert kept == (list(cell) if isinstance(cell, tuple) else cell)


def test_a_column_named_like_a_formula_is_not_run_either(tmp_path: Path):
    write_tables({"t": pd.DataFrame({"=cmd()": ["x"], "plain": ["=y"]})}, tmp_path)
    assert cells(tmp_path / "t.csv") == [["'=cmd()", "plain"], ["x", "'=y"]]
    assert list(read_table(tmp_path / "t.parquet")) == ["=cmd()", "plain"]


def test_numbers_days_and_missing_cells_stay_what_they_are_in_the_csv(tmp_path: Path):
    table = pd.DataFrame({"n": [-1.5, None], "day": pd.to_datetime(["2031-01-02", None]), "who": ["a", None]})
    write_tables({"t": table}, tmp_path)
    assert cells(tmp_path / "t.csv") == [["n", "day", "who"], ["-1.5", "2031-01-02", "a"], ["", "", ""]]


def test_the_csv_bears_the_mark_by_which_a_spreadsheet_knows_utf8(tmp_path: Path):
    write_tables({"t": pd.DataFrame({"x": ["Brücke"]})}, tmp_path)
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("for_people", [True, False])
def test_a_csv_is_written_only_for_people(for_people: bool, tmp_path: Path):
    write_tables({"t": pd.DataFrame({"x": ["y"]})}, tmp_path / "new" / "folder", for_people=for_people)
    assert (tmp_path / "new" / "folder" / "t.parquet").exists()
    assert (tmp_path / "new" / "folder" / "t.csv").exists() is for_people


@pytest.mark.parametrize("damage", ["truncated", "empty", "other", "missing", "folder"])
def test_a_damaged_parquet_file_is_named(damage: str, tmp_path: Path):
    path = tmp_path / "scores.parquet"
    write_tables({"scores": pd.DataFrame({"x": ["y"] * 100})}, tmp_path, for_people=False)
    whole = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
        (path / "part.parquet").write_bytes(whole[:40])
    elif damage != "missing":
        path.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "other": b"x,y\n" * 50}[damage])
    with pytest.raises(TableError, match=r"scores\.parquet is not a readable Parquet file") as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
