"""How long set-up and the main job take, and how much memory: on the demo, rendered again, and on a corpus of 500 articles.

    python benchmarks/report.py [--rounds 3] [--setup]

The 500 articles are the demo's, repeated under other ids. The same sentence is scored once however often it stands in a corpus, so that row
measures everything but scoring; what scoring costs stands in the row of the demo (pairs per second). Memory is the sum over the command and the
kernels it starts of their resident sets, sampled five times a second: an upper bound, because shared pages count more than once.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
FRAMING = [sys.executable, "-m", "framing", "report"]
ARTICLES = 500


def measure(command: list[str], cwd: Path = ROOT) -> tuple[float, float]:
    """Wall seconds and peak memory (MB) of a command and all that it starts."""
    started, peak = time.perf_counter(), 0
    process = psutil.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None:
        try:
            tree = [process, *process.children(recursive=True)]
            peak = max(peak, sum(p.memory_info().rss for p in tree if p.is_running()))
        except psutil.Error:
            pass  # a process ended between the two looks
        time.sleep(0.2)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed: {process.stderr.read()}")
    return time.perf_counter() - started, peak / 1e6


def repeated_corpus(folder: Path) -> Path:
    """A CSV of 500 articles: the demo's text files over and over, each time under other ids."""
    source = ROOT / "data" / "demo" / "articles"
    with (source / "metadata.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".txt")]
    path = folder / "repeated.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document_id", "outlet", "published", "title", "story_id", "text"])
        for i in range(ARTICLES):
            row = rows[i % len(rows)]
            text = (source / row["file"]).read_text(encoding="utf-8")
            document_id = f"{row['document_id']}-{i // len(rows):03d}"
            writer.writerow([document_id, row["outlet"], row["published"], row["title"], row["story_id"], text])
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement (default: 3)")
    parser.add_argument(
        "--setup", action="store_true", help="measure `make setup` in a fresh clone too (needs the package index)"
    )
    options = parser.parse_args()
    rows: dict[str, list[tuple[float, float]]] = {}
    pairs = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus = repeated_corpus(folder)
        demo = [*FRAMING, "--study", str(ROOT / "study.yaml"), "--out", str(folder / "demo")]
        many = [
            *FRAMING, "--corpus", str(corpus), "--codebook", str(ROOT / "data/codebooks/technology-restrictions.yaml"), "--out", str(folder / "many"),
        ]  # fmt: skip
        for _ in range(options.rounds):
            shutil.rmtree(folder / "demo", ignore_errors=True)
            rows.setdefault("demo, 42 articles, nothing scored yet", []).append(measure(demo))
            pairs = json.loads((folder / "demo" / "manifest.json").read_text(encoding="utf-8"))["counts"]["scores"][
                "pairs"
            ]
            rows.setdefault("demo, rendered again", []).append(measure(demo))
            shutil.rmtree(folder / "many", ignore_errors=True)
            rows.setdefault(f"{ARTICLES} articles (40 texts repeated), nothing scored yet", []).append(measure(many))
            rows.setdefault(f"{ARTICLES} articles, rendered again", []).append(measure(many))
        if options.setup:
            clone = folder / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            rows["make setup in a fresh clone"] = [measure(["make", "setup"], clone)]
            size = sum(p.stat().st_size for p in (clone / ".venv").rglob("*") if p.is_file() and not p.is_symlink())
            print(f"The environment has {size / 1e9:.2f} GB.")
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {options.rounds} rounds\n"
    )
    print("| what | seconds: median (lowest to highest) | peak memory, MB |\n|---|---|---|")
    for what, measured in rows.items():
        seconds = [s for s, _ in measured]
        print(
            f"| {what} | {statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) | {max(m for _, m in measured):.0f} |"
        )
    first, again = (statistics.median(s for s, _ in rows[w]) for w in list(rows)[:2])
    print(
        f"\nScoring: {pairs} pairs of the demo in about {first - again:.0f} s, {pairs / max(first - again, 1):.0f} pairs a second."
    )


if __name__ == "__main__":
    main()
