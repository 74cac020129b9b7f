"""Words that several parts of a report use: names, numbers, and which articles it is about."""

import numpy as np
import pandas as pd

from framing.analysis import Analysis
from framing.articles import ALL
from framing.bidi import isolated
from framing.codebook import Codebook
from framing.corpus.read import EMPTY
from framing.corpus.read import OK as READ
from framing.outlets import UNKNOWN
from framing.passages import LANGUAGE


def labels_of(codebook: Codebook) -> dict[str, str]:
    """The labels of all constructs, as sentences hold them."""
    return {construct: isolated(label) for construct, label in codebook.constructs().items()}


def number(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def named_groups(analysis: Analysis) -> list[str]:
    """The groups with a name that have an article with a score."""
    with_score = analysis.outlets.loc[analysis.outlets["n_documents"] > 0, "outlet"]
    return sorted(set(with_score) - {UNKNOWN})


def scored_documents(analysis: Analysis) -> pd.DataFrame:
    """The articles that have a score under any construct: those that a report is about."""
    articles = analysis.articles
    with_score = articles.loc[(articles["voice"] == ALL) & articles["score"].notna(), "document_id"]
    return analysis.documents[analysis.documents["document_id"].isin(with_score)]


def unscored(analysis: Analysis) -> str:
    """How many articles have no score, and why; "" if each has one."""
    documents = analysis.documents.drop(scored_documents(analysis).index)
    passages, ids = analysis.passages, documents["document_id"]
    reasons = (
        (documents["status"] == EMPTY, "empty"),
        (documents["status"] != READ, "not readable"),
        (ids.isin(passages.loc[passages["kept"], "document_id"]), "whose passages got no score from the model"),
        (ids.isin(passages.loc[passages["reason"] == LANGUAGE, "document_id"]), "in a language that the model does not read"),
        (ids.notna(), "without a passage that was kept"),
    )  # fmt: skip
    first = np.argmax([holds.to_numpy() for holds, _ in reasons], axis=0)
    counts = [(int((first == i).sum()), reason) for i, (_, reason) in enumerate(reasons)]
    if documents.empty:
        return ""
    said = ", ".join(f"{n} {reason}" for n, reason in counts if n)
    return f"{number(len(documents), 'other article')} {'has' if len(documents) == 1 else 'have'} no score: {said}."


def failed(analysis: Analysis) -> str:
    """How many passages the model did not judge under each hypothesis, as the end of a sentence on them; "" if there is none."""
    failed = analysis.scores.loc[analysis.scores["p_entail"].isna(), "passage_id"].nunique()
    return f"; {failed} of them got no score under one hypothesis or more" if failed else ""
