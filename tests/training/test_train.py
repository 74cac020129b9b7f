"""Training on a tiny model: it goes on where it was cut off, refuses what is another run, and what is exported is what was trained."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: make torch")

from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast  # noqa: E402

import framing  # noqa: E402
from tests.entailment.checkpoints import word_pieces  # noqa: E402
from training import export as export_module  # noqa: E402
from training import train as module  # noqa: E402
from training.average import average  # noqa: E402
from training.export import Grid, quantise  # noqa: E402
from training.public_pairs import Pair  # noqa: E402
from training.shapes import Split, read  # noqa: E402

pytestmark = pytest.mark.torch
PAIRS = [
    Pair(f"The bridge opens on {day}, and the mayor supports it.", f"It opens on {other}.", int(day == other), "own")
    for day in ("Monday", "Friday", "Sunday")
    for other in ("Monday", "Friday", "Sunday", "the day after tomorrow")
] * 12
SETTINGS = {"shape": "split", "reading": 2, "lr": 1e-3, "epochs": 2, "seed": 1, "freeze": False, "save_minutes": 0.0}


@pytest.fixture
def backbone(tmp_path):
    """A BERT of three layers and its tokenizer."""
    folder = tmp_path / "backbone"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=word_pieces(), pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, num_labels=2,
        max_position_embeddings=512,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def _table(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results.csv")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums of several threads differ in their last bits from run to run
    yield
    torch.set_num_threads(threads)


def weights(folder):
    return read(folder)[0].state_dict()


def test_a_run_that_was_cut_off_ends_with_the_same_weights(tmp_path, backbone, monkeypatch):
    module.train(PAIRS, PAIRS[:20], tmp_path / "whole", begin=backbone, **SETTINGS)
    steps, clip = [], torch.nn.utils.clip_grad_norm_

    def cut_off(*given):
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return clip(*given)

    with monkeypatch.context() as patch:
        patch.setattr(torch.nn.utils, "clip_grad_norm_", cut_off)
        with pytest.raises(KeyboardInterrupt):
            module.train(PAIRS, PAIRS[:20], tmp_path / "cut", begin=backbone, **SETTINGS)
    module.train(PAIRS, PAIRS[:20], tmp_path / "cut", begin=backbone, **SETTINGS)
    whole, cut = weights(tmp_path / "whole"), weights(tmp_path / "cut")
    assert not {n: float((whole[n] - cut[n]).abs().max()) for n in whole if not torch.equal(whole[n], cut[n])}
    rows = (tmp_path / "results.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3  # a header and one line a run


@pytest.mark.parametrize("change", [{"lr": 2e-3}, {"seed": 2}, {"pairs": PAIRS[1:]}], ids=["rate", "seed", "pairs"])
def test_another_run_is_not_taken_for_the_one_that_is_there(tmp_path, backbone, change, capsys):
    out = tmp_path / "run"
    module.train(PAIRS, PAIRS[:20], out, begin=backbone, **SETTINGS)
    module.train(PAIRS, PAIRS[:20], out, begin=backbone, **SETTINGS)
    assert "is finished" in capsys.readouterr().out
    given = SETTINGS | change
    with pytest.raises(SystemExit, match="other pairs, another start or other settings"):
        module.train(given.pop("pairs", PAIRS), PAIRS[:20], out, begin=backbone, **given)


def test_a_head_of_three_classes_tells_contradiction_from_what_is_neutral(tmp_path, backbone):
    module.train(PAIRS, PAIRS[:20], tmp_path / "two", begin=backbone, **SETTINGS)
    contradicted = [p._replace(entailed=p.entailed or (-1 if "Sunday" in p.hypothesis else 0)) for p in PAIRS]
    module.train(contradicted, PAIRS[:20], tmp_path / "three", begin=str(tmp_path / "two"), **SETTINGS | {"epochs": 60})
    model, tokenizer = read(tmp_path / "three")
    model.eval()
    some = [pair for pair in contradicted if pair.entailed != 1][:9]
    with torch.inference_mode():
        logits = module.logits(model, module.group(some, tokenizer), 0)
    rows = [row for each in module.group(some, tokenizer) for row in each.rows]
    assert logits.shape == (len(some), 3)
    assert logits[:, 1:].argmax(1).tolist() == [int(some[row].entailed == -1) for row in rows]


def test_the_graph_that_is_exported_computes_what_was_trained(tmp_path, backbone):
    out = tmp_path / "run"
    module.train(PAIRS, PAIRS[:20], out, begin=backbone, **SETTINGS)
    model, tokenizer = read(out)
    assert isinstance(model, Split)
    model.eval()
    passages = tokenizer(["The bridge opens on Monday.", "It.", "People could drown here, said a woman."])["input_ids"]
    hypotheses = tokenizer(["It opens on Monday.", "A day.", "The author supports the new bridge, and so on."])[
        "input_ids"
    ]
    from training.shapes import padded

    (ids, mask), (other_ids, other_mask) = padded(passages, 0), padded(hypotheses, 0)
    rest = torch.arange(other_mask[:, 1:].numel())[other_mask[:, 1:].flatten()]
    with torch.inference_mode():
        made = Grid(model).made(other_ids, other_mask)
        grid = Grid(model).join(ids, mask, other_mask, rest, made).numpy()
        pairs = torch.cartesian_prod(torch.arange(3), torch.arange(3))
        split = model(passages, hypotheses, pairs, 0).numpy().reshape(grid.shape)
    np.testing.assert_allclose(grid, split, atol=1e-5)
    assert json.loads((out / "shape.json").read_text(encoding="utf-8")) == {"shape": "split", "reading": 2}


def test_the_mean_of_checkpoints_counts_one_as_often_as_it_is_named(tmp_path, backbone):
    for name, changed in (("split", {}), ("related", {"shape": "related", "relate": 0.0})):
        module.train(PAIRS, PAIRS[:20], tmp_path / name, begin=backbone, **SETTINGS | changed)
    average([tmp_path / "related", tmp_path / "related", tmp_path / "split"], tmp_path / "mean")
    one, other, mean = (weights(tmp_path / name) for name in ("related", "split", "mean"))
    shared = "bert.bert.encoder.layer.0.attention.self.query.weight"
    torch.testing.assert_close(mean[shared], (2 * one[shared] + other[shared]) / 3)
    # Of the shape split is taken that it is told nothing.
    torch.testing.assert_close(mean["told_by.weight"], 2 * one["told_by.weight"] / 3)
    torch.testing.assert_close(mean["gist.weight"], (2 * one["gist.weight"] + torch.eye(32)) / 3)
    module.train(PAIRS, PAIRS[:20], tmp_path / "cross", begin=backbone, **SETTINGS | {"shape": "cross"})
    with pytest.raises(SystemExit, match="different shapes"):
        average([tmp_path / "split", tmp_path / "cross"], tmp_path / "none")


@pytest.mark.parametrize("axis", [0, 1])
def test_a_weight_in_int8_is_off_by_no_more_than_half_a_step(axis):
    weight = np.random.default_rng(1).normal(size=(40, 30)).astype(np.float32)
    weight[3] = 0
    values, scale = quantise(weight, axis)
    assert values.dtype == np.int8
    assert scale.shape == ((40, 1) if axis == 0 else (1, 30))
    assert np.all(np.abs(values * scale - weight) <= scale / 2 + 1e-7)
    np.testing.assert_allclose(np.abs(values * scale).max(axis=1 - axis), np.abs(weight).max(axis=1 - axis), rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")  # PyTorch's exporter warns of itself
@pytest.mark.filterwarnings("ignore:# The axis name:UserWarning")  # and of two numbers that are called alike
def test_what_is_exported_scores_as_what_was_trained(tmp_path, backbone, monkeypatch):
    monkeypatch.setattr(
        export_module, "MIN_ELEMENTS", 500
    )  # so that the matrices of a tiny model are stored as int8 too
    module.train(PAIRS, PAIRS[:20], tmp_path / "run", begin=backbone, **SETTINGS | {"shape": "related"})
    model, tokenizer = read(tmp_path / "run")
    some = PAIRS[:12]
    expected = module.probabilities(model, tokenizer, some, bf16=False)
    for name, settings, tolerance in (("fp32", {"int8": False}, 1e-5), ("int8", {}, 0.02)):
        export_module.export(tmp_path / "run", tmp_path / name, **settings)
        shipped = framing.load_model(str(tmp_path / name))
        found = shipped.entail([pair.premise for pair in some], [pair.hypothesis for pair in some])
        np.testing.assert_allclose(found, expected, atol=tolerance)
    sizes = [(tmp_path / name / "model.onnx").stat().st_size for name in ("int8", "fp32")]
    assert sizes[0] < sizes[1]


def test_a_shape_that_may_not_ship_is_not_exported(tmp_path, backbone):
    module.train(PAIRS, PAIRS[:20], tmp_path / "bi", begin=backbone, **SETTINGS | {"shape": "bi"})
    with pytest.raises(SystemExit, match="of shape bi; those that may ship are split and related"):
        export_module.export(tmp_path / "bi", tmp_path / "none")
