"""Three shapes of entailment model on one backbone, from the dearest to the cheapest.

`cross`   reads each passage together with each hypothesis, anew for each pair.
`split`   reads a passage once, alone, and a hypothesis once, alone; in the upper layers the hypothesis' tokens read the passage's
          states. No passage sees a hypothesis and no hypothesis sees another, so no label changes another's score.
`bi`      makes one vector of each passage and of each hypothesis, and a small trained head compares the two.

All take passages (p, tokens), hypotheses (h, tokens) and pairs (n, 2) of row numbers into them, and give logits (n, 2), entailment
first.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, PreTrainedTokenizerBase

READING = 4  # upper layers in which a hypothesis reads the passage, in `split`
MASKED = -10_000.0  # finite, so that no row of a mask can give NaN, and far enough for exp() to be exactly 0
LABELS = {0: "entailment", 1: "not_entailment"}
SHAPE_FILE = "shape.json"


def padded(rows: list[list[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids of unequal length as int64 (n, longest), and which of them are tokens."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad_id] * (longest - len(row)) for row in rows])
    return ids, torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]


def _bias(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return (1.0 - mask[:, None, None, :].to(like.dtype)) * MASKED


class Shape(nn.Module):
    """A BERT with a binary head; subclasses say how passage and hypothesis meet."""

    name: str

    def __init__(self, config: BertConfig, reading: int = READING) -> None:
        super().__init__()
        self.config, self.reading = config, reading
        self.bert = BertForSequenceClassification(config)

    def initial(self, folder: str) -> None:
        """Take all weights from a checkpoint folder of BERT's own layout (the backbone, say); a head it lacks starts at random."""
        self.bert = BertForSequenceClassification.from_pretrained(
            folder, num_labels=2, id2label=LABELS, label2id={name: i for i, name in LABELS.items()},
            attn_implementation="sdpa",
        )  # fmt: skip

    def forward(
        self, passages: list[list[int]], hypotheses: list[list[int]], pairs: torch.Tensor, pad_id: int
    ) -> torch.Tensor:
        raise NotImplementedError

    @property
    def head_size(self) -> int:
        """Width of an attention head."""
        return self.config.hidden_size // self.config.num_attention_heads

    # The parts of BERT, so that subclasses and the exported graph run the same arithmetic.

    def embed(self, ids: torch.Tensor, token_type: int) -> torch.Tensor:
        """Embeddings (n, tokens, width), positions from 0."""
        e = self.bert.bert.embeddings
        x = e.word_embeddings(ids) + e.token_type_embeddings.weight[token_type]
        x = x + e.position_embeddings(torch.arange(ids.shape[1]))
        return e.dropout(e.LayerNorm(x))

    def heads(self, x: torch.Tensor) -> torch.Tensor:
        """(n, tokens, width) -> (n, heads, tokens, width of a head)."""
        return x.unflatten(-1, (self.config.num_attention_heads, self.head_size)).transpose(1, 2)

    def keys_values(self, at: int, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What layer `at` offers of its input to whoever reads it."""
        own = self.bert.bert.encoder.layer[at].attention.self
        return self.heads(own.key(x)), self.heads(own.value(x))

    def attend(
        self, at: int, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        """The first half of layer `at`: the tokens x read the given keys and values."""
        attention = self.bert.bert.encoder.layer[at].attention
        query = self.heads(attention.self.query(x))
        scores = query @ keys.transpose(2, 3) * self.head_size**-0.5 + bias
        read = (scores.softmax(-1) @ values).transpose(1, 2).flatten(2)
        return attention.output(read, x)

    def digest(self, at: int, x: torch.Tensor) -> torch.Tensor:
        """The second half: the feed-forward network, two thirds of a layer's cost."""
        layer = self.bert.bert.encoder.layer[at]
        return layer.output(layer.intermediate(x), x)

    def alone(self, at: int, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Layer `at` for texts that read themselves only."""
        return self.digest(at, self.attend(at, x, *self.keys_values(at, x), bias))


class Cross(Shape):
    """Passage and hypothesis in one sequence."""

    name = "cross"

    def forward(
        self, passages: list[list[int]], hypotheses: list[list[int]], pairs: torch.Tensor, pad_id: int
    ) -> torch.Tensor:
        rows = [passages[p] + hypotheses[h][1:] for p, h in pairs.tolist()]
        ids, mask = padded(rows, pad_id)
        firsts = torch.tensor([len(passages[p]) for p in pairs[:, 0].tolist()])
        types = (torch.arange(ids.shape[1]) >= firsts[:, None]) & mask
        return self.bert(input_ids=ids, attention_mask=mask.long(), token_type_ids=types.long()).logits


class Split(Shape):
    """Hypothesis tokens read the states of the passage in the upper layers.

    What is paid for each pair is kept small. A token of a hypothesis reads the passage and, of its own hypothesis, the states that it
    has without any passage, so that only its query is worked out for the pair. It goes through the feed-forward network no more; the first
    token, which is judged, does, and in the last layer reads what the others have made of the passage.
    """

    name = "split"

    def passage_states(self, ids: torch.Tensor, mask: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Keys and values of the passages for each reading layer; the last layer itself is never run on them."""
        x, states = self.embed(ids, 0), []
        bias = _bias(mask, x)
        n = self.config.num_hidden_layers
        for at in range(n):
            if at >= n - self.reading:
                states.append(self.keys_values(at, x))
            if at < n - 1:
                x = self.alone(at, x, bias)
        return states

    def hypothesis_states(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]]:
        """The hypotheses as they enter the first reading layer, and their keys and values in each reading layer but the last."""
        x = entering = self.embed(ids, 1)
        bias, states = _bias(mask, x), []
        n = self.config.num_hidden_layers
        for at in range(n - 1):
            if at == n - self.reading:
                entering = x
            if at >= n - self.reading:
                states.append(self.keys_values(at, x))
            if at < n - 2:
                x = self.alone(at, x, bias)
        return entering, states

    def join(
        self,
        of_passages: list[tuple[torch.Tensor, torch.Tensor]],
        passage_mask: torch.Tensor,
        of_hypotheses: tuple[torch.Tensor, list[tuple[torch.Tensor, torch.Tensor]]],
        hypothesis_mask: torch.Tensor,
        pairs: torch.Tensor,
    ) -> torch.Tensor:
        """Logits of the pairs."""
        passage, hypothesis = pairs[:, 0], pairs[:, 1]
        entering, own = of_hypotheses
        x = entering[hypothesis]
        bias = _bias(torch.cat([passage_mask[passage], hypothesis_mask[hypothesis]], 1), x)
        n = self.config.num_hidden_layers
        for at in range(n - self.reading, n):
            step = at - (n - self.reading)
            last = at == n - 1
            mine = self.keys_values(at, x) if last else [some[hypothesis] for some in own[step]]
            keys, values = (torch.cat([a[passage], b], 2) for a, b in zip(of_passages[step], mine, strict=True))
            x = self.attend(at, x[:, :1] if last else x, keys, values, bias)
            x = torch.cat([self.digest(at, x[:, :1]), x[:, 1:]], 1)
        pooled = torch.tanh(self.bert.bert.pooler.dense(x[:, 0]))
        return self.bert.classifier(self.bert.dropout(pooled))

    def forward(
        self, passages: list[list[int]], hypotheses: list[list[int]], pairs: torch.Tensor, pad_id: int
    ) -> torch.Tensor:
        ids, mask = padded(passages, pad_id)
        other_ids, other_mask = padded(hypotheses, pad_id)
        of_hypotheses = self.hypothesis_states(other_ids, other_mask)
        return self.join(self.passage_states(ids, mask), mask, of_hypotheses, other_mask, pairs)


class Bi(Shape):
    """Two vectors u, v and a head on [u, v, |u - v|, u * v]."""

    name = "bi"

    def __init__(self, config: BertConfig, reading: int = READING) -> None:
        super().__init__(config, reading)
        width = config.hidden_size
        self.head = nn.Sequential(nn.Linear(4 * width, width), nn.GELU(), nn.Linear(width, 2))

    def vector(self, rows: list[list[int]], token_type: int, pad_id: int) -> torch.Tensor:
        """Mean of the last states, (n, width)."""
        ids, mask = padded(rows, pad_id)
        x = self.embed(ids, token_type)
        bias = _bias(mask, x)
        for at in range(self.config.num_hidden_layers):
            x = self.alone(at, x, bias)
        weights = mask[..., None].to(x.dtype)
        return (x * weights).sum(1) / weights.sum(1)

    def forward(
        self, passages: list[list[int]], hypotheses: list[list[int]], pairs: torch.Tensor, pad_id: int
    ) -> torch.Tensor:
        u = self.vector(passages, 0, pad_id)[pairs[:, 0]]
        v = self.vector(hypotheses, 1, pad_id)[pairs[:, 1]]
        return self.head(torch.cat([u, v, (u - v).abs(), u * v], 1))


SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (Cross, Split, Bi)}


