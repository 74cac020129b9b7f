"""Processor cores that this process may use, and what the control groups of Linux allow it."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC, _GROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def bound_cores() -> int:
    """Processor cores that this process may run on, whatever time on them it is given."""
    with suppress(AttributeError):  # not on every platform
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_cores() -> int:
    """Cores' worth of work that this process may do at once: those that it may run on, or the time that its container is given on them."""
    return min(bound_cores(), math.ceil(min(limits()[0], 1e9)))


def threads_without_waiting() -> int | None:
    """Threads that can run at once where that is fewer than the machine has cores: in a container, or bound to some of them; None where
    there is no such limit."""
    allowed = usable_cores()
    return allowed if allowed < (os.cpu_count() or 1) else None


def keep_to_one_core() -> None:
    """Let tokenizers of this process, which is a worker, start no threads from now on: the other cores are other workers'."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


def limits(proc: Path = _PROC, groups: Path = _GROUPS) -> tuple[float, float]:
    """Cores' worth of time and bytes of memory that the control groups of this process allow; infinity if all."""
    cores = memory = math.inf
    for folder in _groups(proc, groups):
        time = (
            read_text(folder / "cpu.max")
            or f"{read_text(folder / 'cpu.cfs_quota_us')} {read_text(folder / 'cpu.cfs_period_us')}"
        )
        quota, period = map(number, time.partition(" ")[::2])
        if quota < math.inf and period < math.inf:
            cores = min(cores, quota / period)
        memory = min(memory, number(read_text(folder / "memory.max") or read_text(folder / "memory.limit_in_bytes")))
    return cores, memory


def _groups(proc: Path, groups: Path) -> Iterator[Path]:
    """Folders of the control groups that this process is in, of version 2 (one tree) and version 1 (one a controller), out to the outermost:
    each may allow less than those around it."""
    for line in read_text(proc / "self" / "cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        inner = Path(path.lstrip("/"))
        for name in controllers.split(","):
            yield from (groups / name / each for each in (inner, *inner.parents))


def number(text: str) -> float:
    """A number above 0; infinity for "max", -1 and whatever else stands for no limit."""
    try:
        stated = float(text)
    except ValueError:
        return math.inf
    return stated if stated > 0 else math.inf


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
