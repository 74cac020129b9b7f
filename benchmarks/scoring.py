"""What scoring costs, side by side: the zero-shot pipeline of `transformers`, `framing` with the same cross-encoder (as it is, and
converted to ONNX), `framing` with its own model.

    python benchmarks/scoring.py [--rounds 5] [--passages 48]        (needs PyTorch and onnx: make setup-torch)

The cross-encoder has the shape of the bundled model's backbone and random weights, the same for the pipeline and for `framing`: what a
pair costs does not depend on the weights, and whether both give the same score can be seen with any. Texts are the kept sentences of the
demo, hypotheses those of the general codebook. Every system runs in a process of its own; rounds are interleaved, so that a busy moment
hits all alike. Figures are medians with the lowest and highest round. Nothing is served from a store unless the row says so.
"""

import argparse
import importlib.util
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import framing
from framing.entailment.convert import convert
from framing.passages import split_passages
from framing.scoring import score
from framing.store import Store

ROOT = Path(__file__).resolve().parents[1]
HYPOTHESES = 24
BATCHES = (8, 16, 32, 64, 128)
SQUARE = 2048
PLAIN, CONVERTED = "cross-encoder", "converted"
RERUN_PASSAGES = 2000  # pairs enough that reading them again is more than opening a file


def texts() -> list[str]:
    passages = split_passages(framing.read_corpus(ROOT / "data" / "demo" / "articles"))
    return sorted(set(passages.loc[passages["kept"], "text"]))


def hypotheses() -> list[str]:
    codebook = framing.Codebook.load(ROOT / "data" / "codebooks" / "policy-frames.yaml")
    return list(codebook.hypotheses()["text"])[:HYPOTHESES]