def start(shape: str, folder: str, reading: int = READING) -> tuple[Shape, PreTrainedTokenizerBase]:
    """A model of the shape, with the weights of any checkpoint folder (BERT's layout, or one that `save` wrote), and its tokenizer."""
    path = Path(folder)
    model = SHAPES[shape](BertConfig.from_pretrained(folder, num_labels=2), reading)
    if (path / SHAPE_FILE).is_file():
        weights = load_file(path / "shape.safetensors")
        missing, _ = model.load_state_dict(weights, strict=False)
        if any(not name.startswith("head.") for name in missing):
            raise ValueError(f"{folder} lacks the weights {missing}")
    else:
        model.initial(folder)
    # A pair is seen once or twice, so there is little to overfit, and drawing the noise costs a fifth of a step on a processor.
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return model, AutoTokenizer.from_pretrained(folder)


def save(model: Shape, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Weights, shape, configuration and tokenizer as one checkpoint folder."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, folder / "shape.safetensors")
    (folder / SHAPE_FILE).write_text(json.dumps({"shape": model.name, "reading": model.reading}), encoding="utf-8")
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def read(folder: Path) -> tuple[Shape, PreTrainedTokenizerBase]:
    """What `save` wrote."""
    stated = json.loads((folder / SHAPE_FILE).read_text(encoding="utf-8"))
    return start(stated["shape"], str(folder), stated["reading"])
