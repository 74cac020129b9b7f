"""Disks that are really full, or really read-only: small file systems in memory, which only the superuser can mount.

Permissions would not do for the latter: the superuser may write whatever they say.
"""

import dataclasses
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from framing.coding import draw
from framing.errors import StorageError
from framing.report.build import build_report
from framing.stream import score_corpus
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
def mounted(tmp_path):
    """Mounts a file system with some options on a folder."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        done = _mount("-t", "tmpfs", "-o", options, "tmpfs", str(folder))
        if done.returncode:
            pytest.skip(f"a small file system could not be mounted ({done.stderr.strip()})")
        return folder

    yield mount
    if folder.is_mount():
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_harms_nothing_and_the_run_goes_on_when_there_is_room(tmp_path, mounted, monkeypatch):
    disk = mounted("size=36k")  # the test makes it larger
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


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (build_report, "cannot be written to"),
        (score_corpus, "cannot be written to"),
        (lambda study: draw(study, study.out / "coding"), "cannot be made"),
    ],
    ids=["report", "score", "draw"],
)
@pytest.mark.parametrize("below", ["", "new"])
def test_a_read_only_disk_is_told_before_a_model_is_loaded(tmp_path, mounted, monkeypatch, work, said, below):
    monkeypatch.setattr("framing.analysis.load_model", lambda *_, **__: pytest.fail("the model was loaded"))
    study = killed.study_of(tmp_path)
    disk = mounted("ro")
    with pytest.raises(StorageError, match=rf"{said} \(Read-only file system\)"):
        work(dataclasses.replace(study, out=disk / below))
    assert not any(disk.iterdir())
