"""One run at a time in a folder."""

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from framing.errors import StorageError
from framing.files import write_json

_LOCK, _HOLDER = ".lock", ".holder.json"
_POLL_SECONDS = 0.2

_log = logging.getLogger(__name__)


@contextmanager
def held(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold `folder` (made if it is not there) until the block ends; the kernel lets go of it when a run is killed.

    Parameters
    ----------
    folder : Path
    wait : bool
        Wait for another run that holds it, and say so, instead of giving up.

    Raises
    ------
    StorageError
        If another run holds it, named by process and machine, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            used = f"{folder} is in use by another run ({_holder(folder)})"
            if not wait:
                raise StorageError(f"{used}; wait for it, or name another folder with --out.") from None
            _log.warning("%s; waiting for it.", used)
            lock.acquire(poll_interval=_POLL_SECONDS)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written to ({error.strerror}); choose another folder with --out."
        ) from error
    try:
        write_json(folder / _HOLDER, {"pid": os.getpid(), "host": socket.gethostname()})
        yield
    finally:
        (folder / _HOLDER).unlink(
            missing_ok=True
        )  # the folder may be shared, and who worked in it is nobody's business
        lock.release()  # its file stays: who takes it away may take away the lock of another run


def _holder(folder: Path) -> str:
    try:
        holder = json.loads((folder / _HOLDER).read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has not said which"
