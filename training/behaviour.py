"""How the bundled model's decisions behave when a text or a question is changed in a known way.

    python -m training.behaviour

prints a Markdown table and writes training/behaviour.csv. All on the test issues, but for the traps, which are rare and are taken from the
development issues as well; under the hypotheses of the general codebook, calibrated, at a threshold of 0.5, as a study would use them.
Intervals are Wilson's (1927), 95%.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

import framing
from framing import Codebook
from framing.entailment import EntailmentModel
from training.card import BEHAVIOUR, TRAP, behaviour_table, traps_table
from training.own_pairs import part, read_sentences, read_sentences_file
from training.shared import CODEBOOKS, SENTENCES, THRESHOLD, wordings_of

PARAPHRASES = Path(__file__).parent / "data" / "paraphrases.jsonl"
PLACEBOS = ("longer opening hours of public libraries", "a new stadium for the chess federation")
QUOTES = re.compile('["\u201c\u201d\u201e\u00ab\u00bb]')
# Countries and what comes from them; each is swapped for the one five places on.
NAMES = (
    ("China", "Chinese"), ("Germany", "German"), ("Brazil", "Brazilian"), ("Japan", "Japanese"), ("Kenya", "Kenyan"),
    ("Russia", "Russian"), ("Canada", "Canadian"), ("Israel", "Israeli"), ("Norway", "Norwegian"), ("Peru", "Peruvian"),
    ("India", "Indian"), ("Turkey", "Turkish"), ("France", "French"), ("South Korea", "South Korean"), ("Mexico", "Mexican"),
    ("America", "American"), ("Sweden", "Swedish"), ("Iran", "Iranian"), ("Italy", "Italian"), ("Vietnam", "Vietnamese"),
)  # fmt: skip
# Invented outlets that sound like different camps and countries.
OUTLETS = (
    "The Harwick Post",
    "The People's Torch",
    "Patriot Daily",
    "Kestrel Radio",
    "Almira State News",
    "The Quiet Observer",
)
_SWAPS = {
    name: other
    for (country, adjective), (country2, adjective2) in zip(NAMES, NAMES[5:] + NAMES[:5], strict=True)
    for name, other in ((country, country2), (adjective, adjective2))
}
_NAME = re.compile(r"\b(" + "|".join(sorted(_SWAPS, key=len, reverse=True)) + r")\b")
_ADJECTIVES = {adjective for _, adjective in NAMES}


class Result(NamedTuple):
    """A share of decisions, float in [0, 1], with its interval; n decisions. Where they are held against codes, also the share that would be
    as coded if each text were given the commonest code, otherwise NaN."""

    test: str
    what: str
    n: int
    share: float
    low: float
    high: float
    commonest: float = np.nan


def result(test: str, what: str, hits: np.ndarray, commonest: float = np.nan) -> Result:
    """The share of true values."""
    k, n = int(np.count_nonzero(hits)), int(hits.size)
    if not n:
        return Result(test, what, 0, np.nan, np.nan, np.nan, commonest)
    interval = binomtest(k, n).proportion_ci(method="wilson")
    return Result(test, what, n, k / n, float(interval.low), float(interval.high), commonest)


class Judge:
    """The decisions of a model with a codebook."""

    def __init__(self, model: EntailmentModel, codebook: Codebook) -> None:
        self.model, self.codebook = model, codebook
        self.keys = [frame.key for frame in codebook.frames]
        self._known: dict[tuple[str, str], float] = {}  # many tests ask the same

    def _scores(self, texts: Sequence[str], hypotheses: Sequence[str]) -> np.ndarray:
        """Score of each text under the hypothesis beside it, float (n,)."""
        pairs = list(zip(texts, hypotheses, strict=True))
        new = sorted({pair for pair in pairs if pair not in self._known})
        p = self.model.entail([text for text, _ in new], [hypothesis for _, hypothesis in new])
        self._known.update(zip(new, p.tolist(), strict=True))
        return np.array([self._known[pair] for pair in pairs])

    def wordings(self, texts: Sequence[str], change: Callable[[str], str] = str) -> dict[str, np.ndarray]:
        """Of each frame the scores, float (texts, hypotheses)."""
        asked = {frame.key: [change(h) for h in frame.hypotheses] for frame in self.codebook.frames}
        every = [h for some in asked.values() for h in some]
        p = self._scores([text for text in texts for _ in every], every * len(texts)).reshape(len(texts), len(every))
        of = dict(zip(every, p.T, strict=True))
        return {key: np.stack([of[h] for h in some], 1) for key, some in asked.items()}

    def value(self, side: str, p: np.ndarray) -> np.ndarray:
        """Scores (texts, hypotheses) as framing.measures takes them together, float (texts,)."""
        return self.model.calibration[side](p.mean(axis=1))

    def carries(self, p: np.ndarray) -> np.ndarray:
        """Whether texts carry a frame, by their scores (texts, hypotheses) under it, bool (texts,)."""
        return self.value("frame", p) >= THRESHOLD

    def frames(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text carries each frame, bool (texts, frames)."""
        return np.stack([self.carries(p) for p in self.wordings(texts).values()], axis=1)

    def stance(self, texts: Sequence[str], targets: Sequence[str]) -> np.ndarray:
        """Stance value of each text towards its target, float (texts,) in [-1, 1]."""
        favor, against = wordings_of(self.codebook)
        every = (*favor, *against)
        hypotheses = [wording.format(target=target) for target in targets for wording in every]
        p = self._scores([text for text in texts for _ in every], hypotheses).reshape(len(texts), len(every))
        return self.value("favor", p[:, : len(favor)]) - self.value("against", p[:, len(favor) :])

    def sides(self, texts: Sequence[str], targets: Sequence[str]) -> np.ndarray:
        """Stance decisions, int (texts,): 1, -1, or 0 where no side reaches the threshold."""
        value = self.stance(texts, targets)
        return np.where(np.abs(value) >= THRESHOLD, np.sign(value), 0).astype(int)


