"""What the notebooks show, from tables."""

import dataclasses

import pandas as pd
import pytest

import framing
from framing.report import exhibits


def test_own_and_quoted_words_are_compared_within_articles_that_have_both(analysis: framing.Analysis) -> None:
    """Own words and quotations are alike in each article; only five of the outlet's seven have quotations."""
    scores = dict.fromkeys("vwxyz", (0.6, 0.6)) | {"c": (0.0, None), "d": (0.0, None), "e": (0.5, 0.25)}
    scores |= dict.fromkeys(("copy1", "copy2", "copy3", "copy4"), (0.5, 0.25))
    template = analysis.articles.iloc[0].to_dict() | {"construct": "danger"}
    articles = pd.DataFrame(
        [
            template | {"document_id": name, "voice": voice, "score": score}
            for name, both in scores.items()
            for voice, score in zip(("outlet", "quoted"), both, strict=True)
        ]
    )
    documents = pd.concat([analysis.documents.iloc[:1]] * len(scores), ignore_index=True)
    documents = documents.assign(document_id=list(scores), outlet=["Alder"] * 7 + ["Birch"] * 5)
    documents["duplicate_of"] = documents["document_id"].str.startswith("copy").map({True: "e", False: None})
    given = dataclasses.replace(analysis, articles=articles, documents=documents)
    table = exhibits.voice_table(given, "danger", group_by="outlet", resamples=100).set_index("group")
    assert table.loc[
        "Alder", ["n_documents", "outlet", "quoted", "difference", "low", "high"]
    ].tolist() == pytest.approx([5, 0.6, 0.6, 0.0, 0.0, 0.0])
    assert table.loc["Birch", ["n_documents", "difference"]].tolist() == [5, 0.25]  # one article and its copies
    assert table.loc["Birch", ["low", "high"]].isna().all()
