"""Checkpoint -> the ONNX model that ships: int8 weights, fp32 arithmetic.

    python -m training.export --checkpoint DIR [--out src/framing/entailment/bundled]

Matrices are stored as int8 with one fp32 scale per output channel, embeddings with one per row. In the graph a matrix
is Cast and multiplied by its scales, which ONNX Runtime folds into an fp32 constant when it loads the model, with no
session option needed; an embedding row is gathered first and scaled then. Activations are never quantised, so no score
depends on the rest of its batch.
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from training.shapes import LABELS, MASKED, Split, read
from training.shared import BUNDLED, write_sums

INPUTS = ("passage_ids", "passage_mask", "hypothesis_ids", "hypothesis_mask")
MIN_ELEMENTS = 4_096  # smaller constants stay fp32
MAX_BYTES = 26_000_000
OPSET = 20
# Tokens worked out in the last layer, of which the first is judged. A product with one row takes another path in ONNX
# Runtime, whose sums depend on padding.
FEW = 2


def _with_ones(values: torch.Tensor) -> torch.Tensor:
    """The values and a column of ones, whose product with the weights is their sum."""
    return torch.cat([values, torch.ones_like(values[..., :1])], -1)


class Grid(nn.Module):
    """The split shape over all passages and all hypotheses given, in plain tensor operations.

    Same arithmetic as `training.shapes.Split`, with what does not depend on the passage worked out once a hypothesis: its lower
    layers, and its queries, keys and values in the first layer that reads. The softmax runs over two parts, what a token reads of the
    passage and what it reads of its own hypothesis, each summed by itself, so that padding one moves nothing in the other.
    """

    def __init__(self, model: Split) -> None:
        super().__init__()
        self.model = model
        self.layers = model.bert.bert.encoder.layer

    def forward(
        self,
        passage_ids: torch.Tensor,
        passage_mask: torch.Tensor,
        hypothesis_ids: torch.Tensor,
        hypothesis_mask: torch.Tensor,
    ) -> torch.Tensor:
        """Token ids and masks (p, tokens), (h, tokens) -> logits (p, h, 2)."""
        states = self.model.passage_states(passage_ids, passage_mask)
        x = self.model.hypothesis_states(hypothesis_ids, hypothesis_mask)[None]  # (1, h, tokens, width)
        of_passage = (1.0 - passage_mask[:, None, None, :].to(x.dtype)) * MASKED
        of_hypothesis = (1.0 - hypothesis_mask[None, None, :, None, :].to(x.dtype)) * MASKED
        last = len(self.layers) - 1
        for at, (keys, values) in zip(
            range(len(self.layers) - self.model.reading, len(self.layers)), states, strict=True
        ):
            x = self._read(at, x, keys, values, of_passage, of_hypothesis, few=at == last)
        return self.model.bert.classifier(torch.tanh(self.model.bert.bert.pooler.dense(x)))[:, :, 0]

    def _heads(self, x: torch.Tensor) -> torch.Tensor:
        """(p or 1, h, tokens, width) -> (p or 1, heads, h, tokens, width of a head)."""
        heads = self.model.config.num_attention_heads, self.model.head_size
        return x.unflatten(-1, heads).permute(0, 3, 1, 2, 4)

    def _read(
        self,
        at: int,
        x: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        of_passage: torch.Tensor,
        of_hypothesis: torch.Tensor,
        *,
        few: bool,
    ) -> torch.Tensor:
        layer = self.layers[at]
        own = layer.attention.self
        own_keys, own_values = self._heads(own.key(x)), self._heads(own.value(x))
        if few:
            x = x[:, :, :FEW]
        query = self._heads(own.query(x)) * self.model.head_size**-0.5
        h, tokens = query.shape[2], query.shape[3]
        # All hypotheses of a passage in one product, because many small ones are slow.
        scores = (query.flatten(2, 3) @ keys.transpose(2, 3) + of_passage).unflatten(2, (h, tokens))
        own_scores = query @ own_keys.transpose(3, 4) + of_hypothesis
        highest = torch.maximum(scores.amax(-1, keepdim=True), own_scores.amax(-1, keepdim=True))
        weights, own_weights = torch.exp(scores - highest), torch.exp(own_scores - highest)
        read = (weights.flatten(2, 3) @ _with_ones(values)).unflatten(2, (h, tokens))
        read = read + own_weights @ _with_ones(own_values)
        read = read[..., :-1] / read[..., -1:]
        read = read.permute(0, 2, 3, 1, 4).flatten(3)
        x = layer.attention.output.LayerNorm(layer.attention.output.dense(read) + x)
        return layer.output.LayerNorm(layer.output.dense(nn.functional.gelu(layer.intermediate.dense(x))) + x)


def to_onnx(model: Split) -> onnx.ModelProto:
    """The fp32 graph, with dynamic numbers of passages, hypotheses and tokens."""
    ids = torch.tensor([[101, 2023, 2009, 102, 102], [101, 2023, 102, 0, 0], [101, 2009, 102, 0, 0]])
    args = (ids, ids > 0, ids[:2, :4], ids[:2, :4] > 0)
    axes = [
        {0: torch.export.Dim(f"{name}s"), 1: torch.export.Dim(f"{name}_tokens")} for name in ("passage", "hypothese")
    ]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fp32.onnx"
        torch.onnx.export(
            Grid(model).eval(), args, path, input_names=INPUTS, output_names=["logits"], opset_version=OPSET,
            dynamic_shapes=dict(zip(INPUTS, (axes[0], axes[0], axes[1], axes[1]), strict=True)), dynamo=True,
            external_data=False, verbose=False,
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
    model, _ = read(checkpoint)
    if not isinstance(model, Split):
        raise SystemExit(f"{checkpoint} is a model of shape {model.name}; split is the shape that ships.")
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
    config |= {"architectures": None, "framing": {"shape": model.name}}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    write_sums(out)
    print(f"{out / 'model.onnx'}: {len(data):,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    args = parser.parse_args()
    export(args.checkpoint, args.out)


if __name__ == "__main__":
    main()