def cross_encoder(folder: Path) -> None:
    """A BERT of the size of all-MiniLM-L6-v2 with a head for two labels, and the bundled model's tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertTokenizerFast

    bundled = ROOT / "src" / "framing" / "entailment" / "bundled"
    tokenizer = BertTokenizerFast(tokenizer_file=str(bundled / "tokenizer.json"), model_max_length=512)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(AutoTokenizer.from_pretrained(folder)), hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
        intermediate_size=1536, id2label={0: "entailment", 1: "not_entailment"}, label2id={"entailment": 0, "not_entailment": 1},
        initializer_range=0.1,
    )  # fmt: skip
    BertForSequenceClassification(config).eval().save_pretrained(folder)


def make_models(folder: str) -> None:
    cross_encoder(Path(folder) / PLAIN)
    convert(f"{folder}/{PLAIN}", f"{folder}/{CONVERTED}")


def pipeline(folder: str, batch: int):
    """The pipeline at its default (batch 1) or at a batch size; passages x hypotheses."""
    import transformers

    transformers.logging.set_verbosity_error()
    classify = transformers.pipeline("zero-shot-classification", model=folder, tokenizer=folder)

    def ask(some: list[str], wordings: list[str]) -> np.ndarray:
        answers = classify(some, wordings, hypothesis_template="{}", multi_label=True, batch_size=batch)
        rows = [dict(zip(answer["labels"], answer["scores"], strict=True)) for answer in answers]
        return np.array([[row[wording] for wording in wordings] for row in rows])

    return ask


def model(name: str):
    return framing.load_model(name).entail_table


def serve(make, arguments, some, wordings, pipe) -> None:
    """A system in its process: one answer for each time it is asked."""
    started = time.perf_counter()
    ask = make(*arguments)
    ask(some[:1], wordings[:1])
    loaded = time.perf_counter() - started
    while pipe.recv():
        started = time.perf_counter()
        answer = ask(some, wordings)
        seconds = time.perf_counter() - started
        pipe.send((seconds, loaded, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, answer))


class System:
    def __init__(self, make, arguments, some, wordings) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=serve, args=(make, arguments, some, wordings, other), daemon=True)
        self.process.start()
        other.close()
        self.seconds: list[float] = []

    def round(self) -> float:
        self.pipe.send(True)
        seconds, self.loaded, self.memory, self.answer = self.pipe.recv()
        self.seconds.append(seconds)
        return seconds

    def end(self) -> None:
        self.pipe.send(False)
        self.process.join()


def spread(values: list[float], digits: int = 0) -> str:
    """Median, lowest and highest."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def side_by_side(folder: str, rounds: int, passages: int) -> None:
    every = texts()
    some = every[:: max(1, len(every) // passages)][:passages]  # short and long ones alike
    wordings = hypotheses()
    pairs = len(some) * len(wordings)
    best = best_batch(f"{folder}/{PLAIN}", some, wordings)
    plain, converted = (f"{folder}/{name}" for name in (PLAIN, CONVERTED))
    systems = {
        "transformers pipeline, default": System(pipeline, (plain, 1), some, wordings),
        f"transformers pipeline, best batch ({best})": System(pipeline, (plain, best), some, wordings),
        "framing, the same cross-encoder": System(model, (plain,), some, wordings),
        "framing, the same, converted": System(model, (converted,), some, wordings),
        "framing, bundled model": System(model, ("bundled",), some, wordings),
    }
    for _ in range(rounds):
        for system in systems.values():
            system.round()
    default, batched = list(systems.values())[:2]
    print(
        f"{len(some)} sentences of {statistics.mean(len(t.split()) for t in some):.0f} words x {len(wordings)} hypotheses, {rounds} rounds\n"
    )
    print("| system | pairs a second | times the default | times the best batch | start (s) | peak memory (MB) |")
    print("|---|---|---|---|---|---|")
    for name, system in systems.items():
        times, best_times = (
            [other / own for other, own in zip(rival.seconds, system.seconds, strict=True)]
            for rival in (default, batched)
        )
        cells = (
            spread([pairs / s for s in system.seconds]), spread(times, 1), spread(best_times, 1), f"{system.loaded:.1f}", f"{system.memory:,.0f}",
        )  # fmt: skip
        print(f"| {name} | {' | '.join(cells)} |")
    for name in ("framing, the same cross-encoder", "framing, the same, converted"):
        ours = systems[name].answer
        print(
            f"\nThe pipeline and {name} differ by at most {np.abs(default.answer - ours).max():.1e} (scores from {ours.min():.3f} to "
            f"{ours.max():.3f})."
        )
    for system in systems.values():
        system.end()


def best_batch(folder: str, some: list[str], wordings: list[str]) -> int:
    """The fastest batch size of the pipeline on these texts, one round each."""
    found = {}
    for batch in BATCHES:
        system = System(pipeline, (folder, batch), some, wordings)
        found[batch] = system.round()
        system.end()
    print("pipeline by batch size: " + ", ".join(f"{batch}: {seconds:.1f} s" for batch, seconds in found.items()))
    return min(found, key=found.__getitem__)


def reruns(rounds: int) -> None:
    """A run with the bundled model, the same again from the store, and again after one hypothesis was changed."""
    import pandas as pd

    from framing.tables import PASSAGES

    given = split_passages(framing.read_corpus(ROOT / "data" / "demo" / "articles"))
    given = given[given["kept"]].drop_duplicates("text")
    # Each sentence several times, told apart by a number, so that there is as much to read again as in a small study.
    copies = -(-RERUN_PASSAGES // len(given))
    many = pd.concat(
        [given.assign(passage_id=given["passage_id"] + f"-{i}", text=given["text"] + f" ({i})") for i in range(copies)],
        ignore_index=True,
    ).head(RERUN_PASSAGES)
    PASSAGES.check(many)
    asked = framing.Codebook.load(ROOT / "data" / "codebooks" / "policy-frames.yaml").hypotheses().head(HYPOTHESES)
    changed = asked.assign(text=[*asked["text"].iloc[:-1], "This text speaks of something else."])
    scorer = framing.load_model("bundled")
    seconds: dict[str, list[float]] = {"first run": [], "unchanged, from the store": [], "one hypothesis changed": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for what, table in zip(seconds, (asked, asked, changed), strict=True):
                started = time.perf_counter()
                score(many, table, model=scorer, store=Store(Path(folder), scorer.fingerprint), progress=False)
                seconds[what].append(time.perf_counter() - started)
    print(
        f"\n{len(many):,} sentences x {len(asked)} hypotheses\n\n| run | seconds | times faster than the first |\n|---|---|---|"
    )
    for what, some in seconds.items():
        times = [first / own for first, own in zip(seconds["first run"], some, strict=True)]
        print(f"| {what} | {spread(some, 2)} | {spread(times, 1)} |")


def matrix_share(rounds: int) -> None:
    """How near the bundled model comes to the fastest matrix product of this machine, in fp32.

    The operations are counted from the shapes that ONNX Runtime reports for every product it makes (2 m n k each), the time is that of the same
    work without the report; activations, norms and tokens cost time and count nothing.
    """
    some, wordings = texts()[:256], hypotheses()
    scorer = framing.load_model("bundled")
    scorer.entail_table(some[:8], wordings)
    with tempfile.TemporaryDirectory() as folder:
        operations = products(some, wordings, Path(folder))
    multiply = square_products()
    for way in multiply.values():
        way()
    shares, peaks, reached = [], [], []
    for _ in range(rounds):
        fastest = 0.0
        for way in multiply.values():
            started = time.perf_counter()
            for _ in range(5):
                way()
            fastest = max(fastest, 5 * 2 * SQUARE**3 / (time.perf_counter() - started) / 1e9)
        peaks.append(fastest)
        started = time.perf_counter()
        scorer.entail_table(some, wordings)
        reached.append(operations / (time.perf_counter() - started) / 1e9)
        shares.append(100 * reached[-1] / peaks[-1])
    print(
        f"\nMatrix products: {spread(reached)} of {spread(peaks)} thousand million operations a second, the faster of "
        f"{' and '.join(multiply)} at a square product of {SQUARE:,} in fp32: "
        f"{spread(shares)} %."
    )


def square_products() -> dict[str, Callable[[], object]]:
    """A product of two square matrices by numpy and by ONNX Runtime, which differ by half on some processors."""
    import onnxruntime
    from onnx import TensorProto, helper

    square = np.random.default_rng(1).standard_normal((SQUARE, SQUARE), dtype=np.float32)
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, SQUARE]) for name in "xy")
    weights = helper.make_tensor("w", TensorProto.FLOAT, square.shape, square.tobytes(), raw=True)
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "product", [x], [y], [weights])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(made.SerializeToString())
    return {"numpy": lambda: square @ square, "ONNX Runtime": lambda: session.run(None, {"x": square})}


