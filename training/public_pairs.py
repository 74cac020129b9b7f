"""Public data sets -> entailment pairs.

Each function takes a folder of `<name>.jsonl.gz` files and a seeded generator and yields `Pair`s. The README names the
sources and licences. A pair is labelled 1 where the premise entails the hypothesis and 0 everywhere else: neutral
and contradiction are one class, as in zero-shot classification.
"""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from training.wordings import AGAINST, EMOTION, FAVOR, TOPIC


class Pair(NamedTuple):
    """A premise, a hypothesis, whether the first entails the second (1 or 0; -1 where a head of three classes is to know that it contradicts it),
    and the set it came from."""

    premise: str
    hypothesis: str
    entailed: int
    source: str


# Rows taken from each set with NLI labels. The pairs of new_protocols and semi_auto_nli_wiki are edited copies of one
# sentence, and SNLI describes pictures: they are thinned, so that newspaper-like prose keeps its weight.
NLI_ROWS = {
    "mnli_sample": 17_946,
    "snli_sample": 9_000,
    "cad_nli": 8_330,
    "new_protocols": 20_000,
    "semi_auto_nli_wiki": 10_000,
}
STANCE_SETS = ("ibm30k_stance", "perspectrum")
KEY_POINT_NEGATIVES = 8_000
GOEMOTIONS_ROWS = 9_000
INTENT_ROWS = {"clinc150": 7_000, "banking77": 4_000}
UNRELATED_SHARE = 0.1

_DROPS = r"ban|abolish|end|abandon|prohibit|close|stop|fight for the abolition of|fight|oppose|limit|cancel"
_AGAINST_OBJECT = re.compile(
    rf"^We should (?:{_DROPS}) (?P<a>.+)$"
    r"|^(?P<b>.+) should be (?:banned|abandoned|a criminal offence)$"
    r"|^(?P<c>.+) brings more harm than good$"
)
_FAVOR_OBJECT = re.compile(
    r"^We should (?:legalize|subsidize|adopt|introduce) (?P<a>.+)$|^(?P<b>.+) should be legalized$"
)
_MEASURE = re.compile(r"^We should (?P<verb>ban|prohibit|limit) (?P<a>.+)$")
_MEASURE_NOUN = {
    "ban": ("a ban on {}", "restrictions on {}", "banning {}"),
    "prohibit": ("a ban on {}", "the prohibition of {}"),
    "limit": ("limits on {}", "restrictions on {}"),
}


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of `<folder>/<name>.jsonl.gz`."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _sample(rows: list[dict[str, Any]], n: int, rng: Random) -> list[dict[str, Any]]:
    return rng.sample(rows, min(n, len(rows)))


def nli(folder: Path, rng: Random) -> Iterator[Pair]:
    """Three-way NLI sets, as entailment against the rest."""
    for name, n in NLI_ROWS.items():
        for row in _sample(read_rows(folder, name), n, rng):
            yield Pair(row["premise"], row["hypothesis"], int(row["label"] == "entailment"), name)


def key_points(folder: Path, rng: Random) -> Iterator[Pair]:
    """Arguments and the key points that they do or do not make."""
    rows = read_rows(folder, "ibm_key_points")
    made = [row for row in rows if row["label"] == "entailment"]
    not_made = [row for row in rows if row["label"] != "entailment"]
    for row in made + _sample(not_made, KEY_POINT_NEGATIVES, rng):
        yield Pair(row["premise"], row["hypothesis"], int(row["label"] == "entailment"), "ibm_key_points")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:] if text.startswith("We ") else text


def _targets(claim: str, rng: Random) -> tuple[str, int]:
    """A noun phrase that stands for the claim, and +1 if who agrees with the claim is for it, -1 if against it."""
    options = [(f"the view that {_lower_first(claim).rstrip('.')}", 1)]
    for pattern, sign in ((_AGAINST_OBJECT, -1), (_FAVOR_OBJECT, 1)):
        if match := pattern.match(claim):
            thing = next(group for group in match.groups() if group)
            options += 2 * [(thing if " " in thing and thing.isupper() else thing[:1].lower() + thing[1:], sign)]
    if match := _MEASURE.match(claim):
        options.append((rng.choice(_MEASURE_NOUN[match["verb"]]).format(match["a"]), 1))
    return rng.choice(options)


def stance(folder: Path, rng: Random) -> Iterator[Pair]:
    """Arguments with their position on a claim; the claim is also named by its object ("a ban on whaling")."""
    for name in STANCE_SETS:
        rows = read_rows(folder, name)
        claims = sorted({row["target"] for row in rows})
        for row in rows:
            unrelated = rng.random() < UNRELATED_SHARE
            claim = rng.choice([other for other in claims if other != row["target"]]) if unrelated else row["target"]
            target, sign = _targets(claim, rng)
            position = sign if row["label"] == "favor" else -sign
            asked = rng.choice((1, -1))
            wording = rng.choice(FAVOR if asked == 1 else AGAINST)
            yield Pair(row["text"], wording.format(t=target), int(asked == position and not unrelated), name)


def both_sides(folder: Path, n: int, rng: Random, *, strangers: bool = False) -> list[Pair]:
    """Arguments asked for both positions on one name of their claim, `n` of each set; two wordings a side.

    With `strangers` also for both positions on another claim, on which they take none.
    """
    pairs = []
    for name in STANCE_SETS:
        rows = read_rows(folder, name)
        claims = sorted({row["target"] for row in rows})
        for row in _sample(rows, n, rng):
            target, sign = _targets(row["target"], rng)
            position = sign if row["label"] == "favor" else -sign
            for side, wordings in ((1, FAVOR), (-1, AGAINST)):
                asked = rng.sample(wordings, 2)
                pairs += [Pair(row["text"], wording.format(t=target), int(side == position), name) for wording in asked]
            if strangers:
                other, _ = _targets(rng.choice([claim for claim in claims if claim != row["target"]]), rng)
                pairs += [Pair(row["text"], rng.choice(some).format(t=other), 0, name) for some in (FAVOR, AGAINST)]
    return pairs


def emotions(folder: Path, rng: Random) -> Iterator[Pair]:
    """Short comments and the emotion they express."""
    rows = read_rows(folder, "goemotions")
    names = sorted({label for row in rows for label in row["labels"]})
    for row in _sample(rows, GOEMOTIONS_ROWS, rng):
        right = rng.random() < 0.5
        label = rng.choice(row["labels"] if right else [name for name in names if name not in row["labels"]])
        label = "no particular emotion" if label == "neutral" else label
        yield Pair(row["text"], rng.choice(EMOTION).format(t=label), int(right), "goemotions")


def intents(folder: Path, rng: Random) -> Iterator[Pair]:
    """What a request is about, with a wrong topic for every second one."""
    for name, n in INTENT_ROWS.items():
        rows = [row for row in read_rows(folder, name) if row["label"] != "oos"]
        names = sorted({row["label"] for row in rows})
        for row in _sample(rows, n, rng):
            right = rng.random() < 0.5
            label = row["label"] if right else rng.choice([other for other in names if other != row["label"]])
            yield Pair(row["text"], rng.choice(TOPIC).format(t=label), int(right), name)


def public_pairs(folder: Path, seed: int) -> list[Pair]:
    """All public pairs, shuffled; the same for the same files and seed."""
    rng = Random(seed)
    pairs = [pair for build in (nli, stance, key_points, emotions, intents) for pair in build(folder, rng)]
    rng.shuffle(pairs)
    return pairs
