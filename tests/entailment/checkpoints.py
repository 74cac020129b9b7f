"""Random checkpoints of a few kilobytes, laid out as models of the hub are, and the zero-shot pipeline of `transformers` for them.

config.json has the fields and the names that published models of the shape have, only smaller. Import this after PyTorch was found.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

LIMIT = 64  # tokens
TEXTS = (
    "The bridge opens on Monday, and the mayor supports it.",
    "Engineers found cracks in two of its pillars; the council closed it for a week.",
    "“People could drown here,” said a woman who crosses the river every morning.",
    "Critics say that the bridge is vanity, and that rents are rising because of it.",
    "Der Fluß stieg auf drei Meter, „so hoch wie nie“, sagte Zoë Müller.",
    "橋は月曜日に開通します。",
    "The author opposes the new bridge. The author supports the ban.",
)


def _trained(tokenizer: Tokenizer, trainer: Any) -> Tokenizer:
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def _framed(tokenizer: Tokenizer, first: str, last: str, pair: str) -> Tokenizer:
    """Put `first` and `last` around a text, and around two of them what `pair` says."""
    known = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}", pair=pair, special_tokens=known
    )
    return tokenizer


BERT_PAIR = "[CLS] $A [SEP] $B:1 [SEP]:1"


def word_pieces() -> Tokenizer:
    """As BERT's."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    _trained(tokenizer, trainers.WordPieceTrainer(vocab_size=250, special_tokens=special, show_progress=False))
    return _framed(tokenizer, "[CLS]", "[SEP]", BERT_PAIR)


def _bytes(special: Sequence[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=[*special], initial_alphabet=alphabet, show_progress=False
    )
    return _trained(tokenizer, trainer)


def roberta_bytes() -> Tokenizer:
    """As RoBERTa's and BART's."""
    tokenizer = _bytes(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def modernbert_bytes() -> Tokenizer:
    """As ModernBERT's, whose special tokens stand at the end of the vocabulary."""
    tokenizer = _bytes([])
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens(["[UNK]", "[CLS]", "[SEP]", "[PAD]", AddedToken("[MASK]", lstrip=True)])
    return _framed(tokenizer, "[CLS]", "[SEP]", BERT_PAIR)


def _unigrams(special: Sequence[str], unknown: str) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=250, special_tokens=[*special], unk_token=unknown, show_progress=False)
    return _trained(tokenizer, trainer)


def xlm_unigrams() -> Tokenizer:
    tokenizer = _unigrams(["<s>", "<pad>", "</s>", "<unk>"], "<unk>")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    return _framed(tokenizer, "<s>", "</s>", "<s> $A </s> </s> $B </s>")


def deberta_unigrams() -> Tokenizer:
    tokenizer = _unigrams(["[PAD]", "[CLS]", "[SEP]", "[UNK]"], "[UNK]")
    tokenizer.add_special_tokens(["[MASK]"])
    return _framed(tokenizer, "[CLS]", "[SEP]", BERT_PAIR)


SQUARE = {
    "pad_token": "[PAD]",
    "unk_token": "[UNK]",
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "mask_token": "[MASK]",
}
ANGLE = {
    "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>",
    "mask_token": "<mask>",
}  # fmt: skip
SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
FROM_2 = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "max_position_embeddings": LIMIT + 2}


@dataclass(frozen=True)
class Shape:
    """What config.json, the tokenizer and tokenizer_config.json of a kind of model say. `shards`: its weights lie in several files."""

    kind: str
    labels: tuple[str, ...]
    tokenizer: Callable[[], Tokenizer]
    tokens: Mapping[str, str]
    config: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    shards: bool = False


