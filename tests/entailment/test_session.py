"""How a model in ONNX is run: by as many threads as there is room for, in the way that is faster just then."""

import time

import numpy as np
import pytest

import framing
from framing.entailment import session
from tests.entailment import tiny

PREMISES, HYPOTHESES = ["yes", "no the bridge", "maybe yes"], ["the", "no"]


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
    model.tune(PREMISES, HYPOTHESES)
    assert model._session is (sleeping if slow else spinning)
    np.testing.assert_array_equal(model.entail_table(PREMISES, HYPOTHESES), before)
    monkeypatch.setattr(model, "_start", lambda **_: pytest.fail("measured again"))
    model.tune(PREMISES, HYPOTHESES)


def test_threads_that_were_given_are_not_measured(tmp_path, monkeypatch):
    model = framing.load_model(str(tiny.write(tmp_path)), threads=1)
    monkeypatch.setattr(model, "_start", lambda **_: pytest.fail("measured"))
    model.tune(PREMISES, HYPOTHESES)
    monkeypatch.setattr(model, "_threads", None)
    monkeypatch.setattr(session, "_LARGE", 0)
    model.tune(PREMISES, HYPOTHESES)


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
