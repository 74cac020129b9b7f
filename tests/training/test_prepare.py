"""The pair files of all phases, from small made-up sets: what is held out stays out, and the same seed gives the same bytes."""

import gzip
import json

import pytest

from training import prepare as module
from training.own_pairs import part
from training.pairs import read_pairs
from training.public_pairs import INTENT_ROWS, NLI_ROWS, STANCE_SETS

ROWS = 60  # of each public set
ISSUES = [f"plan {i}" for i in range(40)]
SMALL = {
    "HELD_OUT_PAIRS": 20, "UNRELATED": 5, "CODED_AGAIN": 50, "RELATED_UNRELATED": 8,
}  # fmt: skip
LEARNED = ("public", "coded", "sides", "related", "whole", "nli-only")


def _rows(name):
    for i in range(ROWS):
        if name in NLI_ROWS:
            yield {"premise": f"{name} {i}.", "hypothesis": f"H {name} {i}.", "label": ("entailment", "neutral")[i % 2]}
        elif name == "ibm_key_points":
            yield {
                "premise": f"{name} {i}.",
                "hypothesis": f"Point {i}.",
                "label": ("entailment", "not_entailment")[i % 2],
            }
        elif name in STANCE_SETS:
            yield {
                "text": f"{name} {i}.",
                "target": f"We should ban thing {i % 7}",
                "label": ("favor", "against")[i % 2],
            }
        elif name == "goemotions":
            yield {"text": f"{name} {i}.", "labels": [("joy", "anger", "neutral")[i % 3]]}
        else:
            yield {"text": f"{name} {i}.", "label": ("card arrival", "weather", "alarm")[i % 3]}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A folder of public sets and one of coded sentences."""
    for name, value in SMALL.items():
        monkeypatch.setattr(module, name, value)
    nli, sentences = tmp_path / "nli", tmp_path / "sentences"
    nli.mkdir()
    sentences.mkdir()
    for name in (*NLI_ROWS, "ibm_key_points", *STANCE_SETS, "goemotions", *INTENT_ROWS):
        text = "".join(json.dumps(row) + "\n" for row in _rows(name))
        (nli / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode("utf-8")))
    for file in ("a1", "y1"):
        rows = [
            {"text": f"{file} says {n} of {issue}.", "issue": issue, "target": f"the effects of {issue}", "frames": ["legal"] * (n % 2),
             "stance": n - 1, "voice": ("outlet", "quoted")[n % 2]}
            for issue in ISSUES for n in range(3)
        ]  # fmt: skip
        (sentences / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return nli, sentences


def prepared(folders, out):
    counts = module.prepare(*folders, module.OPPOSITES, out, 1)
    return counts, {path.name.removesuffix(".jsonl.gz"): read_pairs(path) for path in out.iterdir()}


def test_nothing_that_is_held_out_is_learned(folders, tmp_path):
    counts, pairs = prepared(folders, tmp_path / "out")
    assert {name: counts[name] for name in pairs} == {name: len(some) for name, some in pairs.items()}
    assert {part({"issue": issue}) for issue in ISSUES} == {"training", "development", "test"}
    of_issue = {f"{file} says {n} of {issue}.": issue for file in ("a1", "y1") for issue in ISSUES for n in range(3)}
    for name in LEARNED:
        assert pairs[name], name
        assert {part({"issue": of_issue[pair.premise]}) for pair in pairs[name] if pair.source == "own"} <= {"training"}
    for name in LEARNED[1:-1]:
        assert {part({"issue": of_issue[p.premise]}) for p in pairs[f"{name}-held-out"]} == {"development"}, name
    assert not set(pairs["public-held-out"]) & set(pairs["public"])
    assert not set(pairs["nli-only-held-out"]) & set(pairs["nli-only"])
    assert set(pairs["nli-only"]) <= set(pairs["public"])


def test_the_first_phases_learn_the_older_files_and_the_later_ones_all(folders, tmp_path):
    _, pairs = prepared(folders, tmp_path / "out")
    files = {name: {p.premise[:2] for p in pairs[name] if p.source == "own"} for name in LEARNED}
    assert files["coded"] == files["sides"] == {"a1"}
    assert files["related"] == files["whole"] == {"a1", "y1"}


def test_more_sentences_are_asked_for_all_where_the_share_is_larger(folders, tmp_path):
    _, pairs = prepared(folders, tmp_path / "out")
    frames = {
        name: {p.premise for p in pairs[name] if p.source == "own" and "legal" in p.hypothesis}
        for name in ("related", "whole")
    }
    assert len(frames["whole"]) > len(frames["related"]) > 0


def test_the_same_seed_gives_the_same_bytes(folders, tmp_path):
    for name in ("one", "other"):
        module.prepare(*folders, module.OPPOSITES, tmp_path / name, 1)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
