"""How a model in ONNX is run: by as many threads as there is room for, in the way that is faster just then."""

import itertools
from pathlib import Path

import numpy as np
import pytest

import framing
from framing.entailment import session
from tests.entailment import tiny
from tests.entailment.runtime import SLEEPING, SPINNING, Runtime

PREMISES, HYPOTHESES = ["yes", "no the bridge", "maybe yes"], ["the", "no"]
LONG = 720  # pairs of a run of which a twentieth is measured: two ways, three rounds of three premises under two hypotheses


@pytest.mark.parametrize("shape", [tiny.PAIR, tiny.SPLIT])
@pytest.mark.parametrize(("slow", "fast"), [(SPINNING, SLEEPING), (SLEEPING, SPINNING)])
def test_the_faster_way_is_taken_and_no_score_changes(tmp_path, monkeypatch, shape, slow, fast):
    runtime = Runtime(monkeypatch, lambda run: float(run.waiting == slow))
    model = framing.load_model(str(tiny.write(tmp_path, shape=shape)))
    before = model.entail_table(PREMISES, HYPOTHESES)
    measured = runtime.runs_of(model.tune, PREMISES, HYPOTHESES, LONG)
    assert {run.waiting for run in measured} == {SPINNING, SLEEPING}
    assert {run.waiting for run in runtime.runs_of(model.entail_table, PREMISES, HYPOTHESES)} == {fast}
    np.testing.assert_array_equal(model.entail_table(PREMISES, HYPOTHESES), before)
    assert not runtime.runs_of(model.tune, PREMISES, HYPOTHESES, LONG), "measured again"


def test_before_a_short_run_nothing_is_measured(tmp_path, monkeypatch):
    runtime = Runtime(monkeypatch)
    model = framing.load_model(str(tiny.write(tmp_path)))
    assert not runtime.runs_of(model.tune, PREMISES, HYPOTHESES, LONG - 1)


def test_where_threads_were_given_nothing_is_measured(tmp_path, monkeypatch):
    runtime = Runtime(monkeypatch)
    model = framing.load_model(str(tiny.write(tmp_path)), threads=1)
    assert not runtime.runs_of(model.tune, PREMISES, HYPOTHESES, LONG)


def test_large_weights_are_not_held_twice_for_a_measurement(tmp_path, monkeypatch):
    runtime = Runtime(monkeypatch)
    folder = tiny.write(tmp_path)
    monkeypatch.setattr(session, "LARGE", Path(folder, "model.onnx").stat().st_size - 1)
    model = framing.load_model(str(folder))
    assert not runtime.runs_of(model.tune, PREMISES, HYPOTHESES, LONG)


MANY = (
    [" ".join(["yes", *["no"] * (i % 5)]) for i in range(40)],
    [" ".join(words) for words in itertools.product(("the", "no"), ("the", "no"), ("the", "no"), ("yes", "no", "the"))],
)


@pytest.mark.parametrize(
    ("shape", "least", "usual", "most"), [(tiny.PAIR, 16, 32, 64), (tiny.SPLIT, 5 * 24, 10 * 24, 21 * 24)]
)
def test_a_long_run_measures_how_many_pairs_to_work_at_together(tmp_path, monkeypatch, shape, least, usual, most):
    folder = str(tiny.write(tmp_path, shape=shape))
    before = framing.load_model(folder, threads=1).entail_table(*MANY)

    def together(pairs, seconds, batch=None):
        """The most pairs of a run, once it was measured which number is the fastest."""
        with monkeypatch.context() as patch:
            runtime = Runtime(patch, seconds)
            model = framing.load_model(folder, threads=1, batch=batch)
            model.tune(*MANY, pairs)
            runs = runtime.runs_of(model.entail_table, *MANY)
            np.testing.assert_array_equal(model.entail_table(*MANY), before)
        return max(run.pairs for run in runs)

    def a_second_each(run):
        return 1.0

    assert together(10**6, a_second_each) == most
    assert together(10**6, lambda run: max(0, run.pairs - least)) == least
    assert together(10**6, lambda run: 0.0) == usual
    assert together(10**4, a_second_each) == usual  # too short a run
    assert together(10**6, a_second_each, batch=48) == 48


def test_a_batch_is_at_least_one_pair():
    with pytest.raises(ValueError, match="`batch` must be 1 or more, but 0 was passed"):
        framing.load_model(batch=0)


@pytest.mark.parametrize(("allowed", "threads"), [(3, 3), (None, 0)])
def test_no_more_threads_run_than_a_container_allows(tmp_path, monkeypatch, allowed, threads):
    monkeypatch.setattr(session, "threads_without_waiting", lambda: allowed)
    runtime = Runtime(monkeypatch)
    framing.load_model(str(tiny.write(tmp_path)))
    assert runtime.threads == [threads]
