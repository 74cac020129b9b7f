"""A disk that is really full: a small file system in memory, which only the superuser can mount."""

import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from framing.errors import StorageError
from tests import killed

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0 or shutil.which("mount") is None,
        reason="needs Linux and the right to mount a small file system",
    ),
]


def _mount(*options):
    return subprocess.run(["mount", *options], capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path):
    """A file system of 36 KB; the test may make it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = _mount("-t", "tmpfs", "-o", "size=36k", "tmpfs", str(folder))
    if mounted.returncode:
        pytest.skip(f"a small file system could not be mounted ({mounted.stderr.strip()})")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_harms_nothing_and_the_run_goes_on_when_there_is_room(tmp_path, disk, monkeypatch):
    monkeypatch.setattr("framing.scoring.CHUNK", 12)
    alone = killed.run(tmp_path / "alone")
    with pytest.raises(
        StorageError, match=r"could not be written: the disk is full \([\d,]+ bytes are needed, [\d,]+ are free"
    ):
        killed.run(disk)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "alone").rglob("*.parquet")}
    kept = {path.name: path.read_bytes() for path in disk.rglob("*.parquet")}
    assert 0 < len(kept) < len(whole)
    assert kept.items() <= whole.items()
    assert not list(disk.rglob("*.tmp"))
    assert _mount("-o", "remount,size=4m", str(disk)).returncode == 0
    pd.testing.assert_frame_equal(killed.run(disk), alone, check_exact=True)
    assert {path.name: path.read_bytes() for path in disk.rglob("*.parquet")} == whole
