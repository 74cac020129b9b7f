"""All steps of the recipe, one after the other; a step that was cut off goes on where it was.

    python -m training.run --nli DIR --work DIR

DIR of the public sets holds train/ and dev/. About an hour and a half on two cores; the model in the package is
replaced.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def steps(nli: Path, work: Path) -> list[list[str]]:
    """The commands, as arguments to `python -m`."""
    data, phase1, phase2, phase3 = work / "data", work / "phase1", work / "phase2", work / "phase3"

    def train(name: str, out: Path, *more: str) -> list[str]:
        pairs = ["--pairs", f"{data / name}.jsonl.gz", "--held-out", f"{data / name}-held-out.jsonl.gz"]
        return ["training.train", *pairs, "--out", str(out), *more]

    return [
        ["training.prepare", "--nli", str(nli / "train"), "--out", str(data)],
        train("phase1", phase1, "--lr", "1e-4"),
        train("phase2", phase2, "--lr", "5e-5", "--start", str(phase1)),
        train("phase3", phase3, "--lr", "3e-5", "--start", str(phase2)),
        ["training.export", "--checkpoint", str(phase3)],
        [
            "training.evaluate",
            "--dev",
            str(nli / "dev"),
            "--held-out-sentences",
            str(data / "held-out-sentences.jsonl"),
        ],
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
