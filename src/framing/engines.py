"""Who scores the chunks: this process, or workers beside it. All of them call `score_chunk`, and none of them writes."""

import multiprocessing
import signal
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, Self

import numpy as np

from framing.chunk import PLAIN, Chunk, Model, Scored, nothing, score_chunk
from framing.cores import keep_to_one_core, usable_cores
from framing.entailment import load_model
from framing.errors import EngineError, FramingError, ModelError

Moved = Callable[[float], object]  # told how many pairs are done
_TRIES = 3  # deaths of workers over one piece of work, before it is the work that is held to be deadly
_DEATHS = 10  # of each worker, and nothing scored since: they are given something plain, to see whether it is the texts
_PROBE = -1  # in place of a chunk's number


class Engine(Protocol):
    """Carries out chunks in any order; what comes of each does not depend on who did it.

    As a context (`with engine:`) it keeps its workers, once it has started them, from one call to the next.
    """

    def carry_out(self, chunks: Iterable[Chunk], moved: Moved) -> Generator[tuple[int, Scored]]:
        """The place of each chunk and what came of it, as they are done; `moved` is told of the pairs."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


class Serial:
    """One chunk after the other, in this process; the model itself uses all cores."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def carry_out(self, chunks: Iterable[Chunk], moved: Moved) -> Generator[tuple[int, Scored]]:
        for number, chunk in enumerate(chunks):
            yield number, score_chunk(self._model, chunk, moved)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@dataclass(frozen=True)
class Loading:
    """How a worker comes by the model: by its name, and only if it is the same as that of the run.

    Attributes
    ----------
    source : str
        What `load_model` takes.
    fingerprint : str
        Of the model of the run.
    batch : int or None
        Pairs that each works at together, if not what is usual for the model.
    """

    source: str
    fingerprint: str
    batch: int | None = None

    def __call__(self) -> Model:
        model = load_model(self.source, threads=1, batch=self.batch)  # each worker has one processor
        if model.fingerprint != self.fingerprint:
            raise ModelError(
                f"a worker has another {self.source!r} than this run: its files differ, or one of the two runs it on a graphics card and the other "
                f"does not (here in {model.arithmetic}); install the same files, and the same cards, on every machine."
            )
        return model


class Worker(Protocol):
    """Somebody who scores one chunk at a time."""

    def begin(self, chunk: Chunk) -> None: ...
    def result(self) -> Scored:
        """What came of the chunk that was begun; raises WorkerDiedError if its worker did not live to tell."""

    def renew(self) -> None:
        """Put a new one in the place of one that died; it may be long in coming, or never come."""

    def end(self) -> None: ...


class WorkerDiedError(Exception):
    """A worker ended before its work did."""


@dataclass(eq=False)
class _Piece:
    """Some texts of a chunk: all of them, unless workers died over it."""

    number: int
    first: int
    chunk: Chunk
    deaths: int = 0

    def halves(self) -> list["_Piece"]:
        texts, hypotheses = self.chunk
        half = len(texts) // 2
        parts = ((self.first, texts[:half]), (self.first + half, texts[half:]))
        # What killed three workers is found soon; only a single text gets three tries again.
        return [
            _Piece(self.number, first, Chunk(some, hypotheses), _TRIES - 1 if len(some) > 1 else 0)
            for first, some in parts
        ]


def by_workers(
    workers: Sequence[Worker],
    ready: Callable[[Sequence[Worker]], Sequence[Worker]],
    chunks: Iterable[Chunk],
    moved: Moved,
) -> Iterator[tuple[int, Scored]]:
    """Carry out chunks with workers that may die.

    Work whose worker died is done again by another. Work over which several died is halved, down to the text that kills them: that
    one has no score. `ready` waits and names the workers, of those it is given, that have come, or whose result can be asked for: one that has
    not come is given nothing, so that nothing waits for it as long as another lives.

    Raises
    ------
    EngineError
        If workers die one after the other, and over a plain sentence too.
    """
    source = enumerate(chunks)
    waiting: deque[_Piece] = deque()
    coming, idle, busy = list(workers), list[Worker](), dict[Worker, _Piece]()
    open_pieces: dict[int, int] = {}  # of chunks that were halved or begun: how many pieces are not done
    found: dict[int, list[tuple[int, Scored]]] = {}
    deaths = 0  # since the last success
    while True:
        while idle:
            if not waiting and (new := next(source, None)) is not None:
                waiting.append(_Piece(new[0], 0, new[1]))
                open_pieces[new[0]] = 1
            if not waiting:
                break
            worker = idle.pop()
            busy[worker] = waiting.popleft()
            worker.begin(busy[worker].chunk)
        if idle and not busy:
            return
        for worker in ready([*coming, *busy]):
            if worker in coming:
                coming.remove(worker)
                idle.append(worker)
                continue
            piece = busy.pop(worker)
            try:
                scored = worker.result()
            except WorkerDiedError:
                piece.deaths, deaths = piece.deaths + 1, deaths + 1
                if piece.number == _PROBE and piece.deaths == _TRIES:
                    raise EngineError(
                        f"{deaths} workers have died one after the other, over a plain sentence too; ask for fewer workers, or a smaller model, "
                        "if memory is short."
                    ) from None
                worker.renew()
                coming.append(worker)
                if deaths == _DEATHS * len(workers):
                    waiting.appendleft(_Piece(_PROBE, 0, Chunk([PLAIN], piece.chunk.hypotheses)))
                if piece.number == _PROBE:
                    waiting.appendleft(piece)
                    continue
                if piece.deaths < _TRIES:
                    waiting.append(piece)
                    continue
                if len(piece.chunk.texts) > 1:
                    waiting.extend(piece.halves())
                    open_pieces[piece.number] += 1
                    continue
                scored = nothing(piece.chunk, f"it killed {_TRIES} workers")
            else:
                deaths = 0
                idle.append(worker)
                if piece.number == _PROBE:
                    continue
            moved(scored.p.size)
            found.setdefault(piece.number, []).append((piece.first, scored))
            open_pieces[piece.number] -= 1
            if not open_pieces[piece.number]:
                del open_pieces[piece.number]
                yield piece.number, _joined([part for _, part in sorted(found.pop(piece.number), key=lambda at: at[0])])


