"""Which pairs a model is asked for, and what becomes of its answers."""

import logging
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.engines import Serial
from framing.errors import ModelError
from framing.scoring import score
from framing.store import Store
from tests.conftest import WordModel
from tests.handmade import passages

WORDINGS = ("The bridge is dangerous.", "People could drown.", "The bridge is vanity.")
SENTENCES = ("The bridge is dangerous.", "Critics call the bridge vanity.", "It opens on Monday.")


def hypotheses(*texts):
    rows = [(f"h{i}", "danger", "frame", text) for i, text in enumerate(texts)]
    return pd.DataFrame(rows, columns=["hypothesis_id", "construct", "side", "text"])


def sentences(*texts, **fields):
    return passages(*[{"text": text} | fields for text in texts])


class Answers(WordModel):
    """Gives the answers that it was made with, whatever it is asked; it is asked for shorter passages first."""

    def __init__(self, *answers: float) -> None:
        super().__init__()
        self._answers = answers

    def entail(self, premises, hypotheses):
        self.asked += len(premises)
        return np.array(self._answers[: len(premises)], dtype=np.float32)


def test_every_kept_passage_is_scored_under_every_wording():
    table = score(sentences(*SENTENCES), hypotheses(*WORDINGS), model=WordModel())
    assert len(table) == 9
    found = table.set_index(["passage_id", "hypothesis_id"])["p_entail"]
    assert found["a#0", "h0"] == 1.0
    assert found["a#1", "h2"] == 1.0
    assert found["a#1", "h0"] == 0.5  # "bridge" of "bridge" and "dangerous"
    assert (found["a#2"] == 0.0).all()
    assert (table["status"] == "ok").all()


def test_passages_set_aside_are_not_asked_for():
    model = WordModel()
    texts = passages({"text": SENTENCES[0]}, {"text": "Subscribe now.", "kept": False, "reason": "prompt"})
    table = score(texts, hypotheses(*WORDINGS), model=model)
    assert model.asked == 3
    assert set(table["passage_id"]) == {"a#0"}


def test_every_distinct_pair_is_asked_once():
    model = WordModel()
    texts = passages(*[{"document_id": name, "text": text} for name in "ab" for text in SENTENCES])
    twice = hypotheses(*WORDINGS, WORDINGS[0])  # one wording under two constructs
    table = score(texts, twice, model=model)
    assert len(table) == 6 * 4
    assert model.asked == 3 * 3
    wide = table.pivot(index="passage_id", columns="hypothesis_id", values="p_entail")
    assert wide["h0"].equals(wide["h3"].rename("h0"))
    assert wide.loc["a#0"].tolist() == wide.loc["b#0"].tolist()


def test_a_second_run_asks_nothing_and_gives_the_same(tmp_path):
    texts, wordings, model = sentences(*SENTENCES), hypotheses(*WORDINGS), WordModel()
    first = score(texts, wordings, model=model, store=Store(tmp_path, model.fingerprint))
    asked = model.asked
    second = score(texts, wordings, model=model, store=Store(tmp_path, model.fingerprint))
    assert (asked, model.asked) == (9, 9)
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@pytest.mark.parametrize(
    ("texts", "wordings", "new"),
    [
        (SENTENCES, (*WORDINGS[:2], "The bridge is a show."), 3),  # a wording was changed
        (SENTENCES, (*WORDINGS, "The bridge is a show."), 3),  # one was added
        ((*SENTENCES, "The mayor smiles."), WORDINGS, 3),  # a sentence came in
        (SENTENCES[:1], WORDINGS[:1], 0),
        (tuple(reversed(SENTENCES)), tuple(reversed(WORDINGS)), 0),
    ],
)
def test_only_what_is_new_is_asked_for(tmp_path, texts, wordings, new):
    model = WordModel()
    score(sentences(*SENTENCES), hypotheses(*WORDINGS), model=model, store=Store(tmp_path, model.fingerprint))
    model.asked = 0
    kept = score(sentences(*texts), hypotheses(*wordings), model=model, store=Store(tmp_path, model.fingerprint))
    assert model.asked == new
    fresh = score(sentences(*texts), hypotheses(*wordings), model=WordModel())
    pd.testing.assert_frame_equal(kept, fresh, check_exact=True)


