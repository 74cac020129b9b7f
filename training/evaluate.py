"""The bundled model beside keywords and embedding cosine, in one run, on text that training never saw.

    python -m training.evaluate --dev DIR --held-out-sentences FILE

prints a Markdown table and writes training/evaluation.csv. Intervals are 95% bootstrap intervals over documents (issues
for the held-out sentences, rows where there is no document).
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from framing import Codebook, read_corpus
from training.methods import Bundled, Cosine, Keywords
from training.own_pairs import read_sentences_file
from training.public_pairs import read_rows

ROOT = Path(__file__).parents[1]
OUT = Path(__file__).with_name("evaluation.csv")
CODEBOOK = ROOT / "data" / "codebooks" / "technology-restrictions.yaml"
DEMO = ROOT / "data" / "demo"
FRAME_KEYS = {"security": "security_risk"}  # names of the training sentences that differ from the codebook's
AG_NEWS_ROWS = 2_000
THRESHOLD = 0.5
RESAMPLES = 1_000
SEED = 1

Metric = Callable[[np.ndarray, np.ndarray], float]


class Coded(NamedTuple):
    """Texts, their clusters, and for each construct a label per text (1 or 0; stance -1, 0 or 1)."""

    name: str
    texts: list[str]
    clusters: np.ndarray
    labels: dict[str, np.ndarray]


def with_interval(
    metric: Metric, truth: np.ndarray, value: np.ndarray, clusters: np.ndarray
) -> tuple[float, float, float]:
    """A metric with its 95% bootstrap interval over whole clusters; resamples with one class only are drawn again."""
    rng = np.random.default_rng(SEED)
    codes, names = pd.factorize(clusters)
    members = [np.flatnonzero(codes == i) for i in range(len(names))]
    draws: list[float] = []
    while len(draws) < RESAMPLES:
        rows = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        if len(set(truth[rows])) > 1:
            draws.append(metric(truth[rows], value[rows]))
    low, high = np.quantile(draws, [0.025, 0.975])
    return metric(truth, value), float(low), float(high)


def demo_codes(demo: Path, codebook: Codebook) -> Coded:
    """The author's codes of the demo articles; spans are code points of the documents' text."""
    codes = pd.read_csv(demo / "annotations.csv", dtype=str, keep_default_na=False)
    texts = read_corpus(demo / "articles").set_index("document_id")["text"]
    spans = zip(codes["document_id"], codes["start"].astype(int), codes["end"].astype(int), strict=True)
    keys = [frame.key for frame in codebook.frames] + ["stance"]
    return Coded(
        "demo codes",
        [texts[document][start:end] for document, start, end in spans],
        codes["document_id"].to_numpy(),
        {key: codes[key].astype(int).to_numpy() for key in keys},
    )


def held_out_sentences(path: Path, codebook: Codebook) -> Coded:
    """Sentences of the training register whose issues were kept out of training."""
    rows = read_sentences_file(path)
    names = [{FRAME_KEYS.get(frame, frame) for frame in row["frames"]} for row in rows]
    labels = {frame.key: np.array([int(frame.key in carried) for carried in names]) for frame in codebook.frames}
    return Coded("held-out sentences", [row["text"] for row in rows], np.array([row["issue"] for row in rows]), labels)


class Result(NamedTuple):
    """A line of the table."""

    data: str
    construct: str
    measure: str
    method: str
    n: int
    n_positive: int
    value: float
    low: float
    high: float


def frames_and_stance(coded: Coded, codebook: Codebook, methods: tuple[Bundled, Keywords, Cosine]) -> Iterator[Result]:
    """AUC of every frame, and of each side of the stance where it is coded."""
    bundled, keywords, cosine = methods

    def line(construct: str, method: str, truth: np.ndarray, value: np.ndarray) -> Result:
        figures = with_interval(roc_auc_score, truth, value, coded.clusters)
        return Result(coded.name, construct, "AUC", method, len(truth), int(truth.sum()), *figures)

    for frame in codebook.frames:
        truth = coded.labels[frame.key]
        value = bundled.score(coded.texts, frame.hypotheses)
        yield line(frame.key, bundled.name, truth, value)
        for measure, metric in (("precision at 0.5", precision_score), ("recall at 0.5", recall_score)):
            figures = with_interval(partial(metric, zero_division=0), truth, value >= THRESHOLD, coded.clusters)
            yield Result(coded.name, frame.key, measure, bundled.name, len(truth), int(truth.sum()), *figures)
        if keywords.knows(frame.key):
            yield line(frame.key, keywords.name, truth, keywords.score(coded.texts, frame.key))
        yield line(frame.key, cosine.name, truth, cosine.score(coded.texts, [frame.definition]))
    if codebook.stance and "stance" in coded.labels:
        for method in (bundled, cosine):
            favor, against = (
                method.score(coded.texts, side) for side in (codebook.stance.favor, codebook.stance.against)
            )
            for name, side in (("stance for", 1), ("stance against", -1)):
                yield line(name, method.name, (coded.labels["stance"] == side).astype(int), side * (favor - against))


def own_stance(path: Path, codebook: Codebook, bundled: Bundled, cosine: Cosine) -> Iterator[Result]:
    """AUC of each side of the held-out sentences' stance towards their own targets, in the codebook's wordings."""
    rows = read_sentences_file(path)
    stance, clusters = np.array([row["stance"] for row in rows]), np.array([row["issue"] for row in rows])
    wordings = codebook.stance
    if wordings is None:
        return

    def asked(method: Bundled | Cosine, side: tuple[str, ...]) -> np.ndarray:
        pairs = [(row["text"], wording.replace(wordings.target, row["target"])) for row in rows for wording in side]
        return method.pairs(*zip(*pairs, strict=True)).reshape(len(rows), len(side)).mean(axis=1)

    for method in (bundled, cosine):
        value = asked(method, wordings.favor) - asked(method, wordings.against)
        for name, side in (("stance for own target", 1), ("stance against own target", -1)):
            truth = (stance == side).astype(int)
            figures = with_interval(roc_auc_score, truth, side * value, clusters)
            yield Result("held-out sentences", name, "AUC", method.name, len(truth), int(truth.sum()), *figures)


def mnli(dev: Path, bundled: Bundled, cosine: Cosine) -> Iterator[Result]:
    """Entailment against the rest on MultiNLI's matched development set."""
    rows = read_rows(dev, "mnli_matched_dev")
    premises, hypotheses = [row["premise"] for row in rows], [row["hypothesis"] for row in rows]
    truth = np.array([int(row["label"] == "entailment") for row in rows])
    alone = np.arange(len(rows))
    p = bundled.pairs(premises, hypotheses)
    right = with_interval(accuracy_score, truth, (p >= THRESHOLD).astype(int), alone)
    yield Result(
        "MNLI matched dev", "entailment", "accuracy (2 classes)", bundled.name, len(rows), int(truth.sum()), *right
    )
    for name, value in ((bundled.name, p), (cosine.name, cosine.pairs(premises, hypotheses))):
        figures = with_interval(roc_auc_score, truth, value, alone)
        yield Result("MNLI matched dev", "entailment", "AUC", name, len(rows), int(truth.sum()), *figures)


