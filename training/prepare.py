"""Data -> the pairs of each phase, those of the rival that sees NLI data alone, and what is held out of each.

    python -m training.prepare --nli DIR --sentences training/data/framing-entailment --out DIR

writes public.jsonl.gz, coded.jsonl.gz, sides.jsonl.gz, related.jsonl.gz, whole.jsonl.gz, nli-only.jsonl.gz and their *-held-out.jsonl.gz.
"""

import argparse
from pathlib import Path
from random import Random
from typing import Any

from training.own_pairs import (
    OPPOSITES,
    OWN_SIDES,
    RELATED,
    SIDES_FIRST,
    SIDES_ONLY,
    Opposites,
    own_pairs,
    part,
    read_opposites,
    read_sentences,
    unrelated_pairs,
)  # fmt: skip
from training.pairs import write_pairs
from training.public_pairs import NLI_ROWS, Pair, both_sides, public_pairs
from training.shared import SENTENCES

FIRST = "[!xyz]*"  # files of the sentences of phases 3 and 4; phase 5 learns all
HELD_OUT_PAIRS = 2_000
REPLAY = {  # public pairs mixed into the coded ones, so that inference is not forgotten; sets with long premises are thinned
    "mnli_sample": 17_000, "snli_sample": 5_000, "cad_nli": 4_000, "new_protocols": 5_000, "ibm30k_stance": 7_000,
    "perspectrum": 3_000, "ibm_key_points": 3_000, "goemotions": 2_000, "clinc150": 1_000,
}  # fmt: skip
SIDES_DRAWS = 2  # of the stance alone, of the sentences that take a side, each in other words
# Of phase 4: draws of sides, coded pairs and public ones as before.
OWN_DRAWS, CODED_AGAIN, SHARE_KEPT = 2, 50_000, 0.5
# Of phase 5: share of the sentences that are asked for frames again, arguments of each public set, texts on something else, requests.
WHOLE, RELATED_ARGUMENTS, RELATED_UNRELATED, REQUESTS = 0.35, 4_000, 4_000, 6_000
WHOLE_BI = 0.7  # of the second phase of the bi-encoder, a rival: share of the sentences that are asked for everything
ARGUMENTS = 2_500  # of each public stance set, asked for both sides among the coded pairs
NLI_ONLY = 30_000  # pairs of the rival that sees NLI data alone
UNRELATED = 2_500  # public texts asked for a stance on something else
PROSE = ("mnli_sample", "snli_sample")  # public sets whose premises are prose


def replay(public: list[Pair]) -> list[Pair]:
    """The first pairs of each set, as many as REPLAY says."""
    by_source: dict[str, list[Pair]] = {}
    for pair in public:
        by_source.setdefault(pair.source, []).append(pair)
    return [pair for source, n in REPLAY.items() for pair in by_source[source][:n]]


def _of_part(sentences: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [sentence for sentence in sentences if part(sentence) == name]


def _related(
    nli: Path, learned: list[dict[str, Any]], public: list[Pair], other_way: Opposites, share: float, seed: int
) -> list[Pair]:
    """Every sentence asked for its stance, also towards targets that it does not speak of, a share of them for all else; and public pairs."""
    rng = Random(seed)
    learned = rng.sample(learned, len(learned))
    whole = int(share * len(learned))
    prose = sorted({pair.premise for pair in public if pair.source in PROSE})
    again = replay(public)
    had = set(again)
    requests = [pair for pair in public if pair.source in ("clinc150", "banking77") and pair not in had][:REQUESTS]
    pairs = [
        *own_pairs(learned[:whole], other_way, seed, RELATED),
        *own_pairs(learned[whole:], other_way, seed + 1, RELATED._replace(frames=False)),
        *again,
        *requests,
        *both_sides(nli, RELATED_ARGUMENTS, rng, strangers=True),
        *unrelated_pairs(learned, rng.sample(prose, RELATED_UNRELATED), seed),
    ]
    rng.shuffle(pairs)
    return pairs


def prepare(nli: Path, sentences: Path, opposites: Path, out: Path, seed: int) -> dict[str, int]:
    """Write all pair files into `out`; returns the number of pairs (or sentences) in each."""
    public = public_pairs(nli, seed)
    held_out, learned_public = public[:HELD_OUT_PAIRS], public[HELD_OUT_PAIRS:]

    other_way = read_opposites(opposites)
    learned = _of_part(read_sentences(sentences, FIRST), "training")
    every, development = (_of_part(read_sentences(sentences), name) for name in ("training", "development"))
    prose = sorted({pair.premise for pair in learned_public if pair.source in PROSE})
    rng = Random(seed)
    asked = replay(learned_public) + both_sides(nli, ARGUMENTS, rng)
    asked += unrelated_pairs(learned, rng.sample(prose, UNRELATED), seed)
    asked += own_pairs(learned, other_way, seed, SIDES_FIRST)
    sided = [sentence for sentence in learned if sentence["stance"]]
    for draw in range(SIDES_DRAWS):
        asked += own_pairs(sided, other_way, seed + 1 + draw, SIDES_ONLY)
    rng.shuffle(asked)

    sides = replay(learned_public)[:: round(1 / SHARE_KEPT)] + both_sides(nli, ARGUMENTS, rng)
    sides += rng.sample([pair for pair in asked if pair.source == "own"], CODED_AGAIN)
    sides += own_pairs(learned, other_way, seed + 1 + SIDES_DRAWS, OWN_SIDES)
    for draw in range(OWN_DRAWS):
        sides += own_pairs(sided, other_way, seed + 2 + SIDES_DRAWS + draw, OWN_SIDES)
    rng.shuffle(sides)

    related = _related(nli, every, learned_public, other_way, WHOLE, seed + 10)
    whole = _related(nli, every, learned_public, other_way, WHOLE_BI, seed + 20)
    held_out_sides = own_pairs(development, other_way, seed, OWN_SIDES)
    files = {
        "public": learned_public, "public-held-out": held_out,
        "coded": asked, "coded-held-out": own_pairs(development, other_way, seed),
        "sides": sides, "sides-held-out": held_out_sides,
        "related": related, "related-held-out": held_out_sides,
        "whole": whole, "whole-held-out": held_out_sides,
        "nli-only": [pair for pair in learned_public if pair.source in NLI_ROWS][:NLI_ONLY],
        "nli-only-held-out": [pair for pair in held_out if pair.source in NLI_ROWS],
    }  # fmt: skip
    for name, pairs in files.items():
        write_pairs(out / f"{name}.jsonl.gz", pairs)
    sentences_of = {
        "sentences, phases 3 and 4": learned, "sentences, phase 5": every, "sentences, development": development
    }  # fmt: skip
    return {name: len(pairs) for name, pairs in (files | sentences_of).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, required=True, help="folder of the public training sets, <name>.jsonl.gz")
    parser.add_argument("--sentences", type=Path, default=SENTENCES, help="folder of the project's coded sentences")
    parser.add_argument("--opposites", type=Path, default=OPPOSITES, help="what the targets of the sentences rule out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name, n in prepare(args.nli, args.sentences, args.opposites, args.out, args.seed).items():
        print(f"{name}: {n:,}")


if __name__ == "__main__":
    main()