@pytest.mark.parametrize("answer", [float("nan"), float("inf"), float("-inf"), -0.1, 1.1])
def test_an_answer_that_is_no_probability_is_an_error_and_missing(answer):
    table = score(sentences("One.", "Two words."), hypotheses(WORDINGS[0]), model=Answers(0.25, answer))
    assert table["status"].tolist() == ["ok", "error"]
    assert table["p_entail"].isna().tolist() == [False, True]


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_the_ends_of_the_scale_are_probabilities(answer):
    table = score(sentences("One."), hypotheses(WORDINGS[0]), model=Answers(answer))
    assert (table["p_entail"].item(), table["status"].item()) == (answer, "ok")


def test_a_failed_pair_is_asked_again_and_a_good_one_is_not(tmp_path):
    texts, wordings = sentences("One.", "Two words."), hypotheses(WORDINGS[0])
    broken = Answers(float("nan"), 0.25)
    score(texts, wordings, model=broken, store=Store(tmp_path, broken.fingerprint))
    mended = Answers(0.75)
    table = score(texts, wordings, model=mended, store=Store(tmp_path, mended.fingerprint))
    assert mended.asked == 1
    assert table["p_entail"].tolist() == [0.75, 0.25]
    assert table["status"].tolist() == ["ok", "ok"]


def test_a_passage_longer_than_the_model_reads_has_the_highest_score_of_its_windows():
    """Eight words in windows of four: the first speaks of the bridge, the second says that it is dangerous."""
    texts = sentences("Once more the bridge it is really dangerous.", "One.")
    table = score(texts, hypotheses(*WORDINGS), model=WordModel(limit=4)).set_index(["passage_id", "hypothesis_id"])
    assert table.loc["a#0", "status"].tolist() == ["windowed"] * 3
    assert table.loc["a#1", "status"].tolist() == ["ok"] * 3
    assert table.loc[("a#0", "h0"), "p_entail"] == 0.5
    assert table.loc[("a#0", "h2"), "p_entail"] == 0.5


def test_that_a_passage_was_windowed_is_kept_with_its_scores(tmp_path):
    texts, model = sentences("Once more the bridge it is really dangerous.", "One."), WordModel(limit=4)
    first = score(texts, hypotheses(*WORDINGS), model=model, store=Store(tmp_path, model.fingerprint))
    again = score(texts, hypotheses(*WORDINGS), model=model, store=Store(tmp_path, model.fingerprint))
    pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_a_window_without_a_score_leaves_its_passage_without_one():
    class Broken(WordModel):
        def entail(self, premises, hypotheses):
            return np.array([np.nan if "dangerous" in p else 0.5 for p in premises], dtype=np.float32)

    table = score(
        sentences("Once more the bridge it is really dangerous.", "One."),
        hypotheses(WORDINGS[0]),
        model=Broken(limit=4),
    )
    assert table["status"].tolist() == ["error", "ok"]
    assert table["p_entail"].isna().tolist() == [True, False]


@pytest.mark.parametrize("poison", [ValueError, MemoryError, RuntimeError])
def test_a_passage_that_breaks_the_model_costs_the_others_nothing(poison, caplog):
    class Fragile(WordModel):
        def entail(self, premises, hypotheses):
            if any("poison" in p for p in premises):
                raise poison("bad")
            return super().entail(premises, hypotheses)

    texts = [f"Sentence {i} on the bridge." for i in range(20)]
    texts[13] = "A sentence with poison in it."
    with caplog.at_level(logging.WARNING):
        table = score(sentences(*texts), hypotheses(*WORDINGS), model=Fragile())
    bad = table["passage_id"] == "a#13"
    assert set(table.loc[bad, "status"]) == {"error"}
    assert set(table.loc[~bad, "status"]) == {"ok"}
    assert [record.message for record in caplog.records] == [
        f"passage 'a#13' could not be scored ({poison.__name__}: bad)."
    ]


def test_each_passage_without_a_score_is_named_with_its_own_fault_in_one_line(caplog):
    class Fragile(WordModel):
        def entail(self, premises, hypotheses):
            if named := [p for p in premises if "poison" in p]:
                raise ValueError(f"bad\n  {named[0][:8]}")
            return super().entail(premises, hypotheses)

    texts = [f"Sentence {i} on the bridge." for i in range(10)]
    texts[2], texts[5], texts[7] = "First poison.", "Other poison.", "First poison."
    given = passages(*[{"text": text, "document_id": "ab"[i % 2]} for i, text in enumerate(texts)])
    with caplog.at_level(logging.WARNING):
        table = score(given, hypotheses(*WORDINGS), model=Fragile())
    assert set(table.loc[table["status"] == "error", "passage_id"]) == {"a#1", "b#2", "b#3"}
    assert sorted(record.message for record in caplog.records) == [
        "passage 'a#1' (and 1 more with the same text) could not be scored (ValueError: bad First po).",
        "passage 'b#2' could not be scored (ValueError: bad Other po).",
    ]


