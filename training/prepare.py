"""Data -> the pairs of the three phases and of the rival that sees NLI data alone, and what is held out of each.

    python -m training.prepare --nli DIR --sentences training/data/framing-entailment --out DIR

writes phase1.jsonl.gz, phase2.jsonl.gz, phase3.jsonl.gz, nli-only.jsonl.gz and their *-held-out.jsonl.gz.
"""

import argparse
from pathlib import Path
from random import Random

from training.own_pairs import own_pairs, part, read_sentences, stance_pairs, unrelated_pairs
from training.pairs import write_pairs
from training.public_pairs import NLI_ROWS, Pair, both_sides, public_pairs
from training.shared import SENTENCES

HELD_OUT_PAIRS = 2_000
DRAWS = 2  # phase 2 asks each sentence twice, in other words
REPLAY = {  # public pairs mixed into phase 2, so that phase 1 is not forgotten; sets with long premises are thinned
    "mnli_sample": 14_000, "snli_sample": 4_000, "cad_nli": 3_000, "new_protocols": 3_000, "ibm30k_stance": 7_000,
    "perspectrum": 3_000, "ibm_key_points": 3_000, "goemotions": 2_000, "clinc150": 1_000,
}  # fmt: skip
NLI_REPLAY = 8_000  # public NLI pairs mixed into phase 3
STANCE_DRAWS = 2  # phase 3 asks each sentence for its stance twice more
ARGUMENTS = 2_500  # of each public stance set, asked for both sides in phase 3
NLI_ONLY = 30_000  # pairs of the rival that sees NLI data alone
UNRELATED = 2_500  # public texts asked for a stance on something else
PROSE = ("mnli_sample", "snli_sample")  # public sets whose premises are prose


def replay(public: list[Pair]) -> list[Pair]:
    """The first pairs of each set, as many as REPLAY says."""
    by_source: dict[str, list[Pair]] = {}
    for pair in public:
        by_source.setdefault(pair.source, []).append(pair)
    return [pair for source, n in REPLAY.items() for pair in by_source[source][:n]]


def prepare(nli: Path, sentences: Path, out: Path, seed: int) -> dict[str, int]:
    """Write all pair files into `out`; returns the number of pairs (or sentences) in each."""
    public = public_pairs(nli, seed)
    held_out, phase1 = public[:HELD_OUT_PAIRS], public[HELD_OUT_PAIRS:]

    coded = read_sentences(sentences)
    parts = {name: [s for s in coded if part(s) == name] for name in ("training", "development", "test")}
    learned = parts["training"]
    prose = sorted({pair.premise for pair in phase1 if pair.source in PROSE})
    rng = Random(seed)
    phase2 = replay(phase1) + unrelated_pairs(learned, rng.sample(prose, UNRELATED), seed)
    for draw in range(DRAWS):
        phase2 += own_pairs(learned, seed + draw)
    rng.shuffle(phase2)

    phase3 = replay(phase1)[:NLI_REPLAY] + both_sides(nli, ARGUMENTS, rng)
    phase3 += own_pairs(rng.sample(learned, len(learned) // 2), seed + DRAWS)
    for draw in range(STANCE_DRAWS):
        phase3 += stance_pairs(learned, seed + draw)
    rng.shuffle(phase3)

    held_out_own = own_pairs(parts["development"], seed)
    files = {
        "phase1": phase1, "phase1-held-out": held_out,
        "phase2": phase2, "phase2-held-out": held_out_own,
        "phase3": phase3, "phase3-held-out": held_out_own,
        "nli-only": [pair for pair in phase1 if pair.source in NLI_ROWS][:NLI_ONLY],
        "nli-only-held-out": [pair for pair in held_out if pair.source in NLI_ROWS],
    }  # fmt: skip
    for name, pairs in files.items():
        write_pairs(out / f"{name}.jsonl.gz", pairs)
    return {name: len(pairs) for name, pairs in files.items()} | {name: len(some) for name, some in parts.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, required=True, help="folder of the public training sets, <name>.jsonl.gz")
    parser.add_argument("--sentences", type=Path, default=SENTENCES, help="folder of the project's coded sentences")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name, n in prepare(args.nli, args.sentences, args.out, args.seed).items():
        print(f"{name}: {n:,}")


if __name__ == "__main__":
    main()
