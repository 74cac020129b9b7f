"""Which shape of model to ship, and what the choices of its recipe do: side by side, on one small fixed mix.

    python -m training.compare --nli DIR --work DIR

Every shape has a first phase of its own, from the backbone, on the same public pairs (`related` goes on from that of `split`). Then all are
trained on the same mix with three seeds each; every other row changes one thing about the shape that ships, with the first of these
seeds. Prints a table and writes training/comparison.csv: AUC by set and row as mean over seeds with the lowest and highest, and the
difference from the shape that ships with its 95% interval, by a bootstrap over texts that is paired within a set and a seed. Goes on
where it was cut off; `--seeds 1` is a quick look.
"""

import argparse
import json
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

from training.card import COMPARISON, README, comparison_table, fill
from training.own_pairs import EVERYTHING, own_pairs, part, read_opposites, read_sentences
from training.public_pairs import NLI_ROWS, Pair, public_pairs, read_rows
from training.shapes import READING, read
from training.shared import SENTENCES
from training.train import backbone, probabilities, train

SEEDS = (1, 2, 3)
FIRST = 30_000  # public pairs that each shape learns first
MIX, OWN = 8_000, 0.7  # pairs of a run, and the share of them that is the project's own
RELATE = 3.0
SENTENCES_JUDGED, OWN_JUDGED = 600, 6_000  # of the test issues, and pairs of them
ROWS = 1_500  # of each public set
RESAMPLES = 500
LR = 1e-4


class Way(NamedTuple):
    """What is trained: a shape, and what is other than usual about its pairs."""

    shape: str = "related"
    own: float = OWN
    wordings: int | None = None  # of each question about the project's sentences; None: all
    contradictions: bool = False  # kept apart from what is neutral, in NLI pairs, by a head of three classes
    epochs: int = 1  # over as many pairs fewer
    seeds: tuple[int, ...] = SEEDS[:1]


BASE = "related"
WAYS = {
    BASE: Way(seeds=SEEDS),
    "split": Way("split", seeds=SEEDS),
    "cross": Way("cross", seeds=SEEDS),
    "bi": Way("bi", seeds=SEEDS),
    "three classes": Way(contradictions=True),
    "a quarter own": Way(own=0.25),
    "all own": Way(own=1.0),
    "one wording": Way(wordings=1),
    "half the pairs twice": Way(epochs=2),
}


def sets(nli: Path, judged: list[dict[str, Any]], seed: int) -> dict[str, list[Pair]]:
    """The pairs that are judged: the project's own test issues, and public sets that no phase trains on."""
    rng = Random(seed)
    out = {"own test issues": own_pairs(rng.sample(judged, SENTENCES_JUDGED), read_opposites(), seed)[:OWN_JUDGED]}
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


class Mixes:
    """The pairs of the runs, the same for every seed."""

    def __init__(self, learned: list[dict[str, Any]], public: list[Pair], contradicted: set[tuple[str, str]]) -> None:
        self._learned, self._public, self._contradicted = learned, public, contradicted
        self._own: dict[int | None, list[Pair]] = {}  # by how many wordings there are of each question

    def of(self, way: Way) -> list[Pair]:
        """Those of a way."""
        if way.wordings not in self._own:
            asked = EVERYTHING._replace(wordings=way.wordings)
            self._own[way.wordings] = own_pairs(self._learned, read_opposites(), 1, asked)[:MIX]
        n = MIX // way.epochs
        own = round(n * way.own)
        pairs = self._own[way.wordings][:own] + Random(1).sample(self._public, n - own)
        if way.contradictions:
            known = self._contradicted
            pairs = [p._replace(entailed=-1) if (p.premise, p.hypothesis) in known else p for p in pairs]
        Random(1).shuffle(pairs)
        return pairs


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


def table(judged: dict[str, list[Pair]], p: dict[tuple[str, str], list[np.ndarray]]) -> pd.DataFrame:
    """A row for each set and way; `p` holds probabilities by set and way, one array a seed."""
    rows = []
    for name, pairs in judged.items():
        truth, texts = np.array([x.entailed for x in pairs]), np.array([x.premise for x in pairs])
        for way in WAYS:
            mine = np.stack(p[name, way])
            base = np.stack(p[name, BASE])[: len(mine)]
            auc, of_base = ([roc_auc_score(truth, one) for one in some] for some in (mine, base))
            low, high = paired(truth, mine, base, texts) if way != BASE else (0.0, 0.0)
            rows.append(
                {"set": name, "n": len(pairs), "texts": len(set(texts)), "way": way, "seeds": len(mine), "auc": np.mean(auc),
                 "lowest_seed": min(auc), "highest_seed": max(auc), "difference": np.mean(auc) - np.mean(of_base), "low": low, "high": high}
            )  # fmt: skip
    return pd.DataFrame(rows).round(4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, required=True, help="folder with train/ and dev/")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sentences", type=Path, default=SENTENCES)
    parser.add_argument("--seeds", type=int, choices=range(1, len(SEEDS) + 1), default=len(SEEDS), help="of each shape")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    coded = read_sentences(args.sentences)
    learned = [sentence for sentence in coded if part(sentence) == "training"]
    public = public_pairs(args.nli / "train", 1)
    contradicted = {
        (row["premise"], row["hypothesis"])
        for name in NLI_ROWS
        for row in read_rows(args.nli / "train", name)
        if row["label"] == "contradiction"
    }
    judged = sets(args.nli, [sentence for sentence in coded if part(sentence) == "test"], 1)
    common = {"reading": READING, "lr": LR, "save_minutes": 4.0}
    firsts = {shape: args.work / f"first-{shape}" for shape in ("split", "cross", "bi")}
    for shape, out in firsts.items():
        train(public[:FIRST], judged["mnli_matched_dev"], out, shape=shape, begin=backbone(), seed=1, epochs=1,
              freeze=False, **common)  # fmt: skip

    mixes = Mixes(learned, public[FIRST:], contradicted)
    asked = (
        f"judged-{sha256(json.dumps(judged).encode()).hexdigest()[:12]}"  # of other pairs there are other probabilities
    )
    p: dict[tuple[str, str], list[np.ndarray]] = {}
    # Seed by seed, so that a comparison that is cut off has a row of everything first.
    for seed, (name, way) in ((seed, each) for seed in SEEDS[: args.seeds] for each in WAYS.items()):
        if seed not in way.seeds:
            continue
        out = args.work / f"{name.replace(' ', '-')}-{seed}"
        begin = firsts.get(way.shape, firsts["split"])
        # A run that is finished is not made again, and one of other pairs is refused.
        train(mixes.of(way), judged["own test issues"], out, shape=way.shape, begin=str(begin), seed=seed, epochs=way.epochs,
              freeze=True, relate=RELATE if way.shape == "related" else 0.0, **common)  # fmt: skip
        kept = out / f"{asked}.npz"
        if not kept.is_file():
            model, tokenizer = read(out)
            np.savez(kept, **{each: probabilities(model, tokenizer, pairs) for each, pairs in judged.items()})
            (out / "resume.pt").unlink(missing_ok=True)
        for each, values in np.load(kept).items():
            p.setdefault((each, name), []).append(values)

    found = table(judged, p)
    found.to_csv(COMPARISON, index=False, lineterminator="\n")
    fill(README)
    print(comparison_table(found))


if __name__ == "__main__":
    main()
