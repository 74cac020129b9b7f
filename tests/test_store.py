"""Scores on disk: what comes back, and what must not."""

import logging
import os
import socket
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import StorageError
from framing.lock import held
from framing.scoring import score
from framing.store import Store, _Index, named
from tests import killed
from tests.conftest import ROOT, WordModel
from tests.test_scoring import SENTENCES, WORDINGS, hypotheses, sentences

P1, P2, P3 = np.sort(named(["one", "two", "three"]))
H1, H2 = named(["hypothesis 1", "hypothesis 2"])
NAN = np.nan


def keep(store, premises, hypotheses, p, windowed=None):
    """Add a chunk, as a run does."""
    with store.held():
        windowed = np.zeros(len(premises), dtype=bool) if windowed is None else np.array(windowed)
        store.add(np.array(premises), np.array(hypotheses), np.array(p, dtype=np.float32), windowed)


def keep_some(folder, name="model"):
    store = Store(folder, name)
    keep(store, [P1, P2], [H1, H2], [[0.25, 0.5], [1.0, NAN]])
    return store


def found(store, premises, hypotheses):
    return store.look_up(np.array(premises), np.array(hypotheses))[0]


def files(folder):
    return sorted(folder.rglob("*.parquet"))


def test_what_was_kept_is_found_in_the_order_of_the_question(tmp_path):
    keep_some(tmp_path)
    values, windowed = Store(tmp_path, "model").look_up(np.array([P1, P2, P3]), np.array([H2, H1]))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.array([[0.5, 0.25], [NAN, 1.0], [NAN, NAN]], dtype=np.float32))
    assert windowed.tolist() == [False, False, False]


def test_a_windowed_passage_is_known_as_one(tmp_path):
    keep(Store(tmp_path, "model"), [P1, P2], [H1], [[0.5], [0.5]], windowed=[False, True])
    assert Store(tmp_path, "model").look_up(np.array([P1, P2]), np.array([H1]))[1].tolist() == [False, True]


def test_what_was_just_added_is_found_by_the_same_store(tmp_path):
    store = keep_some(tmp_path)
    np.testing.assert_array_equal(found(store, [P1, P2], [H1]), [[0.25], [1.0]])


def test_an_empty_store_knows_nothing_and_makes_no_folder(tmp_path):
    assert np.isnan(found(Store(tmp_path / "scores", "model"), [P1], [H1])).all()
    assert not (tmp_path / "scores").exists()


def test_the_scores_of_two_models_never_mix(tmp_path):
    texts, wordings = sentences(*SENTENCES), hypotheses(*WORDINGS)
    one, other = WordModel("one"), WordModel("other")
    score(texts, wordings, model=one, store=Store(tmp_path, one.fingerprint))
    assert np.isnan(found(Store(tmp_path, other.fingerprint), [P1], [H1])).all()
    score(texts, wordings, model=other, store=Store(tmp_path, other.fingerprint))
    assert (one.asked, other.asked) == (9, 9)


def test_stores_of_two_models_beside_each_other_keep_their_own_values(tmp_path):
    for name, value in (("a", 0.25), ("b", 0.75)):
        keep(Store(tmp_path, name * 64), [P1], [H1], [[value]])
    assert [found(Store(tmp_path, name * 64), [P1], [H1]).item() for name in "ab"] == [0.25, 0.75]


def test_scores_written_in_another_way_are_neither_read_nor_touched(tmp_path, monkeypatch):
    name = "a" * 64
    keep(Store(tmp_path, name), [P1], [H1], [[0.25]])
    assert [path.name for path in tmp_path.iterdir()] == [name[:32]]  # as before there was a number
    with monkeypatch.context() as patch:
        patch.setattr("framing.store._SCHEMA", 2)
        assert np.isnan(found(Store(tmp_path, name), [P1], [H1])).all()
        keep(Store(tmp_path, name), [P1], [H1], [[0.75]])
        assert found(Store(tmp_path, name), [P1], [H1]).item() == 0.75
    assert found(Store(tmp_path, name), [P1], [H1]).item() == 0.25


def test_a_later_file_never_changes_an_earlier_one(tmp_path):
    store = keep_some(tmp_path)
    [first] = files(tmp_path)
    before = first.read_bytes()
    keep(store, [P3], [H1], [[0.125]])
    assert first.read_bytes() == before
    assert len(files(tmp_path)) == 2


def test_two_files_complete_each_other(tmp_path):
    keep(keep_some(tmp_path), [P2, P3], [H2], [[0.75], [0.125]])
    np.testing.assert_array_equal(
        found(Store(tmp_path, "model"), [P1, P2, P3], [H1, H2]),
        np.array([[0.25, 0.5], [1.0, 0.75], [NAN, 0.125]], dtype=np.float32),
    )


