"""All steps of the recipe, one after the other; a step that was cut off goes on where it was.

    python -m training.run --nli DIR --work DIR

DIR of the public sets holds train/ and dev/. About six hours on two cores; the model in the package is replaced.
training.compare, which chose the shape, is not part of it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def steps(nli: Path, work: Path, device: str = "cpu") -> list[list[str]]:
    """The commands, as arguments to `python -m`; phases are trained on the device."""
    data, nli_only = work / "data", work / "nli-only"
    phase1, phase2, phase3, phase4, phase5 = (work / f"phase{number}" for number in range(1, 6))
    mean, shipped = work / "mean", work / "shipped"
    fp32, rival, bi_first, bi = (work / name for name in ("fp32", "rival", "bi-first", "bi"))

    def train(name: str, out: Path, shape: str, start: Path | None = None, more: str = "") -> list[str]:
        pairs = ["--pairs", f"{data / name}.jsonl.gz", "--held-out", f"{data / name}-held-out.jsonl.gz"]
        begin = ["--start", str(start)] if start else []
        on = [] if device == "cpu" else ["--device", device]
        return ["training.train", *pairs, "--out", str(out), "--shape", shape, *begin, *more.split(), *on]

    beside = {"--dev": nli / "dev", "--checkpoint": fp32, "--nli-only": rival, "--bi": bi}
    return [
        ["training.prepare", "--nli", str(nli / "train"), "--out", str(data)],
        train("public", phase1, "cross"),
        train("public", phase2, "split", phase1, "--seed 2"),
        train("coded", phase3, "split", phase2, "--freeze"),
        train("sides", phase4, "split", phase3, "--freeze"),
        ["training.average", "--checkpoints", str(phase3), str(phase4), "--out", str(mean)],
        train("related", phase5, "related", mean, "--freeze --relate 3 --steps 1650"),
        # Two parts of what it is now and one of what it was.
        ["training.average", "--checkpoints", str(phase5), str(phase5), str(mean), "--out", str(shipped)],
        train("public", bi_first, "bi"),
        train("whole", bi, "bi", bi_first, "--freeze --seed 3 --steps 2400"),
        train("nli-only", nli_only, "split"),
        ["training.export", "--checkpoint", str(shipped)],
        ["training.export", "--checkpoint", str(shipped), "--fp32", "--out", str(fp32)],
        ["training.export", "--checkpoint", str(nli_only), "--out", str(rival)],
        ["training.calibrate"],
        ["training.evaluate", *(str(each) for given in beside.items() for each in given)],
        ["training.behaviour"],
        ["training.card"],
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nli", type=Path, default=os.environ.get("FRAMING_NLI"), help="folder with train/ and dev/")
    parser.add_argument("--work", type=Path, required=True, help="folder for pairs and checkpoints")
    parser.add_argument("--device", default="cpu", help="of the phases: cpu or cuda (default: %(default)s)")
    args = parser.parse_args()
    if args.nli is None:
        parser.error("name the folder of the public sets with --nli or FRAMING_NLI; see training/README.md.")
    for step in steps(Path(args.nli), args.work, args.device):
        print("python -m", *step, flush=True)
        subprocess.run([sys.executable, "-m", *step], check=True)


if __name__ == "__main__":
    main()
