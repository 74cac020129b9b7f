"""Which of several ways of doing the same work is the fastest, here and now."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

ROUNDS = 3
MEASURED = 0.05  # of a run's pairs: what a measurement may take
_CLEARLY = 0.95  # of the first way's time: what another must stay under, so that noise decides nothing

Way = Callable[[], object]
Work = Callable[[], np.ndarray[Any, Any]]


def take_fastest(ways: Sequence[Way], work: Work) -> None:
    """Leave that of the `ways` taken up in which `work` has the least median time over a few rounds: the first, unless another is clearly faster.

    The ways take turns, so that what else the machine does in the meantime meets all of them. One in which the work comes out otherwise than in
    the first, were it in the last bit, is out of the question: what is measured must not decide what is found. If one fails, the first
    is taken up again, and the error goes on.
    """
    try:
        fastest = _fastest(ways, work)
    except BaseException:  # a run that was interrupted may go on in this process as well
        ways[0]()
        raise
    fastest()


def _fastest(ways: Sequence[Way], work: Work) -> Way:
    """The way to be taken up; which one is so now is left open."""
    first, *others = ways
    seconds, found = _timed(first, work)
    took = {first: [seconds]}
    for way in others:
        seconds, other = _timed(way, work)
        if np.array_equal(other, found, equal_nan=True):
            took[way] = [seconds]
    for _ in range(ROUNDS - 1):
        for way, times in took.items():
            times.append(_timed(way, work)[0])
    median = {way: sorted(times)[ROUNDS // 2] for way, times in took.items()}
    best = min(median, key=median.__getitem__)
    return best if median[best] < _CLEARLY * median[first] else first


def _timed(way: Way, work: Work) -> tuple[float, np.ndarray[Any, Any]]:
    way()
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found
