"""The way that is taken is the fastest, unless it is hardly better than the first, or finds something else."""

import numpy as np
import pytest

from framing.entailment import tuning


class Clock:
    """Time that passes only by work."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(tuning.time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def taken(clock, seconds, *, otherwise=()):
    """The number of the way that is left taken up, and how often each was tried."""
    state, tried = [0], [0] * len(seconds)

    def take_up(number):
        state[0] = number

    def work():
        number = state[0]
        tried[number] += 1
        clock.now += seconds[number][tried[number] - 1]
        return np.array([0.5, np.nan, 0.25 + 1e-16 * (number in otherwise)])

    tuning.take_fastest([lambda number=number: take_up(number) for number in range(len(seconds))], work)
    return state[0], tried


def test_the_fastest_way_is_left_taken_up(clock):
    assert taken(clock, [[3, 3, 3], [1, 1, 1], [2, 2, 2]]) == (1, [3, 3, 3])


def test_one_slow_round_decides_nothing(clock):
    assert taken(clock, [[2, 2, 2], [1, 9, 1]])[0] == 1


def test_the_first_stays_where_no_other_is_clearly_faster(clock):
    assert taken(clock, [[1, 1, 1], [0.97, 0.97, 0.97]])[0] == 0


def test_a_way_that_changes_the_last_bit_of_what_is_found_is_out_of_the_question(clock):
    assert taken(clock, [[3, 3, 3], [1, 1, 1], [2, 2, 2]], otherwise=[1]) == (2, [3, 1, 3])


@pytest.mark.parametrize("fault", [MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("fails_at", range(1, 7))
def test_where_a_way_fails_the_first_is_taken_up_again_and_the_error_goes_on(fault, fails_at):
    taken_up, tried = [], []

    def work():
        tried.append(taken_up[-1])
        if len(tried) == fails_at:
            raise fault("too much at a time")
        return np.zeros(3)

    with pytest.raises(fault, match="too much at a time"):
        tuning.take_fastest([lambda number=number: taken_up.append(number) for number in range(2)], work)
    assert taken_up[-1] == 0
    assert len(tried) == fails_at
