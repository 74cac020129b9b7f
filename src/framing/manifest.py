"""A manifest: everything that the numbers of a run depend on, and what went in and out of each stage."""

import hashlib
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import framing
from framing.codebook import Codebook
from framing.study import Study

NAME = "manifest.json"
_PACKAGES = (
    "jupyterlab", "lxml", "matplotlib", "nbclient", "numpy", "onnxruntime", "pandas", "papermill", "pyarrow", "pypandoc-binary",
    "scikit-learn", "scipy", "sentencex", "tokenizers", "trafilatura", "transformers", "typst",
)  # fmt: skip


def make_manifest(
    study: Study,
    codebook: Codebook,
    *,
    model: Mapping[str, str],
    counts: Mapping[str, Mapping[str, int]],
    files: Path,
    inputs: Mapping[str, object],
) -> dict[str, Any]:
    """The manifest of a run whose files lie below `files`; JSON-native, no path of this machine and no time of day in it.

    Parameters
    ----------
    study : Study
    codebook : Codebook
    model : mapping
        Its name, fingerprint and calibration.
    counts : mapping
        A stage -> its counts.
    files : Path
        Folder of the files that are vouched for, each with its SHA-256.
    inputs : mapping
        What else is known of what came in.
    """
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
            "annotations_note": study.annotations_note,
            "text": study.text,
            "model": study.model if "/" not in study.model or "@" in study.model else Path(study.model).name,
        },
        "inputs": {
            "corpus": study.corpus.name,
            "codebook": codebook.name,
            "codebook_sha256": codebook.sha256,
            **inputs,
        },
        "model": dict(model),
        "counts": {stage: dict(numbers) for stage, numbers in counts.items()},
        "versions": {
            "framing": framing.__version__,
            "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
            **{name: metadata.version(name) for name in _PACKAGES},
        },
        "files": {
            path.relative_to(files).as_posix(): file_digest(path) for path in sorted(files.rglob("*")) if path.is_file()
        },
    }


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; of a folder, that of the names and digests of its files."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.is_file())
        return hashlib.sha256(
            "\n".join(f"{file.name} {file_digest(file)}" for file in files).encode("utf-8")
        ).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
