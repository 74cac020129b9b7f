"""A cross-encoder of PyTorch -> the same in ONNX, which a processor runs faster and which needs no PyTorch any more."""

import importlib.util
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from framing.entailment.load import OWN, load_model
from framing.entailment.reference import compare, write_reference
from framing.errors import ModelError

_COPIED = ("config.json", "tokenizer_config.json")


def convert(name: str, out: str | Path) -> float:
    """Write a model with safetensors weights as a folder with ONNX weights, and compare the two.

    Parameters
    ----------
    name : str
        A folder or "org/name@<40-hex revision>", as `load_model` takes it.
    out : str or Path
        The folder to make; `load_model` takes it afterwards.

    Returns
    -------
    float
        The largest difference between a score of the two, on a few pairs; about 1e-6.

    Raises
    ------
    ModelError
        If `out` is there already, the model cannot be loaded, is in ONNX already or too large, or the two do not give the same scores.
    """
    out = Path(out)
    if out.exists():
        raise ModelError(f"{out} is there already; name a folder that is not.")
    if not importlib.util.find_spec("onnx"):
        raise ModelError("to write ONNX, PyTorch needs the package onnx: `make setup-torch` in the project's folder.")
    model = load_model(name)
    from framing.entailment.pytorch import TorchPairModel

    if not isinstance(model, TorchPairModel):
        raise ModelError(f"{name} runs on ONNX Runtime as it is; there is nothing to convert.")
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".convert-", dir=out.parent))
    try:
        write_reference(model, work)  # PyTorch's
        model.write_onnx(work / "model.onnx")
        model.write_tokenizer(work / "tokenizer.json")
        for file in _COPIED:
            if (model.folder / file).is_file():
                shutil.copyfile(model.folder / file, work / file)
        if model.languages:
            _state_languages(model.languages, work / "config.json")
        converted = load_model(str(work))
        found = compare(converted, work)
        if not found.rounding:
            raise ModelError(f"{name} gives other scores in ONNX (by up to {found.largest:.2g}); use it as it is.")
        write_reference(converted, work)  # its own, for other machines to compare with
        work.chmod(0o755)  # a temporary folder is for one's own eyes
        work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return found.largest


def _state_languages(languages: Sequence[str], path: Path) -> None:
    """Write into a config which languages its model is limited to: the catalogue does not know a folder."""
    config = json.loads(path.read_text(encoding="utf-8"))
    config[OWN] = config.get(OWN, {}) | {"languages": [*languages]}
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
