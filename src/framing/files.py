"""Writing files so that each is there whole or not at all, whatever happens to the run that writes it."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from framing.errors import StorageError

_NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "a file may not be so large",
}


_WORK, _OLD = ".work-", ".old-"  # folders of a run: what it makes, and what that takes the place of


def reached(step: str, path: Path) -> None:
    """A moment at which a run may be killed: before and after each write, sync and rename. Tests put something here."""


@contextmanager
def _explained(path: Path, size: int | None) -> Iterator[None]:
    """An OSError that means a lack of room becomes one line; all others pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        free = shutil.disk_usage(path.parent).free
        needed = f"{size:,} bytes are needed, " if size is not None else ""
        raise StorageError(
            f"{path} could not be written: {_NO_ROOM[error.errno]} ({needed}{free:,} are free). What was there before is intact; "
            "make room, or name another folder with --out, and run the same command again."
        ) from error


def write_whole(path: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write `path` beside itself, sync and rename: a reader sees the old file or the new one, never half of one, and so does whoever
    comes after a power cut.

    Parameters
    ----------
    path : Path
        The file to make or replace.
    content : bytes or callable
        What to write, or what takes the path of the temporary file and writes it.

    Raises
    ------
    StorageError
        If there is no room; the old file stands.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _explained(path, None if callable(content) else len(content)):
        try:
            reached("write", path)
            if callable(content):
                content(beside)
            else:
                beside.write_bytes(content)
            reached("sync", path)
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            reached("rename", path)
            beside.replace(path)
            reached("sync folder", path)
            _sync_folder(path.parent)
            reached("done", path)
        finally:
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
    with _explained(path, len(content)), path.open("ab+", buffering=0) as file:
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

    What a killed run left half done is undone first: its work goes, and what it had put aside comes back. Only whoever holds the folder's
    lock may call this.
    """
    for left in _left(folder, _WORK):
        shutil.rmtree(left, ignore_errors=True)
    for aside in _left(folder, _OLD):
        for part in aside.iterdir():
            if not (folder / part.name).exists():
                part.replace(folder / part.name)
        shutil.rmtree(aside, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def put_in_place(new: Path, old: Path) -> None:
    """Put a file or folder in the place of another of the same file system; a folder's old content goes only when the new one stands."""
    if not old.is_dir() or old.is_symlink():
        new.replace(old)
        return
    aside = Path(tempfile.mkdtemp(prefix=_OLD, dir=old.parent)) / old.name
    old.replace(aside)
    new.replace(old)
    shutil.rmtree(aside.parent, ignore_errors=True)


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
