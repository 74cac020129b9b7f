"""How far scores may lie apart that are made on machines of different kinds.

    python benchmarks/elsewhere.py

There is one machine here, so other sums stand in for another processor: the bundled model with ONNX Runtime's rewriting of graphs switched
off, which calls other kernels that add in another order, and with one thread. Texts are the kept sentences of the demo, hypotheses those of
its codebook; differences are from the model as it is. Prints a Markdown table.
"""

from unittest.mock import patch

import numpy as np
import onnxruntime
from scoring import ROOT, texts

import framing
from framing.entailment import EntailmentModel


def without_rewriting() -> EntailmentModel:
    class Options(onnxruntime.SessionOptions):
        def __init__(self) -> None:
            super().__init__()
            self.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL

    with patch.object(onnxruntime, "SessionOptions", Options):
        return framing.load_model()


def main() -> None:
    some = texts()
    codebook = framing.Codebook.load(ROOT / "data" / "codebooks" / "technology-restrictions.yaml")
    hypotheses = list(codebook.hypotheses()["text"])
    here = framing.load_model().entail_table(some, hypotheses)
    print(
        "| made with | pairs | scores that differ at all | largest difference | decisions at 0.5 alike |\n|---|---|---|---|---|"
    )
    for what, model in (
        ("one thread", framing.load_model(threads=1)),
        ("the graph as it is stored", without_rewriting()),
    ):
        there = model.entail_table(some, hypotheses)
        alike = int(((here >= 0.5) == (there >= 0.5)).sum())
        print(
            f"| {what} | {here.size:,} | {int((here != there).sum()):,} | {np.abs(here - there).max():.1e} | {alike:,} of {here.size:,} |"
        )


if __name__ == "__main__":
    main()
