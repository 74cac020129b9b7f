"""Models of the split shape: a premise is read once, alone, and every hypothesis reads what was made of it.

No premise sees a hypothesis and no hypothesis sees another, so that a further hypothesis costs little and changes no score. What is made of the
hypotheses alone is made once and kept for as long as the same are asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime

from framing.entailment.model import Bools, Floats, Ints, batches, check_pairs, check_texts, padded
from framing.entailment.session import OnnxModel
from framing.errors import ModelError

TOKENS = 8  # padded tokens of premises for each score of a batch, at most: few hypotheses are asked of smaller batches
TOGETHER = 256  # hypotheses, at most, of which what was made is kept in one piece
_SPECIAL = 2  # tokens around a text
_INPUTS = ("passage_ids", "passage_mask", "hypothesis_ids", "hypothesis_mask")
_READ, _MADE = "read_", "made_"  # of the hypotheses: input and output of the same number hold the same

Made = Mapping[str, Floats]


@dataclass
class _Group:
    """Hypotheses that go into one batch, from number `first` on, and what was made of them once they were asked."""

    first: int
    ids: Ints
    mask: Bools
    made: Made | None = None


class Graph:
    """What the file of a split model computes.

    (passage_ids, passage_mask, hypothesis_ids, hypothesis_mask, read_0, read_1, ...) -> logits (passages, hypotheses, labels), made_0, made_1, ...
    Where the inputs `read` are empty, the hypotheses are worked through and what was made of them comes out as `made`; given back as `read`,
    it is taken as it is.

    Raises
    ------
    ValueError
        If the file has other inputs or outputs.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        inputs = {each.name: each.shape for each in session.get_inputs()}
        reads = [name for name in inputs if name.startswith(_READ)]
        makes = [name.replace(_READ, _MADE) for name in reads]
        outputs = {each.name for each in session.get_outputs()}
        if not reads or inputs.keys() != {*_INPUTS, *reads} or outputs != {"logits", *makes}:
            raise ValueError(
                f"a model of the split shape has the inputs {[*_INPUTS, f'{_READ}0']} and so on and the outputs 'logits', '{_MADE}0' and so on, "
                f"not {sorted(inputs)} and {sorted(outputs)}"
            )
        self._makes = dict(zip(reads, makes, strict=True))
        self._empty = {
            name: np.zeros([0, *(n if isinstance(n, int) else 1 for n in inputs[name][1:])], np.float32)
            for name in reads
        }

    def run(
        self, ids: Ints, mask: Bools, hypothesis_ids: Ints, hypothesis_mask: Bools, made: Made | None = None
    ) -> tuple[Floats, Made]:
        """Logits (passages, hypotheses, labels), and what was made of the hypotheses, or is taken from `made`."""
        given = dict(zip(_INPUTS, (ids, mask, hypothesis_ids, hypothesis_mask), strict=True))
        outputs = [] if made else [*self._makes.values()]
        logits, *others = self._session.run(["logits", *outputs], {**given, **(made or self._empty)})
        return np.asarray(logits, dtype=np.float32), made or dict(zip(self._makes, others, strict=True))


class SplitModel(OnnxModel):
    """A split model in ONNX; see `Graph`."""

    _usual_batch, _other_batches = 256, (128, 512)  # what a processor works at is to fit into its cache

    def _take_up(self, session: onnxruntime.InferenceSession) -> None:
        self._graph = Graph(session)
        self._asked: tuple[str, ...] = ()
        self._groups: list[_Group] = []

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        check_pairs(premises, hypotheses)
        asked: dict[str, dict[str, list[int]]] = {}  # premise -> hypothesis -> places
        for i, (premise, hypothesis) in enumerate(zip(premises, hypotheses, strict=True)):
            asked.setdefault(premise, {}).setdefault(hypothesis, []).append(i)
        together: dict[tuple[str, ...], list[str]] = {}  # premises that are asked the same
        for premise, places in asked.items():
            together.setdefault(tuple(sorted(places)), []).append(premise)
        result = np.full(len(premises), np.nan, dtype=np.float32)
        for wordings, some in together.items():
            table = self.entail_table(some, wordings)
            for premise, row in zip(some, table, strict=True):
                for wording, p in zip(wordings, row, strict=True):
                    result[asked[premise][wording]] = p
        return result

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        check_texts(premises=premises, hypotheses=hypotheses)
        result = np.full((len(premises), len(hypotheses)), np.nan, dtype=np.float32)
        if not result.size:
            return result
        self._prepare(tuple(hypotheses))
        self._tokenizer.enable_truncation(self.max_tokens)
        try:
            texts = [e.ids for e in self._tokenizer.encode_batch(list(premises))]
        finally:
            self._tokenizer.no_truncation()
        for group in self._groups:
            n = len(group.ids)
            rows = max(1, self._at_once // n)
            for batch in batches([len(ids) for ids in texts], rows=rows, tokens=self._at_once * TOKENS):
                ids, mask = padded([texts[i] for i in batch], self._pad_id)
                logits, group.made = self._graph.run(ids, mask.astype(bool), group.ids, group.mask, group.made)
                result[batch, group.first : group.first + n] = self._labels.probability(logits)
        return result

    def _prepare(self, hypotheses: tuple[str, ...]) -> None:
        """Cut hypotheses into tokens, unless they are those that were asked last, of which is kept what was made of them."""
        if hypotheses == self._asked:
            return
        wordings = [e.ids for e in self._tokenizer.encode_batch(list(hypotheses))]
        if max(map(len, wordings)) > self.max_tokens:
            raise ModelError(f"a hypothesis has more than the {self.max_tokens} tokens that are read; shorten it.")
        groups = []
        for first in range(0, len(wordings), TOGETHER):
            ids, mask = padded(wordings[first : first + TOGETHER], self._pad_id)
            groups.append(_Group(first, ids, mask.astype(bool)))
        self._asked, self._groups = hypotheses, groups

    @property
    def _room(self) -> int:
        return self.max_tokens - _SPECIAL
