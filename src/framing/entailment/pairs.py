"""Models that read a premise and a hypothesis together, anew for each pair: what they share, whatever runs them."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from tokenizers import Encoding

from framing.entailment.model import EntailmentModel, Floats, Ints, batches, check_pairs, check_texts, padded
from framing.errors import ModelError

TOKENS = 48  # padded tokens of a pair, on average over a batch: longer pairs stand in smaller batches
_HYPOTHESIS_TOKENS = 128
_SPECIAL = 4  # tokens around the two texts and between them


class PairModel(EntailmentModel):
    """A cross-encoder."""

    _usual_batch = 32
    _other_batches: tuple[int, ...] = (16, 64)

    @abstractmethod
    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        """Logits, shape (pairs, labels), of padded inputs of shape (pairs, tokens)."""

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        check_pairs(premises, hypotheses)
        encodings = self._encode(premises, hypotheses)
        result = np.full(len(encodings), np.nan, dtype=np.float32)
        rows = self._at_once
        for batch in batches([len(e.ids) for e in encodings], rows=rows, tokens=rows * TOKENS):
            ids, mask = padded([encodings[i].ids for i in batch], self._pad_id)
            types, _ = padded([encodings[i].type_ids for i in batch], 0)
            result[batch] = self._labels.probability(self._logits(ids, mask, types))
        return result

    def entail_table(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        check_texts(premises=premises, hypotheses=hypotheses)
        longest = max(
            (len(e.ids) for e in self._tokenizer.encode_batch(list(hypotheses), add_special_tokens=False)), default=0
        )
        if longest > self._kept_free:
            raise ModelError(
                f"a hypothesis has {longest} tokens; of the {self.max_tokens} that are read at a time {self._kept_free} are kept free for it: "
                "shorten it."
            )
        return super().entail_table(premises, hypotheses)

    @property
    def _kept_free(self) -> int:
        """Tokens that are kept free for a hypothesis, so that a premise is cut alike under all of them."""
        return min(_HYPOTHESIS_TOKENS, self.max_tokens // 2)

    @property
    def _room(self) -> int:
        return max(1, self.max_tokens - _SPECIAL - self._kept_free)

    def _encode(self, premises: Sequence[str], hypotheses: Sequence[str]) -> list[Encoding]:
        pairs = list(zip(premises, hypotheses, strict=True))
        texts = list(
            dict.fromkeys([*premises, *hypotheses])
        )  # each is cut into tokens once, and pairs are put together from these
        tokens = dict(zip(texts, self._tokenizer.encode_batch(texts, add_special_tokens=False), strict=True))
        self._tokenizer.enable_truncation(self.max_tokens, strategy="only_first")
        try:
            return [self._tokenizer.post_process(tokens[premise], tokens[hypothesis]) for premise, hypothesis in pairs]
        except Exception as error:  # the tokenizers library raises plain Exception
            if "too short" not in str(error):
                raise
            raise ModelError(
                f"a hypothesis leaves no room for a premise within {self.max_tokens} tokens; shorten the hypothesis."
            ) from error
        finally:
            self._tokenizer.no_truncation()