def truncate(content):
    return content[: len(content) // 2]


def flip(content):
    middle = len(content) // 3
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [truncate, flip, lambda _: b"", lambda _: b"not a table"], ids=["cut", "bit", "empty", "text"]
)
def test_a_damaged_file_is_put_aside_and_its_pairs_are_scored_again(tmp_path, caplog, damage):
    texts, wordings, model = sentences(*SENTENCES), hypotheses(*WORDINGS), WordModel()
    undisturbed = score(texts, wordings, model=model, store=Store(tmp_path, model.fingerprint))
    [path] = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    model.asked = 0
    with caplog.at_level(logging.WARNING):
        again = score(texts, wordings, model=model, store=Store(tmp_path, model.fingerprint))
    assert str(path) in caplog.text
    assert "scored again" in caplog.text
    assert path.with_suffix(".unreadable").exists()
    pd.testing.assert_frame_equal(again, undisturbed, check_exact=True)
    assert model.asked == 9
    caplog.clear()
    score(texts, wordings, model=model, store=Store(tmp_path, model.fingerprint))
    assert not caplog.records  # mended, and the file put aside is not read again


def test_a_file_of_other_rows_than_the_ledger_says_is_not_taken_for_it(tmp_path, caplog):
    keep_some(tmp_path)
    (ledger,) = tmp_path.rglob("ledger.jsonl")
    ledger.write_text(ledger.read_text(encoding="utf-8").replace('"rows": 2', '"rows": 3'), encoding="utf-8")
    store = Store(tmp_path, "model")
    with store.held():
        assert np.isnan(found(store, [P1, P2], [H1])).all()
    assert "is not as it was written" in caplog.text
    keep_some(tmp_path)
    assert found(Store(tmp_path, "model"), [P1], [H1]).item() == 0.25


def test_one_damaged_file_costs_the_others_nothing(tmp_path):
    store = keep_some(tmp_path)
    [first] = files(tmp_path)
    keep(store, [P3], [H1], [[0.125]])
    first.write_bytes(truncate(first.read_bytes()))
    np.testing.assert_array_equal(
        found(Store(tmp_path, "model"), [P1, P3], [H1]), np.array([[NAN], [0.125]], dtype=np.float32)
    )


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    keep_some(folder)
    [path] = files(folder)
    return path.name, path.read_bytes(), (path.parent / "ledger.jsonl").read_bytes()


def answers_with(tmp_path_factory, name, content, ledger):
    folder = tmp_path_factory.mktemp("damaged") / "model"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "ledger.jsonl").write_bytes(ledger)
    return found(Store(folder.parent, "model"), [P1, P2], [H1, H2])


def test_no_flipped_byte_of_a_file_ever_becomes_a_score(tmp_path_factory, content):
    name, sound, ledger = content
    for at in range(len(sound)):
        flipped = sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :]
        assert np.isnan(answers_with(tmp_path_factory, name, flipped, ledger)).all(), at


def test_no_truncation_of_a_file_ever_becomes_a_score(tmp_path_factory, content):
    name, sound, ledger = content
    for size in range(len(sound)):
        assert np.isnan(answers_with(tmp_path_factory, name, sound[:size], ledger)).all(), size


@given(data=st.data())
def test_a_damaged_ledger_gives_the_right_scores_or_none(tmp_path_factory, content, data):
    name, sound, ledger = content
    at = data.draw(st.integers(0, len(ledger) - 1))
    flipped = ledger[:at] + bytes([ledger[at] ^ (1 << data.draw(st.integers(0, 7)))]) + ledger[at + 1 :]
    values = answers_with(tmp_path_factory, name, sound, flipped)
    right = np.array([[0.25, 0.5], [1.0, NAN]], dtype=np.float32)
    assert np.isnan(values).all() or np.array_equal(values, right, equal_nan=True)


def test_a_file_that_the_ledger_does_not_vouch_for_is_not_there(tmp_path):
    keep_some(tmp_path)
    (files(tmp_path)[0].parent / "ledger.jsonl").unlink()
    assert np.isnan(found(Store(tmp_path, "model"), [P1], [H1])).all()


def test_a_line_that_was_cut_off_costs_no_other(tmp_path):
    keep_some(tmp_path)
    ledger = files(tmp_path)[0].parent / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes() + b'{"file": "half')
    keep(Store(tmp_path, "model"), [P3], [H1], [[0.125]])
    np.testing.assert_array_equal(
        found(Store(tmp_path, "model"), [P1, P3], [H1]), np.array([[0.25], [0.125]], dtype=np.float32)
    )


@pytest.mark.parametrize("name", ["notes.txt", "half.parquet.tmp", "0123.parquet"])
def test_foreign_files_are_ignored_and_left_alone(tmp_path, caplog, name):
    folder = files((keep_some(tmp_path), tmp_path)[1])[0].parent
    (folder / name).write_bytes(b"half a file")
    keep(Store(tmp_path, "model"), [P3], [H1], [[0.125]])
    assert found(Store(tmp_path, "model"), [P1], [H1]).item() == 0.25
    assert not caplog.records
    assert (folder / name).exists()