def swapped(text: str) -> str:
    """Every country of the list replaced by another."""
    return _NAME.sub(lambda match: _SWAPS[match[0]], text)


def masked(text: str) -> str:
    """Every country of the list replaced by words that name none."""
    return _NAME.sub(lambda match: "foreign" if match[0] in _ADJECTIVES else "that country", text)


def signed(outlet: str) -> Callable[[str], str]:
    """A change of text: the outlet is named as the one that reports it."""
    return lambda text: f"{outlet} reports: {text}"


def changes(
    rows: list[dict[str, Any]], paraphrases: dict[str, str]
) -> Iterator[tuple[str, list[str], list[str], list[str], list[str]]]:
    """Of each change its name, the texts before and after it, and their targets before and after it.

    Texts that a change leaves as they are do not count.
    """
    every: dict[str, Callable[[str], str]] = {
        "country swapped for another": swapped,
        "country masked": masked,
        "quotation marks removed": lambda text: QUOTES.sub("", text),
        "paraphrased by hand": lambda text: paraphrases.get(text, text),
    }
    for test, change in every.items():
        some = [row for row in rows if change(row["text"]) != row["text"]]
        targets = [row["target"] for row in some]
        yield (
            test,
            [row["text"] for row in some],
            [change(row["text"]) for row in some],
            targets,
            [*map(change, targets)],
        )
    texts, targets = [row["text"] for row in rows], [row["target"] for row in rows]
    named, other = (
        [signed(OUTLETS[(i + shift) % len(OUTLETS)])(text) for i, text in enumerate(texts)] for shift in (0, 1)
    )
    yield "outlet swapped for another", named, other, targets, targets
    yield "outlet masked", named, [*map(signed("The outlet"), texts)], targets, targets


