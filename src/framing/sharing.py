"""The tables of an analysis, as far as they may be shared with others."""

import numpy as np
import pandas as pd

from framing.analysis import Analysis
from framing.articles import ALL
from framing.codebook import Codebook
from framing.evidence import EXCERPT, main_construct, shown_text
from framing.tables import DOCUMENTS


def share_tables(analysis: Analysis, codebook: Codebook, *, text: str) -> dict[str, pd.DataFrame]:
    """The tables as they may be shared: article text as far as `text` (full, excerpts or none) allows.

    With "excerpts" the passages that weigh most for an article's main construct keep their text, up to a length, and so does what was set
    aside, which is to be judged; the others lose it. With "none" no passage has a text. In both, columns of the articles that framing does
    not know and that hold more than an excerpt are left out.
    """
    tables = analysis.tables()
    if text == "full":
        return tables
    documents, passages = tables["documents"], tables["passages"]
    long = [
        column
        for column in documents.columns.difference(list(DOCUMENTS.columns))
        if documents[column].astype("str").str.len().gt(EXCERPT).any()
    ]
    tables["documents"] = documents.drop(columns=["text", *long])
    articles = analysis.articles
    heaviest = articles[(articles["construct"] == main_construct(codebook)) & (articles["voice"] == ALL)]
    weighty = set(heaviest["passages_for"].explode()) | set(heaviest["passages_against"].explode())
    modes = np.where(passages["passage_id"].isin(weighty) | ~passages["kept"], text, "none").tolist()
    shown = [shown_text(each, mode) for each, mode in zip(passages["text"], modes, strict=True)]
    tables["passages"] = passages.assign(text=pd.Series(shown, dtype="str", index=passages.index))
    return tables
