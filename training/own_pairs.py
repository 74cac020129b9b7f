"""The project's own coded sentences -> entailment pairs.

Each sentence is asked for frames it carries and does not carry, for its stance towards its own target and towards
wider names of it, for its voice and for its issue.
"""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from training import wordings as w
from training.public_pairs import Pair

TEST_PERCENT, DEVELOPMENT_PERCENT = 10, 8
OTHER_FRAMES_DENIED = 4

_TECH = re.compile(
    r"\b(apps?|chatbots?|assistants?|AI|drones?|cameras?|telecom|5G|base stations?|antennas?|chips?|cables?|clouds?|"
    r"antivirus|software|modems?|routers?|scanners?|vehicles?|cars?|sedans?|inverters?|satellites?|terminals?|"
    r"platforms?|doorbells?|cranes?|meters?|wallets?|payments?|tablets?|messengers?|vendors?|networks?|encryption|vacuums?|"
    r"lidar|tractors?|televisions?|TVs|laptops?|face|facial|models?|switch(?:es)?|devices?|quantum|robots?|servers?|"
    r"data cent(?:re|er)s?|technolog\w+)\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"foreign|import|overseas|\b(Chinese|Korean|Japanese|Taiwanese|Indian|Indonesian|Vietnamese|Turkish|Israeli|Iranian|"
    r"American|US|Russian|Belarusian|Finnish|Swedish|Norwegian|Dutch|German|French|Spanish|Italian|Polish|Swiss|Brazilian|"
    r"British|Canadian|Western)\b",
    re.IGNORECASE,
)
_RESTRICTION = re.compile(
    r"\b(ban(?:s|ning)?|block(?:s|ing)?|exclu(?:sion|ding)|remov(?:al|ing)|restrict\w*|limits?|curbs?|suspension|"
    r"prohibition|closure|embargo|controls?|phase-out|delisting|halt|quotas?|grounding|ultimatum|forced sale|cap|"
    r"tariffs?|withdrawal|cut-off|split vendor rule|licen[cs]es|rejection|freeze|hold)\b",
    re.IGNORECASE,
)
_POLICY = re.compile(r"\b(bill|law|act|rule|plan|policy|order|mandate|levy|tax|register)\b")
_NEGATES = re.compile(
    r"\b(waiver|lifting|repeal|objection|pressure|award|contract|delayed|end of|ending)\b", re.IGNORECASE
)


def read_sentences_file(path: Path) -> list[dict[str, Any]]:
    """The coded sentences of one JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def read_sentences(folder: Path) -> list[dict[str, Any]]:
    """All coded sentences of the folder's *.jsonl, in the order of the file names."""
    return [sentence for path in sorted(folder.glob("*.jsonl")) for sentence in read_sentences_file(path)]


def part(sentence: dict[str, Any]) -> str:
    """ "test", "development" or "training": whole issues go one way, so that no sentence has a neighbour in another part."""
    number = int(sha256(sentence["issue"].encode("utf-8")).hexdigest(), 16) % 100
    if number < TEST_PERCENT:
        return "test"
    return "development" if number < TEST_PERCENT + DEVELOPMENT_PERCENT else "training"


def _fill(wording: str, tech: bool, rng: Random) -> str:
    who, measure, concern = w.WHO, w.MEASURE, w.CONCERN
    if tech and rng.random() < 0.75:
        who, measure, concern = w.WHO_TECH, w.MEASURE + w.MEASURE_TECH, w.CONCERN + w.CONCERN_TECH
    return wording.format(who=rng.choice(who), measure=rng.choice(measure), concern=rng.choice(concern))


def _frames(sentence: dict[str, Any], rng: Random) -> Iterator[tuple[str, int]]:
    carried = set(sentence["frames"])
    # The files with contrast sets were coded for every frame; in the older ones a neighbour may have been passed over.
    near = set() if "contrast" in sentence else set().union(*(w.NEAR.get(frame, set()) for frame in carried))
    tech = bool(_TECH.search(f"{sentence['issue']} {sentence['target']}"))
    absent = sorted(set(w.FRAMES) - carried - near)
    easy = [frame for frame in absent if frame not in w.HARD_FRAMES]
    asked = {frame: 2 for frame in absent if frame in w.HARD_FRAMES}
    asked |= dict.fromkeys(rng.sample(easy, min(OTHER_FRAMES_DENIED, len(easy))), 1)
    asked |= {frame: 3 if frame in w.HARD_FRAMES else 2 for frame in carried}
    for frame, n in sorted(asked.items()):
        for wording in rng.sample(w.FRAMES[frame], n):
            yield _fill(wording, tech, rng), int(frame in carried)


def wider_targets(sentence: dict[str, Any]) -> tuple[str, ...]:
    """General names that a codebook could use for the sentence's target; empty if the target is no measure.

    The sentence's own `wider` if its author gave one; else by the words of the target.
    """
    if "wider" in sentence:
        wider = sentence["wider"]
        if not wider:
            return ()
        broad = all(pattern.search(wider) for pattern in (_TECH, _FOREIGN, _RESTRICTION)) and not _NEGATES.search(wider)
        return (wider, *w.TECH_RESTRICTIONS) if broad else (wider,)
    target, subject = sentence["target"], f"{sentence['issue']} {sentence['target']}"
    if _NEGATES.search(target):
        return ()
    if _RESTRICTION.search(target):
        foreign_technology = _TECH.search(subject) and _FOREIGN.search(subject)
        return w.TECH_RESTRICTIONS + w.RESTRICTIONS[:3] if foreign_technology else w.RESTRICTIONS
    return w.POLICIES if _POLICY.search(target) else ()


def _stance(sentence: dict[str, Any], others: list[str], rng: Random) -> Iterator[tuple[str, int]]:
    wider = wider_targets(sentence)
    favor = w.FAVOR + (w.FAVOR_MEASURE if wider else ())
    against = w.AGAINST + (w.AGAINST_MEASURE if wider else ())
    targets = [sentence["target"], *(rng.choice(wider or (sentence["target"],)) for _ in range(2))]
    for target in targets:
        yield rng.choice(favor).format(t=target), int(sentence["stance"] == 1)
        yield rng.choice(against).format(t=target), int(sentence["stance"] == -1)
    if sentence["stance"]:  # the right side once more, so that a side is not mostly a wrong answer
        yield rng.choice(favor if sentence["stance"] == 1 else against).format(t=rng.choice(targets)), 1
    if rng.random() < 0.2:  # a position on something else
        yield rng.choice(w.FAVOR + w.AGAINST).format(t=rng.choice(others)), 0


def _voice(sentence: dict[str, Any], rng: Random) -> Iterator[tuple[str, int]]:
    quoted = sentence["voice"] == "quoted"
    yield rng.choice(w.QUOTED), int(quoted)
    if rng.random() < 0.5:
        yield rng.choice(w.OUTLET), int(not quoted)


def _issue(sentence: dict[str, Any], others: list[str], rng: Random) -> Iterator[tuple[str, int]]:
    if rng.random() < 0.5:
        right = rng.random() < 0.5
        yield rng.choice(w.TOPIC).format(t=sentence["issue"] if right else rng.choice(others)), int(right)


def own_pairs(sentences: list[dict[str, Any]], seed: int) -> list[Pair]:
    """One draw of pairs (about 18 a sentence), shuffled; another seed draws other wordings and other wrong answers."""
    rng = Random(seed)
    targets = {s["issue"]: s["target"] for s in sentences}
    pairs = []
    for sentence in sentences:
        issues = [issue for issue in targets if issue != sentence["issue"]]
        asked = [
            *_frames(sentence, rng),
            *_stance(sentence, [targets[issue] for issue in issues], rng),
            *_voice(sentence, rng),
            *_issue(sentence, issues, rng),
        ]
        pairs += [Pair(sentence["text"], hypothesis, entailed, "own") for hypothesis, entailed in dict(asked).items()]
    rng.shuffle(pairs)
    return pairs


def stance_pairs(sentences: list[dict[str, Any]], seed: int) -> list[Pair]:
    """One draw of stance pairs alone, shuffled: both sides asked of each target, more often where a side is taken.

    That a sentence takes a side is learned soon, and which one late: in a model that has seen every sentence twice both sides still
    rise together.
    """
    rng = Random(seed)
    pairs = []
    for sentence in sentences:
        wider = wider_targets(sentence)
        sides = (
            (w.FAVOR + (w.FAVOR_MEASURE if wider else ()), 1),
            (w.AGAINST + (w.AGAINST_MEASURE if wider else ()), -1),
        )
        targets = [sentence["target"], rng.choice(wider or (sentence["target"],))] * (2 if sentence["stance"] else 1)
        asked = {
            rng.choice(wordings).format(t=target): int(sentence["stance"] == side)
            for target in targets
            for wordings, side in sides
        }
        pairs += [Pair(sentence["text"], hypothesis, entailed, "own") for hypothesis, entailed in asked.items()]
    rng.shuffle(pairs)
    return pairs


def unrelated_pairs(sentences: list[dict[str, Any]], texts: list[str], seed: int) -> list[Pair]:
    """Each of some texts on something else, asked for one position on a target of the sentences: it takes none."""
    rng = Random(seed)
    targets = (*w.TECH_RESTRICTIONS, *w.RESTRICTIONS, *(sentence["target"] for sentence in sentences))
    return [Pair(text, rng.choice(w.FAVOR + w.AGAINST).format(t=rng.choice(targets)), 0, "unrelated") for text in texts]
