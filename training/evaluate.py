"""The bundled model beside its rivals, in one run, on text that training never saw.

    python -m training.evaluate --dev DIR [--nli-only DIR] [--bi DIR] [--checkpoint DIR]

prints a Markdown table and writes training/evaluation.csv. The rivals: keyword lists, the cosine between embeddings of the same
backbone, and, with --nli-only, a model of the same shape that was trained on NLI data alone, with --bi, the bi-encoder. With --checkpoint, also
the weights that were quantised, so that the loss is seen. All are checkpoints, or exports (of training.export, with --fp32 for the weights
before int8), which are faster. Intervals are 95% bootstrap intervals over documents (issues for the test sentences, premises for NLI). Of each
rival's AUC there is also the difference from the bundled model's, over the same samples.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

import framing
from framing import Codebook, read_corpus
from framing.bootstrap import samples
from framing.codebook import Frame
from framing.validation import auc
from training.card import DIFFERENCE, EVALUATION, evaluation_table
from training.methods import Checkpoint, Cosine, Entailment, Keywords
from training.own_pairs import part, read_sentences
from training.public_pairs import read_rows
from training.shared import CODEBOOKS, ROOT, SENTENCES, THRESHOLD, wordings_of

DEMO = ROOT / "data" / "demo"
# Whose words a sentence gives, asked as no training wording asks it.
VOICE = (
    "What this text says comes from a source that it names or cites.",
    "This text passes on the words of somebody other than its writer.",
)
AG_NEWS_ROWS = 2_000
RESAMPLES = 1_000
SEED = 1

Metric = Callable[[np.ndarray, np.ndarray], float]


class Methods(NamedTuple):
    """What is compared; `models` are asked the hypotheses, the bundled one first."""

    models: tuple[Entailment, ...]
    keywords: Keywords
    cosine: Cosine


class Coded(NamedTuple):
    """Texts, their clusters, the target each takes or takes not a side on, and for each construct a label a text."""

    name: str
    texts: list[str]
    clusters: np.ndarray
    targets: list[str]
    labels: dict[str, np.ndarray]  # of a frame 1 or 0; of stance -1, 0 or 1; of voice 1 (quoted) or 0


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


def interval(draws: np.ndarray) -> tuple[float, float]:
    """The 95% percentile interval; samples in which the metric is not defined are left out."""
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)


def areas(
    facts: tuple[str, str], truth: np.ndarray, clusters: np.ndarray, values: dict[str, np.ndarray]
) -> Iterator[Result]:
    """AUC of each method's values with its interval over whole clusters, and how far each is from that of the first, by the same samples."""
    labels, _ = pd.factorize(clusters)
    parts: dict[str, list[np.ndarray]] = {method: [] for method in values}
    for times in samples(labels, RESAMPLES, SEED):
        for method, value in values.items():
            parts[method].append(auc(truth == 1, value, times))
    draws = {method: np.concatenate(some) for method, some in parts.items()}
    first = next(iter(values))
    for method, value in values.items():
        counts = (method, len(truth), int(truth.sum()))
        found = float(roc_auc_score(truth, value))
        yield Result(*facts, "AUC", *counts, found, *interval(draws[method]))
        if method != first:
            difference = found - float(roc_auc_score(truth, values[first]))
            yield Result(*facts, DIFFERENCE, *counts, difference, *interval(draws[method] - draws[first]))


def with_interval(
    metric: Metric, truth: np.ndarray, value: np.ndarray, clusters: np.ndarray | None = None
) -> tuple[float, float, float]:
    """A metric with its interval over whole clusters, or over rows."""
    rows = np.arange(len(truth))
    labels = rows if clusters is None else pd.factorize(clusters)[0]
    picked = (np.repeat(rows, row.astype(int)) for times in samples(labels, RESAMPLES, SEED) for row in times)
    return metric(truth, value), *interval(np.array([metric(truth[some], value[some]) for some in picked]))


def demo_codes(demo: Path, codebook: Codebook) -> Coded:
    """The author's codes of the demo articles; spans are code points of the documents' text."""
    codes = pd.read_csv(demo / "annotations.csv", dtype=str, keep_default_na=False)
    texts = read_corpus(demo / "articles").set_index("document_id")["text"]
    spans = zip(codes["document_id"], codes["start"].astype(int), codes["end"].astype(int), strict=True)
    keys = [frame.key for frame in codebook.frames] + ["stance"]
    labels = {key: codes[key].astype(int).to_numpy() for key in keys}
    labels["voice"] = (codes["voice"] == "quoted").to_numpy(dtype=int)
    return Coded(
        "demo codes",
        [texts[document][start:end] for document, start, end in spans],
        codes["document_id"].to_numpy(),
        [codebook.stance.target if codebook.stance else ""] * len(codes),
        labels,
    )


