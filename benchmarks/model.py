"""What the bundled model costs: loading it, the first hypothesis, and each further one.

    python benchmarks/model.py [--rounds 5]

The texts are the kept sentences of the demo study, the hypotheses those of the general codebook. The rounds of all sizes are interleaved, so
that a busy moment hits all alike; medians with the lowest and highest round. Nothing comes from a store. Loading is timed in fresh processes,
imports excluded.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import framing
from framing.passages import split_passages

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1, 2, 6, 12, 24, 48)
PASSAGES = 256
LOAD = (
    "import time, onnxruntime, tokenizers, framing; from framing.entailment import load; t = time.perf_counter(); "
    "framing.load_model('bundled'); print(time.perf_counter() - t)"
)


def spread(values: list[float], digits: int) -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    loads = [
        float(subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True).stdout)
        for _ in range(args.rounds)
    ]
    print(f"load_model('bundled'), imports excluded: {spread(loads, 3)} s")

    passages = split_passages(framing.read_corpus(ROOT / "data" / "demo" / "articles"))
    texts = sorted(set(passages.loc[passages["kept"], "text"]))[:PASSAGES]
    codebook = framing.Codebook.load(ROOT / "data" / "codebooks" / "policy-frames.yaml")
    hypotheses = list(codebook.hypotheses()["text"])
    model = framing.load_model("bundled")
    model.entail_table(texts[:32], hypotheses[:2])
    seconds: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(args.rounds):
        for size in SIZES:
            started = time.perf_counter()
            model.entail_table(texts, hypotheses[:size])
            seconds[size].append(time.perf_counter() - started)

    first = statistics.median(seconds[1])
    print(f"{len(texts)} sentences of {statistics.mean(len(text.split()) for text in texts):.0f} words on average\n")
    print("| hypotheses | seconds | pairs a second | each further one, of the first |\n|---|---|---|---|")
    for size in SIZES:
        each = [(s - first) / (size - 1) / first for s in seconds[size]] if size > 1 else []
        further = spread([100 * e for e in each], 1) + " %" if each else ""
        print(
            f"| {size} | {spread(seconds[size], 2)} | {len(texts) * size / statistics.median(seconds[size]):.0f} | {further} |"
        )


if __name__ == "__main__":
    main()
