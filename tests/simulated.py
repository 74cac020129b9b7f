"""Corpora whose true codes are known: what corrected estimates are held against, in tests and benchmarks."""

import itertools

import numpy as np
import pandas as pd

from framing.coding import draw_units
from framing.correction import corrected_estimates
from framing.tables import ANNOTATIONS, MEASURES, PASSAGES
from tests.handmade import documents

WIDTH = 10  # characters of every passage


class Corpus:
    """Passages with a value of the model and the true code, {group: [(values, codes) of each article]}, and the tables that hold them."""

    def __init__(self, groups, *, construct="danger", stories=None):
        articles = {f"{g}{i:02d}": (g, *each) for g, all_of in groups.items() for i, each in enumerate(all_of)}
        fields = {
            name: {"outlet": g} | ({"story_id": stories[name]} if stories else {})
            for name, (g, _, _) in articles.items()
        }
        self.documents = documents(fields)
        self.groups = self.documents.set_index("document_id")["outlet"]
        at = [(name, i) for name, (_, values, _) in articles.items() for i in range(len(values))]
        plain = {
            "paragraph": 1,
            "field": "body",
            "text": "Text.",
            "voice": "outlet",
            "speaker": "",
            "kept": True,
            "reason": "",
        }
        self.passages = pd.DataFrame(
            {
                "passage_id": [f"{name}#{i:04d}" for name, i in at], "document_id": [name for name, _ in at],
                "position": [i for _, i in at], "start": [i * WIDTH for _, i in at], "end": [(i + 1) * WIDTH for _, i in at],
            } | {column: [value] * len(at) for column, value in plain.items()}
        )[list(PASSAGES.columns)]  # fmt: skip
        values = np.concatenate([values for _, values, _ in articles.values()]).astype(float)
        self.codes = np.concatenate([codes for _, _, codes in articles.values()]).astype(float)
        self.measures = self.passages[["document_id", "passage_id"]].assign(
            construct=construct, value=values, n_hypotheses=1
        )[list(MEASURES.columns)]
        self.construct = construct

    def coded(self, units=None, *, seed=1, p=None):
        """ANNOTATIONS: of a drawn sample, or of every passage with the probability `p`."""
        table = self.passages.assign(value=self.codes, inclusion_probability=p)
        if units:
            drawn, _ = draw_units(self.passages, self.measures, self.groups, threshold=0.5, units=units, seed=seed)
            table = table.drop(columns="inclusion_probability").merge(drawn, on="passage_id")
        unit = table["document_id"] + ":" + table["start"].astype(str) + "-" + table["end"].astype(str)
        return table.assign(unit_id=unit, coder="Kim", construct=self.construct)[list(ANNOTATIONS.columns)].astype(
            {"inclusion_probability": "float64"}
        )

    def __call__(self, annotations, function=corrected_estimates, **settings):
        tables = annotations, self.measures, self.passages, self.documents
        return function(*tables, **({"resamples": 200, "seed": 1} | settings))


MODELS = {
    "A": (0.05, 0.25),
    "B": (0.5, 0.02),
}  # what the model misses of a frame, and where it sees one that is not there


def simulated(rng, *, articles=25, passages=12, share=0.25, pairs=1):
    """Two groups in which a frame is equally frequent, in this `share` of the passages, and a model that sees far more of it in the one than in the
    other; or several such pairs, numbered from A00 and B00 on."""
    groups = {}
    for pair, (model, (misses, invents)) in itertools.product(range(pairs), MODELS.items()):
        group = model if pairs == 1 else f"{model}{pair:02d}"
        groups[group] = []
        for _ in range(articles):
            codes = rng.random(passages) < rng.beta(2, 2 / share - 2)
            seen = np.where(codes, rng.random(passages) >= misses, rng.random(passages) < invents)
            values = np.where(seen, rng.uniform(0.5, 1, passages), rng.beta(1, 12, passages))
            groups[group].append((values, codes))
    return Corpus(groups)
