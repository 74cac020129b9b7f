"""Workers that are actors of Ray (the extra `ray`), on this machine or on a cluster that is already there.

Ray carries chunks to the actors and what came of them back. What is done stands in our own ledger and nowhere else, so that a run that
lost a worker, a machine or its driver goes on like any other.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from framing.chunk import Chunk, Model, Scored, score_chunk
from framing.cores import keep_to_one_core, usable_cores
from framing.engines import Crew, Worker, WorkerDiedError
from framing.errors import EngineError, FramingError

_FOR_RAY = 1  # processors that are left to Ray: actors that take them all wait for each other
_START_SECONDS = 120
_STALL_SECONDS = 300
_KNOCK_SECONDS = 10

_log = logging.getLogger(__name__)


class RayActors(Crew):
    """An engine of Ray actors with one processor each.

    Without a cluster Ray is started for the run, on the loopback interface alone and without its dashboard; the environment variable RAY_ADDRESS
    names a cluster that is there. Every machine of it needs the same version of this package and the same files of the model.

    Parameters
    ----------
    workers : int or None
        None: all processors but one.
    load : callable that can be pickled
        Gives an actor its model.

    Raises
    ------
    EngineError
        If Ray is not installed, or has to be started here and there are too few processors for the workers.
    """

    def __init__(self, workers: int | None, load: Callable[[], Model]) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray reports on its users unless it is told not to
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of a change to come
        try:
            import ray
        except ImportError as error:
            raise EngineError("the engine 'ray' needs Ray: `make setup-ray` in the project's folder.") from error
        self._ray: Any = ray
        self._load, self._ours = load, False
        super().__init__(workers)
        if not (ray.is_initialized() or os.environ.get("RAY_ADDRESS")):
            self._number(usable_cores())  # Ray takes its time to start, only to tell the same

    def _start(self) -> Sequence[Worker]:
        """See `framing.engines.Crew`.

        Raises
        ------
        EngineError
            If there are too few processors for the workers, or Ray cannot start them.
        """
        if not self._ray.is_initialized():
            self._ours = True
            with _own_signals():
                self._connect()
        n = self._number(int(self._ray.cluster_resources().get("CPU", 0)))
        self._crew = actors = [_Actor(self._ray, self._load) for _ in range(n)]
        ready, _ = self._ray.wait([actor.awaited for actor in actors], num_returns=n, timeout=_START_SECONDS)
        if len(ready) < n:
            raise EngineError(
                f"{len(ready)} of {n} workers were there with their model within {_START_SECONDS} seconds; ask for fewer with `workers`, or "
                "fetch the model on every machine first (`framing doctor --model ...` does)."
            )
        return actors

    def _stop(self) -> None:
        super()._stop()
        if self._ours:
            self._ours = False
            self._ray.shutdown()

    def _connect(self) -> None:
        if address := os.environ.get("RAY_ADDRESS"):
            self._knock(address)
            try:
                self._ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
            except (ConnectionError, ValueError) as error:
                raise EngineError(f"Ray cannot use RAY_ADDRESS={address} ({str(error).splitlines()[0]})") from error
        else:
            self._ray.init(
                address="local", num_cpus=usable_cores(), include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False,
                logging_level=logging.ERROR,
            )  # fmt: skip

    def _knock(self, address: str) -> None:
        """Ray waits many minutes for a cluster that does not answer."""
        host, _, port = address.rpartition(":")
        if not (host and port.isdigit()) or "/" in host:
            return  # "auto" and the like: Ray finds out by itself
        if host in ("localhost", "127.0.0.1"):
            host = self._ray.util.get_node_ip_address()  # which is where Ray goes then
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()
        except OSError as error:
            raise EngineError(
                f"no Ray cluster answers at {host}:{port} (RAY_ADDRESS={address}): start one there with `ray start --head`, "
                "or unset RAY_ADDRESS to run Ray on this machine alone."
            ) from error

    def _number(self, there: int) -> int:
        """How many workers there are to be, of so many processors."""
        most = max(1, there - _FOR_RAY)
        if self.workers is not None and self.workers > most:
            raise EngineError(
                f"{self.workers} workers are asked for; Ray has {there} processors and needs {_FOR_RAY} of them for itself: "
                f"set `workers` to {most} or fewer."
            )
        return self.workers or most

    def _first_done(self, actors: Sequence[Any]) -> list[Any]:
        by_ref = {actor.awaited: actor for actor in actors}
        while True:
            done, _ = self._ray.wait(list(by_ref), num_returns=1, timeout=_STALL_SECONDS)
            if done:
                return [by_ref[ref] for ref in done]
            at_work = sum(actor.at_work for actor in actors)
            if not at_work:
                raise EngineError(
                    f"all {len(actors)} workers are gone, and in {_STALL_SECONDS} seconds Ray found no processor for new ones (`ray status` tells "
                    "more). What was scored is kept: run the same command again when the machines are back."
                )
            _log.warning(
                "no worker has finished a chunk for %d seconds; %d are at work, %d wait for a processor (`ray status` tells more).",
                _STALL_SECONDS, at_work, len(actors) - at_work,
            )  # fmt: skip


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself as it starts; who asked for this run is to have it back."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None:  # None: it was not set from Python, which cannot set it again
            with suppress(ValueError):  # outside the main thread of a program there are no signals to handle
                signal.signal(signal.SIGTERM, before)


class _Scorer:
    """What runs on a worker. The model is not loaded as it is made: Ray would take a refusal for a death."""

    def __init__(self, load: Callable[[], Model]) -> None:
        keep_to_one_core()
        self._load = load
        self._model: Model | None = None

    def ready(self) -> None:
        """Answers once the model is loaded."""
        if self._model is None:
            self._model = self._load()

    def score(self, chunk: Chunk) -> Scored:
        self.ready()
        assert self._model is not None
        return score_chunk(self._model, chunk)


class _Actor:
    """A worker that is an actor of Ray.

    Attributes
    ----------
    at_work : bool
        Whether it was given a chunk that it has not been asked for.
    awaited : reference of Ray
        To what the actor does: its chunk, or its coming into being where it has none yet.
    """

    def __init__(self, ray: Any, load: Callable[[], Model]) -> None:
        self._ray, self._load = ray, load
        self._begin()

    def _begin(self) -> None:
        # Restarts are ours: Ray's own would not tell which work is deadly.
        self._actor = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(_Scorer).remote(self._load)
        self.at_work, self.awaited = False, self._actor.ready.remote()

    def renew(self) -> None:
        self.end()
        self._begin()

    def begin(self, chunk: Chunk) -> None:
        self.at_work, self.awaited = True, self._actor.score.remote(chunk)

    def result(self) -> Scored:
        self.at_work = False
        faults = self._ray.exceptions
        try:
            scored: Scored = self._ray.get(self.awaited)
        except faults.RayTaskError as error:
            if isinstance(error.cause, FramingError):
                raise error.cause from None
            raise EngineError(f"a worker failed ({type(error.cause).__name__}: {error.cause}).") from error
        except (
            faults.ActorDiedError,
            faults.ActorUnavailableError,
            faults.ObjectLostError,
            faults.NodeDiedError,
            faults.OutOfMemoryError,  # Ray killed it, because the machine's memory was short
        ) as error:
            raise WorkerDiedError from error
        return scored

    def end(self) -> None:
        with suppress(Exception):  # it is dead already, or Ray is
            self._ray.kill(self._actor, no_restart=True)
