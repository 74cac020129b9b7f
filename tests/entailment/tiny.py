"""A model folder of a few kilobytes whose scores can be worked out by hand.

The model counts words: "yes" speaks for entailment, "no" for its opposite, "maybe" for neutral. So p = 1 / (1 + exp(noes - yeses)), whatever
else the two texts hold. A token of padding would shout for entailment; it must never be heard. In the split shape the words of a
hypothesis count twice, so that the two texts cannot be mistaken for each other.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "yes", "no", "maybe", "the", "bridge", "river", "opens", ".")
THREE_WAY = ("entailment", "neutral", "contradiction")
BINARY = ("entailment", "not_entailment")
PAIR, SPLIT = "pair", "split"
_INT64, _FLOAT, _BOOL = 7, 1, 9


def expected(premise: str, hypothesis: str, shape: str = PAIR) -> float:
    words = premise.split() + hypothesis.split() * (2 if shape == SPLIT else 1)
    return 1 / (1 + math.exp(words.count("no") - words.count("yes")))


def tokenizer() -> Tokenizer:
    """Words and full stops, with the frame that BERT puts around a pair."""
    made = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


def write(
    folder: Path,
    *,
    labels: Sequence[str] = THREE_WAY,
    config: Mapping[str, Any] | None = None,
    outside: str = "",
    shape: str = PAIR,
) -> Path:
    """Write config.json, tokenizer.json and model.onnx to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"model_type": "bert", "max_position_embeddings": 32, "id2label": dict(enumerate(labels))}
    if shape == SPLIT:
        settings["framing"] = {"shape": SPLIT}
    (folder / "config.json").write_text(json.dumps(settings | dict(config or {})), encoding="utf-8")
    tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(onnx(labels, outside=outside, shape=shape))
    return folder


def onnx(labels: Sequence[str], *, outside: str = "", shape: str = PAIR) -> bytes:
    """The model: sum over tokens of mask x table[token]. With `outside`, the table lies in a file of that name.

    In the split shape that sum is made of each passage and each hypothesis, and logits[p, h] = passage sum + 2 x hypothesis sum; the sums of
    the hypotheses go out as made_0, and are taken from read_0 if that is not empty.
    """
    table = np.zeros((len(WORDS), len(labels)), dtype=np.float32)
    for column, label in enumerate(labels):
        if label.lower().startswith("entail"):
            table[[WORDS.index("yes"), WORDS.index("[PAD]")], column] = 1, 50
        elif "neutral" in label.lower():
            table[WORDS.index("maybe"), column] = 5
        else:
            table[WORDS.index("no"), column] = 1
    if outside:
        entry = _field(1, b"location") + _field(2, outside.encode())
        stored = _tensor("table", _FLOAT, table.shape) + _field(13, entry) + _field(14, 1)
    else:
        stored = _tensor("table", _FLOAT, table.shape) + _field(9, table.tobytes())
    if shape == SPLIT:
        nodes = [
            *_heard("passage_ids", "passage_mask", "passage_sums"),
            *_heard("hypothesis_ids", "hypothesis_mask", "hypothesis_sums"),
            # The rows of `read_0`, or if it has none those that are made here.
            _node("Concat", ["read_0", "hypothesis_sums"], "either", _field(1, b"axis") + _field(3, 0) + _field(20, 2)),
            _node("Shape", ["hypothesis_ids"], "hypothesis_shape"),
            _node("Slice", ["hypothesis_shape", "first", "second"], "hypotheses"),
            _node("Slice", ["either", "first", "hypotheses", "first"], "made_0"),
            _node("Mul", ["made_0", "two"], "doubled"),
            _node("Unsqueeze", ["passage_sums", "second"], "tall"),
            _node("Unsqueeze", ["doubled", "first"], "wide"),
            _node("Add", ["tall", "wide"], "logits"),
        ]
        inputs = [
            _value(f"{text}_{name}", kind, f"{text}s", f"{text} tokens")
            for text in ("passage", "hypothesis")
            for name, kind in (("ids", _INT64), ("mask", _BOOL))
        ]
        inputs.append(_value("read_0", _FLOAT, "known", len(labels)))
        outputs = [
            _value("logits", _FLOAT, "passages", "hypotheses", "labels"),
            _value("made_0", _FLOAT, "hypotheses", len(labels)),
        ]
    else:
        nodes = _heard("input_ids", "attention_mask", "logits")
        inputs = [_value(name, _INT64, "pairs", "tokens") for name in ("input_ids", "attention_mask")]
        outputs = [_value("logits", _FLOAT, "pairs", "labels")]
    axes = [
        _tensor(name, _INT64, (1,)) + _field(9, np.array([axis]).tobytes())
        for axis, name in enumerate(("first", "second", "third"))
    ]
    two = _tensor("two", _FLOAT, (1,)) + _field(9, np.array([2], dtype=np.float32).tobytes())
    graph = (
        b"".join(_field(1, node) for node in nodes)
        + _field(2, b"tiny")
        + b"".join(_field(5, each) for each in (stored, two, *axes))
        + b"".join(_field(11, each) for each in inputs)
        + b"".join(_field(12, each) for each in outputs)
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 13))


def _heard(ids: str, mask: str, out: str) -> list[bytes]:
    """Nodes for the sum over tokens of mask x table[token]: (n, tokens) -> (n, labels)."""
    return [
        _node("Gather", ["table", ids], f"{out}_words"),
        _node("Cast", [mask], f"{out}_float", _field(1, b"to") + _field(3, _FLOAT) + _field(20, 2)),
        _node("Unsqueeze", [f"{out}_float", "third"], f"{out}_mask"),
        _node("Mul", [f"{out}_words", f"{out}_mask"], f"{out}_heard"),
        _node("ReduceSum", [f"{out}_heard", "second"], out, _field(1, b"keepdims") + _field(3, 0) + _field(20, 2)),
    ]


# ONNX is Protocol Buffers; these few functions spell the messages that are needed by their field numbers.


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _tensor(name: str, kind: int, shape: Sequence[int]) -> bytes:
    return b"".join(_field(1, n) for n in shape) + _field(2, kind) + _field(8, name.encode())


def _node(kind: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_field(1, name.encode()) for name in inputs) + _field(2, output.encode())
    return names + _field(4, kind.encode()) + (_field(5, attribute) if attribute else b"")


def _value(name: str, kind: int, *shape: str | int) -> bytes:
    dimensions = b"".join(
        _field(1, _field(1, size) if isinstance(size, int) else _field(2, size.encode())) for size in shape
    )
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, dimensions)))
