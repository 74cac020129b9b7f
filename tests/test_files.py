"""Files are there whole or not at all."""

import errno
import json
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pytest

from framing.errors import StorageError
from framing.files import append_line, sweep, write_json, write_whole
from framing.tables import write_tables


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path):
    path = tmp_path / "scores.json"
    write_json(path, {"n": 1})

    def full(file: BinaryIO) -> None:
        file.write(b'{"n": ')
        raise OSError(errno.ENOSPC, "no space left")

    with pytest.raises(
        StorageError, match=r"scores\.json could not be written: the disk is full \(at least 6 bytes are needed"
    ):
        write_whole(path, full)
    assert json.loads(path.read_text(encoding="utf-8")) == {"n": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_json_never_holds_a_bare_nan(value: object, tmp_path: Path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", value)
    assert list(tmp_path.iterdir()) == []


def test_json_keeps_text_of_any_script_readable(tmp_path: Path):
    write_json(tmp_path / "x.json", {"outlet": "橋の新聞"})
    assert "橋の新聞" in (tmp_path / "x.json").read_text(encoding="utf-8")


def test_a_line_is_there_whole_or_not_at_all(tmp_path: Path):
    """A file-size limit met in the middle of a line: nothing of it stays."""
    resource = pytest.importorskip("resource", reason="no file-size limits here")
    path = tmp_path / "ledger"
    append_line(path, "x" * 90)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (120, before[1]))
    try:
        with pytest.raises(StorageError, match="could not be written"):
            append_line(path, "y" * 90)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text(encoding="utf-8") == "x" * 90 + "\n"
    append_line(path, "z")
    assert path.read_text(encoding="utf-8").splitlines() == ["x" * 90, "z"]


@pytest.mark.parametrize("limit", [100, 6000])
def test_a_table_that_finds_no_room_is_named_with_the_bytes_that_it_needs(tmp_path: Path, limit: int):
    """The Parquet file or, where that has room, the CSV beside it."""
    resource = pytest.importorskip("resource", reason="no file-size limits here")
    table = pd.DataFrame({"text": ["the same words again"] * 20_000})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(StorageError, match="a file may not be so large") as caught:
            write_tables({"passages": table}, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    name = "passages.parquet" if limit == 100 else "passages.csv"
    assert str(caught.value).startswith(f"{tmp_path / name} could not be written")
    assert f"(at least {limit:,} bytes are needed, " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == (["passages.parquet"] if limit > 100 else [])


def test_a_half_line_is_ended_before_the_next(tmp_path: Path):
    path = tmp_path / "ledger"
    path.write_text("whole\nhal", encoding="utf-8")
    append_line(path, "next")
    assert path.read_text(encoding="utf-8").splitlines() == ["whole", "hal", "next"]


def test_only_half_written_files_are_swept(tmp_path: Path):
    for name in (".x.parquet.77.tmp", "x.tmp", ".lock", "x.parquet"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "x.parquet", "x.tmp"]
