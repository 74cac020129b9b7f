"""The training sentences keep their contract, and nothing that the model is judged on stands among them."""

import json
import re
from collections import Counter
from typing import Any

import pytest

import framing
from framing.passages import split_passages
from tests.conftest import ROOT
from training import wordings

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


TRAPS = {
    "denial", "scare_quotes", "attribution_quotes", "continued_quote", "lexical", "free_speech", "too_soft", "furniture", "agency",
}  # fmt: skip
CODES = {"text", "issue", "target", "frames", "stance", "voice"}
MORE = {"wider", "contrast", "traps"}  # of the files that were written with contrast sets and traps
OTHERS = {"others"}  # of the files whose sentences are asked about several things


def test_every_sentence_has_its_codes() -> None:
    assert len(SENTENCES) > 10_000
    for sentence in SENTENCES:
        assert set(sentence) in (CODES, CODES | MORE, CODES | MORE | OTHERS), sentence
        assert set(sentence["frames"]) <= FRAMES, sentence
        assert sentence["stance"] in (-1, 0, 1), sentence
        assert sentence["voice"] in ("outlet", "quoted"), sentence
        assert set(sentence.get("traps", [])) <= TRAPS, sentence
        assert all(name.strip() and position in (-1, 0, 1) for name, position in sentence.get("others", [])), sentence


def test_furniture_and_plain_denials_carry_nothing() -> None:
    for sentence in SENTENCES:
        if "furniture" in sentence.get("traps", []):
            assert (sentence["frames"], sentence["stance"], sentence["voice"]) == ([], 0, "outlet"), sentence


def test_the_set_has_the_breadth_that_its_card_claims() -> None:
    traps = Counter(trap for sentence in SENTENCES for trap in sentence.get("traps", []))
    frames = Counter(frame for sentence in SENTENCES for frame in sentence["frames"])
    assert min(traps[trap] for trap in TRAPS) >= 30
    assert min(frames[frame] for frame in FRAMES) >= 150
    assert len({sentence["issue"] for sentence in SENTENCES}) >= 25
    assert sum(not sentence["frames"] for sentence in SENTENCES) >= len(SENTENCES) / 4


def test_neither_of_frame_and_stance_gives_the_other_away() -> None:
    """In the files with contrast sets every frame is held with every stance, the two hard ones oftener."""
    for frame in FRAMES:
        stance = Counter(s["stance"] for s in SENTENCES if "contrast" in s and frame in s["frames"])
        floor = 0.15 if frame in ("security", "politicization") else 0.09
        assert min(stance[position] for position in (-1, 0, 1)) >= floor * stance.total(), (frame, stance)


def test_a_contrast_set_is_of_one_issue_and_differs_in_frame_stance_or_voice() -> None:
    sets: dict[str, list[dict[str, Any]]] = {}
    for sentence in SENTENCES:
        if sentence.get("contrast"):
            sets.setdefault(sentence["contrast"], []).append(sentence)
    assert sum(map(len, sets.values())) >= len(SENTENCES) / 3
    for name, some in sets.items():
        assert len({s["issue"] for s in some}) == 1, name
        assert len({(*sorted(s["frames"]), s["stance"], s["voice"]) for s in some}) > 1, name


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


def test_no_frame_hypothesis_of_a_shipped_codebook_is_trained_on() -> None:
    trained = {_plain(wording) for some in wordings.FRAMES.values() for wording in some}
    for path in (ROOT / "data" / "codebooks").glob("*.yaml"):
        for frame in framing.Codebook.load(path).frames:
            assert trained.isdisjoint(map(_plain, frame.hypotheses)), (path.name, frame.key)