def own_sentences(name: str, rows: Sequence[dict[str, Any]], frames: Sequence[str]) -> Coded:
    """The project's own coded sentences, each with its own target."""
    labels = {frame: np.array([int(frame in row["frames"]) for row in rows]) for frame in frames}
    labels["stance"] = np.array([row["stance"] for row in rows])
    labels["voice"] = np.array([int(row["voice"] == "quoted") for row in rows])
    clusters = np.array([row["issue"] for row in rows])
    return Coded(name, [row["text"] for row in rows], clusters, [row["target"] for row in rows], labels)


def vast(dev: Path) -> Coded:
    """Comments with their stance towards targets that training never named."""
    rows = read_rows(dev, "vast_val")
    sides = {"favor": 1, "against": -1, "neutral": 0}
    stance = np.array([sides[row["label"]] for row in rows])
    texts = [row["text"] for row in rows]
    return Coded("VAST val", texts, np.array(texts), [row["target"] for row in rows], {"stance": stance})


def means(p: np.ndarray, wordings: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Of each group of wordings the mean over its columns of p (n, all wordings), float (n,)."""
    return [each.mean(axis=1) for each in np.split(p, np.cumsum([len(some) for some in wordings])[:-1], axis=1)]


def sides(method: Entailment | Cosine, coded: Coded, wordings: Sequence[Sequence[str]]) -> list[np.ndarray]:
    """Of each side the mean over its wordings, each filled with the text's own target, float (n,)."""
    # All at once: a text is then read once for all that is asked of its target.
    every = [wording for some in wordings for wording in some]
    hypotheses = [wording.format(target=target) for target in coded.targets for wording in every]
    p = method.pairs([text for text in coded.texts for _ in every], hypotheses).reshape(len(coded.texts), len(every))
    return means(p, wordings)


def of_frames(model: Entailment, texts: Sequence[str], frames: Sequence[Frame]) -> dict[str, np.ndarray]:
    """Of each frame the mean over its hypotheses, float (n,); all are asked at once, so that a text is read once."""
    if not frames:
        return {}
    p = model.table(texts, [hypothesis for frame in frames for hypothesis in frame.hypotheses])
    return dict(zip([frame.key for frame in frames], means(p, [frame.hypotheses for frame in frames]), strict=True))


def judged(coded: Coded, codebook: Codebook, methods: Methods) -> Iterator[Result]:
    """AUC of every construct that the texts are coded for, by every method."""
    _, keywords, cosine = methods

    def lines(construct: str, truth: np.ndarray, values: dict[str, np.ndarray]) -> Iterator[Result]:
        return areas((coded.name, construct), truth, coded.clusters, values)

    frames = [frame for frame in codebook.frames if frame.key in coded.labels]
    found = {model.name: of_frames(model, coded.texts, frames) for model in methods.models}
    for frame in frames:
        values = {name: each[frame.key] for name, each in found.items()}
        values["keywords"] = keywords.score(coded.texts, frame.key)
        values[cosine.name] = cosine.score(coded.texts, [frame.definition])
        yield from lines(frame.key, coded.labels[frame.key], values)
    if "stance" in coded.labels and codebook.stance:
        wordings, words = wordings_of(codebook), ("stance_for", "stance_against")
        both = {m.name: sides(m, coded, wordings) for m in (*methods.models, cosine)}
        both["keywords"] = [keywords.score(coded.texts, some) for some in words]
        favor, against = ({name: each[side] for name, each in both.items()} for side in (0, 1))
        difference = {name: favor[name] - against[name] for name in both}
        stance = coded.labels["stance"]
        is_for, is_against = (stance == 1).astype(int), (stance == -1).astype(int)
        yield from lines("stance for", is_for, difference)
        yield from lines("stance against", is_against, {name: -value for name, value in difference.items()})
        # What is for a target is put below what takes no side by every word that is against it; a study may ask for one side alone.
        yield from lines("for, hypotheses in favor alone", is_for, favor)
        yield from lines("against, hypotheses against alone", is_against, against)
        if len(set(stance[takes := stance != 0])) > 1:
            of_sided = {name: value[takes] for name, value in difference.items()}
            yield from areas((coded.name, "for rather than against"), is_for[takes], coded.clusters[takes], of_sided)
    if "voice" in coded.labels:
        values = {model.name: model.score(coded.texts, VOICE) for model in methods.models}
        values["keywords"] = keywords.score(coded.texts, "quoted")
        values[cosine.name] = cosine.score(coded.texts, VOICE)
        yield from lines("voice", coded.labels["voice"], values)


def ordered(coded: Coded, codebook: Codebook, methods: Methods) -> Iterator[Result]:
    """Rank correlation of documents by the codebook's axis: means over their coded sentences, by the codes and by every method."""
    if codebook.axis is None:
        return
    documents = pd.factorize(coded.clusters)[0]
    ends = [next(frame for frame in codebook.frames if frame.key == key) for key in codebook.axis]

    def of_documents(plus: np.ndarray, minus: np.ndarray) -> np.ndarray:
        return np.bincount(documents, plus - minus) / np.bincount(documents)

    truth = of_documents(*(coded.labels[frame.key] for frame in ends))
    values = {m.name: [m.score(coded.texts, frame.hypotheses) for frame in ends] for m in methods.models}
    values[methods.keywords.name] = [methods.keywords.score(coded.texts, frame.key) for frame in ends]
    values[methods.cosine.name] = [methods.cosine.score(coded.texts, [frame.definition]) for frame in ends]
    for name, (plus, minus) in values.items():
        figures = with_interval(lambda t, v: float(spearmanr(t, v).statistic), truth, of_documents(plus, minus))
        facts = len(truth), int((truth > 0).sum())
        yield Result(coded.name, "axis, order of articles", "rank correlation", name, *facts, *figures)


def nli(dev: Path, file: str, name: str, methods: Methods) -> Iterator[Result]:
    """Entailment against the rest on a three-way NLI set."""
    rows = read_rows(dev, file)
    premises, hypotheses = [row["premise"] for row in rows], [row["hypothesis"] for row in rows]
    truth, of_premise = np.array([int(row["label"] == "entailment") for row in rows]), np.array(premises)
    values = {method.name: method.pairs(premises, hypotheses) for method in (*methods.models, methods.cosine)}
    yield from areas((name, "entailment"), truth, of_premise, values)
    for model in methods.models:
        right = with_interval(accuracy_score, truth, (values[model.name] >= THRESHOLD).astype(int), of_premise)
        facts = (model.name, len(rows), int(truth.sum()))
        yield Result(name, "entailment", "accuracy (2 classes)", *facts, *right)


def ag_news(dev: Path, methods: Methods) -> Iterator[Result]:
    """Macro F1 of the best-scoring of four topics, on a seeded sample of AG News (evaluation only)."""
    rows: list[dict[str, Any]] = Random(SEED).sample(read_rows(dev, "ag_news_test"), AG_NEWS_ROWS)
    labels = sorted({row["label"] for row in rows})
    truth = np.array([labels.index(row["label"]) for row in rows])
    texts = [row["text"] for row in rows]
    for method in (*methods.models, methods.cosine):
        scores = method.table(texts, [f"This text is about {label}." for label in labels])
        figures = with_interval(lambda t, v: float(f1_score(t, v, average="macro")), truth, scores.argmax(axis=1))
        yield Result("AG News test", "topic of 4", "macro F1", method.name, len(rows), len(rows), *figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", type=Path, required=True, help="folder of the development sets, <name>.jsonl.gz")
    parser.add_argument("--nli-only", type=Path, help="the same shape, trained on NLI data alone")
    parser.add_argument("--bi", type=Path, help="a bi-encoder that learned the same sets")
    parser.add_argument("--checkpoint", type=Path, help="what the bundled model was exported from, in fp32")
    parser.add_argument("--sentences", type=Path, default=SENTENCES, help="folder of the project's coded sentences")
    parser.add_argument("--demo", type=Path, default=DEMO, help="folder with articles/ and annotations.csv")
    parser.add_argument("--out", type=Path, default=EVALUATION)
    args = parser.parse_args()
    technology = Codebook.load(CODEBOOKS / "technology-restrictions.yaml")
    policy = Codebook.load(CODEBOOKS / "policy-frames.yaml")
    models = [Entailment("bundled model", framing.load_model("bundled"))]
    rivals = (("bi-encoder", args.bi), ("NLI data only", args.nli_only), ("before int8", args.checkpoint))
    for name, folder in rivals:
        if folder:
            exported = (folder / "model.onnx").is_file()
            models.append(Entailment(name, framing.load_model(str(folder)) if exported else Checkpoint(folder)))
    methods = Methods(tuple(models), Keywords(), Cosine())
    test = [row for row in read_sentences(args.sentences) if part(row) == "test"]
    demo = demo_codes(args.demo, technology)
    results = pd.DataFrame(
        [
            *judged(own_sentences("test issues", test, [f.key for f in policy.frames]), policy, methods),
            *judged(demo, technology, methods),
            *ordered(demo, technology, methods),
            *judged(vast(args.dev), policy, methods),
            *nli(args.dev, "mnli_matched_dev", "MNLI matched dev", methods),
            *nli(args.dev, "lingnli_val", "LingNLI val", methods),
            *ag_news(args.dev, methods),
        ]
    )
    results.round({"value": 4, "low": 4, "high": 4}).to_csv(args.out, index=False, lineterminator="\n")
    print(evaluation_table(results))


if __name__ == "__main__":
    main()
