"""Models run by PyTorch give what the zero-shot pipeline of `transformers` gives."""

import json

import numpy as np
import pytest

import framing
from framing.errors import ModelError
from tests.entailment import tiny

torch = pytest.importorskip("torch")

import transformers  # noqa: E402
from tokenizers import processors  # noqa: E402

pytestmark = pytest.mark.torch

SIZES = {
    "vocab_size": len(tiny.WORDS),
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "pad_token_id": 0,
}
PREMISES = [
    "yes the bridge opens .",
    "no .",
    "maybe the river",
    "the " * 20 + "bridge",
    "unheard words only",
    "the " * 60,
]
HYPOTHESES = ["the bridge opens .", "the river", "no no no ."]


def bert():
    return transformers.BertConfig(**SIZES, max_position_embeddings=32), tiny.BINARY


def roberta():
    # Positions are counted from the padding id on: one of them is that of padding, so 34 hold 32 tokens only with id 1.
    return transformers.RobertaConfig(**SIZES | {"pad_token_id": 1}, max_position_embeddings=34, type_vocab_size=1), (
        "contradiction",
        "neutral",
        "entailment",
    )


def deberta():
    return transformers.DebertaV2Config(
        **SIZES,
        max_position_embeddings=32,
        relative_attention=True,
        position_buckets=8,
        pos_att_type=["p2c", "c2p"],
        norm_rel_ebd="layer_norm",
        share_att_key=True,
        position_biased_input=False,
        type_vocab_size=0,
    ), tiny.THREE_WAY


TYPES = ["input_ids", "token_type_ids", "attention_mask"]


def checkpoint(folder, make, inputs=TYPES, seed=0):
    """A random checkpoint with a tokenizer, as a hub model lies on disk, and the pipeline of `transformers` for it."""
    config, labels = make()
    config.id2label, config.label2id = dict(enumerate(labels)), {label: i for i, label in enumerate(labels)}
    torch.manual_seed(seed)
    kind = transformers.AutoModelForSequenceClassification
    model = kind.from_config(config).eval()
    with torch.no_grad():  # as initialised, the logits of a random model lie too close together to tell pairs apart
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(folder, safe_serialization=True)

    words = tiny.tokenizer()
    pad = "[PAD]"
    if config.model_type == "roberta":
        # RoBERTa knows no token types and sets two separators between a pair; its padding id is 1, here the unknown word's.
        pad = "<pad>"
        vocabulary = {("<pad>" if i == 1 else "[UNK]" if i == 0 else word): i for i, word in enumerate(tiny.WORDS)}
        from tokenizers import Tokenizer, models, pre_tokenizers

        words = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        words.pre_tokenizer = pre_tokenizers.Whitespace()
        words.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] [SEP] $B [SEP]",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token=pad, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=32,
        model_input_names=inputs if config.type_vocab_size > 1 else inputs[::2],
    )  # fmt: skip
    fast.save_pretrained(folder)
    return transformers.pipeline("zero-shot-classification", model=model, tokenizer=fast, device="cpu")


def by_pipeline(pipeline, premises, hypotheses):
    found = {}
    for premise in premises:
        answer = pipeline(premise, hypotheses, multi_label=True, hypothesis_template="{}")
        found |= {(premise, h): p for h, p in zip(answer["labels"], answer["scores"], strict=True)}
    return found


@pytest.mark.parametrize("make", [bert, roberta, deberta])
def test_scores_are_those_of_the_zero_shot_pipeline(tmp_path, make):
    pipeline = checkpoint(tmp_path / "model", make)
    reference = by_pipeline(pipeline, PREMISES, HYPOTHESES)
    model = framing.load_model(str(tmp_path / "model"))
    found = model.entail([p for p, _ in reference], [h for _, h in reference])
    np.testing.assert_allclose(found, list(reference.values()), atol=1e-5, rtol=0)
    assert np.ptp(found) > 0.02  # the pairs differ, so that a mistaken order would be seen


