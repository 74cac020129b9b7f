"""Scores on disk: what comes back, and what must not."""

import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.scoring import score
from framing.store import Store
from tests.conftest import WordModel
from tests.test_scoring import SENTENCES, WORDINGS, hypotheses, sentences


def pairs(*rows):
    return pd.DataFrame(rows, columns=["premise", "hypothesis", "p_entail"]).astype({"p_entail": "float32"})


KEPT = pairs(("p1", "h1", 0.25), ("p1", "h2", 0.5), ("p2", "h1", 1.0))


def files(folder):
    return sorted(folder.rglob("*.parquet"))


def test_what_was_kept_is_found_in_the_order_of_the_question(tmp_path):
    Store(tmp_path, "model").add(KEPT)
    asked = pairs(("p2", "h1", 0), ("p2", "h2", 0), ("p1", "h1", 0))
    found = Store(tmp_path, "model").look_up(asked)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.array([1.0, np.nan, 0.25], dtype=np.float32))


def test_what_was_just_added_is_found_by_the_same_store(tmp_path):
    store = Store(tmp_path, "model")
    store.add(KEPT)
    np.testing.assert_array_equal(store.look_up(KEPT), KEPT["p_entail"])


def test_an_empty_store_knows_nothing_and_makes_no_folder(tmp_path):
    assert np.isnan(Store(tmp_path / "scores", "model").look_up(KEPT)).all()
    assert not (tmp_path / "scores").exists()


def test_the_scores_of_two_models_never_mix(tmp_path):
    texts, wordings = sentences(*SENTENCES), hypotheses(*WORDINGS)
    one, other = WordModel("one"), WordModel("other")
    score(texts, wordings, model=one, store=Store(tmp_path, one.fingerprint))
    assert np.isnan(Store(tmp_path, other.fingerprint).look_up(KEPT)).all()
    score(texts, wordings, model=other, store=Store(tmp_path, other.fingerprint))
    assert (one.asked, other.asked) == (9, 9)


def test_stores_of_two_models_beside_each_other_keep_their_own_values(tmp_path):
    Store(tmp_path, "a" * 64).add(pairs(("p", "h", 0.25)))
    Store(tmp_path, "b" * 64).add(pairs(("p", "h", 0.75)))
    found = [Store(tmp_path, name * 64).look_up(pairs(("p", "h", 0))).item() for name in "ab"]
    assert found == [0.25, 0.75]


def test_a_later_file_never_changes_an_earlier_one(tmp_path):
    store = Store(tmp_path, "model")
    store.add(KEPT)
    [first] = files(tmp_path)
    before = first.read_bytes()
    store.add(pairs(("p3", "h1", 0.125)))
    assert first.read_bytes() == before
    assert len(files(tmp_path)) == 2


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
        store = Store(tmp_path, model.fingerprint)
    assert str(path) in caplog.text
    assert "scored again" in caplog.text
    assert not path.exists()
    assert path.with_suffix(".unreadable").exists()
    pd.testing.assert_frame_equal(score(texts, wordings, model=model, store=store), undisturbed, check_exact=True)
    assert model.asked == 9
    caplog.clear()
    Store(tmp_path, model.fingerprint)
    assert not caplog.records  # mended, and the file put aside is not read again


def test_one_damaged_file_costs_the_others_nothing(tmp_path):
    store = Store(tmp_path, "model")
    store.add(KEPT)
    [first] = files(tmp_path)
    store.add(pairs(("p3", "h1", 0.125)))
    first.write_bytes(truncate(first.read_bytes()))
    found = Store(tmp_path, "model").look_up(pairs(("p1", "h1", 0), ("p3", "h1", 0)))
    np.testing.assert_array_equal(found, np.array([np.nan, 0.125], dtype=np.float32))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content")
    Store(folder, "model").add(KEPT)
    [path] = files(folder)
    return path.name, path.read_bytes()


@given(data=st.data())
def test_no_flipped_bit_ever_becomes_a_score(tmp_path_factory, content, data):
    name, sound = content
    at = data.draw(st.integers(0, len(sound) - 1))
    bit = data.draw(st.integers(0, 7))
    folder = tmp_path_factory.mktemp("flipped") / "model"
    folder.mkdir()
    (folder / name).write_bytes(sound[:at] + bytes([sound[at] ^ (1 << bit)]) + sound[at + 1 :])
    assert np.isnan(Store(folder.parent, "model").look_up(KEPT)).all()


@pytest.mark.parametrize("name", [".0123456789ab.parquet.77.tmp", "notes.txt", "half.parquet.tmp"])
def test_leftover_and_foreign_files_are_ignored(tmp_path, caplog, name):
    Store(tmp_path, "model").add(KEPT)
    folder = files(tmp_path)[0].parent
    (folder / name).write_bytes(b"half a file")
    np.testing.assert_array_equal(Store(tmp_path, "model").look_up(KEPT), KEPT["p_entail"])
    assert not caplog.records
    assert (folder / name).exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path, monkeypatch):
    texts, wordings = sentences(*SENTENCES), hypotheses(*WORDINGS)
    monkeypatch.setattr("framing.scoring._FLUSH", 3)

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
