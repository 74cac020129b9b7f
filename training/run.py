"""All steps of the recipe, one after the other; a step that was cut off goes on where it was.

    python -m training.run --nli DIR --work DIR

DIR of the public sets holds train/ and dev/. About three hours on two cores; the model in the package is replaced.
training.compare, which chose the shape, is not part of it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def steps(nli: Path, work: Path) -> list[list[str]]:
    """The commands, as arguments to `python -m`."""
    data, nli_only = work / "data", work / "nli-only"
    phase1, phase2, phase3, phase4, phase5 = (work / f"phase{number}" for number in range(1, 6))
    mean, shipped, fp32, rival = work / "mean", work / "shipped", work / "fp32", work / "rival"

    def train(name: str, out: Path, *more: str) -> list[str]:
        pairs = ["--pairs", f"{data / name}.jsonl.gz", "--held-out", f"{data / name}-held-out.jsonl.gz"]
        return ["training.train", *pairs, "--out", str(out), *more]

    return [
        ["training.prepare", "--nli", str(nli / "train"), "--out", str(data)],
        train("public", phase1, "--shape", "cross"),
        train("public", phase2, "--seed", "2", "--start", str(phase1)),
        train("coded", phase3, "--freeze", "--start", str(phase2)),
        train("sides", phase4, "--freeze", "--start", str(phase3)),
        ["training.average", "--checkpoints", str(phase3), str(phase4), "--out", str(mean)],
        train(
            "related",
            phase5,
            "--freeze",
            "--shape",
            "related",
            "--relate",
            "3",
            "--steps",
            "1650",
            "--start",
            str(mean),
        ),
        # Two parts of what it is now and one of what it was.
        ["training.average", "--checkpoints", str(phase5), str(phase5), str(mean), "--out", str(shipped)],
        train("nli-only", nli_only),
        ["training.export", "--checkpoint", str(shipped)],
        ["training.export", "--checkpoint", str(shipped), "--fp32", "--out", str(fp32)],
        ["training.export", "--checkpoint", str(nli_only), "--out", str(rival)],
        ["training.calibrate"],
        ["training.evaluate", "--dev", str(nli / "dev"), "--checkpoint", str(fp32), "--nli-only", str(rival)],
        ["training.behaviour"],
        ["training.card"],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, default=os.environ.get("FRAMING_NLI"), help="folder with train/ and dev/")
    parser.add_argument("--work", type=Path, required=True, help="folder for pairs and checkpoints")
    args = parser.parse_args()
    if args.nli is None:
        parser.error("name the folder of the public sets with --nli or FRAMING_NLI; see training/README.md.")
    for step in steps(Path(args.nli), args.work):
        print("python -m", *step, flush=True)
        subprocess.run([sys.executable, "-m", *step], check=True)


if __name__ == "__main__":
    main()
