"""A graph of ONNX that judges the first token alone -> the same graph, without what it works out of the others for nothing.

BERT, RoBERTa, DeBERTa and their like put a head on the first token of the last layer. What treats each token by itself (a product with
weights, a sum, a normalisation, an activation) gives that token the same if it is taken out before; so the taking-out moves up to the last
attention, which needs all tokens. In six layers that is an eighth of the work.
"""

from collections import defaultdict
from typing import Any

import numpy as np

_BY_TOKEN = {
    "Add", "Sub", "Mul", "Div", "Pow", "Sqrt", "Erf", "Tanh", "Sigmoid", "Gelu", "Relu", "LayerNormalization", "Identity",
}  # fmt: skip
_INDEX = "first_token"
_TOKENS = 1  # the axis of the tokens in (pairs, tokens, width)


def first_token_only(model: Any) -> int:
    """Move the taking-out of the first token up, in place; returns how many nodes have since one token to treat instead of all.

    0, and a graph as it was, if no first token is taken out of all.
    """
    import onnx  # here, because it belongs to the extra `torch`
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            weights[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        elif node.op_type == "Identity" and node.input[0] in weights:  # how the exporter stores equal weights once
            weights[node.output[0]] = weights[node.input[0]]
    shaped = onnx.shape_inference.infer_shapes(model).graph
    ranks = {each.name: len(each.type.tensor_type.shape.dim) for each in (*shaped.input, *shaped.value_info)}
    readers = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name].append(node)
    inner = {name for node in graph.node for a in node.attribute for each in a.g.node for name in each.input}
    in_full = inner | {each.name for each in graph.output}  # read by somebody who stands in no list of nodes

    def takes_first(node: Any) -> bool:
        return (
            node.op_type == "Gather"
            and any(a.name == "axis" and a.i == _TOKENS for a in node.attribute)
            and ranks.get(node.input[0]) == 3
            and node.input[1] in weights
            and weights[node.input[1]].shape == ()
            and weights[node.input[1]] == 0
        )

    def by_token(node: Any) -> bool:
        if node.op_type == "MatMul":  # with weights on the right; two products of states mix tokens, as attention does
            return ranks.get(node.input[0]) == 3 and node.input[1] in weights and weights[node.input[1]].ndim == 2
        if any(a.name == "axis" and a.i != -1 for a in node.attribute):
            return False
        return node.op_type in _BY_TOKEN and all(
            weights[name].ndim <= 1 if name in weights else ranks.get(name) == 3 for name in node.input
        )

    first = {node.output[0] for node in graph.node if takes_first(node)}
    moved: set[str] = set()
    for node in reversed(graph.node):
        name = node.output[0]
        if (
            name not in weights
            and name not in in_full
            and by_token(node)
            and readers[name]
            and all(r.output[0] in first | moved for r in readers[name])
        ):
            moved.add(name)
    if not moved:
        return 0

    graph.initializer.append(numpy_helper.from_array(np.array(0), _INDEX))
    nodes: list[Any] = []
    taken: set[str] = set()
    for node in graph.node:
        if node.output[0] in first and node.input[0] in moved:
            node = helper.make_node("Identity", [node.input[0]], [node.output[0]])
        elif node.output[0] in moved:
            for i, name in enumerate(node.input):
                if name in weights or name in moved:
                    continue
                if name not in taken:
                    taken.add(name)
                    nodes.append(helper.make_node("Gather", [name, _INDEX], [f"{name}_first"], axis=_TOKENS))
                node.input[i] = f"{name}_first"
        nodes.append(node)
    del graph.node[:], graph.value_info[:]  # shapes that were noted are no longer so
    graph.node.extend(nodes)
    return len(moved)
