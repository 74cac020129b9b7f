"""The table of the comparison: who is ahead of whom, by how much, and how sure that is."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch: make torch")

from training import compare
from training.public_pairs import Pair

pytestmark = pytest.mark.torch
PAIRS = [Pair(f"text {i // 2}", f"hypothesis {i}", i % 2, "own") for i in range(200)]
TRUTH = np.array([pair.entailed for pair in PAIRS])


@pytest.fixture
def found(monkeypatch):
    monkeypatch.setattr(compare, "WAYS", {"related": compare.Way(), "better": compare.Way(), "alike": compare.Way()})
    rng = np.random.default_rng(1)
    base = [TRUTH + rng.normal(0, 1.5, len(TRUTH)) for _ in range(3)]
    p = {
        ("set", "related"): base,
        ("set", "better"): [TRUTH + rng.normal(0, 0.5, len(TRUTH)) for _ in range(3)],
        ("set", "alike"): base[:1],
    }
    return compare.table({"set": PAIRS}, p).set_index("way")


def test_what_is_better_has_an_interval_above_zero(found):
    row = found.loc["better"]
    assert row["n"] == 200
    assert row["texts"] == 100
    assert 0 < row["low"] < row["difference"] < row["high"]
    assert row["lowest_seed"] <= row["auc"] <= row["highest_seed"]


def test_a_way_with_one_seed_is_held_against_the_same_seed(found):
    row = found.loc["alike"]
    assert row["seeds"] == 1
    assert row["difference"] == row["low"] == row["high"] == 0
    assert found.loc["related", "seeds"] == 3


def test_a_mix_is_as_large_as_the_others_whatever_its_share():
    sentences = [
        {"text": f"Text {i}.", "issue": f"issue {i % 7}", "target": f"the plan {i % 7}", "frames": ["legal"], "stance": 1, "voice": "outlet"}
        for i in range(1_000)
    ]  # fmt: skip
    public = [Pair(f"premise {i}", "hypothesis", 0, "mnli_sample") for i in range(compare.MIX)]
    contradicted = {(pair.premise, pair.hypothesis) for pair in public[::2]}
    mixes = compare.Mixes(sentences, public, contradicted)
    for way in compare.WAYS.values():
        pairs = mixes.of(way)
        assert len(pairs) == compare.MIX // way.epochs
        assert sum(pair.source == "own" for pair in pairs) == round(way.own * len(pairs))
        assert any(pair.entailed == -1 for pair in pairs) == way.contradictions
