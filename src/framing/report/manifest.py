"""The manifest of a report: that of its run, with digests of the whole corpus."""

import hashlib
from pathlib import Path
from typing import Any

from framing.analysis import Analysis
from framing.codebook import Codebook
from framing.manifest import file_digest, make_manifest
from framing.study import Study


def report_manifest(study: Study, analysis: Analysis, codebook: Codebook, files: Path) -> dict[str, Any]:
    """The manifest of a report whose files lie below `files`; see `framing.manifest.make_manifest`."""
    documents = analysis.documents
    # Outlets, stories and dates decide who is compared with whom; `text` is in the digest beside it.
    described = documents.drop(columns="text").sort_values("document_id").to_json(orient="records", date_format="iso")
    texts = "\n".join(sorted(documents["document_id"] + " " + documents["text_sha256"]))
    inputs = {
        "articles": len(documents),
        "corpus_sha256": hashlib.sha256(texts.encode("utf-8")).hexdigest(),
        "metadata_sha256": hashlib.sha256(described.encode("utf-8")).hexdigest(),
        "annotations_sha256": file_digest(study.annotations) if study.annotations else None,
    }
    return make_manifest(study, codebook, model=analysis.model, counts=analysis.counts, files=files, inputs=inputs)