def ag_news(dev: Path, bundled: Bundled, cosine: Cosine) -> Iterator[Result]:
    """Macro F1 of the best-scoring of four topics, on a seeded sample of AG News (evaluation only)."""
    rows: list[dict[str, Any]] = Random(SEED).sample(read_rows(dev, "ag_news_test"), AG_NEWS_ROWS)
    labels = sorted({row["label"] for row in rows})
    truth = np.array([labels.index(row["label"]) for row in rows])
    texts = [row["text"] for row in rows]
    for method in (bundled, cosine):
        scores = np.stack([method.score(texts, [f"This text is about {label}."]) for label in labels])
        figures = with_interval(
            lambda t, v: float(f1_score(t, v, average="macro")), truth, scores.argmax(axis=0), np.arange(len(rows))
        )
        yield Result("AG News test", "topic of 4", "macro F1", method.name, len(rows), len(rows), *figures)


def markdown(results: pd.DataFrame) -> str:
    """One line per construct and measure, one column per method."""
    cell = results.apply(lambda r: f"{r['value']:.2f} [{r['low']:.2f}, {r['high']:.2f}]", axis=1)
    keys = ["data", "construct", "measure", "n", "n_positive"]
    wide = results[[*keys, "method"]].assign(cell=cell).pivot_table(
        index=keys, columns="method", values="cell", aggfunc="first", sort=False
    )  # fmt: skip
    header = [*keys, *wide.columns]
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for key, row in wide.iterrows():
        lines.append("| " + " | ".join([*map(str, key), *row.fillna("-")]) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", type=Path, required=True, help="folder of the development sets, <name>.jsonl.gz")
    parser.add_argument("--held-out-sentences", type=Path, required=True, help="from training.prepare")
    parser.add_argument("--demo", type=Path, default=DEMO, help="folder with articles/ and annotations.csv")
    parser.add_argument("--codebook", type=Path, default=CODEBOOK)
    args = parser.parse_args()
    codebook = Codebook.load(args.codebook)
    methods = bundled, _, cosine = Bundled(), Keywords(), Cosine()
    results = pd.DataFrame(
        [
            *frames_and_stance(demo_codes(args.demo, codebook), codebook, methods),
            *frames_and_stance(held_out_sentences(args.held_out_sentences, codebook), codebook, methods),
            *own_stance(args.held_out_sentences, codebook, bundled, cosine),
            *mnli(args.dev, bundled, cosine),
            *ag_news(args.dev, bundled, cosine),
        ]
    )
    results.round({"value": 4, "low": 4, "high": 4}).to_csv(OUT, index=False, lineterminator="\n")
    print(markdown(results))


if __name__ == "__main__":
    main()
