"""Which shape of model to ship: three shapes, three seeds, one small fixed mix, side by side.

    python -m training.compare --nli DIR --work DIR --start phase1

Each run goes on from weights that saw public data only (`--start`, a cross-encoder; the bi-encoder, to which such weights say
little, has a short first phase of its own), is trained on the same pairs and judged on the same sets. Prints a table and writes
training/comparison.csv: AUC by set and shape as mean over seeds with the lowest and highest, and the difference from `cross` with
its 95% interval, by a bootstrap over texts that is paired within a set.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

from training.own_pairs import own_pairs, part, read_opposites, read_sentences
from training.public_pairs import Pair, public_pairs, read_rows
from training.shapes import READING, read
from training.shared import SENTENCES
from training.train import backbone, probabilities, train

OUT = Path(__file__).with_name("comparison.csv")
SHAPES = ("split", "cross", "bi")
SEEDS = (1, 2, 3)
OWN, PUBLIC = 22_000, 8_000
BI_FIRST = 30_000
RESAMPLES = 500
ROWS = 2_000  # of each public set
LR = 5e-5


def sets(nli: Path, judged: list[dict], seed: int) -> dict[str, list[Pair]]:
    """The pairs that are judged: the project's own test issues, and public sets that no phase trains on."""
    rng = Random(seed)
    out = {"own test issues": own_pairs(judged, read_opposites(), seed)}
    for name in ("mnli_matched_dev", "lingnli_val"):
        rows = rng.sample(read_rows(nli / "dev", name), ROWS)
        out[name] = [Pair(r["premise"], r["hypothesis"], int(r["label"] == "entailment"), name) for r in rows]
    rows = rng.sample(read_rows(nli / "dev", "vast_val"), ROWS)
    out["vast_val"] = [
        Pair(r["text"], f"The author {verb} {r['target']}.", int(r["label"] == side), "vast_val")
        for r in rows
        for verb, side in (("supports", "favor"), ("opposes", "against"))
    ]
    return out


def paired(truth: np.ndarray, a: np.ndarray, b: np.ndarray, texts: np.ndarray) -> tuple[float, float]:
    """95% interval of AUC(a) - AUC(b), each the mean over seeds (rows of a and b), over resampled texts."""
    rng = np.random.default_rng(1)
    codes, names = pd.factorize(texts)
    members = [np.flatnonzero(codes == i) for i in range(len(names))]
    draws = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        difference = [
            roc_auc_score(truth[rows], x[rows]) - roc_auc_score(truth[rows], y[rows]) for x, y in zip(a, b, strict=True)
        ]
        draws.append(np.mean(difference))
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, required=True, help="folder with train/ and dev/")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="a cross-encoder trained on public data")
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    args = parser.parse_args()
    torch.set_num_threads(2)

    coded = read_sentences(args.sentences)
    learned = [sentence for sentence in coded if part(sentence) == "training"]
    public = public_pairs(args.nli / "train", 1)
    rng = Random(1)
    mix = own_pairs(learned, read_opposites(), 1)[:OWN] + rng.sample(public, PUBLIC)
    rng.shuffle(mix)
    judged = sets(args.nli, [sentence for sentence in coded if part(sentence) == "test"], 1)
    common = {"lr": LR, "epochs": 1, "save_minutes": 60.0, "reading": READING, "freeze": True}

    bi = args.work / "bi-public"
    train(rng.sample(public, BI_FIRST), judged["mnli_matched_dev"], bi, shape="bi", begin=backbone(), seed=1,
          **common | {"lr": 1e-4, "freeze": False})  # fmt: skip
    p: dict[tuple[str, str], list[np.ndarray]] = {}
    for seed in SEEDS:
        for shape in SHAPES:
            out = args.work / f"{shape}-{seed}"
            begin = str(bi if shape == "bi" else args.start)
            train(mix, judged["own test issues"], out, shape=shape, begin=begin, seed=seed, **common)
            kept = out / "judged.npz"
            if not kept.is_file():
                model, tokenizer = read(out)
                np.savez(kept, **{name: probabilities(model, tokenizer, pairs) for name, pairs in judged.items()})
                (out / "resume.pt").unlink(missing_ok=True)
            for name, values in np.load(kept).items():
                p.setdefault((name, shape), []).append(values)

    rows = []
    for name, pairs in judged.items():
        truth, texts = np.array([x.entailed for x in pairs]), np.array([x.premise for x in pairs])
        for shape in SHAPES:
            mine, cross = np.stack(p[name, shape]), np.stack(p[name, "cross"])
            auc, of_cross = ([roc_auc_score(truth, one) for one in some] for some in (mine, cross))
            low, high = paired(truth, mine, cross, texts) if shape != "cross" else (0.0, 0.0)
            rows.append(
                {"set": name, "n": len(pairs), "texts": len(set(texts)), "shape": shape, "auc": np.mean(auc),
                 "lowest_seed": min(auc), "highest_seed": max(auc), "minus_cross": np.mean(auc) - np.mean(of_cross),
                 "minus_cross_low": low, "minus_cross_high": high}
            )  # fmt: skip
    table = pd.DataFrame(rows).round(4)
    table.to_csv(OUT, index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
