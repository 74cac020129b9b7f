"""Writing files so that each is there whole or not at all, whatever happens to the run that writes it."""

import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from framing.errors import StorageError

_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "a file may not be so large",
}


_WORK, _OLD = ".work-", ".old-"  # folders of a run: what it makes, and what that takes the place of
_RECORD = "replaced.json"  # in the latter: the parts of the set, and which of them the old one had
_PART = re.compile(r"\w[\w.-]*")  # a name, never a path to somewhere else


def reached(step: str, path: Path) -> None:
    """A moment at which a run may be killed: before and after each write, sync and rename. Tests put something here."""


@contextmanager
def _explained(path: Path, needed: Callable[[], str]) -> Iterator[None]:
    """An OSError that means a lack of room becomes one line, with the bytes that are `needed` in words; all others pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        free = shutil.disk_usage(path.parent).free
        raise StorageError(
            f"{path} could not be written: {_NO_ROOM[error.errno]} ({needed()} bytes are needed, {free:,} are free). What was there before is "
            "intact; make room, or name another folder with --out, and run the same command again."
        ) from error


def write_whole(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write `path` beside itself, sync and rename: a reader sees the old file or the new one, never half of one, and so does whoever
    comes after a power cut.

    Parameters
    ----------
    path : Path
        The file to make or replace.
    content : bytes or callable
        What to write, or what takes an open file and writes to it.

    Raises
    ------
    StorageError
        If there is no room, with the bytes that are needed (of what a callable writes, those that it got to); the old file stands.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    written = 0

    def needed() -> str:
        return f"at least {written:,}" if callable(content) else f"{len(content):,}"

    with _explained(path, needed):
        try:
            reached("write", path)
            with beside.open("wb") as file:
                if callable(content):
                    content(file)
                else:
                    file.write(content)
                reached("sync", path)
                file.flush()
                os.fsync(file.fileno())
            reached("rename", path)
            beside.replace(path)
            reached("sync folder", path)
            _sync_folder(path.parent)
            reached("done", path)
        finally:
            written = beside.stat().st_size if beside.exists() else 0
            beside.unlink(missing_ok=True)


def refuse_link(path: Path) -> None:
    """Nothing is written through a symbolic link: what a run makes stays in the folder that it was given.

    Raises
    ------
    StorageError
        If `path` is one.
    """
    if path.is_symlink():
        raise StorageError(
            f"{path} is a symbolic link, and nothing is written through one; remove it, or name the folder that it leads to with --out."
        )


def append_line(path: Path, line: str) -> None:
    """Add a line to a file and sync it; the whole line, or the file as it was. A half line of a killed run is ended first, so that it
    spoils no other."""
    refuse_link(path)
    content = line.encode("utf-8") + b"\n"
    with _explained(path, lambda: f"{len(content):,}"), path.open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                content = b"\n" + content
        try:
            reached("append", path)
            if file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            reached("sync line", path)
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), size)
            raise
        if not size:
            _sync_folder(path.parent)
    reached("appended", path)


def sweep(folder: Path) -> None:
    """Remove what a killed run left half written in `folder`; only whoever holds the folder's lock may call this."""
    for path in folder.glob(".*.tmp"):
        path.unlink(missing_ok=True)


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder inside `folder` to make things in, until `put_in_place` puts them where they belong; gone at the end.

    What a killed run left half done is settled first: its work goes, and of what it was replacing either the new set stands whole or the old
    one comes back whole. Only whoever holds the folder's lock may call this.
    """
    sweep(folder)
    for left in _left(folder, _WORK):
        shutil.rmtree(left, ignore_errors=True)
    for aside in _left(folder, _OLD):
        _settle(aside)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def put_in_place(new: Path, folder: Path, parts: Sequence[str]) -> None:
    """Replace a set of files and folders in `folder` by those of `new`, on the same file system, as if in one step.

    All old parts are put aside before the first new one is put in place, and go only when the last one stands. A run that is killed in
    between leaves a record, by which the next `workplace` brings back the old set or finishes the new one; until then the last part is
    missing, so that nothing vouches for a mixture.

    Parameters
    ----------
    new : Path
        Holds the new parts: the last of `parts`, and of the others those that the new set has.
    folder : Path
    parts : sequence of str
        Names of all parts that the old set or the new one may have, in the order in which they are put in place: the last one vouches
        for the others.
    """
    aside = Path(tempfile.mkdtemp(prefix=_OLD, dir=folder))
    try:
        standing = [name for name in parts if os.path.lexists(folder / name)]
        write_json(aside / _RECORD, {"parts": list(parts), "old": standing})
        for name in reversed(standing):
            _move(folder / name, aside / name)
        for name in parts:
            if os.path.lexists(new / name):
                _move(new / name, folder / name)
        _sync_folder(folder)
    finally:
        _settle(aside)


def _settle(aside: Path) -> None:
    """End a replacement, wherever it stopped: the new set stands if its last part does, else the old one is put back. May itself be cut off
    at any point, and begun again."""
    folder = aside.parent
    try:
        record = json.loads((aside / _RECORD).read_text(encoding="utf-8"))
        parts, old = [name for name in record["parts"] if _PART.fullmatch(name)], record["old"]
    except FileNotFoundError:  # nothing was put aside yet, or all is settled but the removal
        parts, old = [], []
    if parts and not _stands(parts[-1], old, aside):
        for name in parts:
            if os.path.lexists(aside / name):
                _remove(folder / name)
                _move(aside / name, folder / name)
            elif name not in old:
                _remove(folder / name)
    (aside / _RECORD).unlink(missing_ok=True)  # first: what is put aside must not come back when half of it is gone
    reached("settled", aside)
    shutil.rmtree(aside, ignore_errors=True)


def _stands(last: str, old: Sequence[str], aside: Path) -> bool:
    """Whether the last part of the new set is in its place, and not that of the old one, which was not put aside yet or is back already."""
    return os.path.lexists(aside.parent / last) and (last not in old or os.path.lexists(aside / last))


def _move(source: Path, target: Path) -> None:
    reached("move", target)
    source.replace(target)
    reached("moved", target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _left(folder: Path, prefix: str) -> list[Path]:
    return [path for path in folder.glob(f"{prefix}*") if path.is_dir() and not path.is_symlink()]


def write_json(path: Path, value: object) -> None:
    """Write `value` as JSON; a NaN in it is refused, because JSON has none."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, sort_keys=False)
    write_whole(path, (text + "\n").encode("utf-8"))


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there; the file system keeps renames in order
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems know no such thing. What a rename lost would be missed by whoever reads, and made again.
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
