"""How Ray is started, what is asked of it, and what is done where it gives less: with a Ray that is played, so that none is needed."""

import logging
import re
import signal
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from types import SimpleNamespace

import pandas as pd
import pytest

from framing import distributed
from framing.chunk import Chunk, score_chunk
from framing.distributed import RayActors
from framing.errors import EngineError
from tests import workers
from tests.test_engines import table

CORES = 4


class Ray:
    """Has so many processors for actors, places them as they come, and answers at once; one without a processor never does."""

    def __init__(self, cpus):
        self.cpus, self.there, self.started, self.actors, self.slow = cpus, cpus, [], [], 0
        self.exceptions = SimpleNamespace(
            **{name: type(name, (Exception,), {}) for name in (
                "RayTaskError", "ActorDiedError", "ActorUnavailableError", "ObjectLostError", "NodeDiedError", "OutOfMemoryError"
            )}
        )  # fmt: skip

    def init(self, **given):
        self.started.append(given)

    def is_initialized(self):
        return bool(self.started)

    def shutdown(self):
        self.started = []

    def cluster_resources(self):
        return {"CPU": float(self.cpus)}

    def remote(self, **options):
        assert options["num_cpus"] == 1
        return lambda kind: SimpleNamespace(remote=lambda load: Actor(self, load))

    def wait(self, refs, *, num_returns, timeout):
        if self.slow:
            self.slow -= 1
            return [], refs
        done = [ref for ref in refs if ref.actor.there is not None][:num_returns]
        return done, [ref for ref in refs if ref not in done]

    def get(self, ref):
        if not ref.actor.there:
            raise self.exceptions.ActorDiedError
        return score_chunk(ref.actor.model, ref.chunk)

    def kill(self, actor, *, no_restart):
        self.lose(actor, cpu=False)

    def lose(self, actor, *, cpu):
        """End an actor, and take away its processor or not."""
        self.there += bool(actor.there) and not cpu
        actor.there = False


@dataclass(eq=False)
class Ref:
    actor: "Actor"
    chunk: Chunk | None = None


class Actor:
    """`there`: whether it lives; None if it waits for a processor."""

    def __init__(self, ray, load):
        self.there, self.model, self.given = (True if ray.there else None), load(), 0
        ray.there -= bool(self.there)
        ray.actors.append(self)
        self.ready = SimpleNamespace(remote=lambda: Ref(self))
        self.score = SimpleNamespace(remote=self._score)

    def _score(self, chunk):
        assert self.there is not None, "work for an actor that has no processor"
        self.given += 1
        return Ref(self, chunk)


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr("framing.scoring.CHUNK", 12)
    monkeypatch.setattr(distributed, "usable_cores", lambda: CORES)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


@pytest.fixture
def play(monkeypatch):
    def playing(cpus=CORES):
        ray = Ray(cpus)
        monkeypatch.setitem(sys.modules, "ray", ray)
        return ray

    return playing


def test_without_a_cluster_ray_is_started_on_the_loopback_interface_and_without_its_dashboard(play):
    ray = play()
    with RayActors(None, workers.load_words) as engine:
        pd.testing.assert_frame_equal(table(engine), table(None), check_exact=True)
        (given,) = ray.started
    assert {key: given[key] for key in ("address", "num_cpus", "include_dashboard", "_node_ip_address")} == {
        "address": "local",
        "num_cpus": CORES,
        "include_dashboard": False,
        "_node_ip_address": "127.0.0.1",
    }
    assert len(ray.actors) == CORES - 1
    assert not ray.started  # it was ours, and is ended with the engine


@pytest.mark.parametrize("fails", [False, True])
def test_who_handled_sigterm_does_so_again_once_ray_has_started_or_failed_to(play, monkeypatch, fails):
    ray, before = play(), signal.getsignal(signal.SIGTERM)

    def init(**given):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if fails:
            raise RuntimeError("no room for the object store")
        Ray.init(ray, **given)

    monkeypatch.setattr(ray, "init", init)
    try:
        with pytest.raises(RuntimeError, match="no room") if fails else nullcontext():
            table(RayActors(1, workers.load_words))
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGTERM, before)


