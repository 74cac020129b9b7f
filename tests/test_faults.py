"""What must never go wrong while scores are made and kept: a run is killed, interrupted, short of room, or not alone."""

import errno
import logging
import multiprocessing
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time

import pandas as pd
import pytest

from framing import files
from framing.errors import StorageError
from framing.lock import held
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


def end_of(server, work, folder, *arguments):
    """How a process ends that does some work in a folder."""
    process = server.Process(target=work, args=(str(folder), *arguments))
    process.start()
    process.join(120)
    return process.exitcode


def die(server, folder, at):
    return end_of(server, killed.run_and_die, folder, at, CHUNK)


def contents(folder):
    """Every file below a folder but those that say who holds it, and at what a run was that did not live to tell."""
    files = [
        path for path in folder.rglob("*") if path.is_file() and path.name not in (".lock", ".holder.json", "begun.txt")
    ]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


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


LEDGER = f"{killed.NAME[:32]}/ledger.jsonl"


def holds_the_first(folder, undisturbed):
    """Whether everything in the folder stands whole, and nothing else."""
    kept = contents(folder)
    ledger = kept.pop(LEDGER, b"")
    whole = {name: content for name, content in undisturbed[1].items() if name in kept}
    return kept == whole and undisturbed[1][LEDGER].startswith(ledger)


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


@pytest.mark.parametrize("command", ["report", "score"])
def test_a_second_run_in_a_folder_is_refused_in_one_line_and_the_first_goes_on(tmp_path, small, command):
    study = small(tmp_path / "out")
    options = ["--corpus", study.corpus, "--codebook", study.codebook, "--out", study.out]
    with held(study.out):
        before = contents(study.out)
        second = subprocess.run(
            [sys.executable, "-m", "framing", command, *options], capture_output=True, text=True, check=False
        )
        assert contents(study.out) == before
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    assert (second.returncode, second.stdout, second.stderr) == (
        1, "", f"framing: {study.out} is in use by another run ({holder}); wait for it, or name another folder with --out.\n",
    )  # fmt: skip


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


# ---- a corpus in parts


@pytest.fixture(scope="module")
def whole_parts(tmp_path_factory):
    """What an undisturbed run leaves, and what one in larger parts does."""
    folder = tmp_path_factory.mktemp("parts")
    small = contents(killed.run_parts(folder))
    return small, contents(killed.run_parts(folder, size=4)), contents(folder / "out" / "scores")


def assert_taken_up(folder, whole_parts):
    """The next run ends as an undisturbed one would have, to the last byte of tables, counts and scores."""
    assert contents(killed.run_parts(folder)) == whole_parts[0]
    assert contents(folder / "out" / "scores") == whole_parts[2]
    assert {path.name for path in (folder / "out").iterdir()} == {".lock", "parts", "scores"}


