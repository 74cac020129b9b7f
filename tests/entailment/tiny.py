"""A model folder of a few kilobytes whose scores can be worked out by hand.

The model counts words: "yes" speaks for entailment, "no" for its opposite, "maybe" for neutral. So p = 1 / (1 + exp(noes - yeses)), whatever
else the two texts hold. A token of padding would shout for entailment; it must never be heard.
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
_INT64, _FLOAT = 7, 1


def expected(premise: str, hypothesis: str) -> float:
    words = f"{premise} {hypothesis}".split()
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
) -> Path:
    """Write config.json, tokenizer.json and model.onnx to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"model_type": "bert", "max_position_embeddings": 32, "id2label": dict(enumerate(labels))}
    (folder / "config.json").write_text(json.dumps(settings | dict(config or {})), encoding="utf-8")
    tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(onnx(labels, outside=outside))
    return folder


def onnx(labels: Sequence[str], *, outside: str = "") -> bytes:
    """The model: sum over tokens of mask x table[token]. With `outside`, the table lies in a file of that name."""
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
    nodes = [
        _node("Gather", ["table", "input_ids"], "words"),
        _node("Cast", ["attention_mask"], "float_mask", _field(1, b"to") + _field(3, _FLOAT) + _field(20, 2)),
        _node("Unsqueeze", ["float_mask", "last"], "wide_mask"),
        _node("Mul", ["words", "wide_mask"], "heard"),
        _node("ReduceSum", ["heard", "middle"], "logits", _field(1, b"keepdims") + _field(3, 0) + _field(20, 2)),
    ]
    axes = [_tensor(n, _INT64, (1,)) + _field(9, np.array([v]).tobytes()) for n, v in (("last", 2), ("middle", 1))]
    graph = (
        b"".join(_field(1, node) for node in nodes)
        + _field(2, b"tiny")
        + b"".join(_field(5, each) for each in (stored, *axes))
        + b"".join(_field(11, _value(n, _INT64, "pairs", "tokens")) for n in ("input_ids", "attention_mask"))
        + _field(12, _value("logits", _FLOAT, "pairs", "labels"))
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 13))


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


def _value(name: str, kind: int, *shape: str) -> bytes:
    dimensions = b"".join(_field(1, _field(2, size.encode())) for size in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, kind) + _field(2, dimensions)))
