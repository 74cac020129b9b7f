"""Four shapes of entailment model on one backbone, from the dearest to the cheapest.

`cross`   reads each passage together with each hypothesis, anew for each pair.
`split`   reads a passage once, alone, and a hypothesis once, alone; in the upper layers the hypothesis' tokens read the passage's
          states. No passage sees a hypothesis and no hypothesis sees another, so no label changes another's score.
`related` is split, and the token that is judged is told how near the two texts are as a whole.
`bi`      makes one vector of each passage and of each hypothesis, and a small trained head compares the two.

All take passages (p, tokens), hypotheses (h, tokens) and pairs (n, 2) of row numbers into them, and give logits (n, 2), entailment
first.
"""

import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import normalize
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, PreTrainedTokenizerBase

READING = 4  # upper layers in which a hypothesis reads the passage, in `split`
MASKED = -10_000.0  # finite, so that no row of a mask can give NaN, and far enough for exp() to be exactly 0
LABELS = {0: "entailment", 1: "not_entailment"}
SHAPE_FILE = "shape.json"
HEAD = "bert.classifier."
ADDED = ("head.", "gist.", "told_by.")  # weights that a shape may have beside those of the one that it starts from


def padded(rows: list[list[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids of unequal length as int64 (n, longest), and which of them are tokens."""
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad_id] * (longest - len(row)) for row in rows])
    return ids, torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]


def _bias(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return (1.0 - mask[:, None, None, :].to(like.dtype)) * MASKED


class Shape(nn.Module):
    """A BERT with a head, binary in all that ships; subclasses say how passage and hypothesis meet."""

    name: str

    def __init__(self, config: BertConfig, reading: int = READING) -> None:
        super().__init__()
        self.config, self.reading = config, reading
        self.bert = BertForSequenceClassification(config)

    def initial(self, folder: str) -> None:
        """Take all weights from a checkpoint folder of BERT's own layout (the backbone, say); a head it lacks starts at random."""
        self.bert = BertForSequenceClassification.from_pretrained(
            folder, num_labels=self.config.num_labels, attn_implementation="sdpa"
        )

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


class Read(NamedTuple):
    """What is made of some texts before any pair is looked at."""

    entering: torch.Tensor  # (n, tokens, width); of passages, nobody reads it
    states: list[tuple[torch.Tensor, torch.Tensor]]  # keys and values for each reading layer
    gist: torch.Tensor | None  # (n, width)


class Split(Shape):
    """Hypothesis tokens read the states of the passage in the upper layers.

    What is paid for each pair is kept small. A token of a hypothesis reads the passage and, of its own hypothesis, the states that it
    has without any passage, so that only its query is worked out for the pair. It goes through the feed-forward network no more; the first
    token, which is judged, does, and in the last layer reads what the others have made of the passage.
    """

    name = "split"

    relates = False  # whether the token that is judged is told how near passage and hypothesis are

    def passage_states(self, ids: torch.Tensor, mask: torch.Tensor) -> Read:
        """Keys and values of the passages for each reading layer; the last layer itself is never run on them."""
        x, states = self.embed(ids, 0), []
        bias = _bias(mask, x)
        n = self.config.num_hidden_layers
        for at in range(n):
            if at >= n - self.reading:
                states.append(self.keys_values(at, x))
            if at < n - 1:
                x = self.alone(at, x, bias)
        return Read(x, states, self.gist_of(x, mask) if self.relates else None)

    def hypothesis_states(self, ids: torch.Tensor, mask: torch.Tensor) -> Read:
        """The hypotheses as they enter the first reading layer, and their keys and values in each reading layer but the last."""
        x = entering = self.embed(ids, 1)
        bias, states = _bias(mask, x), []
        n = self.config.num_hidden_layers
        for at in range(n - 1):
            if at == n - self.reading:
                entering = x
            if at >= n - self.reading:
                states.append(self.keys_values(at, x))
            if at < n - 2 or self.relates:
                x = self.alone(at, x, bias)
        return Read(entering, states, self.gist_of(x, mask) if self.relates else None)

    def gist_of(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What a text is about, from the states that enter the last layer: vectors of length 1, (n, width)."""
        raise NotImplementedError

    def told(self, both: torch.Tensor) -> torch.Tensor:
        """What is added to the token that is judged: the product of two gists (..., width) -> (..., width)."""
        raise NotImplementedError

    def join(
        self,
        of_passages: Read,
        passage_mask: torch.Tensor,
        of_hypotheses: Read,
        hypothesis_mask: torch.Tensor,
        pairs: torch.Tensor,
    ) -> torch.Tensor:
        """Logits of the pairs."""
        passage, hypothesis = pairs[:, 0], pairs[:, 1]
        x = of_hypotheses.entering[hypothesis]
        if of_passages.gist is not None and of_hypotheses.gist is not None:
            told = self.told(of_passages.gist[passage] * of_hypotheses.gist[hypothesis])
            x = torch.cat([x[:, :1] + told[:, None].to(x.dtype), x[:, 1:]], 1)
        bias = _bias(torch.cat([passage_mask[passage], hypothesis_mask[hypothesis]], 1), x)
        n = self.config.num_hidden_layers
        for at in range(n - self.reading, n):
            step = at - (n - self.reading)
            last = at == n - 1
            mine = self.keys_values(at, x) if last else [some[hypothesis] for some in of_hypotheses.states[step]]
            keys, values = (torch.cat([a[passage], b], 2) for a, b in zip(of_passages.states[step], mine, strict=True))
            x = self.attend(at, x[:, :1] if last else x, keys, values, bias)
            x = torch.cat([self.digest(at, x[:, :1]), x[:, 1:]], 1)
        pooled = torch.tanh(self.bert.bert.pooler.dense(x[:, 0]))
        return self.bert.classifier(self.bert.dropout(pooled))

    def forward(
        self, passages: list[list[int]], hypotheses: list[list[int]], pairs: torch.Tensor, pad_id: int
    ) -> torch.Tensor:
        ids, mask = padded(passages, pad_id)
        other_ids, other_mask = padded(hypotheses, pad_id)
        of_passages, of_hypotheses = self.passage_states(ids, mask), self.hypothesis_states(other_ids, other_mask)
        if of_passages.gist is not None and of_hypotheses.gist is not None:
            self.cosines = of_passages.gist @ of_hypotheses.gist.T
        return self.join(of_passages, mask, of_hypotheses, other_mask, pairs)


class Related(Split):
    """Split, and the token that is judged is told how near passage and hypothesis are as a whole, feature by feature.

    What a hypothesis reads by attention says little of whether a passage speaks of its target at all, which a plain cosine of sentence
    vectors sees. Both texts have such a vector here, made once for each; the product of the two, feature by feature, enters with the first token.
    Training holds its sum, the cosine, to that of the backbone (`training.train --relate`).
    """

    name = "related"
    relates = True
    cosines: (
        torch.Tensor
    )  # of the passages and hypotheses of the last call, (p, h); training holds them to the backbone's

    def __init__(self, config: BertConfig, reading: int = READING) -> None:
        super().__init__(config, reading)
        width = config.hidden_size
        self.gist, self.told_by = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.eye_(self.gist.weight)
        for each in (self.gist.bias, self.told_by.weight, self.told_by.bias):
            nn.init.zeros_(each)  # at first nothing is told, and the shape is that of split

    def gist_of(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        # A product of two rows, of which one is taken: see `training.export.Grid` on sums over padding, and on single rows.
        weights = mask[:, None].to(x.dtype).expand(-1, 2, -1)
        mean = (weights @ x) / weights.sum(-1, keepdim=True)
        return normalize(self.gist(mean)[:, 0].float(), dim=-1)

    def told(self, both: torch.Tensor) -> torch.Tensor:
        return self.told_by(both * both.shape[-1] ** 0.5)


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


SHAPES: dict[str, type[Shape]] = {shape.name: shape for shape in (Cross, Split, Related, Bi)}


def start(
    shape: str, folder: str, reading: int = READING, *, classes: int = 2
) -> tuple[Shape, PreTrainedTokenizerBase]:
    """A model of the shape, with the weights of any checkpoint folder (BERT's layout, or one that `save` wrote), and its tokenizer.

    Where the head is to have another number of `classes` than that of the checkpoint, it starts at random.
    """
    path = Path(folder)
    model = SHAPES[shape](BertConfig.from_pretrained(folder, num_labels=classes), reading)
    if (path / SHAPE_FILE).is_file():
        weights = load_file(path / "shape.safetensors")
        if weights[f"{HEAD}weight"].shape[0] != classes:
            weights = {name: value for name, value in weights.items() if not name.startswith(HEAD)}
        missing, _ = model.load_state_dict(weights, strict=False)
        if any(not name.startswith((*ADDED, HEAD)) for name in missing):
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
    classes = BertConfig.from_pretrained(folder).num_labels
    return start(stated["shape"], str(folder), stated["reading"], classes=classes)
