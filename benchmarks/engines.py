"""What sending a chunk to a worker costs: this process, worker processes and actors of Ray, with a stand-in for the model.

    python benchmarks/engines.py [--chunks 200] [--rounds 5]        (Ray only where it is installed: make setup-ray)

The stand-in of `corpus.py` costs next to nothing, so that what is measured is everything else. Every engine has one worker; the time from its
being asked to its first chunk is its start, the time from there to the last chunk is that of the others. Figures are medians with the lowest
and highest round; rounds are interleaved. No speed-up is measured here: that needs machines with many cores.
"""

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from corpus import StandIn

from framing import Codebook
from framing.chunk import Chunk
from framing.engines import Engine, Processes, Serial
from framing.scoring import CHUNK

ROOT = Path(__file__).resolve().parents[1]
HYPOTHESES = 24
TEXTS = CHUNK // HYPOTHESES


def engines() -> dict[str, Callable[[], Engine]]:
    found: dict[str, Callable[[], Engine]] = {
        "serial": lambda: Serial(StandIn()),
        "processes": lambda: Processes(1, StandIn),
    }
    if importlib.util.find_spec("ray"):
        from framing.distributed import RayActors

        found["ray"] = lambda: RayActors(1, StandIn)
    return found


def chunk(number: int, hypotheses: list[str]) -> Chunk:
    """Sentences of about a hundred characters, all distinct."""
    name = f"of a text that says nothing in particular about anything, and goes on for a while, {number}"
    return Chunk([f"Sentence {i} {name}." for i in range(TEXTS)], hypotheses)


def measured(engine: Engine, chunks: list[Chunk]) -> tuple[float, float]:
    """Seconds to the first chunk, and milliseconds for each further one."""
    started = time.perf_counter()
    results = engine.carry_out(chunks, lambda _: None)
    next(results)
    first = time.perf_counter()
    further = sum(1 for _ in results)
    return first - started, 1000 * (time.perf_counter() - first) / further


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    codebook = Codebook.load(ROOT / "data" / "codebooks" / "policy-frames.yaml")
    hypotheses = list(codebook.hypotheses()["text"])[:HYPOTHESES]
    chunks = [chunk(number, hypotheses) for number in range(args.chunks)]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in engines()}
    for _ in range(args.rounds):
        for name, engine in engines().items():
            found[name].append(measured(engine(), chunks))
    print(f"{args.chunks} chunks of {TEXTS} sentences x {HYPOTHESES} hypotheses, {args.rounds} rounds\n")
    print("| engine | first chunk (s) | each further chunk (ms) |\n|---|---|---|")
    for name, rounds in found.items():
        cells = (
            f"{statistics.median(some):.{digits}f} ({min(some):.{digits}f} to {max(some):.{digits}f})"
            for some, digits in zip(zip(*rounds, strict=True), (2, 1), strict=True)
        )
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
