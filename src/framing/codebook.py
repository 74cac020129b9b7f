"""Codebooks: which constructs are measured, in a coder's words and as hypotheses for the model. The only reader of a codebook file."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from framing.bidi import plain
from framing.errors import CodebookError, check_known, did_you_mean
from framing.tables import HYPOTHESES, SHEET_COLUMNS
from framing.yamlfile import YamlFile, read_yaml

AXIS, STANCE = "axis", "stance"
SIDES = ("frame", "favor", "against")  # of a hypothesis: what it says if it holds
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TOP = ("name", "description", "target", "axis", "frames", "stance")
_FRAME = ("label", "definition", "include", "exclude", "examples", "hypotheses")
_STANCE = ("target", "definition", "favor", "against")
_MAX_HYPOTHESES = 12  # per construct and side; more cost time and add little


@dataclass(frozen=True)
class Frame:
    """A frame: what it means to a coder, and the hypotheses that stand for it before the model."""

    key: str
    label: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    examples: tuple[str, ...]
    hypotheses: tuple[str, ...]


@dataclass(frozen=True)
class Stance:
    """A stance towards a target: hypotheses in its favor and against it."""

    target: str
    definition: str
    favor: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class Codebook:
    """A coding manual that a model can be asked with.

    `axis` names the frames at +1 and -1 of the framing axis, or is None; `stance` may be None. `sha256` is the digest of the file.
    """

    name: str
    description: str
    target: str
    axis: tuple[str, str] | None
    frames: tuple[Frame, ...]
    stance: Stance | None
    sha256: str

    @classmethod
    def load(cls, path: str | Path) -> "Codebook":
        """Read and check a codebook file (YAML).

        Raises
        ------
        CodebookError
            On the first fault; the message names file, line, field, what is allowed and what came.
        """
        return _load(Path(path))

    def hypotheses(self) -> pd.DataFrame:
        """Table HYPOTHESES: one row per wording; side is frame, favor or against; {target} is filled in."""
        rows = [
            (f"{frame.key}.{i}", frame.key, "frame", text)
            for frame in self.frames
            for i, text in enumerate(frame.hypotheses, 1)
        ]
        if self.stance:
            for side, texts in (("favor", self.stance.favor), ("against", self.stance.against)):
                rows += [(f"{STANCE}.{side}.{i}", STANCE, side, text) for i, text in enumerate(texts, 1)]
        return HYPOTHESES.check(pd.DataFrame(rows, columns=list(HYPOTHESES.columns)))

    def constructs(self) -> dict[str, str]:
        """Every construct of this codebook with its label for people, in the order in which reports show them."""
        labels: dict[str, str] = {}
        if self.axis:
            labels[AXIS] = f"Framing axis: {self.label(self.axis[0])} (+1) against {self.label(self.axis[1])} (−1)"
        if self.stance:
            labels[STANCE] = f"Stance towards {self.stance.target}"
        return labels | {frame.key: frame.label for frame in self.frames}

    def names(self) -> dict[str, str]:
        """Every construct by a short name: its label, of the axis without its ends."""
        return self.constructs() | ({AXIS: "Framing axis"} if self.axis else {})

    def ends(self, construct: str) -> tuple[str, str]:
        """What the high and the low end of a construct's scale mean; the low end of a frame, which is 0, is "".

        Raises
        ------
        CodebookError
            If the codebook has no such construct; the message lists those that it has.
        """
        self._check("construct", construct, self.constructs())
        if construct == AXIS and self.axis:
            return self.label(self.axis[0]), self.label(self.axis[1])
        if construct == STANCE:
            return "in favor", "against"
        return self.label(construct), ""

    def label(self, key: str) -> str:
        """The label of a frame, given its key.

        Raises
        ------
        CodebookError
            If the codebook has no such frame; the message lists the keys that it has.
        """
        labels = {frame.key: frame.label for frame in self.frames}
        self._check("frame", key, labels)
        return labels[key]

    def _check(self, what: str, key: str, known: Iterable[str]) -> None:
        check_known(what, key, known, where=f"the codebook {self.name!r}", error=CodebookError)


def _load(path: Path) -> Codebook:
    file = read_yaml(path, CodebookError)
    _known(file, (), file.data, _TOP)
    target = _text(file, ("target",), required=False)
    frames = tuple(_frame(file, key, target) for key in _mapping(file, ("frames",)))
    if not frames:
        raise file.fail(("frames",), "at least one frame is needed.")
    return Codebook(
        name=_text(file, ("name",)),
        description=_text(file, ("description",), required=False),
        target=target,
        axis=_axis(file, [frame.key for frame in frames]),
        frames=frames,
        stance=_stance(file, target) if file.data.get("stance") is not None else None,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _axis(file: YamlFile, keys: list[str]) -> tuple[str, str] | None:
    if file.data.get("axis") is None:
        return None
    axis = _texts(file, ("axis",))
    if len(axis) != 2 or axis[0] == axis[1]:
        raise file.fail(("axis",), f"two different frames are needed, the first at +1; got {list(axis)}.")
    for i, key in enumerate(axis):
        if key not in keys:
            raise file.fail(("axis", i), f"{key!r} is not a frame of this codebook; its frames are {keys}.")
    return axis[0], axis[1]


def _frame(file: YamlFile, key: str, target: str) -> Frame:
    field = ("frames", key)
    # A frame that is called as a column of coding sheets could not be coded.
    if not _KEY.fullmatch(key) or key in (AXIS, STANCE, *SHEET_COLUMNS):
        raise file.fail(
            field,
            f"a frame's key is up to 40 of a-z, 0-9 and _, begins with a letter, and is not {AXIS!r} or {STANCE!r}, nor a column of coding "
            f"sheets ({', '.join(SHEET_COLUMNS)}).",
        )
    _known(file, field, _mapping(file, field), _FRAME)
    return Frame(
        key=key,
        label=_text(file, (*field, "label")),
        definition=_text(file, (*field, "definition")),
        include=_texts(file, (*field, "include"), required=False),
        exclude=_texts(file, (*field, "exclude"), required=False),
        examples=_texts(file, (*field, "examples"), required=False),
        hypotheses=_hypotheses(file, (*field, "hypotheses"), target),
    )


def _stance(file: YamlFile, target: str) -> Stance:
    _known(file, (STANCE,), _mapping(file, (STANCE,)), _STANCE)
    own = _text(file, (STANCE, "target"), required=False) or target
    if not own:
        raise file.fail((STANCE,), "a stance needs a target: give `target` here or at the top of the codebook.")
    return Stance(
        target=own,
        definition=_text(file, (STANCE, "definition"), required=False),
        favor=_hypotheses(file, (STANCE, "favor"), own),
        against=_hypotheses(file, (STANCE, "against"), own),
    )


def _hypotheses(file: YamlFile, field: tuple[str | int, ...], target: str) -> tuple[str, ...]:
    texts = _texts(file, field)
    if not 1 <= len(texts) <= _MAX_HYPOTHESES:
        raise file.fail(field, f"1 to {_MAX_HYPOTHESES} hypotheses are needed; got {len(texts)}.")
    filled = []
    for i, text in enumerate(texts):
        if "{target}" in text and not target:
            raise file.fail((*field, i), "the hypothesis names {target}, but the codebook has no `target`.")
        sentence = text.replace("{target}", target)
        if unknown := re.search(r"\{[^}]*\}", sentence):
            raise file.fail((*field, i), f"only {{target}} can be filled in; got {unknown[0]!r}.")
        if len(sentence.split()) < 3:
            raise file.fail(
                (*field, i), f"a hypothesis is a full sentence that a passage can entail; got {sentence!r}."
            )
        if sentence in filled:
            raise file.fail((*field, i), f"the hypothesis {sentence!r} stands twice.")
        filled.append(sentence)
    return tuple(filled)


def _value(file: YamlFile, field: tuple[str | int, ...]) -> Any:
    value: Any = file.data
    for part in field:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _mapping(file: YamlFile, field: tuple[str | int, ...]) -> dict[str, Any]:
    value = _value(file, field)
    if not isinstance(value, dict):
        raise file.fail(field, f"a mapping of fields is expected; got {_kind(value)}.")
    return value


def _text(file: YamlFile, field: tuple[str | int, ...], *, required: bool = True) -> str:
    value = _value(file, field)
    if value is None and not required:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise file.fail(field, f"a text is expected; got {_kind(value)}.")
    return _whole(file, field, value)


def _texts(file: YamlFile, field: tuple[str | int, ...], *, required: bool = True) -> tuple[str, ...]:
    value = _value(file, field)
    if value is None and not required:
        return ()
    if not isinstance(value, list):
        raise file.fail(field, f"a list of texts is expected; got {_kind(value)}.")
    for i, item in enumerate(value):
        if not isinstance(item, str) or not item.strip():
            raise file.fail((*field, i), f"a text is expected; got {_kind(item)}. A text with a colon needs quotes.")
    return tuple(_whole(file, (*field, i), item) for i, item in enumerate(value))


def _whole(file: YamlFile, field: tuple[str | int, ...], text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise file.fail(field, f"half a character (a surrogate) is no text; got {text!r}.") from None
    return " ".join(plain(text).split())


def _known(file: YamlFile, field: tuple[str | int, ...], value: dict[str, Any], allowed: tuple[str, ...]) -> None:
    for key in value:
        if key not in allowed:
            raise file.fail((*field, key), f"unknown field; allowed are {list(allowed)}{did_you_mean(key, allowed)}")


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", type(None): "nothing"}
    return names.get(type(value), f"{value!r}")
