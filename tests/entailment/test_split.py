"""The split shape: whatever is asked together, in whatever order and batches, a pair's score is its own."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import framing
from framing.entailment import split
from framing.errors import ModelError
from tests.entailment import tiny
from tests.entailment.runtime import Runtime

PREMISES = ["yes yes .", "no", "", "the bridge opens . no no no", "maybe yes"]
HYPOTHESES = ["the bridge", "no no", "yes .", "maybe"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.write(tmp_path_factory.mktemp("split") / "tiny", shape=tiny.SPLIT)


@pytest.fixture(scope="module")
def model(folder):
    return framing.load_model(str(folder), threads=1)


@pytest.fixture
def runtime(monkeypatch):
    return Runtime(monkeypatch)


@pytest.fixture
def watched(runtime, folder):
    """A model each run of which is written down."""
    return framing.load_model(str(folder), threads=1)


def expected(premises, hypotheses):
    return [tiny.expected(p, h, tiny.SPLIT) for p, h in zip(premises, hypotheses, strict=True)]


def crossed(premises, hypotheses):
    return [p for p in premises for _ in hypotheses], [h for _ in premises for h in hypotheses]


TEXTS = st.lists(st.sampled_from(["yes", "no", "maybe", "the", "bridge"]), max_size=12).map(" ".join)


@given(asked=st.lists(st.tuples(TEXTS, TEXTS), max_size=100))
def test_each_pair_has_its_own_score_in_its_own_place(model, asked):
    premises, hypotheses = [p for p, _ in asked], [h for _, h in asked]
    found = model.entail(premises, hypotheses)
    assert found.dtype == np.float32
    assert found.shape == (len(asked),)
    np.testing.assert_allclose(found, expected(premises, hypotheses), rtol=1e-6)


@given(premises=st.lists(TEXTS, max_size=20), hypotheses=st.lists(TEXTS, max_size=20))
def test_a_table_has_a_row_a_premise_and_a_column_a_hypothesis(model, premises, hypotheses):
    table = model.entail_table(premises, hypotheses)
    assert table.dtype == np.float32
    assert table.shape == (len(premises), len(hypotheses))
    np.testing.assert_allclose(table.ravel(), expected(*crossed(premises, hypotheses)), rtol=1e-6)


def test_pairs_and_tables_give_the_same_scores(model):
    table = model.entail_table(PREMISES, HYPOTHESES)
    np.testing.assert_array_equal(model.entail(*crossed(PREMISES, HYPOTHESES)).reshape(table.shape), table)
    assert len(set(table.ravel().tolist())) > 5  # so that a mistaken order would be seen


def test_pairs_may_come_in_any_order(model):
    premises, hypotheses = crossed(PREMISES, HYPOTHESES)
    order = np.random.default_rng(1).permutation(len(premises))
    turned = model.entail([premises[i] for i in order], [hypotheses[i] for i in order])
    np.testing.assert_array_equal(turned, model.entail(premises, hypotheses)[order])


def test_each_premise_may_be_asked_something_else(model):
    premises, hypotheses = ["yes", "no", "yes", "maybe"], ["yes", "no", "no no", "the"]
    np.testing.assert_allclose(model.entail(premises, hypotheses), expected(premises, hypotheses), rtol=1e-6)


def test_a_pair_that_is_asked_twice_has_its_score_twice(model):
    found = model.entail(["yes", "no", "yes", "yes"], ["the", "the", "the", "no"])
    np.testing.assert_allclose(found, expected(["yes", "no", "yes", "yes"], ["the", "the", "the", "no"]), rtol=1e-6)
    np.testing.assert_array_equal(model.entail_table(["yes", "yes"], ["no", "the", "no"])[0, [0, 2]], found[[3, 3]])


def test_company_and_padding_change_no_score(model):
    table = model.entail_table(PREMISES, HYPOTHESES)
    alone = [[model.entail([premise], [hypothesis])[0] for hypothesis in HYPOTHESES] for premise in PREMISES]
    np.testing.assert_array_equal(np.array(alone), table)
    # Beside long ones every other text is padded to their length.
    beside_long = model.entail_table([*PREMISES, "the " * 30], [*HYPOTHESES, "river " * 30])
    np.testing.assert_array_equal(beside_long[:-1, :-1], table)


@given(scores=st.integers(1, 8), tokens=st.integers(1, 64))
def test_the_size_of_batches_changes_no_score(model, scores, tokens):
    before = model.entail_table(PREMISES, HYPOTHESES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "batch", scores)
        patch.setattr(split, "TOGETHER", scores)
        patch.setattr(split, "TOKENS", tokens / scores)
        model.entail(["the"], ["river"])  # so that the hypotheses are put into batches anew
        np.testing.assert_array_equal(model.entail_table(PREMISES, HYPOTHESES), before)


def test_no_batch_is_larger_than_the_limits(watched, runtime, monkeypatch):
    monkeypatch.setattr(watched, "batch", 6)
    monkeypatch.setattr(split, "TOGETHER", 6)
    monkeypatch.setattr(split, "TOKENS", 16 / 6)
    watched.entail_table(PREMISES, ["the"] * 2)
    watched.entail_table(PREMISES, ["the"] * 8)
    runs = [run.inputs for run in runtime.runs]
    for each in runs:
        passages = each["passage_ids"].shape
        assert passages[0] * len(each["hypothesis_ids"]) <= 6
        assert passages[0] == 1 or passages[0] * passages[1] <= 16
    assert sum(len(each["passage_ids"]) * len(each["hypothesis_ids"]) for each in runs) == len(PREMISES) * 10


def test_a_premise_under_many_hypotheses_is_read_once(watched, runtime):
    watched.entail(*crossed([*PREMISES, PREMISES[0]], HYPOTHESES))
    assert [len(run.inputs["passage_ids"]) for run in runtime.runs] == [len(PREMISES)]


def test_hypotheses_are_worked_through_once_for_as_long_as_the_same_are_asked(watched, runtime, monkeypatch):
    monkeypatch.setattr(split, "TOKENS", 8 / 256)
    first = watched.entail_table(PREMISES, HYPOTHESES[:3])
    np.testing.assert_array_equal(watched.entail_table(PREMISES, HYPOTHESES[:3]), first)
    assert len(runtime.runs) > 2
    assert [len(run.inputs["read_0"]) for run in runtime.runs] == [0] + [3] * (len(runtime.runs) - 1)
    watched.entail_table(["yes"], HYPOTHESES[1:3])
    assert len(runtime.runs[-1].inputs["read_0"]) == 0


@pytest.mark.parametrize(("premises", "hypotheses"), [([], []), ([], HYPOTHESES), (PREMISES, [])])
def test_nothing_asked_is_nothing_answered_and_nothing_run(watched, runtime, premises, hypotheses):
    assert watched.entail_table(premises, hypotheses).shape == (len(premises), len(hypotheses))
    assert watched.entail([], []).shape == (0,)
    assert watched.windows([]) == []
    assert runtime.runs == []


@pytest.mark.parametrize(("premises", "hypotheses"), [(["yes"], []), ([], ["yes"]), (["yes", "no"], ["yes"])])
def test_premises_without_a_hypothesis_are_refused(model, premises, hypotheses):
    with pytest.raises(ValueError, match="they are taken in pairs"):
        model.entail(premises, hypotheses)


def test_a_premise_is_cut_at_its_end(model):
    room = model.max_tokens - 2  # two special tokens; a hypothesis takes no room from a premise
    fits, beyond = "the " * (room - 1) + "yes", "the " * room + "yes"
    found = model.entail([fits, beyond], ["bridge " * 20] * 2)
    np.testing.assert_allclose(found, [tiny.expected("yes", ""), 0.5], rtol=1e-6)


def test_a_premise_that_fits_is_its_own_only_window(model):
    room = model.max_tokens - 2
    fits, beyond = "  " + "the " * room, "the " * (room + 1)
    assert model.windows(["", fits]) == [[""], [fits]]
    assert len(model.windows([beyond])[0]) == 2


@given(n=st.integers(1, 300))
def test_windows_hold_every_word_are_read_whole_and_overlap(model, n):
    text = " ".join(f"w{i}" for i in range(n))
    [pieces] = model.windows([text])
    parts = [[int(word[1:]) for word in piece.split()] for piece in pieces]
    assert all(part == list(range(part[0], part[-1] + 1)) and len(part) <= model.max_tokens - 2 for part in parts)
    assert parts[0][0] == 0
    assert parts[-1][-1] == n - 1
    assert all(later[0] <= earlier[-1] for earlier, later in itertools.pairwise(parts))
    assert model.windows([text, "the bridge"]) == [pieces, ["the bridge"]]


def test_a_hypothesis_is_read_whole_or_refused(model):
    room = model.max_tokens - 2
    fits, beyond = "the " * (room - 1) + "yes", "the " * room + "yes"
    np.testing.assert_allclose(model.entail(["no"], [fits]), expected(["no"], ["yes"]), rtol=1e-6)
    for ask in (model.entail, model.entail_table):
        with pytest.raises(ModelError, match="a hypothesis has more than the 32 tokens that are read; shorten it"):
            ask(["no"], [beyond])


def test_asking_for_scores_changes_nothing_in_the_windows(model):
    before = model.windows(["yes " * 50])
    model.entail(["yes " * 50], ["the"])
    with pytest.raises(TypeError):
        model.entail_table([None], ["the"])
    assert model.windows(["yes " * 50]) == before


def test_a_special_token_in_a_text_is_text(tmp_path):
    """As a token the padding would shout for entailment, and the others would stand where none is meant."""
    folder = tiny.write(tmp_path / "model", shape=tiny.SPLIT)
    tokenizer = tiny.tokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.save(str(folder / "tokenizer.json"))
    model, special = framing.load_model(str(folder)), "[SEP] [CLS] [UNK] [PAD]"
    premises, hypotheses = ["no", f"no {special}"], ["the bridge", f"the {special} bridge"]
    found = model.entail_table(premises, hypotheses)
    np.testing.assert_allclose(found, np.full((2, 2), tiny.expected("no", "", tiny.SPLIT)), rtol=1e-6)
    room = model.max_tokens - 2
    assert len(model.windows(["the " * (room - 3) + "[SEP]"])[0]) == 1  # a bracket, the letters, a bracket
    assert len(model.windows(["the " * (room - 2) + "[SEP]"])[0]) == 2


@pytest.mark.parametrize("text", ["", " ", "\n", "🌉", "مرحبا", "a\u0301", "\ufffd"])
def test_any_text_has_a_score(model, text):
    assert (model.entail([text, "the bridge"], ["the bridge", text]) == 0.5).all()


def test_scores_stay_probabilities_at_the_ends(model):
    found = model.entail_table(["yes " * 30, "no " * 30], ["yes " * 30, "no " * 30])
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(found[0, 0], 1)
    assert 0 < found[1, 1] < 1e-30


@pytest.mark.parametrize("labels", [tiny.THREE_WAY, tiny.THREE_WAY[::-1], tiny.BINARY, tiny.BINARY[::-1]])
def test_the_order_of_labels_is_that_of_the_config(tmp_path, labels):
    model = framing.load_model(str(tiny.write(tmp_path / "model", labels=labels, shape=tiny.SPLIT)))
    np.testing.assert_allclose(
        model.entail(*crossed(PREMISES, HYPOTHESES)), expected(*crossed(PREMISES, HYPOTHESES)), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("premises", "hypotheses", "fault", "said"),
    [
        ("The bridge.", ["It opens."], TypeError, "`premises` is a list of texts, but one text was passed: 'The bridge.'"),
        (["The bridge."], "It opens.", TypeError, "`hypotheses` is a list of texts"),
        (["The bridge.", None], ["It opens.", "It opens."], TypeError, "`premises` is a list of texts, but number 1 is None"),
        (["The bridge."], [float("nan")], TypeError, "`hypotheses` is a list of texts, but number 0 is nan"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_texts_is_refused(model, premises, hypotheses, fault, said):
    for ask in (model.entail, model.entail_table):
        with pytest.raises(fault, match=said):
            ask(premises, hypotheses)


def test_pairs_of_unequal_number_are_refused_with_both_numbers(model):
    with pytest.raises(ValueError, match="2 premises and 1 hypotheses were passed"):
        model.entail(["The bridge.", "It."], ["It opens."])
