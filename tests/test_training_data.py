"""The training sentences keep their contract, and nothing that the model is judged on stands among them."""

import json
import re
from collections import Counter

import pytest

import framing
from framing.passages import split_passages
from tests.conftest import ROOT

FOLDER = ROOT / "training" / "data" / "framing-entailment"
SENTENCES = [
    json.loads(line)
    for path in sorted(FOLDER.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
FRAMES = {
    "security", "politicization", "economic", "innovation", "legal", "geopolitics", "fairness", "health", "morality", "human_interest",
    "public_opinion", "capacity",
}  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_sentence_has_its_codes() -> None:
    assert len(SENTENCES) > 1900
    for sentence in SENTENCES:
        assert set(sentence) == {"text", "issue", "target", "frames", "stance", "voice"}
        assert set(sentence["frames"]) <= FRAMES, sentence
        assert sentence["stance"] in (-1, 0, 1), sentence
        assert sentence["voice"] in ("outlet", "quoted"), sentence


def test_no_sentence_stands_twice() -> None:
    repeated = [text for text, n in Counter(_plain(s["text"]) for s in SENTENCES).items() if n > 1]
    assert repeated == []


@pytest.mark.parametrize("study", ["demo", "holiday-rentals"])
def test_no_sentence_of_a_shipped_corpus_is_trained_on(study: str) -> None:
    passages = split_passages(framing.read_corpus(ROOT / "data" / study / "articles"))
    judged = {plain for text in passages["text"] if len((plain := _plain(text)).split()) > 4}
    assert len(judged) > 100
    assert judged.isdisjoint(_plain(s["text"]) for s in SENTENCES)


def test_no_name_of_the_demo_world_is_trained_on() -> None:
    names = re.compile(r"Norvan|Calderra|Istmark|Quillon|Vestrel|Aerulan|Plinkt|Sivane|Ebrin|Orvelin|Tarrow|Pellin")
    assert [s["text"] for s in SENTENCES if names.search(s["text"])] == []