@pytest.mark.parametrize("at", sorted(random.Random(3).sample(range(1, 100), 20)))
def test_a_run_in_parts_that_is_killed_is_taken_up_as_if_nothing_had_happened(server, tmp_path, whole_parts, at):
    assert end_of(server, killed.run_parts_and_die, tmp_path, at, ()) == -signal.SIGKILL
    assert not (tmp_path / "out" / "parts").exists()
    assert_taken_up(tmp_path, whole_parts)


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_parts_that_are_replaced_by_a_killed_run_are_the_old_ones_or_the_new_ones(server, tmp_path, whole_parts, at):
    out = killed.run_parts(tmp_path, size=4)
    assert contents(out) == whole_parts[1]
    assert end_of(server, killed.run_parts_and_die, tmp_path, at, killed.MOVES) == -signal.SIGKILL
    killed.settle(tmp_path / "out")
    assert contents(out) == whole_parts[0 if at > 3 else 1]  # 4: the new ones have just been put in place
    assert contents(killed.run_parts(tmp_path)) == whole_parts[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {".lock", "parts", "scores"}


def test_a_run_that_is_killed_in_the_middle_of_its_parts_scores_only_the_rest(tmp_path, whole_parts):
    """For certain in the middle: its model waits for it."""
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.killed", tmp_path], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert run.stdout.readline() == "midway\n"
    run.kill()
    run.communicate()
    (work,) = (tmp_path / "out").glob(".work-*")
    assert len(list((work / "parts" / "scores").iterdir())) == 2
    assert not (tmp_path / "out" / "parts").exists()
    model = WordModel()
    killed.run_parts(tmp_path, model=model)
    assert model.asked == 2 * 5  # the two articles of the last part, under five hypotheses
    assert_taken_up(tmp_path, whole_parts)


# ---- the parts of a report

ALL, FEWER = killed.SET, ("tables", "report.html", "manifest.json")
REPLACEMENTS = {
    "all of all": (ALL, ALL),
    "the first set": ((), ALL),
    "a set with more parts": (FEWER, ALL),
    "a set with fewer parts": (ALL, FEWER),
    "a set without a manifest": (ALL[:3], ALL),
}


def stands(folder):
    """The parts of the set in a folder, and whether they are old or new."""
    return {path.name: (path / "one" if path.is_dir() else path).read_text() for path in shown(folder)}


def shown(folder):
    return [path for path in folder.iterdir() if not path.name.startswith(".")]


@pytest.mark.parametrize("case", REPLACEMENTS)
def test_a_killed_replacement_leaves_the_old_set_or_the_new_one_and_no_manifest_beside_a_mixture(
    server, tmp_path, monkeypatch, case
):
    old, new = REPLACEMENTS[case]
    sets = [dict.fromkeys(old, "old"), dict.fromkeys(new, "new")]
    first = tmp_path / "first"
    first.mkdir()
    killed.write_set(first, old, "old")
    moments = killed.moments_of(lambda: killed.replace_set(first, new), monkeypatch)
    assert stands(first) == sets[1]
    ends = []
    for at in range(1, moments + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        killed.write_set(folder, old, "old")
        assert end_of(server, killed.replace_set_and_die, folder, at, new) == -signal.SIGKILL
        assert "manifest.json" not in stands(folder) or stands(folder) in sets
        killed.settle(folder)
        assert stands(folder) in sets
        assert [*folder.iterdir()] == shown(folder)
        assert all(
            (folder / name / "two").read_text() == stands(folder)[name] for name in stands(folder) if "." not in name
        )
        ends.append(sets.index(stands(folder)))
    assert ends == sorted(ends)  # from some moment on it is the new one
    assert set(ends) == {0, 1}


@pytest.mark.parametrize("case", REPLACEMENTS)
def test_what_a_killed_replacement_left_is_settled_by_runs_that_are_killed_themselves(server, tmp_path, case):
    old, new = REPLACEMENTS[case]
    moments = random.Random(4)
    killed.write_set(tmp_path, old, "old")
    at = 5 + len(old) * 2 + moments.randint(1, len(new) * 2 - 1)  # amid the new parts
    assert end_of(server, killed.replace_set_and_die, tmp_path, at, new) == -signal.SIGKILL
    assert "manifest.json" not in stands(tmp_path)
    while end_of(server, killed.settle_and_die, tmp_path, moments.randint(1, 3)) == -signal.SIGKILL:
        assert "manifest.json" not in stands(tmp_path) or stands(tmp_path) == dict.fromkeys(old, "old")
    assert stands(tmp_path) == dict.fromkeys(old, "old")
    assert [*tmp_path.iterdir()] == shown(tmp_path)


@pytest.mark.parametrize("path", ["../mine", "..", "{folder}/mine"])
def test_a_record_of_a_replacement_reaches_nothing_outside_its_folder(tmp_path, path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    out = tmp_path / "out"
    (out / ".old-x").mkdir(parents=True)
    files.write_json(out / ".old-x" / "replaced.json", {"parts": [path.format(folder=tmp_path), "parts"], "old": []})
    killed.settle(out)
    assert [*out.iterdir()] == []
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


def test_a_replacement_that_fails_is_undone_at_once(tmp_path, monkeypatch):
    killed.write_set(tmp_path, ALL, "old")
    tried = []

    def reached(step, path):
        if step == "move" and path == tmp_path / "report.pdf" and not tried:
            tried.append(path)
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(files, "reached", reached)
    with pytest.raises(PermissionError):
        killed.replace_set(tmp_path, ALL)
    assert stands(tmp_path) == dict.fromkeys(ALL, "old")
    assert [*tmp_path.iterdir()] == shown(tmp_path)
