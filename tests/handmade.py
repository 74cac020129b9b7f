"""Tables by hand: a test names what matters to it, everything else is the plainest row that keeps the contract."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from framing.tables import ANNOTATIONS, ARTICLES, DOCUMENTS, MEASURES, OUTLETS, PASSAGES, SCORES

WIDTH = 10  # characters of every coded span, and of its passage


def documents(rows: Sequence[str] | Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """DOCUMENTS: ids alone, or {document_id: the fields that matter}."""
    given = rows if isinstance(rows, Mapping) else {name: {} for name in rows}
    plain = {"outlet": "Alder Post", "text": "Text.", "status": "ok", "n_replaced": 0, "encoding": "utf-8"}
    table = pd.DataFrame([{"document_id": name} | plain | dict(fields) for name, fields in given.items()])
    table = table.reindex(columns=[*dict.fromkeys([*DOCUMENTS.columns, *table.columns])])
    table["published"] = pd.to_datetime(table["published"])
    texts = table.columns.difference(["published", "n_replaced"])
    return table.astype(dict.fromkeys(texts, "str"))


def passages(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """PASSAGES in the order given: position and passage_id (document#number from 0) follow from it."""
    numbers: dict[str, int] = {}
    made = []
    for row in rows:
        name = row.get("document_id", "a")
        position = numbers[name] = numbers.get(name, -1) + 1
        plain = {
            "document_id": name, "passage_id": f"{name}#{position}", "position": position, "paragraph": 1, "field": "body",
            "start": None, "end": None, "text": f"Sentence {position}.", "voice": "outlet", "speaker": "", "kept": True,
            "reason": "",
        }  # fmt: skip
        made.append(plain | dict(row))
    table = pd.DataFrame(made, columns=list(PASSAGES.columns))
    kinds = {"position": "int64", "paragraph": "int64", "start": "Int64", "end": "Int64", "kept": "bool"}
    return table.astype({column: kinds.get(column, "str") for column in table.columns})


def scores(values: Mapping[str, Mapping[str, float | None]]) -> pd.DataFrame:
    """SCORES: {passage_id: {hypothesis_id: p_entail, None where the model gave no number}}."""
    rows = [(p, h, value) for p, of_passage in values.items() for h, value in of_passage.items()]
    table = pd.DataFrame(rows, columns=["passage_id", "hypothesis_id", "p_entail"]).astype({"p_entail": "float32"})
    return table.assign(status=["error" if v is None else "ok" for _, _, v in rows])[list(SCORES.columns)]


def measures(values: Mapping[str, Mapping[str, float | None]]) -> pd.DataFrame:
    """MEASURES: {passage_id: {construct: value, None where it is missing}}; document_id is what stands before the #."""
    rows = [(p.split("#")[0], p, c, v, 1) for p, of_passage in values.items() for c, v in of_passage.items()]
    return pd.DataFrame(rows, columns=list(MEASURES.columns)).astype({"value": "float64"})


def articles(values: Mapping[str, float | None], *, construct: str = "axis", voice: str = "all") -> pd.DataFrame:
    """ARTICLES under one construct and voice: {document_id: score, None where it is undefined}; the share is half the score's size."""
    rows = [
        (name, construct, voice, v, None if v is None else abs(v) / 2, 0 if v is None else 3, 0, 0, [], [])
        for name, v in values.items()
    ]
    return pd.DataFrame(rows, columns=list(ARTICLES.columns)).astype({"score": "float64", "share": "float64"})


def outlets(
    values: Mapping[str, tuple[float | None, float | None, float | None]], *, construct: str = "axis"
) -> pd.DataFrame:
    """OUTLETS under one construct, voice "all": {group: (estimate, low, high)}; five articles with an interval, one without."""
    rows = [
        {
            "outlet": name, "construct": construct, "voice": "all", "estimate": estimate, "low": low, "high": high,
            "share": estimate, "share_low": low, "share_high": high, "n_documents": 1 if low is None else 5, "n_undefined": 0,
            "n_stories": 1, "resampled": "no interval" if low is None else "articles",
            "share_n_documents": 1 if low is None else 5, "share_resampled": "no interval" if low is None else "articles",
        }
        for name, (estimate, low, high) in values.items()
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(OUTLETS.columns))
    floats = ["estimate", "low", "high", "share", "share_low", "share_high"]
    return table.astype(dict.fromkeys(floats, "float64"))


def coded(*rows, construct="danger"):
    """ANNOTATIONS, PASSAGES and MEASURES of (document_id, code, value): one span, one passage of the same extent each."""
    numbers = dict.fromkeys((document for document, _, _ in rows), 0)
    annotations, sentences, values = [], [], {}
    for document, code, value in rows:
        number = numbers[document]
        numbers[document] += 1
        start, end = number * WIDTH, (number + 1) * WIDTH
        unit = f"{document}:{start}-{end}"
        annotations.append((unit, document, start, end, "coder", construct, code, math.nan))
        sentences.append({"document_id": document, "start": start, "end": end})
        values[f"{document}#{number}"] = {construct: value}
    return pd.DataFrame(annotations, columns=list(ANNOTATIONS.columns)), measures(values), passages(*sentences)


def on_axis(*rows):
    """Tables of (document_id, code of fear, code of hope, value of the axis)."""
    annotations, _, sentences = coded(*[(d, a, 0) for d, a, _, _ in rows], construct="fear")
    others = annotations.assign(construct="hope", value=[float(b) for _, _, b, _ in rows])
    values = {p: {"axis": v} for p, (_, _, _, v) in zip(sentences["passage_id"], rows, strict=True)}
    both = pd.concat([annotations.astype({"value": "float64"}), others], ignore_index=True)
    return both, measures(values), sentences


def drawn(tables, p):
    """Tables of `coded` whose spans were drawn with these probabilities, or with this one."""
    annotations, valued, sentences = tables
    return annotations.assign(inclusion_probability=p), valued, sentences
