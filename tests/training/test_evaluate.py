"""The evaluation: what each method is asked, what counts as right, and how sure a figure is."""

import gzip
import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs PyTorch: make torch")

from tests.conftest import WordModel
from training import evaluate
from training.evaluate import Coded, Methods
from training.methods import Entailment, Keywords

pytestmark = pytest.mark.torch


class Length:
    """A rival that knows nothing but how long a text is."""

    name = "embedding cosine"

    def score(self, texts, wordings):
        return np.array([float(len(text)) for text in texts])

    def pairs(self, premises, hypotheses):
        return self.score(premises, hypotheses)

    def table(self, texts, wordings):
        return np.stack([self.score(texts, wordings)] * len(wordings), axis=1)


@pytest.fixture
def methods(tmp_path, monkeypatch):
    lists = {
        "danger": ["dangerous"],
        "show": ["vanity"],
        "stance_for": ["supports"],
        "stance_against": ["opposes"],
        "quoted": ["said"],
    }
    (tmp_path / "lexicon.yaml").write_text(json.dumps(lists), encoding="utf-8")
    monkeypatch.setattr(evaluate, "RESAMPLES", 50)
    return Methods((Entailment("bundled model", WordModel()),), Keywords(tmp_path / "lexicon.yaml"), Length())


def rows(dev, name, *some):
    dev.mkdir(exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in some)
    (dev / f"{name}.jsonl.gz").write_bytes(gzip.compress(text.encode()))


def coded():
    texts = [
        "The bridge is dangerous.",
        "The author supports the bridge, and so does the mayor.",
        "The author opposes the bridge.",
        "Vanity, he said.",
    ] * 5
    return Coded(
        "test",
        texts,
        np.array([f"issue {i % 5}" for i in range(20)]),
        ["the new bridge"] * 20,
        {
            "danger": np.array([1, 0, 0, 0] * 5),
            "stance": np.array([0, 1, -1, 0] * 5),
            "voice": np.array([0, 0, 0, 1] * 5),
        },
    )


def test_every_construct_that_is_coded_has_a_line_for_each_method(methods, codebook):
    every = list(evaluate.judged(coded(), codebook, methods))
    found = {(r.construct, r.method): r for r in every if r.measure == "AUC"}
    constructs = [
        "danger", "stance for", "stance against", "for, hypotheses in favor alone", "against, hypotheses against alone", "for rather than against", "voice",
    ]  # fmt: skip
    assert list(dict.fromkeys(construct for construct, _ in found)) == constructs
    assert {method for _, method in found} == {"bundled model", "keywords", "embedding cosine"}
    frame = found["danger", "bundled model"]
    assert (frame.n, frame.n_positive, frame.value, frame.low, frame.high) == (20, 5, 1.0, 1.0, 1.0)
    assert found["danger", "keywords"].value == 1.0
    assert found["stance for", "bundled model"].value == found["for rather than against", "bundled model"].value == 1.0
    assert found["for rather than against", "bundled model"].n == 10
    assert found["voice", "keywords"].value == 1.0
    length = found["stance for", "embedding cosine"]  # the same for both sides: their difference is 0
    assert length.value == 0.5


def test_an_interval_is_of_whole_clusters():
    truth = np.array([1, 0] * 20)
    value = truth + np.repeat(np.linspace(-1, 1, 20), 2)
    alone, together = (
        next(evaluate.areas(("test", "danger"), truth, clusters, {"bundled model": value}))
        for clusters in (np.arange(40), np.repeat(np.arange(20), 2))
    )
    right = np.mean(value[truth == 1][:, None] > value[truth == 0][None, :])
    assert alone.value == together.value == pytest.approx(right, abs=0.05)
    # Each cluster holds a positive and a negative with the same shift: drawn together they vary less.
    assert together.high - together.low < alone.high - alone.low


def test_a_difference_is_taken_within_the_same_samples(methods):
    truth = np.array([1, 0] * 50)
    value = truth + np.random.default_rng(1).normal(0, 1, 100)
    values = {"bundled model": value, "same": value + 0.0, "worse": value - truth}
    found = {(r.method, r.measure): r for r in evaluate.areas(("test", "danger"), truth, np.arange(100), values)}
    same, worse = (found[name, evaluate.DIFFERENCE] for name in ("same", "worse"))
    assert same.value == same.low == same.high == 0  # drawn apart, they would differ
    assert worse.high < 0
    assert worse.value == pytest.approx(found["worse", "AUC"].value - found["bundled model", "AUC"].value)
    assert ("bundled model", evaluate.DIFFERENCE) not in found