def test_a_passage_that_breaks_the_tokenizer_costs_the_others_nothing():
    class Fragile(WordModel):
        def windows(self, premises):
            if any("poison" in p for p in premises):
                raise ValueError("bad")
            return super().windows(premises)

    table = score(sentences("One.", "A poison.", "Two words."), hypotheses(*WORDINGS), model=Fragile())
    assert table.groupby("passage_id")["status"].agg(set).tolist() == [{"ok"}, {"error"}, {"ok"}]
    assert table["p_entail"].isna().sum() == 3


def test_a_model_that_fails_on_everything_is_said_to_be_broken():
    class Broken(WordModel):
        def entail(self, premises, hypotheses):
            raise IndexError("no such label")

    with pytest.raises(ModelError, match=r"the model fails on every passage \(IndexError: no such label\)"):
        score(sentences(*[f"Sentence {i}." for i in range(20)]), hypotheses(*WORDINGS), model=Broken())


class Fragile(WordModel):
    """Breaks over a poisoned passage."""

    def entail(self, premises, hypotheses):
        if any("poison" in p for p in premises):
            raise MemoryError("bad")
        return super().entail(premises, hypotheses)


def test_what_is_left_over_of_a_run_may_all_be_poison(tmp_path):
    """The second run asks for the poisoned passages alone, and as many as a broken model would fail on."""

    texts = sentences(*[f"{'A poison' if i < 9 else 'A bridge'} of kind {i}." for i in range(30)])
    store = Store(tmp_path, Fragile().fingerprint)
    first = score(texts, hypotheses(*WORDINGS), model=Fragile(), store=store)
    again = score(texts, hypotheses(*WORDINGS), model=Fragile(), store=store)
    pd.testing.assert_frame_equal(again, first, check_exact=True)
    assert first["status"].value_counts().to_dict() == {"ok": 63, "error": 27}


@pytest.mark.parametrize("chunks", range(1, 6))
def test_poison_in_finished_chunks_does_not_move_what_is_left_of_a_run_to_other_chunks(tmp_path, monkeypatch, chunks):
    monkeypatch.setattr("framing.scoring.CHUNK", 3 * len(WORDINGS))
    texts = sentences(*[f"{'A bridge' if i % 3 else 'A poison'} of kind {i}." for i in range(18)])

    class Stopped(Store):
        def add(self, *scored):
            super().add(*scored)
            if len(list(tmp_path.rglob("cut/*/*.parquet"))) == chunks:
                raise KeyboardInterrupt

    def files(name, kind):
        store = kind(tmp_path / name, Fragile().fingerprint)
        with pytest.raises(KeyboardInterrupt) if kind is Stopped else nullcontext():
            score(texts, hypotheses(*WORDINGS), model=Fragile(), store=store, progress=False)
        return {path.name for path in store.folder.iterdir()}

    undisturbed = files("undisturbed", Store)
    assert files("cut", Stopped) < undisturbed
    assert files("cut", Store) == undisturbed


def test_the_windows_of_one_passage_are_not_taken_for_many_passages(caplog):
    texts = sentences("poison " * 60, *[f"Bridge {i}." for i in range(7)])
    with caplog.at_level(logging.WARNING):
        table = score(texts, hypotheses(*WORDINGS), model=Fragile(limit=4))
    assert table["status"].value_counts().to_dict() == {"ok": 21, "error": 3}
    assert len(caplog.records) == 1


def test_a_model_that_gives_no_probability_for_anything_is_said_to_be_broken():
    texts = sentences(*[f"Sentence {i}." for i in range(20)])
    with pytest.raises(ModelError, match=r"fails on every passage \(the model gives no probability\)"):
        score(texts, hypotheses(*WORDINGS), model=Answers(*[float("nan")] * 1000))


@pytest.mark.parametrize("limit", [8, 100])
def test_a_measurement_that_fails_leaves_it_to_the_scoring(monkeypatch, limit):
    monkeypatch.setattr("framing.scoring._LONG", limit)
    monkeypatch.setattr("framing.speed._FEW", 0)

    class Fragile(WordModel):
        def tune(self, premises, wordings, pairs):
            raise RuntimeError("no memory for it")

        def entail(self, premises, hypotheses):
            if any("the list" in h for h in hypotheses):  # of the estimate
                raise RuntimeError("no memory for it")
            return super().entail(premises, hypotheses)

    table = score(sentences(*SENTENCES), hypotheses(*WORDINGS), model=Fragile(), progress=True)
    assert set(table["status"]) == {"ok"}


