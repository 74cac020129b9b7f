"""The recommended models: what each costs, what it reads, what it is good for."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from framing.errors import ModelError
from framing.yamlfile import read_yaml

PYTORCH = "PyTorch"
_BYTES = 4  # of a parameter: all models are run in fp32, however their weights are stored
_HEADS = ("MODEL", "SIZE", "DOWNLOAD", "LICENCE", "TOKENS", "RUNS ON")
_HOW = """\
SIZE: millions of parameters, each of which takes 4 bytes of memory. TOKENS: how much text is read at a time; a longer
passage is read in windows. -c at the end of a name: trained only on data that may be used commercially.
PyTorch is installed with: `make setup-torch` in the project's folder

To use one, put its line into study.yaml, or give the name to --model:

{settings}

What follows the @ is a commit: it pins the weights, so that the numbers can be made again. Any other entailment model
of the hub is named in the same way: look up the commit on the model's page (all 40 digits).
`framing doctor` says which of them this machine can run."""


@dataclass(frozen=True)
class Recommended:
    """A recommended model.

    Attributes
    ----------
    name : str
        "bundled", or "org/name" on the hub.
    revision : str
        The commit that pins its files, 40 hexadecimal digits; empty for the bundled one.
    parameters : float
        In millions.
    download : int
        Size of what is fetched, in MB; 0 for the bundled one.
    licence : str
        Of the weights.
    languages : str
        What it reads, in words.
    codes : tuple of str
        Codes of the languages that it is limited to, such as "en"; empty for a multilingual one, which is limited to none.
    tokens : int
        The longest text that it reads at a time.
    runs_on : str
        "ONNX Runtime", which is always there, or "PyTorch".
    good_for : str
        One line.
    """

    name: str
    revision: str
    parameters: float
    download: int
    licence: str
    languages: str
    codes: tuple[str, ...]
    tokens: int
    runs_on: str
    good_for: str

    @property
    def setting(self) -> str:
        """What `load_model`, `model:` in study.yaml and --model take."""
        return f"{self.name}@{self.revision}" if self.revision else self.name

    @property
    def memory(self) -> int:
        """Bytes that its parameters take in memory."""
        return round(self.parameters * 1e6) * _BYTES


def models() -> list[Recommended]:
    """The recommended models, the bundled one first."""
    file = read_yaml(Path(str(resources.files("framing.entailment") / "catalogue.yaml")), ModelError)
    return [_recommended(entry) for entry in file.data["models"]]


def recommended(name: str) -> Recommended | None:
    """The recommended model that `name` stands for, at whatever commit; None if it is not among them."""
    repository = name.partition("@")[0].lower()  # the hub, too, takes capitals as they come
    return next((each for each in models() if each.name.lower() == repository), None)


def _recommended(entry: dict[str, Any]) -> Recommended:
    return Recommended(
        name=entry["name"],
        revision=entry.get("revision", ""),
        parameters=float(entry["parameters"]),
        download=int(entry["download"]),
        licence=entry["licence"],
        languages=entry["languages"],
        codes=tuple(entry.get("codes", ())),
        tokens=int(entry["tokens"]),
        runs_on=entry["runs_on"],
        good_for=entry["good_for"],
    )


def as_text(listed: Sequence[Recommended]) -> str:
    """Models as a table for people, and how to name one in study.yaml."""
    rows = [_HEADS] + [
        (m.name, f"{m.parameters:g} M", f"{m.download:,} MB" if m.download else "none", m.licence, f"{m.tokens:,}", m.runs_on)
        for m in listed
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for place, m in reversed([*enumerate(listed, 2)]):
        lines.insert(place, f"    Reads {m.languages}. Good for: {m.good_for}.")
    settings = "\n".join(f"  model: {m.setting}" for m in listed)
    return "\n".join(lines) + "\n\n" + _HOW.format(settings=settings)


def as_json(listed: Sequence[Recommended]) -> str:
    """Models as JSON for programs: a list of objects, each with its `setting`."""
    return json.dumps([asdict(m) | {"setting": m.setting} for m in listed], indent=2, ensure_ascii=False)
