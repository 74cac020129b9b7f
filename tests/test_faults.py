"""What must never go wrong while scores are made and kept: a run is killed, interrupted, short of room, or not alone."""

import errno
import logging
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from framing import files
from framing.errors import StorageError
from framing.report.build import build_report
from framing.scoring import score
from framing.store import Store
from framing.stream import score_corpus
from framing.study import Study
from tests import killed
from tests.conftest import CODEBOOK, ROOT, WordModel
from tests.test_scoring import WORDINGS, hypotheses

CHUNK = 4 * 3  # pairs, so that forty passages under three wordings make ten files
# Before the write, sync and rename of a file, before the sync of its folder and after it; before its line in the ledger, before the sync of
# that, and after it. First come the five of the file that says who holds the folder.
MOMENTS = 5 + 10 * (5 + 3)


@pytest.fixture(scope="module")
def server():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killed"])
    return context


@pytest.fixture
def small(tmp_path):
    """Makes a study of one article that writes to a folder."""
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "articles.csv").write_text("id,text\na,The bridge is dangerous.\n", encoding="utf-8")
    return lambda out: Study.of(corpus=tmp_path / "articles.csv", codebook=tmp_path / "codebook.yaml", out=out)


def die(server, folder, at):
    process = server.Process(target=killed.run_and_die, args=(str(folder), at, CHUNK))
    process.start()
    process.join(120)
    return process.exitcode


