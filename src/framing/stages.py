"""The stages that every article goes through by itself: DOCUMENTS -> ARTICLES, whether a corpus comes whole or in parts."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from framing.articles import ALL, score_articles
from framing.codebook import Codebook
from framing.engines import Engine
from framing.entailment import EntailmentModel
from framing.measures import measure
from framing.passages import LANGUAGE, set_aside_languages, split_passages
from framing.scoring import Plan, score
from framing.store import Store


class Tables(NamedTuple):
    """What is known of some articles before groups are compared: each table is of the same articles."""

    documents: pd.DataFrame
    passages: pd.DataFrame
    hypotheses: pd.DataFrame
    scores: pd.DataFrame
    measures: pd.DataFrame
    articles: pd.DataFrame


def through_stages(
    documents: pd.DataFrame,
    codebook: Codebook,
    *,
    model: EntailmentModel,
    threshold: float,
    store: Store | None = None,
    engine: Engine | None = None,
    progress: bool | None = None,
    before_scoring: Callable[[Plan], object] | None = None,
) -> Tables:
    """Split articles into passages, score these, and sum up what each article says.

    Parameters
    ----------
    documents : DataFrame, table DOCUMENTS
    codebook : Codebook
    model : EntailmentModel
    threshold : float in (0, 1)
        See `framing.articles.score_articles`.
    store, engine, progress, before_scoring
        See `framing.scoring.score`.
    """
    passages = set_aside_languages(split_passages(documents), documents, model.languages)
    hypotheses = codebook.hypotheses()
    scores = score(
        passages,
        hypotheses,
        model=model,
        store=store,
        engine=engine,
        progress=progress,
        before_scoring=before_scoring,
    )
    measures = measure(scores, passages, codebook, calibration=model.calibration)
    constructs = list(codebook.constructs())
    articles = score_articles(measures, passages, documents, threshold=threshold, constructs=constructs)
    return Tables(documents, passages, hypotheses, scores, measures, articles)


def stage_counts(tables: Tables) -> dict[str, dict[str, int]]:
    """What each stage took in and gave out; what was set aside, by reason. Counts of parts of a corpus add up to those of the whole."""
    documents, passages, _, scores, _, articles = tables
    reasons = passages.loc[~passages["kept"], "reason"].value_counts()
    with_passages = passages.loc[passages["kept"], "document_id"].nunique()
    scored = articles[articles["voice"] == ALL].groupby("document_id")["score"].count()
    status = scores["status"].value_counts()
    return {
        "passages": {
            "found": len(passages),
            "kept": int(passages["kept"].sum()),
            "set aside": int((~passages["kept"]).sum()),
        },
        "passages set aside": {str(reason): int(n) for reason, n in reasons.items()},
        "scores": {"pairs": len(scores), **{f"with status {name}": int(n) for name, n in status.items()}},
        "articles": {
            "in": len(documents),
            "in a language that the model does not read": int(
                passages.loc[passages["reason"] == LANGUAGE, "document_id"].nunique()
            ),
            "with a kept passage": int(with_passages),
            "with a score": int((scored > 0).sum()),
            "without any score": len(documents) - int((scored > 0).sum()),
        },
    }