@pytest.fixture
def slow(monkeypatch):
    """A model that takes a second a pair, on a clock of its own."""

    class Slow(WordModel):
        now = 0.0

        def entail(self, premises, hypotheses):
            self.now += len(premises)
            return super().entail(premises, hypotheses)

    model = Slow()
    monkeypatch.setattr("framing.speed.time", SimpleNamespace(perf_counter=lambda: model.now))
    return model


@pytest.mark.parametrize(
    ("progress", "engine", "said"),
    [
        (None, None, "120 pairs of a passage and a hypothesis are to be scored: about 2 minutes.\n"),
        (
            None, Serial(WordModel()),
            "120 pairs of a passage and a hypothesis are to be scored: about 2 minutes for this process alone.\n",
        ),
        (False, None, ""),
    ],
)  # fmt: skip
def test_how_long_a_run_takes_is_said_before_it_wherever_its_messages_go(
    tmp_path, monkeypatch, capsys, slow, progress, engine, said
):
    """Under pytest the error stream is no terminal."""
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    texts, store = sentences(*[f"Sentence {i}." for i in range(40)]), Store(tmp_path, slow.fingerprint)
    for line in (said, ""):  # the second time nothing is left to do
        score(texts, hypotheses(*WORDINGS), model=slow, engine=engine, store=store, progress=progress)
        assert capsys.readouterr().err == line


def test_the_estimate_of_a_rerun_is_that_of_what_is_new(tmp_path, monkeypatch, capsys, slow):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    texts, store = sentences(*[f"Sentence {i}." for i in range(40)]), Store(tmp_path, slow.fingerprint)
    score(texts, hypotheses(*WORDINGS[:2]), model=slow, store=store, progress=False)
    score(texts, hypotheses(*WORDINGS), model=slow, store=store)
    assert capsys.readouterr().err == "40 pairs of a passage and a hypothesis are to be scored: under a minute.\n"


def test_what_the_user_must_mend_is_no_poison():
    class Refusing(WordModel):
        def entail(self, premises, hypotheses):
            raise ModelError("shorten the hypothesis.")

    with pytest.raises(ModelError, match="shorten"):
        score(sentences(*SENTENCES), hypotheses(*WORDINGS), model=Refusing())


@pytest.mark.parametrize(("limit", "asked"), [(8, True), (9, False)])
def test_only_a_long_run_measures_how_the_model_runs_best(monkeypatch, limit, asked):
    monkeypatch.setattr("framing.scoring._LONG", limit)
    found = []

    class Tunable(WordModel):
        def tune(self, premises, wordings, pairs):
            found.append((len(premises) >= 16, list(wordings), pairs))

    score(sentences(*SENTENCES), hypotheses(*WORDINGS), model=Tunable())
    assert [(many, sorted(some), pairs) for many, some, pairs in found] == (
        [(True, sorted(WORDINGS), 9)] if asked else []
    )


def test_no_passages_give_an_empty_table_and_ask_nothing(tmp_path):
    model = WordModel()
    table = score(sentences("One.", kept=False), hypotheses(*WORDINGS), model=model, store=Store(tmp_path, "f"))
    assert len(table) == 0
    assert model.asked == 0


WORDS = st.sampled_from(["bridge", "dangerous", "people", "could", "drown", "vanity", "opens"])
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map(lambda words: " ".join(words) + ".")


@given(
    texts=st.lists(TEXTS, min_size=1, max_size=6, unique=True),
    wordings=st.lists(TEXTS, min_size=1, max_size=4, unique=True),
    random=st.randoms(use_true_random=False),
)
def test_order_and_company_change_no_score(texts, wordings, random):
    def by_text(texts, wordings):
        table = score(sentences(*texts), hypotheses(*wordings), model=WordModel())
        found = zip(table["passage_id"], table["hypothesis_id"], table["p_entail"], strict=True)
        return {(texts[int(p[2:])], wordings[int(h[1:])]): value for p, h, value in found}

    together = by_text(texts, wordings)
    shuffled = by_text(random.sample(texts, len(texts)), random.sample(wordings, len(wordings)))
    assert shuffled == together
    for text in texts:
        for wording in wordings:
            assert by_text([text], [wording]) == {(text, wording): together[text, wording]}