def test_what_a_killed_run_left_half_written_is_swept(tmp_path):
    keep_some(tmp_path)
    half = files(tmp_path)[0].parent / ".0123456789ab.parquet.77.tmp"
    half.write_bytes(b"half a file")
    keep(Store(tmp_path, "model"), [P3], [H1], [[0.125]])
    assert not half.exists()


def test_two_runs_at_once_wait_for_each_other_and_make_each_score_once(tmp_path):
    script = "import sys; from pathlib import Path; from tests import killed; killed.run(Path(sys.argv[1]))"
    store = Store(tmp_path, killed.NAME)
    with store.held():
        others = [
            subprocess.Popen([sys.executable, "-c", script, tmp_path], stderr=subprocess.PIPE, text=True, cwd=ROOT)
            for _ in range(2)
        ]
        said = [other.stderr.readline() for other in others]
    for other, line in zip(others, said, strict=True):
        assert (
            f"{store.folder} is in use by another run (process {os.getpid()} on {socket.gethostname()}); waiting"
            in line
        )
        other.communicate(timeout=120)
        assert other.returncode == 0
    alone = tmp_path / "alone"
    killed.run(alone)
    ledger = [(folder / store.folder.name / "ledger.jsonl").read_bytes() for folder in (tmp_path, alone)]
    assert ledger[0] == ledger[1]


def test_a_folder_in_use_names_its_holder(tmp_path):
    script = "import sys; from pathlib import Path; from framing.lock import held\nwith held(Path(sys.argv[1])): pass"
    with held(tmp_path):
        other = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert other.returncode == 1
    assert f"is in use by another run (process {os.getpid()} on {socket.gethostname()}); wait for it" in other.stderr
    with held(tmp_path):
        pass


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path, monkeypatch):
    texts, wordings = sentences(*SENTENCES), hypotheses(*WORDINGS)
    monkeypatch.setattr("framing.scoring.CHUNK", 3)

    class Killed(WordModel):
        def entail(self, premises, hypotheses):
            if self.asked >= 6:
                raise KeyboardInterrupt
            return super().entail(premises, hypotheses)

    cut = Killed()
    with pytest.raises(KeyboardInterrupt):
        score(texts, wordings, model=cut, store=Store(tmp_path, cut.fingerprint))
    again = WordModel()
    table = score(texts, wordings, model=again, store=Store(tmp_path, again.fingerprint))
    assert again.asked == 9 - 6
    pd.testing.assert_frame_equal(table, score(texts, wordings, model=WordModel()), check_exact=True)


def test_a_file_that_cannot_be_read_for_the_moment_is_left_where_it_is(tmp_path, monkeypatch):
    store = keep_some(tmp_path)
    (file,) = files(tmp_path)

    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(type(file), "read_bytes", refused)
        with pytest.raises(StorageError, match=r"cannot be read \(Permission denied\)"), store.held():
            found(store, [P1], [H1])
    assert found(Store(tmp_path, "model"), [P1], [H1]).item() == 0.25


@given(
    files=st.lists(st.lists(st.integers(0, 40), max_size=8), max_size=30),
    asked=st.lists(st.integers(0, 45), max_size=12),
)
def test_the_index_names_the_files_that_hold_what_is_asked(files, asked):
    index = _Index()
    for number, names in enumerate(files):
        index.add(f"{number}", np.array(names, dtype=np.uint64))
    expected = {f"{number}" for number, names in enumerate(files) if set(names) & set(asked)}
    assert index.holding(np.array(sorted(asked), dtype=np.uint64)) == expected
    assert all(f"{number}" in index for number in range(len(files)))


def test_only_what_was_added_to_a_ledger_is_read_again(tmp_path):
    one, other = keep_some(tmp_path), Store(tmp_path, "model")
    assert found(other, [P1], [H1]).item() == 0.25
    assert not other.has_news()
    keep(one, [P3], [H1], [[0.125]])
    assert other.has_news()
    assert found(other, [P1, P3], [H1]).ravel().tolist() == [0.25, 0.125]
    assert not other.has_news()


def test_a_ledger_that_began_anew_is_read_from_its_start(tmp_path):
    one, other = keep_some(tmp_path), Store(tmp_path, "model")
    keep(one, [P3], [H1], [[0.125]])
    found(other, [P1], [H1])
    (ledger,) = tmp_path.rglob("ledger.jsonl")
    ledger.write_bytes(ledger.read_bytes().splitlines(keepends=True)[1])
    assert np.isnan(found(other, [P1], [H1])).all()
    assert found(other, [P3], [H1]).item() == 0.125


def test_a_damaged_file_is_news_for_whoever_may_put_it_aside(tmp_path):
    keep_some(tmp_path)
    (file,) = files(tmp_path)
    file.write_bytes(b"")
    store = Store(tmp_path, "model")
    assert np.isnan(found(store, [P1], [H1])).all()
    assert store.has_news()
