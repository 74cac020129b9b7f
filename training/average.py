"""Checkpoints of one line of training -> their mean, weight by weight.

    python -m training.average --checkpoints DIR DIR [...] --out DIR

A checkpoint that is named twice counts twice. One of the shape split may stand beside those of the shape
related: it is one that is told nothing.

The last phase learns the sides of a stance and forgets a little of the frames; the mean of the weights before and after it has most of both
at the cost of one model (Wortsman et al. 2022, "Model soups").
"""

import argparse
import json
import shutil
from pathlib import Path

from safetensors.torch import save_file

from training.shapes import SHAPE_FILE, start

KEPT = (SHAPE_FILE, "config.json", "tokenizer.json", "tokenizer_config.json")


def average(checkpoints: list[Path], out: Path) -> None:
    """Write a checkpoint whose weights are the mean of those of `checkpoints`, of the shape of the first."""
    stated = [json.loads((folder / SHAPE_FILE).read_text(encoding="utf-8")) for folder in checkpoints]
    if strange := {each["shape"] for each in stated} - {stated[0]["shape"], "split"}:
        raise SystemExit(f"the checkpoints are of different shapes: {stated[0]['shape']} and {sorted(strange)}")
    shape, reading = stated[0]["shape"], stated[0]["reading"]
    every = [start(shape, str(folder), reading)[0].state_dict() for folder in checkpoints]
    out.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        shutil.copy(checkpoints[0] / name, out / name)
    save_file({name: sum(each[name] for each in every) / len(every) for name in every[0]}, out / "shape.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoints", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    average(args.checkpoints, args.out)


if __name__ == "__main__":
    main()
