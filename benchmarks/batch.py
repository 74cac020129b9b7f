"""How many pairs are best worked at together, whether it pays to pad them to few lengths, and what the measurement before a long run chooses.

    python benchmarks/batch.py [--rounds 5]        (needs PyTorch and onnx: make setup-torch)

The bundled model and the converted cross-encoder of benchmarks/scoring.py, sentences of the demo in chunks as a run scores them, 24 hypotheses.
Rounds are interleaved; figures are pairs a second, medians with the lowest and highest round. Prints a Markdown table.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
from scoring import CONVERTED, hypotheses, make_models, spread, texts

import framing
from framing.entailment import pairs, split
from framing.entailment.model import padded
from framing.speed import SENTENCES

BATCHES = (16, 32, 64, 128, 256, 512, 1024)
STEP = 8  # tokens
PASSAGES = 85  # what `score_chunk` puts to a model at a time under 24 hypotheses; of the slower one every third
LONG_RUN = 10_000_000  # pairs


def padded_to_steps(rows: Sequence[Sequence[int]], pad_id: int) -> tuple[np.ndarray, np.ndarray]:
    """As `padded`, but to a length that is a multiple of STEP."""
    longest = -(-max(map(len, rows)) // STEP) * STEP
    values, mask = padded([*rows, [pad_id] * longest], pad_id)
    return values[:-1], mask[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    chunk, wordings = texts()[:: len(texts()) // PASSAGES][:PASSAGES], hypotheses()
    print("| model | pairs together | padded to the longest | to a multiple of 8 |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_models(folder)
        for name, source, some in (
            ("bundled", "bundled", chunk),
            ("cross-encoder, converted", f"{folder}/{CONVERTED}", chunk[::3]),
        ):
            model = framing.load_model(source)
            model.entail_table(some, wordings)
            found: dict[tuple[int, bool], list[float]] = {}
            for _ in range(rounds):
                for batch in BATCHES:
                    for way in (padded, padded_to_steps):
                        model.batch = batch
                        with patch.object(pairs, "padded", way), patch.object(split, "padded", way):
                            started = time.perf_counter()
                            model.entail_table(some, wordings)
                            took = time.perf_counter() - started
                        found.setdefault((batch, way is padded), []).append(len(some) * len(wordings) / took)
            for batch in BATCHES:
                print(f"| {name} | {batch} | {spread(found[batch, True])} | {spread(found[batch, False])} |")
            model = framing.load_model(source)
            started = time.perf_counter()
            model.tune(SENTENCES, wordings, LONG_RUN)
            took = time.perf_counter() - started
            print(f"| {name} | measured before a long run, in {took:.1f} s | {model._at_once} | |")


if __name__ == "__main__":
    main()
