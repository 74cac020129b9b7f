"""load_model: a name becomes a model, and what must not be loaded is refused first."""

import hashlib
import importlib.util
import json
import logging
import re
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from framing.codebook import SIDES
from framing.cores import usable_cores
from framing.entailment.catalogue import recommended
from framing.entailment.model import EntailmentModel, Labels, Platt
from framing.entailment.onnx import OnnxPairModel
from framing.entailment.split import SplitModel
from framing.errors import ModelError

BUNDLED = "bundled"
_HUB_NAME = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))?")
_REVISION = re.compile(r"[0-9a-f]{40}")
_SUMS = "sha256sums.txt"
_WEIGHTS = ("model.onnx", "onnx/model.onnx")
_ADAPTER = "adapter_config.json"
_INDEX = "model.safetensors.index.json"  # of weights in several files: which of them holds what
_SETTINGS, _TYPES = "tokenizer_config.json", "token_type_ids"
_CODE = "auto_map"  # the key that names Python files of the model's own
_VOCABULARIES = ("spm.model", "vocab.txt")  # of tokenizers that are not stored as tokenizer.json
_OUTSIDE = b"\n\x08location"  # the key, as ONNX stores it, that names a file with a tensor's data
OWN = "framing"  # what config.json says about models made by this project's training: shape and calibration
_SPLIT = "split"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LIMIT = 512  # tokens, where a tokenizer states no limit of its own

_log = logging.getLogger(__name__)


class _AbsentError(ModelError):
    """A file without which there is no model is not there."""


_PIN = "`framing models --pin org/name` says which commit a branch of the hub stands for now."


def load_model(
    name: str = BUNDLED, *, threads: int | None = None, batch: int | None = None, unpinned: bool = False
) -> EntailmentModel:
    """Load an entailment model.

    Which languages a model reads is what its config.json says under `framing`, or else the catalogue of recommended models; one that neither knows
    is limited to none.

    Safetensors weights are run by PyTorch: on the graphics card in bf16 if there is one, else on the processor in fp32. The scores of
    the two differ by up to about 0.02 (measured with bf16 on a processor), and so do their fingerprints. All other models are run on the processor.

    Parameters
    ----------
    name : str
        "bundled" (the project's own, needs no network); a folder with config.json, tokenizer.json and model.onnx or model.safetensors; or
        "org/name@<40-hex revision>" of the Hugging Face hub.
    threads : int, optional
        Processor threads, no more than this process may use cores; all of those if not given. PyTorch has one number for the whole process, which
        this sets.
    batch : int, optional
        Pairs of a premise and a hypothesis that are worked at together; if not given, what is usual for the shape, or what `tune` finds.
    unpinned : bool
        Also take "org/name@branch", or "org/name" for its main branch. The `name` of the model that comes back has the commit that the branch
        stands for now, and pins the weights from then on.

    Raises
    ------
    ValueError
        If `threads` or `batch` is below 1.
    ModelError
        If the name is of no such form, files are missing or not as they were published, the weights are pickles, the model needs Python
        code of its own, PyTorch is needed and not there, the head has no entailment label, or config.json states a shape or a calibration
        that there cannot be.
    """
    for what, given in (("threads", threads), ("batch", batch)):
        if given is not None and given < 1:
            raise ValueError(f"`{what}` must be 1 or more, but {given!r} was passed.")
    if threads is not None and threads > (cores := usable_cores()):
        _log.warning("%d threads are asked for, and there are %d cores; %d are used.", threads, cores, cores)
        threads = cores
    if unpinned and _HUB_NAME.fullmatch(name) and not Path(name).is_dir():
        name = pinned(name)
    folder = _folder(name)
    if name != BUNDLED and Path(name).is_dir():
        return _from_folder(folder.resolve().name, folder, threads, batch)
    try:
        model = _from_folder(name, folder, threads, batch)
    except _AbsentError as error:
        raise ModelError(
            f"{error} If the local cache is incomplete, load {name} once with a connection to the hub; pickles are never fetched."
        ) from error
    if name != BUNDLED and not model.languages and (known := recommended(name)):
        model.languages = known.codes  # files of the hub do not say what a model reads
    return model


def pinned(name: str) -> str:
    """The name of a model of the hub with the commit that its branch stands for now; "org/name" is taken for its main branch.

    Raises
    ------
    ModelError
        If the name is of another form, or the hub knows no such model or branch, or cannot be asked and was not before.
    """
    if not (match := _HUB_NAME.fullmatch(name)):
        raise ModelError(f"{name!r} names no model of the hub: 'org/name' or 'org/name@branch' is expected.")
    if _REVISION.fullmatch(match["revision"] or ""):
        return name
    snapshot = _fetched(match["repo"], match["revision"] or "main", ["config.json"])
    return f"{match['repo']}@{snapshot.name}"  # the hub's files lie in a folder for each commit


