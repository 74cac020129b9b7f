"""What sending a chunk to a worker costs: this process, worker processes and actors of Ray, with a stand-in for the model.

    python benchmarks/engines.py [--chunks 40] [--rounds 5]        (Ray only where it is installed: make setup-ray)

The stand-in of `corpus.py` costs next to nothing, so that what is measured is everything else: making chunks, sending them, keeping what comes
back. Every engine has one worker; its start is measured by a run of one chunk and taken off. Figures are medians with the lowest and highest
round; rounds are interleaved. No speed-up is measured here: that needs machines with many cores.
"""

import argparse
import importlib.util
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from corpus import StandIn

from framing import Codebook, scoring
from framing.engines import Engine, Processes, Serial
from framing.store import Store
from framing.tables import PASSAGES

ROOT = Path(__file__).resolve().parents[1]
HYPOTHESES = 24


def engines() -> dict[str, Callable[[], Engine]]:
    found: dict[str, Callable[[], Engine]] = {
        "serial": lambda: Serial(StandIn()),
        "processes": lambda: Processes(1, StandIn),
    }
    if importlib.util.find_spec("ray"):
        from framing.distributed import RayActors

        found["ray"] = lambda: RayActors(1, StandIn)
    return found


def passages(n: int) -> pd.DataFrame:
    """Sentences of about a hundred characters, all distinct."""
    texts = [
        f"Sentence {i} of a text that says nothing in particular about anything, and goes on for a while, {i}."
        for i in range(n)
    ]
    plain = {
        "document_id": "a",
        "paragraph": 1,
        "field": "body",
        "voice": "outlet",
        "speaker": "",
        "kept": True,
        "reason": "",
    }
    table = pd.DataFrame({"passage_id": [f"a#{i}" for i in range(n)], "position": range(n), "text": texts} | plain)
    table = table.assign(start=pd.array([pd.NA] * n, dtype="Int64"), end=pd.array([pd.NA] * n, dtype="Int64"))
    kinds = dict.fromkeys(["document_id", "passage_id", "field", "text", "voice", "speaker", "reason"], "str")
    return PASSAGES.check(table[list(PASSAGES.columns)].astype(kinds))


def seconds(engine: Callable[[], Engine], table: pd.DataFrame, hypotheses: pd.DataFrame) -> float:
    with tempfile.TemporaryDirectory() as folder:
        model = StandIn()
        store = Store(Path(folder), model.fingerprint)
        started = time.perf_counter()
        scoring.score(table, hypotheses, model=model, store=store, engine=engine(), progress=False)
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    logging.getLogger("ray").setLevel(logging.ERROR)
    hypotheses = Codebook.load(ROOT / "data" / "codebooks" / "policy-frames.yaml").hypotheses().head(HYPOTHESES)
    of_chunk = scoring.CHUNK // HYPOTHESES
    one, many = passages(of_chunk), passages(of_chunk * args.chunks)
    starts: dict[str, list[float]] = {name: [] for name in engines()}
    chunks: dict[str, list[float]] = {name: [] for name in engines()}
    for _ in range(args.rounds):
        for name, engine in engines().items():
            starts[name].append(seconds(engine, one, hypotheses))
            chunks[name].append(1000 * (seconds(engine, many, hypotheses) - starts[name][-1]) / (args.chunks - 1))
    print(f"chunks of {of_chunk} sentences x {HYPOTHESES} hypotheses, {args.rounds} rounds\n")
    print("| engine | a run of one chunk (s) | each further chunk (ms) |\n|---|---|---|")
    for name in chunks:
        cells = (
            f"{statistics.median(some):.{digits}f} ({min(some):.{digits}f} to {max(some):.{digits}f})"
            for some, digits in ((starts[name], 2), (chunks[name], 0))
        )
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
