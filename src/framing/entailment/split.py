"""Models of the split shape: a premise is read once, alone, and every hypothesis reads what was made of it.

No premise sees a hypothesis and no hypothesis sees another, so that a further hypothesis costs little and changes no score.
"""

from collections.abc import Sequence

import numpy as np

from framing.entailment.model import Floats, batches, padded
from framing.entailment.session import OnnxModel
from framing.errors import ModelError

_BATCH_TOKENS = 2048  # padded tokens of premises a batch
_BATCH_SCORES = 512  # premises x hypotheses a batch: more gains no speed on a CPU and costs memory
_SPECIAL = 2  # tokens around a text
_INPUTS = ("passage_ids", "passage_mask", "hypothesis_ids", "hypothesis_mask")


class SplitModel(OnnxModel):
    """A split model in ONNX: (passage_ids, passage_mask, hypothesis_ids, hypothesis_mask) -> logits (passages, hypotheses, labels)."""

    def _check_inputs(self) -> None:
        if self._inputs != {*_INPUTS}:
            raise ValueError(f"a model of the split shape has the inputs {[*_INPUTS]}, not {sorted(self._inputs)}")

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
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
        result = np.full((len(premises), len(hypotheses)), np.nan, dtype=np.float32)
        if not result.size:
            return result
        wordings = [e.ids for e in self._tokenizer.encode_batch(list(hypotheses))]
        if max(map(len, wordings)) > self.max_tokens:
            raise ModelError(f"a hypothesis has more than the {self.max_tokens} tokens that are read; shorten it.")
        self._tokenizer.enable_truncation(self.max_tokens)
        try:
            texts = [e.ids for e in self._tokenizer.encode_batch(list(premises))]
        finally:
            self._tokenizer.no_truncation()
        for first in range(0, len(wordings), _BATCH_SCORES):
            some = wordings[first : first + _BATCH_SCORES]
            hypothesis_ids, hypothesis_mask = padded(some, self._pad_id)
            rows = max(1, _BATCH_SCORES // len(some))
            for batch in batches([len(ids) for ids in texts], rows=rows, tokens=_BATCH_TOKENS):
                passage_ids, passage_mask = padded([texts[i] for i in batch], self._pad_id)
                given = (passage_ids, passage_mask.astype(bool), hypothesis_ids, hypothesis_mask.astype(bool))
                outputs = self._session.run(None, dict(zip(_INPUTS, given, strict=True)))
                logits = np.asarray(outputs[0], dtype=np.float32)
                result[batch, first : first + len(some)] = self._labels.probability(logits)
        return result

    @property
    def _room(self) -> int:
        return self.max_tokens - _SPECIAL