def test_token_types_are_given_only_where_the_tokenizer_gives_them(tmp_path):
    asked, fingerprints = {}, set()
    for name, inputs in (("with", TYPES), ("without", TYPES[::2])):
        reference = by_pipeline(checkpoint(tmp_path / name, bert, inputs), PREMISES[:2], HYPOTHESES[:2])
        model = framing.load_model(str(tmp_path / name))
        asked[name] = model.entail([p for p, _ in reference], [h for _, h in reference])
        fingerprints.add(model.fingerprint)
        np.testing.assert_allclose(asked[name], list(reference.values()), atol=1e-5, rtol=0)
    assert not np.allclose(asked["with"], asked["without"], atol=1e-3)
    assert len(fingerprints) == 2


@pytest.mark.parametrize("make", [bert, roberta, deberta])
def test_company_and_padding_change_no_score(tmp_path, make):
    checkpoint(tmp_path / "model", make)
    model = framing.load_model(str(tmp_path / "model"))
    together = model.entail(PREMISES, [HYPOTHESES[0]] * len(PREMISES))
    alone = [model.entail([premise], [HYPOTHESES[0]])[0] for premise in PREMISES]
    np.testing.assert_allclose(together, alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize("make", [bert, roberta, deberta])
def test_a_tokenizer_that_states_no_limit_leaves_it_to_the_weights(tmp_path, make):
    pipeline = checkpoint(tmp_path / "model", make)
    path = tmp_path / "model" / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    del settings["model_max_length"]
    path.write_text(json.dumps(settings), encoding="utf-8")
    model = framing.load_model(str(tmp_path / "model"))
    assert model.max_tokens == 32
    [reference] = by_pipeline(pipeline, PREMISES[-1:], HYPOTHESES[:1]).values()
    assert model.entail(PREMISES[-1:], HYPOTHESES[:1])[0] == pytest.approx(reference, abs=1e-5)


def test_weights_in_several_files_all_count_for_the_fingerprint(tmp_path):
    checkpoint(tmp_path / "model", bert)
    whole = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").unlink()
    whole.save_pretrained(tmp_path / "model", max_shard_size="8KB", safe_serialization=True)
    shards = sorted((tmp_path / "model").glob("*.safetensors"))
    assert len(shards) > 1
    before = framing.load_model(str(tmp_path / "model")).fingerprint
    content = bytearray(shards[-1].read_bytes())
    content[-1] ^= 1  # the last bit of a weight
    shards[-1].write_bytes(content)
    assert framing.load_model(str(tmp_path / "model")).fingerprint != before


def test_the_configuration_counts_for_the_fingerprint(tmp_path):
    checkpoint(tmp_path / "model", bert)
    before = framing.load_model(str(tmp_path / "model"))
    path = tmp_path / "model" / "config.json"
    path.write_text(
        json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"num_attention_heads": 4}), encoding="utf-8"
    )
    after = framing.load_model(str(tmp_path / "model"))
    score_before, score_after = (m.entail(PREMISES[:1], HYPOTHESES[:1])[0] for m in (before, after))
    assert score_before != score_after
    assert before.fingerprint != after.fingerprint


def test_weights_without_the_head_are_refused_and_not_made_up(tmp_path):
    checkpoint(tmp_path / "model", bert)
    whole = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "model")
    settings = (tmp_path / "model" / "config.json").read_text(encoding="utf-8")
    whole.bert.save_pretrained(tmp_path / "model", safe_serialization=True)
    (tmp_path / "model" / "config.json").write_text(settings, encoding="utf-8")
    with pytest.raises(ModelError, match=r"2 weights are missing, such as 'classifier\.bias'"):
        framing.load_model(str(tmp_path / "model"))


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x08\0\0\0\0\0\0\0{}      "])
def test_broken_weights_are_refused(tmp_path, content):
    checkpoint(tmp_path / "model", bert)
    (tmp_path / "model" / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded by PyTorch"):
        framing.load_model(str(tmp_path / "model"))


def test_code_beside_the_weights_is_never_run(tmp_path):
    place = tmp_path / "model"
    checkpoint(place, bert)
    (place / "modeling_own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    path = place / "config.json"
    own = {"auto_map": {"AutoModelForSequenceClassification": "modeling_own.Own"}}
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | own), encoding="utf-8")
    framing.load_model(str(place))
    assert not (tmp_path / "ran").exists()