def test_a_figure_of_nli_pairs_is_drawn_by_premise():
    truth = np.repeat([1, 0], 50)
    value = np.r_[np.repeat([1, 0], 25), np.repeat([1, 0], 25)]  # all pairs of a premise are right, or all wrong
    alone, together = (
        evaluate.with_interval(lambda t, v: float(np.mean(t == v)), truth, value, clusters)
        for clusters in (None, np.repeat(np.arange(4), 25))
    )
    assert alone[0] == together[0] == 0.5
    assert together[2] - together[1] > 2 * (alone[2] - alone[1])


def test_pairs_of_a_public_set_count_as_entailed_or_not(methods, tmp_path):
    labels = ["entailment", "neutral", "contradiction", "entailment"]
    hypotheses = ["The bridge opened.", "Nobody crossed.", "Nothing happened.", "The bridge opened."]
    given = [
        {"premise": "The bridge opened.", "hypothesis": h, "label": label}
        for h, label in zip(hypotheses, labels, strict=True)
    ]
    rows(tmp_path / "dev", "set", *given)
    found = {(r.method, r.measure): r for r in evaluate.nli(tmp_path / "dev", "set", "Set", methods)}
    exact = found["bundled model", "accuracy (2 classes)"]
    assert (exact.data, exact.n, exact.n_positive, exact.value) == ("Set", 4, 2, 1.0)
    assert found["bundled model", "AUC"].value == 1.0
    assert ("embedding cosine", "accuracy (2 classes)") not in found  # a cosine has no threshold


def test_a_topic_is_the_one_with_the_highest_score(methods, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluate, "AG_NEWS_ROWS", 4)
    topics = ["sports", "business", "world", "science"]
    rows(tmp_path / "dev", "ag_news_test", *({"text": f"Something about {t} here", "label": t} for t in topics))
    found = {r.method: r.value for r in evaluate.ag_news(tmp_path / "dev", methods)}
    assert found["bundled model"] == 1.0
    assert found["embedding cosine"] == pytest.approx(0.1)  # always the first of four


def test_articles_are_ordered_by_the_axis_of_their_sentences(methods, codebook, monkeypatch):
    kinds = {"It is dangerous.": (1, 0), "dangerous and vanity": (1, 1), "It is vanity.": (0, 1)}
    texts = [text for text in kinds for _ in range(8)]
    labels = {key: np.array([kinds[text][i] for text in texts]) for i, key in enumerate(("danger", "show"))}
    # The last two sentences are of one article.
    given = Coded("test", texts, np.array([*range(23), 22]), [""] * 24, labels)
    monkeypatch.setattr(Length, "score", lambda _, texts, wordings: np.arange(len(texts)) * float(len(wordings[0])))
    found = {r.method: r for r in evaluate.ordered(given, codebook, methods)}
    assert (found["keywords"].n, found["keywords"].n_positive, found["keywords"].value) == (23, 8, pytest.approx(1.0))


def test_the_targets_of_the_codebook_are_asked_of_every_text():
    asked = []

    class Recorder(WordModel):
        def entail(self, premises, hypotheses):
            asked.extend(zip(premises, hypotheses, strict=True))
            return np.arange(len(premises), dtype=np.float32)

    given = Coded("test", ["one", "two"], np.array([0, 1]), ["the tunnel", "the ferry"], {})
    favor, against = evaluate.sides(
        Entailment("x", Recorder()), given, (("For {target}.", "Yes {target}."), ("No {target}.",))
    )
    assert asked == [
        ("one", "For the tunnel."), ("one", "Yes the tunnel."), ("one", "No the tunnel."),
        ("two", "For the ferry."), ("two", "Yes the ferry."), ("two", "No the ferry."),
    ]  # fmt: skip
    assert (favor.tolist(), against.tolist()) == ([0.5, 3.5], [2.0, 5.0])