def products(some: list[str], wordings: list[str], folder: Path) -> float:
    """Operations in the matrix products of one call of the bundled model."""
    import onnxruntime

    class Reporting(onnxruntime.SessionOptions):
        def __init__(self) -> None:
            super().__init__()
            self.enable_profiling = True
            self.profile_file_prefix = str(folder / "profile")

    plain, onnxruntime.SessionOptions = onnxruntime.SessionOptions, Reporting
    try:
        scorer = framing.load_model("bundled")
    finally:
        onnxruntime.SessionOptions = plain
    scorer.entail_table(some, wordings)
    file = Path(scorer._session.end_profiling())
    total = 0.0
    for event in json.loads(file.read_text(encoding="utf-8")):
        given = event.get("args", {})
        if event.get("name", "").endswith("_kernel_time") and given.get("op_name") in ("MatMul", "FusedMatMul", "Gemm"):
            (left,) = given["input_type_shape"][0].values()
            (out,) = given["output_type_shape"][0].values()
            total += 2.0 * float(np.prod(out)) * left[-1]
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passages", type=int, default=48)
    args = parser.parse_args()
    if not importlib.util.find_spec("torch"):
        sys.exit("the pipeline of transformers needs PyTorch: make setup-torch")
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what this one holds in memory would be counted to all that it starts.
        process = multiprocessing.get_context("spawn").Process(target=make_models, args=(folder,))
        process.start()
        process.join()
        side_by_side(folder, args.rounds, args.passages)
    reruns(args.rounds)
    matrix_share(args.rounds)


if __name__ == "__main__":
    main()
