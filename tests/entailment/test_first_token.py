"""Graphs that judge the first token alone: what is left out of them, and that nothing else changes."""

import numpy as np
import onnxruntime
import pytest

onnx = pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from framing.entailment.firsttoken import first_token_only  # noqa: E402

pytestmark = pytest.mark.torch

WIDTH = 4
RNG = np.random.default_rng(1)
WEIGHTS = {
    "matrix": RNG.normal(size=(WIDTH, WIDTH)), "bias": RNG.normal(size=WIDTH), "scale": RNG.normal(size=WIDTH),
    "shift": RNG.normal(size=WIDTH), "sqrt2": np.array(1.4142135),
}  # fmt: skip
LAYER = (
    ("Softmax", ("states",), "mixed", {"axis": 1}),  # as attention does, it reads all tokens
    ("MatMul", ("mixed", "matrix"), "product"),
    ("Add", ("bias", "product"), "sum"),
    ("Div", ("sum", "sqrt2"), "scaled"),
    ("Erf", ("scaled",), "curved"),
    ("Mul", ("sum", "curved"), "active"),
    ("Add", ("active", "states"), "residual"),
    ("LayerNormalization", ("residual", "scale", "shift"), "last", {"axis": -1}),
)
FIRST = ("Gather", ("last", "zero"), "first", {"axis": 1})


def model(*nodes, index=0, out="first"):
    weights = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in WEIGHTS.items()]
    made = [helper.make_node(op, some, [name], **(more[0] if more else {})) for op, some, name, *more in nodes]
    zero = helper.make_node("Constant", [], ["zero"], value=numpy_helper.from_array(np.array(index)))
    at = next(
        (i for i, node in enumerate(made) if "zero" in node.input), 0
    )  # just before it is used, as exporters have it
    graph = helper.make_graph(
        [*made[:at], zero, *made[at:]], "tiny", [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["p", "t", WIDTH])],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, ["p", WIDTH])], weights,
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def run(some):
    onnx.checker.check_model(some)
    session = onnxruntime.InferenceSession(some.SerializeToString(), providers=["CPUExecutionProvider"])
    states = np.random.default_rng(2).normal(size=(3, 5, WIDTH)).astype(np.float32)
    return session.run(None, {"states": states})[0]


def ranks(some):
    inferred = onnx.shape_inference.infer_shapes(some).graph.value_info
    return {each.name: len(each.type.tensor_type.shape.dim) for each in inferred}


def test_what_treats_each_token_by_itself_is_done_for_the_first_alone():
    some = model(*LAYER, FIRST)
    before = run(some)
    assert first_token_only(some) == 7
    np.testing.assert_allclose(run(some), before, atol=1e-6, rtol=0)
    found = ranks(some)
    assert found["mixed"] == 3
    assert {found[name] for name in ("product", "sum", "curved", "active", "residual", "last")} == {2}


def test_weights_that_the_exporter_stored_once_are_weights():
    same = ("Identity", ("bias",), "other")
    named = [(op, tuple("other" if n == "bias" else n for n in some), *rest) for op, some, *rest in LAYER]
    some = model(same, *named, FIRST)
    before = run(some)
    assert first_token_only(some) == 7
    np.testing.assert_allclose(run(some), before, atol=1e-6, rtol=0)


def test_what_something_else_reads_in_full_stays():
    mean = ("ReduceMean", ("residual",), "mean", {"axes": [1], "keepdims": 0})
    some = model(*LAYER, mean, FIRST, ("Add", ("first", "mean"), "both"), out="both")
    before = run(some)
    assert first_token_only(some) == 1  # the last normalisation
    np.testing.assert_allclose(run(some), before, atol=1e-6, rtol=0)
    assert ranks(some)["residual"] == 3


@pytest.mark.parametrize(
    "mix",
    [
        [("MatMul", ("tokens", "states"), "mixed")],  # states weighed by states, as attention does
        [("MatMul", ("square", "states"), "mixed")],  # weights on the left sum over tokens
    ],
)
def test_products_that_mix_tokens_are_done_for_all(mix):
    tokens = [("Transpose", ("states",), "turned", {"perm": [0, 2, 1]}), ("MatMul", ("states", "turned"), "tokens")]
    some = model(*tokens, *mix, *LAYER[1:], FIRST)
    some.graph.initializer.append(numpy_helper.from_array(np.arange(25, dtype=np.float32).reshape(5, 5) / 25, "square"))
    before = run(some)
    assert first_token_only(some) == 7
    np.testing.assert_allclose(run(some), before, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("pick", "index"),
    [
        (FIRST, 1),  # not the first token
        (("Gather", ("last", "zero"), "first", {"axis": 2}), 0),  # not a token
        (("ReduceMean", ("last",), "first", {"axes": [1]}), 0),
    ],
)
def test_a_graph_that_takes_out_something_else_stays_as_it_is(pick, index):
    some = model(*LAYER, pick, index=index)
    before = some.SerializeToString()
    assert first_token_only(some) == 0
    assert some.SerializeToString() == before
