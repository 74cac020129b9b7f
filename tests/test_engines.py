"""Whoever scores, the same comes of it; and workers that die."""

import logging
import sys
from multiprocessing import active_children
from multiprocessing.process import BaseProcess

import pandas as pd
import pytest

from framing.chunk import Chunk, Scored
from framing.cores import usable_cores
from framing.engines import Loading, Processes, Serial, WorkerDiedError, by_workers
from framing.entailment import load_model
from framing.errors import EngineError, ModelError, StorageError
from framing.scoring import score
from framing.store import Store
from tests import workers
from tests.conftest import WordModel
from tests.handmade import passages
from tests.test_scoring import WORDINGS, hypotheses

TEXTS = [f"Sentence {i} says that the bridge is dangerous, vanity or neither." for i in range(30)]


def table(engine, texts=TEXTS, store=None):
    given = passages(*[{"text": text} for text in texts])
    return score(given, hypotheses(*WORDINGS), model=WordModel(), store=store, engine=engine, progress=False)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr("framing.scoring.CHUNK", 12)


def kept(folder):
    """The files of a store, and the lines of its ledger, whose order tells who was done first."""
    files = {path.name: path.read_bytes() for path in folder.rglob("*.parquet")}
    (ledger,) = folder.rglob("ledger.jsonl")
    return files, sorted(ledger.read_bytes().splitlines())


@pytest.mark.parametrize("n", range(1, min(3, usable_cores()) + 1))
def test_processes_give_and_keep_what_one_process_does(tmp_path, n):
    name = WordModel().fingerprint
    serial = table(None, store=Store(tmp_path / "serial", name))
    beside = table(Processes(n, workers.load_words), store=Store(tmp_path / "beside", name))
    pd.testing.assert_frame_equal(beside, serial, check_exact=True)
    assert kept(tmp_path / "beside") == kept(tmp_path / "serial")


def test_the_bundled_model_scores_alike_in_a_process_of_its_own():
    model = load_model("bundled")
    given, asked = passages(*[{"text": text} for text in TEXTS[:4]]), hypotheses(*WORDINGS)
    here = score(given, asked, model=model)
    there = score(given, asked, model=model, engine=Processes(1, Loading("bundled", model.fingerprint, batch=2)))
    pd.testing.assert_frame_equal(there, here, check_exact=True)


