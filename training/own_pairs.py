"""The project's own coded sentences -> entailment pairs.

Each sentence is asked for frames it carries and does not carry, for its stance towards its own target, wider names of it, what
the target rules out and things it takes no side on, for its voice and for its issue.
"""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from training import wordings as w
from training.public_pairs import Pair

OPPOSITES = Path(__file__).parent / "data" / "opposites.jsonl"
TEST_PERCENT, DEVELOPMENT_PERCENT = 10, 8
OTHER_FRAMES_DENIED = 4

Opposites = dict[str, tuple[str, ...]]


class Asked(NamedTuple):
    """What a sentence is asked for beside its own target and a wider name of it."""

    others: int  # neighbours in the story, at most
    ruled_out: float  # share of the sentences that are asked for what their target rules out
    strangers: float  # share of the sentences that are asked for the target of another issue
    voice: int  # wordings of the question whether it is quoted
    frames: bool  # its frames, its voice and its issue at all
    wordings: int | None = None  # of each question, the first so many alone; None: all


# Whether a sentence is for or against is learned from its own target first: where as many questions are about something else, the
# two sides cancel each other, and training ends with a model that knows only that a side is taken (figures in training/README.md).
SIDES_FIRST = Asked(others=1, ruled_out=0.3, strangers=0.3, voice=2, frames=True)
SIDES_ONLY = SIDES_FIRST._replace(frames=False)
RELATED = SIDES_FIRST._replace(strangers=0.6)
OWN_SIDES = Asked(others=0, ruled_out=0.0, strangers=0.1, voice=0, frames=False)
EVERYTHING = Asked(others=2, ruled_out=1.0, strangers=1.0, voice=1, frames=True)

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
    r"\b(waiver|lifting|repeal|objection|pressure|award|contract|delayed|end of|ending|raised|duty-free|exclusion process)\b",
    re.IGNORECASE,
)
_OUTWARD = re.compile(
    r"\bexports?\b|\bsales? (?:of|to|abroad)\b|\bsold to\b|\bforeign users\b", re.IGNORECASE
)  # not kept out but in


def read_sentences_file(path: Path) -> list[dict[str, Any]]:
    """The coded sentences of one JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def read_sentences(folder: Path, files: str = "*") -> list[dict[str, Any]]:
    """All coded sentences of the folder's *.jsonl whose names fit the pattern `files`, in the order of the names."""
    return [sentence for path in sorted(folder.glob(f"{files}.jsonl")) for sentence in read_sentences_file(path)]


def part(sentence: dict[str, Any]) -> str:
    """ "test", "development" or "training": whole issues go one way, so that no sentence meets its own contrast set in another part.

    Two issues may be near each other all the same.
    """
    number = int(sha256(sentence["issue"].encode("utf-8")).hexdigest(), 16) % 100
    if number < TEST_PERCENT:
        return "test"
    return "development" if number < TEST_PERCENT + DEVELOPMENT_PERCENT else "training"


def _fill(wording: str, sentence: dict[str, Any], rng: Random) -> str:
    """The wording with words for who, what and which concern that fit the sentence's issue."""
    subject = f"{sentence['issue']} {sentence['target']} {sentence.get('wider', '')}"
    who, measure, concern = w.WHO, w.MEASURE, w.CONCERN
    if "security" in sentence["frames"]:
        concern += w.CONCERN_SECURITY
    if _TECH.search(subject) and rng.random() < 0.75:
        who, measure = w.WHO_TECH, measure + w.MEASURE_TECH
        if _FOREIGN.search(subject):
            who, concern = who + w.WHO_FOREIGN, concern + w.CONCERN_FOREIGN
    return wording.format(who=rng.choice(who), measure=rng.choice(measure), concern=rng.choice(concern))


def _frames(sentence: dict[str, Any], known: int | None, rng: Random) -> Iterator[tuple[str, int]]:
    carried = set(sentence["frames"])
    # The files with contrast sets were coded for every frame; in the older ones a neighbour may have been passed over.
    near = set() if "contrast" in sentence else set().union(*(w.NEAR.get(frame, set()) for frame in carried))
    absent = sorted(set(w.FRAMES) - carried - near)
    easy = [frame for frame in absent if frame not in w.HARD_FRAMES]
    asked = {frame: 2 for frame in absent if frame in w.HARD_FRAMES}
    asked |= dict.fromkeys(rng.sample(easy, min(OTHER_FRAMES_DENIED, len(easy))), 1)
    asked |= {frame: 3 if frame in w.HARD_FRAMES else 2 for frame in carried}
    for frame, n in sorted(asked.items()):
        wordings = w.FRAMES[frame][:known]
        for wording in rng.sample(wordings, min(n, len(wordings))):
            yield _fill(wording, sentence, rng), int(frame in carried)


def wider_targets(sentence: dict[str, Any]) -> tuple[str, ...]:
    """General names that a codebook could use for the sentence's target; empty if the target is no measure.

    The sentence's own `wider` if its author gave one; else by the words of the target.
    """
    if "wider" in sentence:
        wider = sentence["wider"]
        if not wider:
            return ()
        broad = all(pattern.search(wider) for pattern in (_TECH, _FOREIGN, _RESTRICTION)) and not (
            _NEGATES.search(wider) or _OUTWARD.search(f"{wider} {sentence['target']}")
        )
        return (wider, *w.TECH_RESTRICTIONS) if broad else (wider,)
    target, subject = sentence["target"], f"{sentence['issue']} {sentence['target']}"
    if _NEGATES.search(target):
        return ()
    if _RESTRICTION.search(target):
        foreign_technology = _TECH.search(subject) and _FOREIGN.search(subject) and not _OUTWARD.search(subject)
        return w.TECH_RESTRICTIONS + w.RESTRICTIONS[:3] if foreign_technology else w.RESTRICTIONS
    return w.POLICIES if _POLICY.search(target) else ()


