"""How a model in ONNX is run: by as many threads as there is room for, in the way that is faster just then."""

import itertools
import time

import numpy as np
import pytest

import framing
from framing.entailment import session, tuning
from tests.entailment import tiny

PREMISES, HYPOTHESES = ["yes", "no the bridge", "maybe yes"], ["the", "no"]
LONG = 720  # pairs of a run of which a twentieth is measured: two ways, three rounds of three premises under two hypotheses


class Slow:
    """A session that takes its time."""

    def __init__(self, real, seconds):
        self._real, self._seconds = real, seconds

    def run(self, *given):
        time.sleep(self._seconds)
        return self._real.run(*given)

    def __getattr__(self, name):
        return getattr(self._real, name)


@pytest.mark.parametrize("shape", [tiny.PAIR, tiny.SPLIT])
@pytest.mark.parametrize("slow", [True, False], ids=["spinning is slow", "sleeping is slow"])
def test_the_faster_way_is_taken_and_no_score_changes(tmp_path, monkeypatch, shape, slow):
    model = framing.load_model(str(tiny.write(tmp_path, shape=shape)))
    before = model.entail_table(PREMISES, HYPOTHESES)
    start = model._start
    spinning, sleeping = Slow(start(spinning=True), 0.05 * slow), Slow(start(spinning=False), 0.05 * (not slow))
    model._use(spinning)
    monkeypatch.setattr(model, "_start", lambda *, spinning: sleeping)
    model.tune(PREMISES, HYPOTHESES, LONG)
    assert model._session is (sleeping if slow else spinning)
    np.testing.assert_array_equal(model.entail_table(PREMISES, HYPOTHESES), before)
    monkeypatch.setattr(model, "_start", lambda **_: pytest.fail("measured again"))
    model.tune(PREMISES, HYPOTHESES, LONG)


def test_before_a_short_run_nothing_is_measured(tmp_path, monkeypatch):
    model = framing.load_model(str(tiny.write(tmp_path)))
    monkeypatch.setattr(model, "_start", lambda **_: pytest.fail("measured"))
    model.tune(PREMISES, HYPOTHESES, LONG - 1)


def test_threads_that_were_given_are_not_measured(tmp_path, monkeypatch):
    model = framing.load_model(str(tiny.write(tmp_path)), threads=1)
    monkeypatch.setattr(model, "_start", lambda **_: pytest.fail("measured"))
    model.tune(PREMISES, HYPOTHESES, LONG)
    monkeypatch.setattr(model, "_threads", None)
    monkeypatch.setattr(session, "_LARGE", 0)
    model.tune(PREMISES, HYPOTHESES, LONG)


class Counting:
    """A session in which every run takes a while, or every pair does that is more than so many in a run."""

    def __init__(self, real, clock, *, a_run=0.0, room=10**9):
        self._real, self._clock, self._a_run, self._room = real, clock, a_run, room

    def run(self, names, inputs):
        outputs = self._real.run(names, inputs)
        pairs = outputs[0].size // 2
        self._clock[0] += self._a_run + max(0, pairs - self._room)
        return outputs

    def __getattr__(self, name):
        return getattr(self._real, name)


MANY = (
    [" ".join(["yes", *["no"] * (i % 5)]) for i in range(40)],
    [" ".join(words) for words in itertools.product(("the", "no"), ("the", "no"), ("the", "no"), ("yes", "no", "the"))],
)


@pytest.mark.parametrize(("shape", "least", "usual", "most"), [(tiny.PAIR, 16, 32, 64), (tiny.SPLIT, 128, 256, 512)])
def test_a_long_run_measures_how_many_pairs_to_work_at_together(tmp_path, monkeypatch, shape, least, usual, most):
    folder = str(tiny.write(tmp_path, shape=shape))
    clock = [0.0]
    monkeypatch.setattr(tuning.time, "perf_counter", lambda: clock[0])
    before = framing.load_model(folder, threads=1).entail_table(*MANY)

    def tuned(pairs, batch=None, **slow):
        model = framing.load_model(folder, threads=1, batch=batch)
        model._use(Counting(model._session, clock, **slow))
        model.tune(*MANY, pairs)
        np.testing.assert_array_equal(model.entail_table(*MANY), before)
        return model._at_once

    assert tuned(10**6, a_run=1) == most
    assert tuned(10**6, room=least) == least
    assert tuned(10**6) == usual
    assert tuned(10**4, a_run=1) == usual  # too short a run
    assert tuned(10**6, batch=5, a_run=1) == 5


def test_a_batch_is_at_least_one_pair():
    with pytest.raises(ValueError, match="`batch` must be 1 or more, but 0 was passed"):
        framing.load_model(batch=0)


@pytest.mark.parametrize(("allowed", "threads"), [(3, 3), (None, 0)])
def test_no_more_threads_run_than_a_container_allows(tmp_path, monkeypatch, allowed, threads):
    monkeypatch.setattr(session, "threads_without_waiting", lambda: allowed)
    found = []
    plain = session.onnxruntime.InferenceSession
    monkeypatch.setattr(
        session.onnxruntime,
        "InferenceSession",
        lambda weights, options, **rest: found.append(options.intra_op_num_threads) or plain(weights, options, **rest),
    )
    framing.load_model(str(tiny.write(tmp_path)))
    assert found == [threads]
