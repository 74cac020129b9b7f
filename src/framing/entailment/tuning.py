"""Which of several ways of doing the same work is the fastest, here and now."""

import time
from collections.abc import Callable, Sequence

ROUNDS = 3
_CLEARLY = 0.95  # of the first way's time: what another must stay under, so that noise decides nothing

Work = Callable[[], object]


def take_fastest(ways: Sequence[Work], work: Work) -> None:
    """Leave that of the `ways` taken up in which `work` has the least median time over a few rounds: the first, unless another is clearly faster.

    The ways take turns, so that what else the machine does in the meantime meets all of them. One in which the work fails, for want of memory
    say, is out of the question, save the first, whose fault is raised.
    """
    first, *others = ways
    took = {first: [_seconds(first, work)]}
    for way in others:
        try:
            took[way] = [_seconds(way, work)]
        except (MemoryError, RuntimeError):  # PyTorch's want of memory is a RuntimeError
            continue
    for _ in range(ROUNDS - 1):
        for way, seconds in took.items():
            seconds.append(_seconds(way, work))
    median = {way: sorted(seconds)[ROUNDS // 2] for way, seconds in took.items()}
    best = min(median, key=median.__getitem__)
    (best if median[best] < _CLEARLY * median[first] else first)()


def _seconds(way: Work, work: Work) -> float:
    way()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