SHAPES = {
    "bert": Shape(
        "BertForSequenceClassification", ("entailment", "not_entailment"), word_pieces, SQUARE,
        {"model_type": "bert", **SIZES, "type_vocab_size": 2, "pad_token_id": 0, "max_position_embeddings": LIMIT},
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True},
    ),
    "roberta": Shape(
        "RobertaForSequenceClassification", ("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), roberta_bytes, ANGLE,
        {"model_type": "roberta", **SIZES, **FROM_2, "type_vocab_size": 1, "layer_norm_eps": 1e-5},
        {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, "trim_offsets": True},
    ),
    "xlm-roberta": Shape(
        "XLMRobertaForSequenceClassification", ("contradiction", "neutral", "entailment"), xlm_unigrams, ANGLE,
        {"model_type": "xlm-roberta", **SIZES, **FROM_2, "type_vocab_size": 1, "layer_norm_eps": 1e-5},
        {"tokenizer_class": "XLMRobertaTokenizer"}, shards=True,
    ),
    "bart": Shape(
        "BartForSequenceClassification", ("contradiction", "neutral", "entailment"), roberta_bytes, ANGLE,
        {
            "model_type": "bart", "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 2,
            "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "num_hidden_layers": 2, "bos_token_id": 0,
            "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2, "forced_eos_token_id": 2, "is_encoder_decoder": True,
            "max_position_embeddings": LIMIT,
        },
        {"tokenizer_class": "BartTokenizer"},
    ),
    "deberta-v2": Shape(
        "DebertaV2ForSequenceClassification", ("entailment", "neutral", "contradiction"), deberta_unigrams, SQUARE,
        {
            "model_type": "deberta-v2", **SIZES, "type_vocab_size": 0, "pad_token_id": 0, "max_position_embeddings": LIMIT,
            "relative_attention": True, "position_buckets": 16, "max_relative_positions": -1, "norm_rel_ebd": "layer_norm",
            "share_att_key": True, "pos_att_type": "p2c|c2p", "position_biased_input": False, "layer_norm_eps": 1e-7,
            "pooler_hidden_act": "gelu", "pooler_hidden_size": 32, "pooler_dropout": 0,
        },
        {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False, "split_by_punct": False, "vocab_type": "spm"},
    ),
    "modernbert": Shape(
        "ModernBertForSequenceClassification", ("entailment", "neutral", "contradiction"), modernbert_bytes, SQUARE,
        {
            "model_type": "modernbert", **SIZES, "max_position_embeddings": LIMIT, "classifier_pooling": "mean", "local_attention": 8,
            "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0, "local_rope_theta": 10000.0, "norm_eps": 1e-5,
            "position_embedding_type": "absolute", "reference_compile": False,
        },
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": ["input_ids", "attention_mask"]},
    ),
}  # fmt: skip


def write(folder: Path, name: str, *, noise: float = 0.3) -> Path:
    """Write a checkpoint of SHAPES[name] to `folder`.

    As initialised, the logits of a random model lie too close together to tell pairs apart; `noise`, the standard deviation of what is
    added to each weight, parts them.
    """
    shape = SHAPES[name]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = shape.tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {**shape.tokens, **shape.settings, "model_max_length": LIMIT}
    numbered = {str(i): label for i, label in enumerate(shape.labels)}
    stated = {
        "architectures": [shape.kind],
        "torch_dtype": "float32",
        "vocab_size": tokenizer.get_vocab_size(),
        "id2label": numbered,
        "label2id": {label: int(i) for i, label in numbered.items()},
        **shape.config,
        **{k: tokenizer.token_to_id(shape.tokens[k[:-3]]) for k in ("pad_token_id", "cls_token_id", "sep_token_id") if k[:-3] in shape.tokens},
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(stated), encoding="utf-8")

    torch.manual_seed(0)
    made = transformers.AutoConfig.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_config(made).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * noise)
    model.save_pretrained(folder, max_shard_size="40KB" if shape.shards else "1GB")
    # transformers would write all of them in a form of its own.
    for file, content in (
        ("config.json", stated),
        ("tokenizer_config.json", settings),
        ("special_tokens_map.json", {**shape.tokens}),
    ):
        (folder / file).write_text(json.dumps(content), encoding="utf-8")
    return folder


def pipeline(folder: Path, **settings: Any) -> Any:
    """The zero-shot pipeline of `transformers`, in fp32 on the processor; `settings` go to its tokenizer."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **settings)
    return transformers.pipeline(
        "zero-shot-classification", model=str(folder), tokenizer=tokenizer, device="cpu", dtype=torch.float32
    )


def by_pipeline(asked: Any, premises: Sequence[str], hypotheses: Sequence[str]) -> dict[tuple[str, str], float]:
    """The pipeline's score of each premise under each hypothesis."""
    found = {}
    for premise in premises:
        answer = asked(premise, [*hypotheses], multi_label=True, hypothesis_template="{}")
        found |= {(premise, h): p for h, p in zip(answer["labels"], answer["scores"], strict=True)}
    return found
