"""A pair model with safetensors weights, run by PyTorch (the extra `torch`)."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from framing.cores import threads_without_waiting
from framing.entailment.firsttoken import first_token_only
from framing.entailment.model import Floats, Ints, Labels, padded
from framing.entailment.pairs import PairModel
from framing.errors import ModelError

_CARD_BATCH = 256  # pairs; a card has more arithmetic units to keep busy than a processor
_MOST_PARAMETERS = 500_000_000  # of four bytes: a file of ONNX has less than 2 GB
_EXAMPLE = (
    ("The bridge opens on Monday.", "No."),
    ("It is new.", "The council will meet again in the second week of the month."),
)


class TorchPairModel(PairModel):
    """A sequence classification model of `transformers`, on the graphics card in bf16 if there is one, else on the processor in fp32.

    `types` says whether the tokenizer gives token types. `threads` processor threads run it, and whatever else PyTorch runs in this
    process; as many as there are cores that this process may use, if not given.
    """

    _other_batches = ()  # PyTorch's last bits move with the company of a pair: a measurement would make them a matter of chance

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
        if self._device == "cuda":
            self._usual_batch = _CARD_BATCH
        if threads := threads or threads_without_waiting():
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

    def write_onnx(self, path: Path) -> None:
        """Write the model as ONNX, in fp32, in one file; it stays on the processor afterwards, and its attention is made of plain products.

        Raises
        ------
        ModelError
            If it is too large for one file of ONNX.
        """
        import onnx  # here, because it belongs to the extra `torch`

        torch = self._torch
        model = self._model.to("cpu")
        parameters = sum(each.numel() for each in model.parameters())
        if parameters > _MOST_PARAMETERS:
            raise ModelError(
                f"{self.name} has {parameters / 1e6:,.0f} million parameters; one file of ONNX holds up to {_MOST_PARAMETERS / 1e6:,.0f} million."
            )
        # Plain products run a little faster in ONNX Runtime than what the exporter makes of PyTorch's own attention.
        model.set_attn_implementation("eager")
        encodings = self._encode(*_EXAMPLE)
        ids, mask = padded([e.ids for e in encodings], self._pad_id)
        types, _ = padded([e.type_ids for e in encodings], 0)
        given = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": types} if self._types else {})

        class Logits(torch.nn.Module):  # type: ignore[misc, name-defined]
            """Inputs by position, as the exporter gives them."""

            def __init__(self) -> None:
                super().__init__()
                self.model = model

            def forward(self, *tensors: Any) -> Any:
                return self.model(**dict(zip(given, tensors, strict=True))).logits

        axes = {name: {0: "pairs", 1: "tokens"} for name in given} | {"logits": {0: "pairs"}}
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter(
                "ignore"
            )  # of the exporter, about itself, and about shapes that it takes for constant
            # The older of PyTorch's two exporters: what it writes runs a fifth faster than what the newer does, and all shapes pass.
            torch.onnx.export(
                Logits().eval(), tuple(map(torch.from_numpy, given.values())), str(path), input_names=[*given], output_names=["logits"],
                dynamic_axes=axes, dynamo=False, opset_version=17,
            )  # fmt: skip
        written = onnx.load(path)
        first_token_only(written)
        onnx.save(written, path)


def _place(torch: Any) -> tuple[str, str]:
    """Device and arithmetic. Older graphics cards only imitate bf16, slowly; they stay in fp32."""
    if not torch.cuda.is_available():
        return "cpu", "fp32"
    return "cuda", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
