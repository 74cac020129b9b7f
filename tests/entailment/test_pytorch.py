"""Models run by PyTorch: what of a checkpoint counts, and what is refused. Whether their scores are right: test_hub_models.py."""

import json

import numpy as np
import pytest

import framing
from framing.entailment import pytorch
from framing.errors import ModelError

torch = pytest.importorskip("torch")

import transformers  # noqa: E402

from tests.entailment import checkpoints  # noqa: E402

pytestmark = pytest.mark.torch

PREMISES = checkpoints.TEXTS[:2]
HYPOTHESES = ["The bridge is dangerous.", "The author opposes the new bridge."]


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch):
    """Compared in fp32, whatever card there is."""
    monkeypatch.setattr(pytorch, "_place", lambda _: ("cpu", "fp32"))


@pytest.fixture
def folder(tmp_path):
    return checkpoints.write(tmp_path / "model", "bert")


def change(path, **stated):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | stated), encoding="utf-8")


def test_token_types_are_given_only_where_the_tokenizer_gives_them(folder):
    asked, fingerprints = [], set()
    for inputs in (["input_ids", "token_type_ids", "attention_mask"], ["input_ids", "attention_mask"]):
        change(folder / "tokenizer_config.json", model_input_names=inputs)
        reference = checkpoints.by_pipeline(checkpoints.pipeline(folder), PREMISES, HYPOTHESES)
        model = framing.load_model(str(folder))
        asked.append(model.entail([p for p, _ in reference], [h for _, h in reference]))
        fingerprints.add(model.fingerprint)
        np.testing.assert_allclose(asked[-1], list(reference.values()), atol=1e-5, rtol=0)
    assert not np.allclose(*asked, atol=1e-3)
    assert len(fingerprints) == 2


def test_weights_in_several_files_all_count_for_the_fingerprint(tmp_path):
    folder = checkpoints.write(tmp_path / "model", "xlm-roberta")
    shards = sorted(folder.glob("*.safetensors"))
    assert len(shards) > 1
    before = framing.load_model(str(folder)).fingerprint
    content = bytearray(shards[-1].read_bytes())
    content[-1] ^= 1  # the last bit of a weight
    shards[-1].write_bytes(content)
    assert framing.load_model(str(folder)).fingerprint != before


def test_the_configuration_counts_for_the_fingerprint(folder):
    before = framing.load_model(str(folder))
    change(folder / "config.json", num_attention_heads=4)
    after = framing.load_model(str(folder))
    score_before, score_after = (m.entail(PREMISES[:1], HYPOTHESES[:1])[0] for m in (before, after))
    assert score_before != score_after
    assert before.fingerprint != after.fingerprint


def test_weights_without_the_head_are_refused_and_not_made_up(folder):
    whole = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    settings = (folder / "config.json").read_text(encoding="utf-8")
    whole.bert.save_pretrained(folder)
    (folder / "config.json").write_text(settings, encoding="utf-8")
    with pytest.raises(ModelError, match=r"2 weights are missing, such as 'classifier\.bias'"):
        framing.load_model(str(folder))


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x08\0\0\0\0\0\0\0{}      "])
def test_broken_weights_are_refused(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded by PyTorch"):
        framing.load_model(str(folder))


def test_a_fault_without_words_is_named_by_its_kind(folder, monkeypatch):
    def full(*_, **__):
        raise MemoryError

    monkeypatch.setattr(transformers.AutoModelForSequenceClassification, "from_pretrained", full)
    with pytest.raises(ModelError, match=r"cannot be loaded by PyTorch \(MemoryError\)"):
        framing.load_model(str(folder))
