"""Checkpoints of one line of training -> their mean, weight by weight.

    python -m training.average --checkpoints DIR DIR [...] --out DIR

The last phase learns the sides of a stance and forgets a little of the frames; the mean of the weights before and after it has most of both
at the cost of one model (Wortsman et al. 2022, "Model soups").
"""

import argparse
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

WEIGHTS = "shape.safetensors"
KEPT = ("shape.json", "config.json", "tokenizer.json", "tokenizer_config.json")


def average(checkpoints: list[Path], out: Path) -> None:
    """Write a checkpoint whose weights are the mean of those of `checkpoints`, which have the same shape."""
    shapes = {(folder / "shape.json").read_text(encoding="utf-8") for folder in checkpoints}
    if len(shapes) > 1:
        raise SystemExit(f"the checkpoints are of different shapes: {sorted(shapes)}")
    every = [load_file(folder / WEIGHTS) for folder in checkpoints]
    out.mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        shutil.copy(checkpoints[0] / name, out / name)
    save_file({name: sum(each[name] for each in every) / len(every) for name in every[0]}, out / WEIGHTS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoints", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    average(args.checkpoints, args.out)


if __name__ == "__main__":
    main()