def contents(folder):
    """Every file below a folder but those that say who holds it."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".holder.json")]
    return {path.name: path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("framing.scoring.CHUNK", CHUNK)
        table = killed.run(folder)
    return table, contents(folder)


def test_the_moments_at_which_a_run_can_die_are_counted_right(server, tmp_path, undisturbed):
    assert die(server, tmp_path / "last", MOMENTS) == -signal.SIGKILL
    assert die(server, tmp_path / "beyond", MOMENTS + 1) == 0
    assert contents(tmp_path / "beyond") == undisturbed[1]


@pytest.mark.parametrize("at", sorted(random.Random(1).sample(range(1, MOMENTS + 1), 50)))
def test_a_killed_run_is_taken_up_as_if_nothing_had_happened(server, tmp_path, monkeypatch, undisturbed, at):
    assert die(server, tmp_path, at) == -signal.SIGKILL
    monkeypatch.setattr("framing.scoring.CHUNK", CHUNK)
    table = killed.run(tmp_path)
    pd.testing.assert_frame_equal(table, undisturbed[0], check_exact=True)
    assert contents(tmp_path) == undisturbed[1]


@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_is_killed_again_and_again_ends_the_same(server, tmp_path, monkeypatch, undisturbed, seed):
    moments = random.Random(seed)
    for _ in range(6):
        assert die(server, tmp_path, moments.randint(1, 17)) == -signal.SIGKILL
    monkeypatch.setattr("framing.scoring.CHUNK", CHUNK)
    pd.testing.assert_frame_equal(killed.run(tmp_path), undisturbed[0], check_exact=True)
    assert contents(tmp_path) == undisturbed[1]


def holds_the_first(folder, undisturbed):
    """Whether everything in the folder stands whole, and nothing else."""
    kept = contents(folder)
    ledger = kept.pop("ledger.jsonl", b"")
    whole = {name: content for name, content in undisturbed[1].items() if name in kept}
    return kept == whole and undisturbed[1]["ledger.jsonl"].startswith(ledger)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("step", ["write", "sync", "rename", "append", "sync line"])
def test_a_lack_of_room_is_said_and_harms_nothing(tmp_path, monkeypatch, undisturbed, step, code):
    monkeypatch.setattr("framing.scoring.CHUNK", CHUNK)
    passed = []

    def reached(name, path):
        if name == step:
            passed.append(path)
            if len(passed) == 4:
                raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(files, "reached", reached)
        with pytest.raises(
            StorageError, match=r"could not be written: .* \([\d,]+ bytes are needed, [\d,]+ are free"
        ) as caught:
            killed.run(tmp_path)
    assert str(passed[-1]) in str(caught.value)
    assert holds_the_first(tmp_path, undisturbed)
    pd.testing.assert_frame_equal(killed.run(tmp_path), undisturbed[0], check_exact=True)
    assert contents(tmp_path) == undisturbed[1]


def test_a_file_size_limit_is_met_as_a_full_disk_is(tmp_path, undisturbed):
    script = (
        "import resource, sys; from pathlib import Path; from tests import killed; import framing.scoring\n"
        "framing.scoring.CHUNK = 12; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); killed.run(Path(sys.argv[1]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert "StorageError" in run.stderr.splitlines()[-1]
    assert "a file may not be so large" in run.stderr.splitlines()[-1]
    assert holds_the_first(tmp_path, undisturbed)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1000


def test_a_run_that_is_killed_at_any_time_is_taken_up_as_if_nothing_had_happened(tmp_path, monkeypatch, undisturbed):
    """Not at a moment that the code names: whenever it happens, among many short runs."""
    times = random.Random(2)
    script = (
        "import sys; from pathlib import Path; from tests import killed; import framing.scoring\n"
        f"framing.scoring.CHUNK = {CHUNK}; print('ready', flush=True); killed.run(Path(sys.argv[1]))"
    )
    for _ in range(8):
        run = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, cwd=ROOT)
        run.stdout.readline()
        time.sleep(times.uniform(0, 0.12))
        run.kill()
        run.communicate()
    monkeypatch.setattr("framing.scoring.CHUNK", CHUNK)
    pd.testing.assert_frame_equal(killed.run(tmp_path), undisturbed[0], check_exact=True)
    assert contents(tmp_path) == undisturbed[1]


def test_after_a_crash_it_is_said_which_passages_were_scored_and_what_finds_the_one_that_crashes(
    server, tmp_path, caplog
):
    process = server.Process(target=killed.run_into_death, args=(str(tmp_path),))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    with caplog.at_level(logging.WARNING):
        killed.run(tmp_path)
        killed.run(tmp_path)
    (said,) = [record.message for record in caplog.records]  # by the first of the two
    assert said.startswith(
        "the run before this one was ended from outside, or by a crash, while it scored 3 passages ('a#"
    )
    assert "set `engine: processes`" in said
    assert not list(tmp_path.rglob("begun.txt"))


def test_a_run_that_is_interrupted_or_fails_leaves_no_note_of_a_crash(tmp_path, caplog):
    class Interrupted(WordModel):
        def entail(self, premises, hypotheses):
            (note,) = tmp_path.rglob("begun.txt")
            assert note.read_text(encoding="utf-8").startswith("40 passages ('a#")
            raise KeyboardInterrupt

    model = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        score(killed.texts(), hypotheses(*WORDINGS), model=model, store=Store(tmp_path, model.fingerprint))
    killed.run(tmp_path)
    assert not caplog.records


@pytest.mark.parametrize("work", [build_report, score_corpus])
def test_a_folder_that_cannot_be_written_to_is_told_before_a_model_is_loaded(tmp_path, monkeypatch, small, work):
    monkeypatch.setattr("framing.analysis.load_model", lambda *_, **__: pytest.fail("the model was loaded"))
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match=r"file/out cannot be written to \(Not a directory\); choose another folder"):
        work(small(tmp_path / "file" / "out"), progress=False)
    monkeypatch.setattr("pathlib.Path.mkdir", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EROFS, "Read-only")))
    with pytest.raises(StorageError, match=r"out cannot be written to \(Read-only\); choose another folder with --out"):
        work(small(tmp_path / "out"), progress=False)


@pytest.mark.parametrize("link", ["scores", f"scores/{killed.NAME[:32]}", f"scores/{killed.NAME[:32]}/ledger.jsonl"])
def test_scores_are_not_written_through_a_link_out_of_the_folder(tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "out" / link).parent.mkdir(parents=True)
    if link.endswith("jsonl"):
        elsewhere.write_text("mine\n", encoding="utf-8")
    else:
        elsewhere.mkdir()
    (tmp_path / "out" / link).symlink_to(elsewhere)
    with pytest.raises(StorageError, match=rf"{link} is a symbolic link, and nothing is written through one"):
        killed.run(tmp_path / "out" / "scores")
    assert elsewhere.read_text(encoding="utf-8") == "mine\n" if elsewhere.is_file() else not any(elsewhere.iterdir())


def test_the_parts_of_a_corpus_are_not_written_through_a_link(tmp_path, small):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine").touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "parts").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="parts is a symbolic link"):
        score_corpus(small(tmp_path / "out"), model=WordModel(), progress=False)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["mine"]
