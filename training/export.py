"""Checkpoint -> the ONNX model that ships: int8 weights, fp32 arithmetic.

    python -m training.export --checkpoint DIR [--out src/framing/entailment/bundled] [--fp32]

Matrices are stored as int8 with one fp32 scale per output channel, embeddings with one per row. In the graph a matrix
is Cast and multiplied by its scales, which ONNX Runtime folds into an fp32 constant when it loads the model, with no
session option needed; an embedding row is gathered first and scaled then. Activations are never quantised, so no score
depends on the rest of its batch.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from transformers import PreTrainedTokenizerBase

from framing import Codebook
from framing.entailment import load_model
from framing.entailment.reference import write_reference
from framing.entailment.split import Graph as ShippedGraph
from training.own_pairs import part, read_sentences
from training.shapes import LABELS, Split, padded, read
from training.shared import BUNDLED, CODEBOOKS, SENTENCES, write_sums

INPUTS = ("passage_ids", "passage_mask", "hypothesis_ids", "hypothesis_mask")
MIN_ELEMENTS = 4_096  # smaller constants stay fp32
MAX_BYTES = 26_000_000
OPSET = 20
CHECKED, TOLERANCE = (
    24,
    1e-3,
)  # sentences and hypotheses on which the graph is held to the model, and by how much it may differ
SCORE = 40.0  # beyond what attention scores reach; `held_to` would see a cut
SHAPE = "split"  # what the file says of itself: whoever runs it need not know whether the model is told how near two texts are
READ, MADE = "read", "made"  # of the hypotheses: input and output of the same number hold the same
REST = "rest"  # an input while the graph is traced; in the file it is worked out from the mask of the hypotheses


class Grid(nn.Module):
    """The split shape over all passages and all hypotheses given, in plain tensor operations.

    Same arithmetic as `training.shapes.Split`, arranged for speed and so that a score depends on nothing but its passage and its
    hypothesis, to the last bit:
    - The tokens of all hypotheses stand in one row without padding, the first token of each before all others: the products are few and
      large, and none is spent on padding.
    - The softmax runs over two parts, what a token reads of the passage and what it reads of its own hypothesis. Each is a sum of
      exp(score) times value, with a column of ones beside the values that sums the weights; where there is padding, values and ones are 0.
    - A product with a single row takes another path in ONNX Runtime, whose sums depend on padding: there is none.
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
        rest: torch.Tensor,
        read: Sequence[torch.Tensor],
    ) -> tuple[torch.Tensor, ...]:
        """Token ids and masks (p, tokens), (h, tokens), and what was made of the hypotheses -> logits (p, h, 2), and what is made of them.

        The two are apart: the logits depend on `read` and not on `hypothesis_ids`, so that hypotheses are worked through once for any
        number of passages. `rest` (n,) has the places of the tokens that are not first in `hypothesis_mask[:, 1:]`, counted row by row.
        """
        return self.join(passage_ids, passage_mask, hypothesis_mask, rest, read), *self.made(
            hypothesis_ids, hypothesis_mask
        )

    def made(self, hypothesis_ids: torch.Tensor, hypothesis_mask: torch.Tensor) -> list[torch.Tensor]:
        """What `join` reads of the hypotheses: as they enter the first reading layer, keys and values of each such layer but the last, and
        their gists, where the shape has them."""
        read = self.model.hypothesis_states(hypothesis_ids, hypothesis_mask)
        gists = [] if read.gist is None else [read.gist]
        return [read.entering, *(each for state in read.states for each in state), *gists]

    def join(
        self,
        passage_ids: torch.Tensor,
        passage_mask: torch.Tensor,
        hypothesis_mask: torch.Tensor,
        rest: torch.Tensor,
        read: Sequence[torch.Tensor],
    ) -> torch.Tensor:
        """Logits (p, h, 2) of passages and of what `made` made."""
        model, last = self.model, len(self.layers) - 1
        of_passages = model.passage_states(passage_ids, passage_mask)
        entering, of_hypotheses = read[0], list(zip(read[1::2], read[2::2], strict=False))
        h, tokens = hypothesis_mask.shape
        firsts = torch.arange(h)
        # The places (hypothesis, token) in the order of the row, and where in the row each place stands; padding points at a
        # neighbour, which is then given no weight.
        order = torch.cat([firsts * tokens, rest + rest // (tokens - 1) + 1])
        others = hypothesis_mask[:, 1:].flatten().to(torch.int64).cumsum(0).unflatten(0, (h, -1)) + (h - 1)
        place = torch.cat([firsts.unsqueeze(1), others], 1)
        x = entering.flatten(0, 1).index_select(0, order).unsqueeze(0)
        told = None
        if of_passages.gist is not None:  # twice over so that there are two rows
            both = of_passages.gist[:, None] * read[-1][None]
            told = model.told(torch.cat([both, both], 1))
        for at in range(last + 1 - model.reading, last + 1):
            step = at - (last + 1 - model.reading)
            own = self.layers[at].attention.self
            if at < last:
                keys, values = (some.unsqueeze(0) for some in of_hypotheses[step])
            else:  # only the first tokens are still needed: they read the others, twice over so that there are two rows
                keys, values = (self._heads(_placed(some(x), place)) for some in (own.key, own.value))
                x = torch.cat([x[:, :h], x[:, :h]], 1)
                place = torch.stack([firsts, firsts + h], 1)
                order = torch.cat([firsts * 2, firsts * 2 + 1])
            query = own.query(x)
            if told is not None:  # before any passage is read, the first tokens alone differ between passages
                x, query = _added(x, told[:, :h]), _added(query, (told @ own.query.weight.T)[:, :h])
                told = None
            query = query * model.head_size**-0.5
            found = _weighed(self._heads(query), *of_passages.states[step], passage_mask[:, None, :, None]).transpose(
                1, 2
            )
            of_own = _weighed(self._heads(_placed(query, place)), keys, values, hypothesis_mask[None, :, None, :, None])
            found = found + of_own.transpose(2, 3).flatten(1, 2).index_select(1, order)
            x = self.layers[at].attention.output((found[..., :-1] / found[..., -1:]).flatten(2), x)
            x = torch.cat([model.digest(at, x[:, : h + 1])[:, :h], x[:, h:]], 1)
        return model.bert.classifier(torch.tanh(model.bert.bert.pooler.dense(x)))[:, :h]

    def _heads(self, x: torch.Tensor) -> torch.Tensor:
        """(..., tokens, width) -> (..., heads, tokens, width of a head)."""
        return x.unflatten(-1, (self.model.config.num_attention_heads, self.model.head_size)).transpose(-3, -2)


def _placed(x: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """(p or 1, n, width) -> (p or 1, h, tokens, width), the row put back into hypotheses."""
    return x.index_select(1, place.flatten()).unflatten(1, place.shape)


def _added(row: torch.Tensor, firsts: torch.Tensor) -> torch.Tensor:
    """(1, n, width) and what is added to its first h for each passage (p, h, width) -> (p, n, width)."""
    h = firsts.shape[1]
    return torch.cat([row[:, :h] + firsts, row[:, h:].expand(len(firsts), -1, -1)], 1)


def _weighed(query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Sum of exp(score) times value, with the sum of the weights as last column.

    The usual subtraction of the highest score is spared: scores are cut at +-SCORE, which exp() and any sum of it can bear.
    """
    weights = torch.exp((query @ keys.transpose(-1, -2)).clamp(-SCORE, SCORE))
    return weights @ (torch.cat([values, torch.ones_like(values[..., :1])], -1) * mask.to(values.dtype))


def to_onnx(model: Split) -> onnx.ModelProto:
    """The fp32 graph, with dynamic numbers of passages, hypotheses and tokens."""
    ids = torch.tensor([[2, 4, 5, 3, 3], [2, 4, 3, 0, 0], [2, 5, 3, 0, 0]])  # any tokens, and padding
    mask = ids[:2, :4] > 0
    grid = Grid(model).eval()
    with torch.inference_mode():
        made = [each.clone() for each in grid.made(ids[:2, :4], mask)]
    args = (ids, ids > 0, ids[:2, :4], mask, torch.arange(mask[:, 1:].numel())[mask[:, 1:].flatten()], made)
    axes = [
        {0: torch.export.Dim(f"{name}s"), 1: torch.export.Dim(f"{name}_tokens")} for name in ("passage", "hypothese")
    ]
    states = [
        {0: axes[1][0]} | ({each.ndim - 2: axes[1][1]} if each.ndim > 2 else {}) for each in made
    ]  # gists have no tokens
    dynamic = (axes[0], axes[0], axes[1], axes[1], {0: torch.export.Dim("rests")}, states)
    read, outputs = ([f"{name}_{i}" for i in range(len(made))] for name in (READ, MADE))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fp32.onnx"
        torch.onnx.export(
            grid, args, path, input_names=(*INPUTS, REST, *read), output_names=["logits", *outputs], opset_version=OPSET,
            dynamic_shapes=dict(zip((*INPUTS, REST, READ), dynamic, strict=True)), dynamo=True, external_data=False,
            verbose=False,
        )  # fmt: skip
        return with_rest(onnx.load(path))


def with_rest(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph with its input REST replaced by nodes that work it out: which tokens but the first are no padding.

    How many there are depends on the values of the mask, which the tracer cannot follow.
    """
    graph = model.graph
    constants = {"rest_from": [1], "rest_to": [2**62], "rest_axis": [1], "rest_flat": [-1], "rest_first": [0]}
    for name, values in constants.items():
        graph.initializer.append(numpy_helper.from_array(np.array(values, dtype=np.int64), name))
    nodes = [
        helper.make_node("Cast", [INPUTS[-1]], ["rest_mask"], to=TensorProto.INT64),
        helper.make_node("Slice", ["rest_mask", "rest_from", "rest_to", "rest_axis"], ["rest_others"]),
        helper.make_node("Reshape", ["rest_others", "rest_flat"], ["rest_row"]),
        helper.make_node("NonZero", ["rest_row"], ["rest_places"]),
        helper.make_node("Squeeze", ["rest_places", "rest_first"], [REST]),
        *graph.node,
    ]
    inputs = [each for each in graph.input if each.name != REST]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.extend(inputs)
    return model


def made_once(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph in which what is made of the hypotheses is made only where READ is empty, and taken from there otherwise.

    All that MADE depends on and the logits do not moves into a branch; ONNX Runtime leaves out a branch that is not taken, and nothing else.
    """
    graph = model.graph
    makers = {out: node for node in graph.node for out in node.output}

    def needed(names: list[str]) -> set[str]:
        """The outputs of the nodes on which `names` depend."""
        found: set[str] = set()
        while names:
            name = names.pop()
            if name in makers and name not in found:
                found.update(makers[name].output)
                names.extend(makers[name].input)
        return found

    made = [each.name for each in graph.output if each.name.startswith(MADE)]
    read = [name.replace(MADE, READ) for name in made]
    for node in graph.node:
        if (
            node.op_type == "Shape" and node.input[0] == read[0]
        ):  # as many hypotheses and tokens as the mask has, and never empty
            node.input[0] = INPUTS[-1]
    apart = needed([*made]) - needed(["logits"])
    inside = [node for node in graph.node if apart.intersection(node.output)]
    outside = [node for node in graph.node if not apart.intersection(node.output)]
    anew = {name: f"{name}_anew" for name in made}
    for node in inside:
        for names in (node.input, node.output):
            names[:] = [anew.get(name, name) for name in names]
    for node in outside:
        for i, name in enumerate(node.input):
            if name in read:
                node.input[i] = made[read.index(name)]
    taken = [f"{name}_taken" for name in read]
    branches = {
        "then_branch": (inside, [*anew.values()]),
        "else_branch": ([helper.make_node("Identity", [a], [b]) for a, b in zip(read, taken, strict=True)], taken),
    }
    choice = helper.make_node(
        "If", ["read_is_empty"], made,
        **{
            name: helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(out, TensorProto.FLOAT, None) for out in outputs])
            for name, (nodes, outputs) in branches.items()
        },
    )  # fmt: skip
    graph.initializer.append(numpy_helper.from_array(np.array([0], dtype=np.int64), "no_rows"))
    outside += [
        helper.make_node("Shape", [read[0]], ["read_rows"], start=0, end=1),
        helper.make_node("Equal", ["read_rows", "no_rows"], ["read_is_empty"]),
        choice,
    ]
    del graph.node[:]
    graph.node.extend(_in_order(outside, choice, inside))
    onnx.checker.check_model(model, full_check=True)
    return model


def _in_order(
    nodes: list[onnx.NodeProto], choice: onnx.NodeProto, inside: list[onnx.NodeProto]
) -> list[onnx.NodeProto]:
    """The nodes so that each stands behind all that it depends on; `choice` depends on what the nodes inside it do, too."""
    makers = {out: node for node in nodes for out in node.output}
    own = {out for node in inside for out in node.output}
    done: set[int] = set()
    ordered: list[onnx.NodeProto] = []

    def place(node: onnx.NodeProto) -> None:
        if id(node) in done:
            return
        done.add(id(node))
        wants = (
            [*node.input, *(name for each in inside for name in each.input if name not in own)]
            if node is choice
            else node.input
        )
        for name in wants:
            if name in makers:
                place(makers[name])
        ordered.append(node)

    for node in nodes:
        place(node)
    return ordered


def held_to(model: Split, tokenizer: PreTrainedTokenizerBase, graph: onnx.ModelProto) -> float:
    """The largest difference between the logits of the fp32 graph and of the model it was made from, on real sentences."""
    sentences = [row["text"] for row in read_sentences(SENTENCES) if part(row) == "development"][:CHECKED]
    hypotheses = list(Codebook.load(CODEBOOKS / "policy-frames.yaml").hypotheses()["text"])[:CHECKED]
    texts = tokenizer(sentences)["input_ids"], tokenizer(hypotheses)["input_ids"]
    pad_id = int(tokenizer.pad_token_id)
    given = [each.numpy() for some in texts for each in padded(some, pad_id)]
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found, made = ShippedGraph(session).run(*given)
    again, _ = ShippedGraph(session).run(*given, made)
    if not np.array_equal(found, again):
        raise SystemExit("the graph gives other logits where it need not work through the hypotheses again.")
    pairs = torch.cartesian_prod(torch.arange(len(sentences)), torch.arange(len(hypotheses)))
    with torch.inference_mode():
        expected = model.eval()(*texts, pairs, pad_id).numpy().reshape(found.shape)
    return float(np.abs(found - expected).max())


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
        # A matrix that is turned before it is multiplied has its output channels as rows.
        by_row = node.op_type in ("Gather", "Transpose") or any(a.name == "transB" and a.i for a in node.attribute)
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


def export(checkpoint: Path, out: Path, *, int8: bool = True) -> None:
    """Write model.onnx, tokenizer.json, config.json, reference.json and sha256sums.txt into `out`; with weights as trained unless `int8`."""
    model, tokenizer = read(checkpoint)
    if not isinstance(model, Split):
        raise SystemExit(f"{checkpoint} is a model of shape {model.name}; those that may ship are split and related.")
    graph = to_onnx(model)
    plain = onnx.ModelProto()
    plain.CopyFrom(graph)
    if not (difference := held_to(model, tokenizer, made_once(plain))) < TOLERANCE:
        raise SystemExit(
            f"the graph's logits differ from the model's by {difference}; allowed is less than {TOLERANCE}."
        )
    graph = made_once(weights_to_int8(graph) if int8 else graph)
    graph.producer_name, graph.doc_string = "framing training.export", ""
    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.graph.metadata_props[:], graph.metadata_props[:]
    data = graph.SerializeToString(deterministic=True)
    if int8 and len(data) > MAX_BYTES:
        raise SystemExit(f"the model has {len(data):,} bytes; at most {MAX_BYTES:,} may ship.")

    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(data)
    pieces = json.loads((checkpoint / "tokenizer.json").read_text(encoding="utf-8"))
    pieces |= {"truncation": None, "padding": None}  # the caller's business: nothing is to be cut in silence
    (out / "tokenizer.json").write_text(json.dumps(pieces, ensure_ascii=False) + "\n", encoding="utf-8")
    config = {key: value for key, value in model.config.to_dict().items() if not key.startswith("_")}
    config |= {"id2label": LABELS, "label2id": {name: index for index, name in LABELS.items()}}
    config |= {"architectures": None, "framing": {"shape": SHAPE, "languages": ["en"]}}
    (out / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    write_reference(load_model(str(out)), out)
    write_sums(out)
    print(f"{out / 'model.onnx'}: {len(data):,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    parser.add_argument(
        "--fp32", action="store_true", help="leave the weights as trained: what the int8 ones are held against"
    )
    args = parser.parse_args()
    if args.fp32 and args.out == BUNDLED:
        parser.error("the model in the package has int8 weights; name another folder with --out.")
    export(args.checkpoint, args.out, int8=not args.fp32)


if __name__ == "__main__":
    main()
