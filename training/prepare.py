"""Data -> the pairs of the three phases, and what is held out of each.

    python -m training.prepare --nli DIR --sentences training/data/framing-entailment --out DIR

writes phase1.jsonl.gz, phase2.jsonl.gz, phase3.jsonl.gz, their *-held-out.jsonl.gz, and held-out-sentences.jsonl for
training.evaluate.
"""

import argparse
import json
from pathlib import Path
from random import Random

from training.own_pairs import is_held_out, own_pairs, read_sentences, stance_pairs
from training.pairs import write_pairs
from training.public_pairs import public_pairs

SENTENCES = Path(__file__).parent / "data" / "framing-entailment"
HELD_OUT_PAIRS = 2_000
DRAWS = 2  # phase 2 asks each sentence twice, in other words
REPLAY = 10_000  # public pairs mixed into each draw, so that phase 1 is not forgotten
STANCE_DRAWS = 3  # phase 3 asks each sentence for its stance three times more, the positions balanced
UNRELATED = 2_000  # public texts asked for a stance on something else, in each of these draws
PROSE = ("mnli_sample", "new_protocols", "semi_auto_nli_wiki")  # public sets whose premises are written prose


def prepare(nli: Path, sentences: Path, out: Path, seed: int) -> dict[str, int]:
    """Write all pair files into `out`; returns the number of pairs (or sentences) in each."""
    public = public_pairs(nli, seed)
    held_out, phase1 = public[:HELD_OUT_PAIRS], public[HELD_OUT_PAIRS:]

    coded = read_sentences(sentences)
    judged = [sentence for sentence in coded if is_held_out(sentence)]
    learned = [sentence for sentence in coded if not is_held_out(sentence)]
    rng = Random(seed)
    phase2 = []
    for draw in range(DRAWS):
        mixed = own_pairs(learned, seed + draw) + rng.sample(phase1, min(REPLAY, len(phase1)))
        rng.shuffle(mixed)
        phase2 += mixed

    prose = sorted({pair.premise for pair in phase1 if pair.source in PROSE})
    phase3 = own_pairs(learned, seed + DRAWS) + rng.sample(phase1, min(REPLAY // 2, len(phase1)))
    for draw in range(STANCE_DRAWS):
        phase3 += stance_pairs(learned, rng.sample(prose, min(UNRELATED, len(prose))), seed + draw)
    rng.shuffle(phase3)

    held_out_own = own_pairs(judged, seed)
    files = {
        "phase1": phase1, "phase1-held-out": held_out,
        "phase2": phase2, "phase2-held-out": held_out_own,
        "phase3": phase3, "phase3-held-out": held_out_own,
    }  # fmt: skip
    for name, pairs in files.items():
        write_pairs(out / f"{name}.jsonl.gz", pairs)
    lines = "".join(json.dumps(sentence, ensure_ascii=False) + "\n" for sentence in judged)
    (out / "held-out-sentences.jsonl").write_text(lines, encoding="utf-8")
    counts = {name: len(pairs) for name, pairs in files.items()}
    return counts | {"sentences": len(coded), "held-out-sentences": len(judged)}


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
