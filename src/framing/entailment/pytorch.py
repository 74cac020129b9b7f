"""A pair model with safetensors weights, run by PyTorch (the extra `torch`)."""

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from framing.entailment.model import Floats, Ints, Labels
from framing.entailment.pairs import PairModel


class TorchPairModel(PairModel):
    """A sequence classification model of `transformers`, on the graphics card in bf16 if there is one, else on the processor in fp32.

    `types` says whether the tokenizer gives token types. `threads` processor threads run it, and whatever else PyTorch runs in this
    process.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        tokenizer: Tokenizer,
        labels: Labels,
        max_tokens: int,
        *,
        types: bool,
        threads: int | None = None,
    ) -> None:
        import torch  # here, because the base install has none
        from transformers import AutoModelForSequenceClassification

        # The configurations say how weights and tokens are put together; large models come in several files.
        configurations = [p for p in (folder / "config.json", folder / "tokenizer_config.json") if p.is_file()]
        files = [*configurations, *sorted(folder.glob("*.safetensors"))]
        self._device, self.arithmetic = _place(torch)  # before the fingerprint is taken, which covers the arithmetic
        super().__init__(name, files, tokenizer, labels, max_tokens)
        if threads:
            torch.set_num_threads(threads)
        self._torch: Any = torch
        loaded: tuple[Any, dict[str, Any]] = AutoModelForSequenceClassification.from_pretrained(
            folder,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
        model, info = loaded
        if missing := sorted(info["missing_keys"]):  # transformers would fill them with random numbers
            raise ValueError(f"{len(missing)} weights are missing, such as {missing[0]!r}")
        self._model: Any = model.eval().to(self._device)
        # RoBERTa's tokenizers may state types that its weights have no place for.
        self._types = types and getattr(model.config, "type_vocab_size", 0) > 1

    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        given = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": types} if self._types else {})
        half = self._torch.autocast(self._device, self._torch.bfloat16, enabled=self.arithmetic == "bf16")
        with self._torch.inference_mode(), half:
            tensors = {key: self._torch.from_numpy(value).to(self._device) for key, value in given.items()}
            logits = self._model(**tensors).logits
        return np.asarray(logits.float().cpu().numpy(), dtype=np.float32)


def _place(torch: Any) -> tuple[str, str]:
    """Device and arithmetic. Older graphics cards only imitate bf16, slowly; they stay in fp32."""
    if not torch.cuda.is_available():
        return "cpu", "fp32"
    return "cuda", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
