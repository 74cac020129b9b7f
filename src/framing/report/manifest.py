"""The manifest: everything that the numbers of a report depend on, and what went in and out of each stage."""

import hashlib
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import framing
from framing.analysis import Analysis
from framing.codebook import Codebook
from framing.study import Study

_PACKAGES = (
    "jupyterlab", "lxml", "matplotlib", "nbclient", "numpy", "onnxruntime", "pandas", "papermill", "pyarrow", "pypandoc-binary",
    "scikit-learn", "scipy", "sentencex", "tokenizers", "trafilatura", "transformers", "typst",
)  # fmt: skip


def make_manifest(study: Study, analysis: Analysis, codebook: Codebook, files: Path) -> dict[str, Any]:
    """The manifest of a report whose files lie below `files`; JSON-native, no path of this machine and no time of day in it."""
    documents = analysis.documents
    # Outlets, stories and dates decide who is compared with whom; `text` is in the digest beside it.
    described = documents.drop(columns="text").sort_values("document_id").to_json(orient="records", date_format="iso")
    texts = "\n".join(sorted(documents["document_id"] + " " + documents["text_sha256"]))
    return {
        "study": {
            "name": study.name,
            "title": study.title,
            "date": study.date,
            "group_by": study.group_by,
            "threshold": study.threshold,
            "seed": study.seed,
            "resamples": study.resamples,
            "sample": study.sample,
            "skip_bad": study.skip_bad,
            "strict": study.strict,
            "date_order": study.date_order or None,
            "columns": dict(study.columns),
            "annotation_columns": dict(study.annotation_columns),
            "text": study.text,
            "model": study.model if "/" not in study.model or "@" in study.model else Path(study.model).name,
        },
        "inputs": {
            "corpus": study.corpus.name,
            "articles": len(documents),
            "corpus_sha256": hashlib.sha256(texts.encode("utf-8")).hexdigest(),
            "metadata_sha256": hashlib.sha256(described.encode("utf-8")).hexdigest(),
            "codebook": codebook.name,
            "codebook_sha256": codebook.sha256,
            "annotations_sha256": _digest(study.annotations) if study.annotations else None,
        },
        "model": analysis.model,
        "counts": analysis.counts,
        "versions": {
            "framing": framing.__version__,
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "files": {
            path.relative_to(files).as_posix(): _digest(path) for path in sorted(files.rglob("*")) if path.is_file()
        },
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