def test_a_worker_takes_as_many_pairs_at_a_time_as_the_run_says():
    fingerprint = load_model().fingerprint
    assert [Loading("bundled", fingerprint, batch=batch)().batch for batch in (None, 5)] == [None, 5]


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux lists them")
def test_a_worker_cuts_texts_into_tokens_by_itself_though_this_process_takes_all_cores(monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")  # as the command line sets it
    assert table(Processes(1, workers.load_threading), TEXTS[:4])["p_entail"].eq(0).all()


def test_a_worker_with_another_model_than_the_run_is_refused():
    with pytest.raises(ModelError, match="another 'bundled' than this run"):
        Loading("bundled", "0" * 64)()
    with pytest.raises(ModelError, match=r"a worker has another model\."):
        table(Processes(1, workers.load_refused))


def test_a_text_that_kills_its_process_costs_the_others_nothing(caplog):
    texts = [*TEXTS[:13], "This one is deadly.", *TEXTS[13:]]
    with caplog.at_level(logging.WARNING):
        found = table(Processes(1, workers.load_deadly), texts)
    bad = found["passage_id"] == "a#13"
    assert set(found.loc[bad, "status"]) == {"error"}
    pd.testing.assert_frame_equal(found[~bad], table(None, texts)[~bad], check_exact=True)
    assert [record.message for record in caplog.records] == [
        "passage 'a#13' could not be scored (it killed 3 workers)."
    ]


def test_a_worker_that_dies_once_is_replaced_and_its_chunk_done_again(tmp_path):
    file = tmp_path / "died"
    found = table(Processes(1, workers.LoadOnce(str(file))))
    assert file.exists()
    pd.testing.assert_frame_equal(found, table(None), check_exact=True)


def test_workers_that_cannot_even_load_end_the_run():
    with pytest.raises(
        EngineError, match=r"13 workers have died one after the other, over a plain sentence too; ask for"
    ):
        table(Processes(1, workers.load_nothing))


def test_a_worker_that_cannot_be_started_is_one_that_died(monkeypatch):
    started = []

    def start(process):
        started.append(process)
        if len(started) == 1:
            raise BrokenPipeError("the server of forks is short of memory")
        starts(process)

    starts = BaseProcess.start
    monkeypatch.setattr(BaseProcess, "start", start)
    pd.testing.assert_frame_equal(table(Processes(1, workers.load_words)), table(None), check_exact=True)
    assert len(started) == 2


def test_a_model_that_fails_on_everything_is_said_to_be_broken_by_a_worker_too(monkeypatch):
    monkeypatch.setattr("framing.scoring.CHUNK", 60)
    with pytest.raises(ModelError, match=r"the model fails on every passage \(IndexError: no such label\)"):
        table(Processes(1, workers.load_broken))


def test_as_a_context_an_engine_keeps_its_workers():
    engine, pids = Processes(1, workers.load_words), []
    with engine:
        for _ in range(2):
            pd.testing.assert_frame_equal(table(engine), table(None), check_exact=True)
            pids += [process.pid for process in active_children()]
        assert pids[0] == pids[1]
    assert not active_children()
    pd.testing.assert_frame_equal(table(engine), table(None), check_exact=True)
    assert not active_children()


def test_workers_with_work_that_nobody_waits_for_are_not_kept():
    texts = [[f"bridge {i}{name}" for i in range(4)] for name in "abc"]
    with Processes(1, workers.load_words) as engine:
        first = engine.carry_out([Chunk(some, WORDINGS) for some in texts], lambda pairs: None)
        next(first)
        first.close()
        assert not active_children()
        ((number, scored),) = engine.carry_out([Chunk(["dangerous bridge"], WORDINGS)], lambda pairs: None)
    assert (number, scored.p.shape) == (0, (1, 3))


def test_what_cannot_be_kept_ends_the_workers(tmp_path, monkeypatch):
    def full(self, *scored):
        raise StorageError("full")

    monkeypatch.setattr(Store, "add", full)
    engine = Processes(1, workers.load_words)
    with pytest.raises(StorageError) as caught:
        table(engine, store=Store(tmp_path, WordModel().fingerprint))
    assert not active_children()
    del caught


def test_more_workers_than_cores_are_refused():
    cores = usable_cores()
    with pytest.raises(
        EngineError, match=rf"{cores + 1} workers are asked for, and there are {cores} cores; set `workers` to {cores}"
    ):
        Processes(cores + 1, workers.load_words)


# ---- who does what, with workers that are played


class Played:
    """A worker whose deaths are written down beforehand: over which text, and how often."""

    def __init__(self, deadly: dict[str, int]) -> None:
        self.deadly, self.renewed, self.asked = deadly, 0, []

    def begin(self, chunk):
        self.chunk = chunk
        self.asked.append(list(chunk.texts))

    def result(self):
        for text in self.chunk.texts:
            if self.deadly.get(text, 0):
                self.deadly[text] -= 1
                raise WorkerDiedError
        return Serial(WordModel()).carry_out([self.chunk], lambda pairs: None).__next__()[1]

    def renew(self):
        self.renewed += 1

    def end(self):
        pass


def carried_out(deadly, chunks, n=2):
    crew = [Played(deadly) for _ in range(n)]
    done = dict(by_workers(crew, lambda busy: busy[:1], chunks, lambda pairs: None))
    return done, crew


CHUNKS = [Chunk([f"{name}{i} bridge." for i in range(8)], WORDINGS) for name in "abc"]


def test_chunks_of_deadly_texts_alone_do_not_end_a_run_whose_workers_live_on():
    texts = [f"deadly {i}" for i in range(24)]
    chunks = [Chunk(texts[i : i + 8], WORDINGS) for i in (0, 8, 16)]
    done, crew = carried_out(dict.fromkeys(texts, 99), chunks, n=1)
    assert sorted(done) == [0, 1, 2]
    assert all((each.p != each.p).all() for each in done.values())
    assert ["The train left on time."] in crew[0].asked


def test_workers_that_die_over_everything_once_they_have_lived_end_the_run():
    class Dying(Played):
        def result(self):
            if len(self.asked) > 1:
                raise WorkerDiedError
            return super().result()

    crew = [Dying({})]
    with pytest.raises(EngineError, match="13 workers have died"):
        list(by_workers(crew, lambda busy: busy[:1], CHUNKS, lambda pairs: None))


@pytest.mark.parametrize(("deaths", "scored"), [(1, True), (2, True), (9, False)])
def test_work_is_tried_three_times_and_then_halved_down_to_what_kills(deaths, scored):
    done, _ = carried_out({"b3 bridge.": deaths}, CHUNKS)
    assert sorted(done) == [0, 1, 2]
    assert all(isinstance(each, Scored) and each.p.shape == (8, 3) for each in done.values())
    for number, each in done.items():
        missing = [i for i in range(8) if (each.p[i] != each.p[i]).all()]
        assert missing == ([] if scored or number != 1 else [3])


def test_a_worker_that_never_comes_is_given_nothing_and_the_others_do_its_work():
    """As the actor of Ray that is to replace one whose machine went away, where no other machine has room for it."""
    crew = [Played({"b3 bridge.": 1, "a3 bridge.": 1}) for _ in range(2)]
    crew[0].deadly = crew[1].deadly  # whoever gets there first

    def ready(asked):
        came = [worker for worker in asked if not worker.renewed]
        assert came, "the run waits for workers that do not come"
        return came[:1]

    crew.append(Played({}))
    done = dict(by_workers(crew, ready, CHUNKS, lambda pairs: None))
    assert sorted(done) == [0, 1, 2]
    assert not any((each.p != each.p).any() for each in done.values())
    assert sum(worker.renewed for worker in crew) == 2


def test_chunks_are_taken_only_when_somebody_is_free_for_them():
    taken = []

    def chunks():
        for i, chunk in enumerate(CHUNKS * 4):
            taken.append(i)
            yield chunk

    crew = [Played({}), Played({})]
    results = by_workers(crew, lambda busy: busy[:1], chunks(), lambda pairs: None)
    next(results)
    assert len(taken) == 2
    assert len(list(results)) == 11