def _folder(name: str) -> Path:
    """Where the files of a model lie, fetched if need be; `name` and faults as `load_model` has them."""
    if name == BUNDLED:
        folder = Path(str(resources.files("framing.entailment") / BUNDLED))
        _verify(folder)
        return folder
    if name and Path(name).is_dir():
        return Path(name)
    if (match := _HUB_NAME.fullmatch(name)) and match["revision"]:
        return _download(match["repo"], match["revision"])
    raise ModelError(
        f"{name!r} names no model: 'bundled', a folder, or 'org/name@<40-hex revision>' of the hub is expected. "
        f"The revision pins the weights, so that the numbers can be made again. {_PIN}"
    )


def _verify(folder: Path) -> None:
    """Refuse files that are not the ones the checksums were written for."""
    try:
        lines = (folder / _SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelError(f"{folder / _SUMS} is missing; install framing-workbench again.") from error
    for line in filter(None, lines):
        expected, file = line.split(maxsplit=1)
        path = folder / file.strip().lstrip("*")
        if not path.is_file():
            raise ModelError(f"{path} is missing; install framing-workbench again.")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise ModelError(
                f"{path} is not the file that was published (its SHA-256 differs); install framing-workbench again."
            )


def _download(repo: str, revision: str) -> Path:
    if not _REVISION.fullmatch(revision):
        raise ModelError(
            f"{repo}@{revision}: the revision must be the 40 hexadecimal digits of a commit; a branch can change. {_PIN}"
        )
    wanted = [
        "config.json",
        "tokenizer.json",
        _SETTINGS,
        "special_tokens_map.json",
        *_VOCABULARIES,
        *_WEIGHTS,
        "model*.safetensors",
        _INDEX,
    ]
    return _fetched(repo, revision, wanted)


def _fetched(repo: str, revision: str, wanted: list[str]) -> Path:
    """Where files of the hub lie, by their names or patterns: in the local cache, fetched as far as they are not there."""
    import huggingface_hub  # here, because it is slow to import and most runs need no hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    fetch = partial(huggingface_hub.snapshot_download, repo, revision=revision, allow_patterns=wanted)
    try:
        return Path(fetch())
    except (OSError, ValueError, HfHubHTTPError) as error:  # ValueError: a name of another form
        said, step = error, ""
        if isinstance(error, LocalEntryNotFoundError):  # no connection, and the cache has not everything
            step = " Load it once with a connection to the hub."
            try:
                fetch(local_files_only=True)
            except LocalEntryNotFoundError as without:
                if "missing" in str(without):  # it names the files that the cache lacks; the first error does not
                    said = without
        raise ModelError(
            f"{repo}@{revision} could not be fetched from the hub and is not whole in the local cache ({_first_line(said)}).{step}"
        ) from error


def _from_folder(name: str, folder: Path, threads: int | None, batch: int | None) -> EntailmentModel:
    config = _json(folder / "config.json")
    settings = _json(folder / _SETTINGS) if (folder / _SETTINGS).is_file() else {}
    for file, content in (("config.json", config), (_SETTINGS, settings)):
        if content.get(_CODE):
            raise ModelError(
                f"{folder / file} names Python code of the model's own ({_CODE!r}), which is refused: it could do anything. Choose a "
                "model that `transformers` knows without it."
            )
    if (folder / _ADAPTER).is_file():
        raise ModelError(
            f"{folder} holds an adapter ({_ADAPTER}), whose weights are not those that its fingerprint would cover; merge it into the model, "
            "and save that."
        )
    labels = _labels(folder, config)
    shape, calibration, languages = _own(folder / "config.json", config)
    tokenizer = _tokenizer(folder)
    limit = _max_tokens(config, settings)
    onnx = next((folder / weights for weights in _WEIGHTS if (folder / weights).is_file()), None)
    safetensors = sorted(folder.glob("*.safetensors"))
    model: EntailmentModel
    if shape == _SPLIT and not onnx:
        raise ModelError(f"{folder} states the shape {_SPLIT!r}, which is run from model.onnx alone; there is none.")
    if safetensors and not onnx:  # with both, ONNX: a score must not depend on what else is installed
        if not importlib.util.find_spec("torch"):
            raise ModelError(
                f"{folder} has safetensors weights, which need PyTorch: `make setup-torch` in the project's folder."
            )
        from framing.entailment.pytorch import TorchPairModel

        _check_shards(folder)
        try:
            types = _TYPES in settings.get("model_input_names", [_TYPES])
            model = TorchPairModel(name, folder, tokenizer, labels, limit, types=types, threads=threads)
        except Exception as error:  # transformers and safetensors raise types of their own for each fault
            raise ModelError(f"{folder} cannot be loaded by PyTorch ({_first_line(error)}).") from error
    elif onnx:
        if _OUTSIDE in onnx.read_bytes():
            raise ModelError(
                f"{onnx} keeps weights in other files, which its fingerprint would not cover; save it as one file."
            )
        try:
            made = SplitModel if shape == _SPLIT else OnnxPairModel
            model = made(name, onnx, tokenizer, labels, limit, threads=threads)
        except Exception as error:  # ONNX Runtime raises a type of its own for each fault
            raise ModelError(f"{onnx} cannot be loaded ({_first_line(error)}).") from error
    else:
        pickles = [p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt")]
        found = f"; {pickles} are pickles, which can run code and are refused" if pickles else ""
        raise _AbsentError(f"{folder} has neither model.onnx nor safetensors weights{found}.")
    model.folder, model.calibration, model.languages, model.batch = folder, calibration, languages, batch
    return model


def _check_shards(folder: Path) -> None:
    """Refuse weights in several files of which one is missing, or lies outside the folder, where no fingerprint would cover it."""
    if (folder / "model.safetensors").is_file() or not (folder / _INDEX).is_file():
        return
    stated = _json(folder / _INDEX).get("weight_map")
    wanted = set(map(str, stated.values())) if isinstance(stated, dict) else set()
    there = {path.name for path in folder.glob("*.safetensors") if path.is_file()}
    if missing := sorted(wanted - there):
        raise _AbsentError(
            f"{folder} lacks {missing[0]!r}, one of the {len(wanted)} files of weights that {_INDEX} names."
        )


def _own(path: Path, config: dict[str, Any]) -> tuple[str | None, dict[str, Platt], tuple[str, ...]]:
    """Shape, calibration and languages as this project's training states them in config.json; None and none for all other models."""
    own = config.get(OWN, {})
    if not isinstance(own, dict) or not own.keys() <= {"shape", "calibration", "languages"}:
        raise ModelError(
            f"{path}: {OWN!r} holds 'shape', 'calibration' and 'languages' or some of them; got {_short(own)}."
        )
    shape = own.get("shape")
    if shape not in (None, _SPLIT):
        raise ModelError(f"{path}: 'shape' is {_SPLIT!r}, or left out for models that read pairs; got {_short(shape)}.")
    curves = own.get("calibration", {})
    if not isinstance(curves, dict) or (curves and curves.keys() != {*SIDES}):
        raise ModelError(f"{path}: 'calibration' holds a curve for each of {list(SIDES)}; got {_short(curves)}.")
    languages = own.get("languages", [])
    if not isinstance(languages, list) or not all(
        isinstance(code, str) and _LANGUAGE.fullmatch(code) for code in languages
    ):
        raise ModelError(f"{path}: 'languages' is a list of codes such as 'en'; got {_short(languages)}.")
    return shape, {side: _curve(path, side, curve) for side, curve in curves.items()}, tuple(languages)


def _curve(path: Path, side: str, curve: Any) -> Platt:
    try:
        if curve.keys() != {"slope", "intercept"} or not all(type(value) in (int, float) for value in curve.values()):
            raise ValueError
        return Platt(float(curve["slope"]), float(curve["intercept"]))
    except (AttributeError, ValueError, OverflowError) as error:
        raise ModelError(
            f"{path}: the calibration of {side!r} needs a finite 'slope' above 0 and a finite 'intercept'; got {_short(curve)}."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]  # that of a MemoryError is empty


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _AbsentError(
            f"{path} is missing; a model folder has config.json, tokenizer.json and its weights."
        ) from error
    except ValueError as error:
        raise ModelError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} is not a JSON object.")
    return value


def _labels(folder: Path, config: dict[str, Any]) -> Labels:
    stated = config.get("id2label")
    numbered = stated.items() if isinstance(stated, dict) else ()
    names = {int(i): str(label).lower() for i, label in numbered if i.isdecimal()}
    entailment = [i for i, label in names.items() if label.startswith("entail")]
    opposite = [
        i for i, label in names.items() if label.startswith(("contradict", "not_entail", "non_entail", "not entail"))
    ]
    if len(entailment) != 1 or len(opposite) != 1:
        raise ModelError(
            f"{folder / 'config.json'} names the labels {list(names.values())}; an entailment model has 'entailment' and "
            "'contradiction' or 'not_entailment'."
        )
    return Labels(entailment[0], opposite[0])


def _tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json"
    if path.is_file():
        try:
            return Tokenizer.from_file(str(path))
        except Exception as error:  # the tokenizers library raises plain Exception
            raise ModelError(f"{path} is not a readable tokenizer ({error}).") from error
    # Without any vocabulary transformers would make a tokenizer that knows no word.
    if not any((folder / vocabulary).is_file() for vocabulary in _VOCABULARIES):
        raise _AbsentError(f"{folder} has no tokenizer: tokenizer.json or one of {list(_VOCABULARIES)} is missing.")
    from transformers import AutoTokenizer  # slow to import; only models without a tokenizer.json need it

    try:
        fast = AutoTokenizer.from_pretrained(folder, use_fast=True, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} has no tokenizer that can be read ({_first_line(error)}).") from error
    tokenizer: Tokenizer = fast.backend_tokenizer
    return tokenizer


def _max_tokens(config: dict[str, Any], settings: dict[str, Any]) -> int:
    stated = config.get("max_position_embeddings")
    limit = int(stated) if isinstance(stated, int) and stated > 0 else _LIMIT
    # RoBERTa counts its positions from the padding id on, so that two of them never hold a token.
    if limit == stated and config.get("model_type") in ("roberta", "xlm-roberta", "camembert"):
        limit -= 2
    own = settings.get("model_max_length")
    return min(limit, own) if isinstance(own, int) else limit
