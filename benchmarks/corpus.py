"""Time and memory of `framing score` against the size of the corpus, with a stand-in for the model.

    python benchmarks/corpus.py [--articles 1000 10000 100000]

The stand-in gives every pair a number made of the two texts and costs next to nothing, so that what is measured is everything but the model: reading,
splitting, planning, the store, measures, tables. Every article has its own 25 sentences; a tenth of the articles is agency copy that came
before. Every size is run in a process of its own, whose peak memory the operating system tells, and then once more, from the store.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
import zlib
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framing.speed import SENTENCES
from framing.stream import score_corpus
from framing.study import Study

ROOT = Path(__file__).resolve().parents[1]
PER_ARTICLE = 25
AGENCY = 0.1  # share of articles that are copies


class StandIn:
    """Scores that depend on nothing but the two texts."""

    name, fingerprint, calibration, languages = "stand-in", "stand-in", {}, ()

    def entail_table(self, premises, hypotheses):
        rows = np.array([zlib.crc32(text.encode()) for text in premises], dtype=np.uint64)
        columns = np.array([zlib.crc32(text.encode()) for text in hypotheses], dtype=np.uint64)
        return ((rows[:, None] ^ columns[None, :]) % np.uint64(1000) / 1000).astype(np.float32)

    def windows(self, premises):
        return [[text] for text in premises]


def write_corpus(path: Path, articles: int) -> None:
    """A Parquet file, written in pieces."""
    rng = Random(articles)
    schema = pa.schema([(name, pa.string()) for name in ("document_id", "outlet", "published", "title", "text")])
    earlier: list[str] = []
    with pq.ParquetWriter(path, schema) as writer:
        for begin in range(0, articles, 1000):
            rows = []
            for i in range(begin, min(begin + 1000, articles)):
                if earlier and rng.random() < AGENCY:
                    text = rng.choice(earlier)
                else:
                    sentences = (
                        f"{SENTENCES[rng.randrange(len(SENTENCES))][:-1]}, item {i * PER_ARTICLE + k}."
                        for k in range(PER_ARTICLE)
                    )
                    text = "\n\n".join(" ".join(part) for part in zip(*[sentences] * 5, strict=True))
                    if len(earlier) < 1000:
                        earlier.append(text)
                day = f"2031-{1 + i % 12:02d}-{1 + i % 28:02d}"
                rows.append(
                    {
                        "document_id": f"a{i:07d}",
                        "outlet": f"Outlet {i % 40}",
                        "published": day,
                        "title": f"Number {i}",
                        "text": text,
                    }
                )
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def run(folder: str, pipe) -> None:
    """Score the corpus of a folder; seconds and peak memory (MB)."""
    codebook = ROOT / "data" / "codebooks" / "policy-frames.yaml"
    study = Study.of(corpus=Path(folder) / "corpus.parquet", codebook=codebook, out=Path(folder) / "out")
    started = time.perf_counter()
    score_corpus(study, model=StandIn(), progress=sys.stderr.isatty())
    pipe.send((time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3))


def measured(folder: str) -> tuple[float, float]:
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    process = context.Process(target=run, args=(folder, other))
    process.start()
    found = pipe.recv()
    process.join()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 10_000, 100_000])
    args = parser.parse_args()
    print(
        "| articles | seconds | ms an article | peak memory (MB) | again, from the store (s) | on disk (MB) |\n|---|---|---|---|---|---|"
    )
    for articles in args.articles:
        with tempfile.TemporaryDirectory() as folder:
            write_corpus(Path(folder) / "corpus.parquet", articles)
            seconds, memory = measured(folder)
            again, _ = measured(folder)
            disk = sum(path.stat().st_size for path in (Path(folder) / "out").rglob("*.parquet")) / 1e6
        print(
            f"| {articles:,} | {seconds:,.0f} | {1000 * seconds / articles:.1f} | {memory:,.0f} | {again:,.0f} | {disk:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
