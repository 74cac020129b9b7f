"""A pair model with safetensors weights, run by PyTorch (the extra `torch`)."""

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from framing.entailment.model import Floats, Ints, Labels
from framing.entailment.pairs import PairModel


class TorchPairModel(PairModel):
    """A sequence classification model of `transformers`, in fp32, on the processor."""

    def __init__(
        self, name: str, folder: Path, tokenizer: Tokenizer, labels: Labels, max_tokens: int, *, types: bool
    ) -> None:
        import torch  # here, because the base install has none
        from transformers import AutoModelForSequenceClassification

        # The configurations say how weights and tokens are put together; large models come in several files.
        configurations = [p for p in (folder / "config.json", folder / "tokenizer_config.json") if p.is_file()]
        files = [*configurations, *sorted(folder.glob("*.safetensors"))]
        super().__init__(name, files, tokenizer, labels, max_tokens)
        self._torch: Any = torch
        self._types = types
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
        self._model: Any = model.eval()

    def _logits(self, ids: Ints, mask: Ints, types: Ints) -> Floats:
        given = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": types} if self._types else {})
        with self._torch.inference_mode():
            tensors = {key: self._torch.from_numpy(value) for key, value in given.items()}
            logits = self._model(**tensors).logits
        return np.asarray(logits.numpy(), dtype=np.float32)