def test_ray_starts_where_sigterm_was_not_set_from_python(play, monkeypatch):
    play()
    monkeypatch.setattr(signal, "getsignal", lambda _: None)
    pd.testing.assert_frame_equal(table(RayActors(1, workers.load_words)), table(None), check_exact=True)


def test_more_workers_than_processors_are_refused_before_ray_is_started(play):
    ray = play()
    with pytest.raises(
        EngineError,
        match=r"4 workers are asked for; Ray has 4 processors and needs 1 of them for itself: set `workers` to 3 or fewer",
    ):
        RayActors(CORES, workers.load_words)
    assert not ray.started


@pytest.mark.parametrize("session", [True, False], ids=["a session of the user", "RAY_ADDRESS"])
def test_a_cluster_that_is_there_may_have_more_processors_than_this_machine(play, monkeypatch, session):
    ray = play(20)
    if session:
        ray.init()
    else:
        monkeypatch.setenv("RAY_ADDRESS", "auto")
    pd.testing.assert_frame_equal(table(RayActors(12, workers.load_words)), table(None), check_exact=True)
    assert len(ray.actors) == 12
    assert ray.is_initialized() == session  # whoever started it ends it
    with pytest.raises(EngineError, match=r"20 workers are asked for; Ray has 20 processors"):
        table(RayActors(20, workers.load_words))


def test_workers_that_do_not_come_in_time_are_told(play):
    ray = play()
    ray.there = 1
    with pytest.raises(
        EngineError, match=r"1 of 3 workers were there with their model within 120 seconds; ask for fewer"
    ):
        table(RayActors(3, workers.load_words))
    assert not ray.started


class Losing(Ray):
    """Loses actors and their processors as the third chunk comes back."""

    def __init__(self, lost):
        super().__init__(CORES)
        self.lost, self.chunks = lost, 0

    def get(self, ref):
        self.chunks += 1
        if self.chunks == 3:
            for actor in self.actors[: self.lost]:
                self.lose(actor, cpu=True)
            self.there = 0
        return super().get(ref)


@pytest.mark.parametrize("lost", [1, 2])
def test_the_run_goes_on_with_the_workers_that_are_left(monkeypatch, lost):
    ray = Losing(lost)
    monkeypatch.setitem(sys.modules, "ray", ray)
    pd.testing.assert_frame_equal(table(RayActors(3, workers.load_words)), table(None), check_exact=True)
    assert len(ray.actors) == 3 + lost
    assert all(actor.given for actor in ray.actors[:3])
    assert not any(actor.given for actor in ray.actors[3:])


def test_a_run_without_any_worker_left_ends_and_says_how_to_go_on(monkeypatch):
    ray = Losing(3)
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(EngineError) as caught:
        table(RayActors(3, workers.load_words))
    assert str(caught.value) == (
        "all 3 workers are gone, and in 300 seconds Ray found no processor for new ones (`ray status` tells more). What was scored is kept: "
        "run the same command again when the machines are back."
    )


def test_a_stall_is_reported_and_waited_for(play, caplog):
    ray = play()
    wait, asked = ray.wait, []

    def stalling(refs, **given):
        asked.append(refs)
        ray.slow = len(asked) in (5, 6)
        return wait(refs, **given)

    ray.wait = stalling
    with caplog.at_level(logging.WARNING):
        found = table(RayActors(2, workers.load_words))
    pd.testing.assert_frame_equal(found, table(None), check_exact=True)
    said = r"no worker has finished a chunk for 300 seconds; \d are at work, \d wait for a processor \(`ray status` tells more\)\."
    assert len(caplog.records) == 2
    assert all(re.fullmatch(said, record.message) for record in caplog.records)