def read_opposites(path: Path = OPPOSITES) -> Opposites:
    """Of each target of the sentences, names of what stands or falls the other way; none where there is no such thing."""
    return {row["target"]: tuple(row["opposite"]) for row in read_sentences_file(path)}


def _positions(
    sentence: dict[str, Any], opposites: Opposites, strangers: list[str], asked: Asked, rng: Random
) -> Iterator[tuple[str, int]]:
    """What the sentence is asked about, and its stance (1, 0 or -1) towards it.

    Its own target, a wider name of it, what the target rules out, neighbours in the story, and the target of another issue: the same
    words of the sentence answer each of them differently, so that a model has to read what it is asked about.
    """
    target, stance = sentence["target"], sentence["stance"]
    wider = wider_targets(sentence)
    others = {name: int(position) for name, position in sentence.get("others", ())}
    ruled_out = [name for name in opposites.get(target, ()) if name not in others]
    yield target, stance
    yield rng.choice(wider or (target,)), stance
    yield from rng.sample(sorted(others.items()), min(asked.others, len(others)))
    if ruled_out and rng.random() < asked.ruled_out * (1 if stance else 0.3):
        yield rng.choice(ruled_out), -stance
    taken = {target, *wider, *others, *ruled_out}
    general = {
        *w.TECH_RESTRICTIONS,
        *w.RESTRICTIONS,
        *w.POLICIES,
    }  # a name that may well cover the sentence's own target
    if rng.random() < asked.strangers:
        yield rng.choice([name for name in strangers if name not in taken | general]), 0


def _stance(
    sentence: dict[str, Any], opposites: Opposites, strangers: list[str], asked: Asked, rng: Random
) -> Iterator[tuple[str, int]]:
    """Both sides of everything the sentence is asked about, and a right one once more, so that a side is not mostly a wrong answer."""
    wider, ruled_out = wider_targets(sentence), opposites.get(sentence["target"], ())
    for target, position in _positions(sentence, opposites, strangers, asked, rng):
        favor, against = w.FAVOR, w.AGAINST
        if target in (sentence["target"], *wider):
            if "too_soft" in sentence.get(
                "traps", ()
            ):  # wants more of the measure, and has nothing good to say about it
                favor, against = w.FAVOR_MEASURE, w.AGAINST_MEASURE
            elif wider:
                favor, against = favor + w.FAVOR_MEASURE, against + w.AGAINST_MEASURE
        elif target in ruled_out:
            favor, against = w.FAVOR_PLAIN, w.AGAINST_PLAIN
        favor, against = favor[: asked.wordings], against[: asked.wordings]
        yield rng.choice(favor).format(t=target), int(position == 1)
        yield rng.choice(against).format(t=target), int(position == -1)
        if position:
            yield rng.choice(favor if position == 1 else against).format(t=target), 1


def _voice(sentence: dict[str, Any], asked: Asked, rng: Random) -> Iterator[tuple[str, int]]:
    quoted, wordings = sentence["voice"] == "quoted", w.QUOTED[: asked.wordings]
    for wording in rng.sample(wordings, min(asked.voice, len(wordings))):
        yield wording, int(quoted)
    if rng.random() < 0.5:
        yield rng.choice(w.OUTLET[: asked.wordings]), int(not quoted)


def _issue(sentence: dict[str, Any], others: list[str], rng: Random) -> Iterator[tuple[str, int]]:
    if rng.random() < 0.5:
        right = rng.random() < 0.5
        yield rng.choice(w.TOPIC).format(t=sentence["issue"] if right else rng.choice(others)), int(right)


def _negated(asked: list[tuple[str, int]], rng: Random) -> Iterator[tuple[str, int]]:
    """A question that holds and one that does not, denied: each has the other answer, so that the denial itself tells nothing."""
    for entailed in (0, 1):
        if any(held for _, held in asked):
            hypothesis = rng.choice([each for each, held in asked if held == entailed])
            yield rng.choice(w.NEGATED).format(h=hypothesis[:1].lower() + hypothesis[1:]), 1 - entailed


def own_pairs(
    sentences: list[dict[str, Any]], opposites: Opposites, seed: int, asked: Asked = EVERYTHING
) -> list[Pair]:
    """One draw of pairs (about 22 a sentence), shuffled; another seed draws other wordings and other wrong answers."""
    rng = Random(seed)
    targets = {s["issue"]: s["target"] for s in sentences}
    pairs = []
    for sentence in sentences:
        issues = [issue for issue in targets if issue != sentence["issue"]]
        questions = list(_stance(sentence, opposites, [targets[issue] for issue in issues], asked, rng))
        if asked.frames:
            frames = list(_frames(sentence, asked.wordings, rng))
            questions += [
                *frames,
                *_negated(frames, rng),
                *_voice(sentence, asked, rng),
                *_issue(sentence, issues, rng),
            ]
        pairs += [Pair(sentence["text"], hypothesis, held, "own") for hypothesis, held in dict(questions).items()]
    rng.shuffle(pairs)
    return pairs


def unrelated_pairs(sentences: list[dict[str, Any]], texts: list[str], seed: int) -> list[Pair]:
    """Each of some texts on something else, asked for one position on a target of the sentences: it takes none."""
    rng = Random(seed)
    targets = (*w.TECH_RESTRICTIONS, *w.RESTRICTIONS, *(sentence["target"] for sentence in sentences))
    return [Pair(text, rng.choice(w.FAVOR + w.AGAINST).format(t=rng.choice(targets)), 0, "unrelated") for text in texts]