def changed_texts(judge: Judge, rows: list[dict[str, Any]], paraphrases: dict[str, str]) -> Iterator[Result]:
    """Decisions that flip when a text is changed in a way that should change none."""
    for test, before, after, targets, targets_after in changes(rows, paraphrases):
        was, now = judge.frames(before), judge.frames(after)
        yield result(test, "passages of which a frame decision flips", (was != now).any(axis=1))
        either = was | now
        yield result(test, "flips among frames found before or after", (was != now)[either])
        sides = judge.sides(before, targets), judge.sides(after, targets_after)
        yield result(test, "stance decisions that flip", sides[0] != sides[1])
        yield result(test, "stances that turn to the other side", sides[0] * sides[1] == -1)


def changed_questions(judge: Judge, rows: list[dict[str, Any]]) -> Iterator[Result]:
    """Decisions when the question is turned, exchanged or put to something else."""
    texts, targets = [row["text"] for row in rows], [row["target"] for row in rows]
    asked = judge.wordings(texts)
    found = {key: judge.carries(p) for key, p in asked.items()}
    denied = judge.wordings(texts, lambda hypothesis: f"It is not true that {hypothesis[:1].lower()}{hypothesis[1:]}")
    yes = np.concatenate([judge.carries(denied[key])[found[key]] for key in judge.keys])
    yield result("negation", "frames found that are also found under the negated hypotheses", yes)
    one, other = (np.concatenate([judge.carries(asked[key][:, [i]]) for key in judge.keys]) for i in (0, 1))
    yield result("hypothesis paraphrased", "frame decisions that differ between its first two wordings", one != other)

    coded = {key: np.array([key in row["frames"] for row in rows]) for key in judge.keys}
    right = []
    for a in judge.keys:
        for b in judge.keys:
            if a != b:
                only = coded[a] & ~coded[b]
                right.append((asked[a].mean(axis=1) > asked[b].mean(axis=1))[only])
    yield result("swapped labels", "carried frame above an absent one", np.concatenate(right))
    stance, value = np.array([row["stance"] for row in rows]), judge.stance(texts, targets)
    for name, sign in (("for", 1), ("against", -1)):
        yield result(
            "swapped labels", f"texts {name} their target on that side of 0", (sign * value > 0)[stance == sign]
        )
    sides = judge.sides(texts, targets)
    yield result("placebo target", "stances found towards the own target", sides != 0)
    for placebo in PLACEBOS:
        found_there = judge.sides(texts, [placebo] * len(texts)) != 0
        yield result("placebo target", f"stances found towards {placebo!r}", found_there)


def traps(judge: Judge, rows: list[dict[str, Any]]) -> Iterator[Result]:
    """How often the two hard frames and stance are decided as coded, by trap and for all."""
    names = sorted({trap for row in rows for trap in row.get("traps", [])})
    frames = judge.frames([row["text"] for row in rows])
    sides = judge.sides([row["text"] for row in rows], [row["target"] for row in rows])
    decided = {key: frames[:, judge.keys.index(key)] for key in judge.codebook.axis or ()} | {"stance": sides}
    coded = {key: np.array([key in row["frames"] for row in rows]) for key in judge.codebook.axis or ()}
    coded["stance"] = np.array([row["stance"] for row in rows])
    for name in ("all", *names):
        at = np.array([name == "all" or name in row.get("traps", []) for row in rows])
        for what, truth in coded.items():
            commonest = np.unique(truth[at], return_counts=True)[1].max() / at.sum()
            yield result(f"{TRAP}{name}", f"{what} as coded", (decided[what] == truth)[at], commonest)


def main() -> None:
    judge = Judge(framing.load_model("bundled"), Codebook.load(CODEBOOKS / "policy-frames.yaml"))
    every = read_sentences(SENTENCES)
    rows = [row for row in every if part(row) == "test"]
    unseen = [row for row in every if part(row) != "training"]
    written = {row["text"]: row["paraphrase"] for row in read_sentences_file(PARAPHRASES)}
    results = pd.DataFrame(
        [*changed_texts(judge, rows, written), *changed_questions(judge, rows), *traps(judge, unseen)]
    )
    results.round(4).to_csv(BEHAVIOUR, index=False, lineterminator="\n")
    print(behaviour_table(results), traps_table(results), sep="\n\n")


if __name__ == "__main__":
    main()