def _joined(parts: list[Scored]) -> Scored:
    if len(parts) == 1:
        return parts[0]
    return Scored(
        np.concatenate([part.p for part in parts]),
        np.concatenate([part.windowed for part in parts]),
        tuple(why for part in parts for why in part.failures),
    )


class Crew(ABC):
    """An engine of workers that are started when there is work, and ended after it, or with the context.

    Attributes
    ----------
    workers : int or None
        How many were asked for.
    """

    def __init__(self, workers: int | None) -> None:
        self.workers = workers
        self._crew: Sequence[Worker] = ()
        self._kept = False

    @abstractmethod
    def _start(self) -> Sequence[Worker]:
        """Start the workers."""

    def _stop(self) -> None:
        """End the workers, and what they ran on."""
        for worker in self._crew:
            worker.end()
        self._crew = ()

    @abstractmethod
    def _first_done(self, workers: Sequence[Any]) -> list[Any]:
        """Wait, and name the workers that have come, or whose result can be asked for."""

    def carry_out(self, chunks: Iterable[Chunk], moved: Moved) -> Generator[tuple[int, Scored]]:
        """See `Engine`."""
        whole = False
        try:
            self._crew = self._crew or self._start()
            yield from by_workers(self._crew, self._first_done, chunks, moved)
            whole = True
        finally:
            # What was begun and not asked for must not be taken for the answer to what comes next.
            if not (whole and self._kept):
                self._stop()

    def __enter__(self) -> Self:
        self._kept = True
        return self

    def __exit__(self, *_: object) -> None:
        self._kept = False
        self._stop()


class Processes(Crew):
    """Workers that are processes of this machine, each with a model of its own.

    A text that kills its process (by memory, or a fault in a library) costs the others nothing, which the serial engine cannot promise.

    Parameters
    ----------
    workers : int
    load : callable that can be pickled
        Gives a worker its model.

    Raises
    ------
    EngineError
        If more workers are asked for than this process may use cores.
    """

    def __init__(self, workers: int, load: Callable[[], Model]) -> None:
        if workers > (cores := usable_cores()):
            raise EngineError(
                f"{workers} workers are asked for, and there are {cores} cores; set `workers` to {cores} or fewer."
            )
        self._load = load
        super().__init__(workers)

    def _start(self) -> Sequence[Worker]:
        return [_Process(self._load) for _ in range(self.workers or 1)]

    def _first_done(self, workers: Sequence[Any]) -> list[Any]:
        if free := [worker for worker in workers if not worker.at_work]:
            return free  # a process takes work while it starts
        done = wait([worker.pipe for worker in workers])
        return [worker for worker in workers if worker.pipe in done]


def _context() -> Any:
    """How processes are started: never by a fork of this one, whose threads would not live on; from a server, where there is one, that has
    imported what a worker needs."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["framing.engines"])
    return context


class _Process:
    """A worker that is a process, and the pipe to it; a pipe whose other end is gone tells of its death."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self._context, self._load = _context(), load
        self.pipe: Connection
        self.renew()

    def renew(self) -> None:
        if hasattr(self, "pipe"):
            self.end()
        self.at_work = False
        self.pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(self._load, other), daemon=True)
        with suppress(OSError, EOFError):  # one that cannot be started is one that died: `result` will tell
            self._process.start()
        other.close()

    def begin(self, chunk: Chunk) -> None:
        self.at_work = True
        with suppress(OSError):  # it is dead already, which `result` will tell
            self.pipe.send(chunk)

    def result(self) -> Scored:
        self.at_work = False
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise WorkerDiedError from error
        if isinstance(answer, FramingError):
            raise answer
        if not isinstance(answer, Scored):
            raise EngineError(f"a worker failed ({answer}).")
        return answer

    def end(self) -> None:
        self.pipe.close()
        if self._process.pid is not None:
            self._process.kill()  # it writes nothing, so nothing is lost
            self._process.join()


def _serve(load: Callable[[], Model], pipe: Connection) -> None:
    """What a worker process does until nobody asks any more."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches every process of a terminal; the run decides what to do
    keep_to_one_core()
    try:
        model = load()
    except Exception as error:
        with suppress(EOFError, OSError):
            pipe.recv()
            pipe.send(_told(error))
        return
    with suppress(EOFError, OSError):
        while True:
            chunk = pipe.recv()
            try:
                answer: object = score_chunk(model, chunk)
            except Exception as error:
                answer = _told(error)
            pipe.send(answer)


def _told(error: Exception) -> FramingError | str:
    """An error as it can be sent: those of this project as they are, others in words, for they may not survive pickling."""
    return error if isinstance(error, FramingError) else f"{type(error).__name__}: {error}"
