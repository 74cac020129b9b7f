"""Checkpoint -> the ONNX model that ships: int8 weights, fp32 arithmetic.

    python -m training.export --checkpoint DIR [--out src/framing/entailment/bundled]

Matrices are stored as int8 with one fp32 scale per output channel, embeddings with one per row. In the graph a matrix
is Cast and multiplied by its scales, which ONNX Runtime folds into an fp32 constant when it loads the model, with no
session option needed; an embedding row is gathered first and scaled then. Activations are never quantised, so no score
depends on the rest of its batch.
"""

import argparse
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers import PreTrainedModel

from training.train import LABELS, load

BUNDLED = Path(__file__).parents[1] / "src" / "framing" / "entailment" / "bundled"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MASKED = -10_000.0  # finite, so that no row of a mask can give NaN, and far enough for exp() to be exactly 0
MIN_ELEMENTS = 4_096  # smaller constants stay fp32
MAX_BYTES = 26_000_000
OPSET = 20


class Graph(nn.Module):
    """The classifier written out in plain tensor operations, so that the exported graph holds nothing else."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.embeddings, self.layers = model.bert.embeddings, model.bert.encoder.layer
        self.pooler, self.classifier = model.bert.pooler.dense, model.classifier
        self.heads = model.config.num_attention_heads

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        e = self.embeddings
        positions = torch.arange(input_ids.shape[1])
        x = e.word_embeddings(input_ids) + e.token_type_embeddings(token_type_ids) + e.position_embeddings(positions)
        x = e.LayerNorm(x)
        bias = (1.0 - attention_mask[:, None, None, :].to(x.dtype)) * MASKED
        for layer in self.layers:
            x = self._layer(layer, x, bias)
        return self.classifier(torch.tanh(self.pooler(x[:, 0])))

    def _layer(self, layer: nn.Module, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        own, size = layer.attention.self, x.shape[-1] // self.heads

        def split(y: torch.Tensor) -> torch.Tensor:
            return y.unflatten(-1, (self.heads, size)).transpose(1, 2)

        scores = split(own.query(x)) @ split(own.key(x)).transpose(2, 3) * size**-0.5 + bias
        read = (scores.softmax(-1) @ split(own.value(x))).transpose(1, 2).flatten(2)
        x = layer.attention.output.LayerNorm(layer.attention.output.dense(read) + x)
        return layer.output.LayerNorm(layer.output.dense(nn.functional.gelu(layer.intermediate.dense(x))) + x)


def to_onnx(model: PreTrainedModel) -> onnx.ModelProto:
    """The fp32 graph, with dynamic batch and sequence axes."""
    example = torch.tensor([[101, 2023, 102, 2009, 102], [101, 2023, 102, 2009, 102]])
    args = (example, torch.ones_like(example), torch.zeros_like(example))
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fp32.onnx"
        torch.onnx.export(
            Graph(model).eval(), args, path, input_names=INPUTS, output_names=["logits"], opset_version=OPSET,
            dynamic_shapes=dict.fromkeys(INPUTS, axes), dynamo=True, external_data=False, verbose=False,
        )  # fmt: skip
        return onnx.load(path)


def quantise(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 and fp32 scales along `axis` (0 rows, 1 columns) of a matrix."""
    scale = np.abs(weight).max(axis=1 - axis, keepdims=True).astype(np.float32) / 127
    scale[scale == 0] = 1
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


def weights_to_int8(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace every large fp32 matrix by int8, scales, and the two nodes that give it back."""
    graph = model.graph
    large = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 2 and np.prod(tensor.dims) >= MIN_ELEMENTS
    }
    kept = [tensor for tensor in graph.initializer if tensor.name not in large]
    matrices: list[onnx.NodeProto] = []
    nodes: list[onnx.NodeProto] = []
    done: set[str] = set()
    for node in graph.node:
        name = next((name for name in node.input if name in large), None)
        if name is None:
            nodes.append(node)
            continue
        by_row = node.op_type == "Gather" or any(a.name == "transB" and a.i for a in node.attribute)
        if name not in done:
            values, scale = quantise(large[name], axis=0 if by_row else 1)
            kept += [numpy_helper.from_array(values, f"{name}_int8"), numpy_helper.from_array(scale, f"{name}_scale")]
            done.add(name)
            if node.op_type != "Gather":
                matrices += [
                    helper.make_node("Cast", [f"{name}_int8"], [f"{name}_cast"], to=TensorProto.FLOAT),
                    helper.make_node("Mul", [f"{name}_cast", f"{name}_scale"], [name]),
                ]
        if node.op_type == "Gather":
            out, rows = node.output[0], node.input[1]
            nodes += [
                helper.make_node("Gather", [f"{name}_int8", rows], [f"{out}_int8"], axis=0),
                helper.make_node("Cast", [f"{out}_int8"], [f"{out}_cast"], to=TensorProto.FLOAT),
                helper.make_node("Gather", [f"{name}_scale", rows], [f"{out}_scale"], axis=0),
                helper.make_node("Mul", [f"{out}_cast", f"{out}_scale"], [out]),
            ]
        else:
            nodes.append(node)
    del graph.initializer[:], graph.node[:], graph.value_info[:]
    graph.initializer.extend(kept)
    graph.node.extend(matrices + nodes)
    onnx.checker.check_model(model, full_check=True)
    return model


def export(checkpoint: Path, out: Path) -> None:
    """Write model.onnx, tokenizer.json, config.json and sha256sums.txt into `out`."""
    model, _ = load(str(checkpoint))
    graph = weights_to_int8(to_onnx(model))
    graph.producer_name, graph.doc_string = "framing training.export", ""
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.graph.metadata_props[:], graph.metadata_props[:]
    data = graph.SerializeToString(deterministic=True)
    if len(data) > MAX_BYTES:
        raise SystemExit(f"the model has {len(data):,} bytes; at most {MAX_BYTES:,} may ship.")

    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(data)
    tokenizer = json.loads((checkpoint / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer |= {"truncation": None, "padding": None}  # the caller's business: nothing is to be cut in silence
    (out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n", encoding="utf-8")
    config = {key: value for key, value in model.config.to_dict().items() if not key.startswith("_")}
    config |= {"id2label": LABELS, "label2id": {name: index for index, name in LABELS.items()}}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    names = ("config.json", "model.onnx", "tokenizer.json")
    sums = "".join(f"{sha256((out / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (out / "sha256sums.txt").write_text(sums, encoding="ascii")
    print(f"{out / 'model.onnx'}: {len(data):,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    args = parser.parse_args()
    export(args.checkpoint, args.out)


if __name__ == "__main__":
    main()
