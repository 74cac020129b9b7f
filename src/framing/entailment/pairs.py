"""Models that read a premise and a hypothesis together, anew for each pair: what they share, whatever runs them."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from framing.entailment.model import EntailmentModel, Floats, Ints, batches, padded
from framing.errors import ModelError

_BATCH_TOKENS = 3072  # padded tokens a batch; more gains no speed on a CPU and costs memory
_BATCH_PAIRS = 64


class PairModel(EntailmentModel):
    """A cross-encoder."""

    @abstractmethod
    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        """Logits, shape (pairs, labels), of padded inputs of shape (pairs, tokens)."""

    def entail(self, premises: Sequence[str], hypotheses: Sequence[str]) -> Floats:
        encodings = self._encode(premises, hypotheses)
        result = np.full(len(encodings), np.nan, dtype=np.float32)
        for batch in batches([len(e.ids) for e in encodings], rows=_BATCH_PAIRS, tokens=_BATCH_TOKENS):
            ids, mask = padded([encodings[i].ids for i in batch], self._pad_id)
            types, _ = padded([encodings[i].type_ids for i in batch], 0)
            result[batch] = self._labels.probability(self._logits(ids, mask, types))
        return result

    def too_long(self, premises: Sequence[str], hypotheses: Sequence[str]) -> npt.NDArray[np.bool_]:
        lengths = [len(e.ids) for e in self._tokenizer.encode_batch(list(zip(premises, hypotheses, strict=True)))]
        return np.array(lengths, dtype=np.int64) > self.max_tokens

    def _encode(self, premises: Sequence[str], hypotheses: Sequence[str]) -> list[Encoding]:
        pairs = list(zip(premises, hypotheses, strict=True))
        self._tokenizer.enable_truncation(self.max_tokens, strategy="only_first")
        try:
            return list(self._tokenizer.encode_batch(pairs))
        except Exception as error:  # the tokenizers library raises plain Exception
            if "too short" not in str(error):
                raise
            raise ModelError(
                f"a hypothesis leaves no room for a premise within {self.max_tokens} tokens; shorten the hypothesis."
            ) from error
        finally:
            self._tokenizer.no_truncation()
