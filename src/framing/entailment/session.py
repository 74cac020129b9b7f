"""An ONNX Runtime session on the processor, as all models of this package are run. No PyTorch is needed."""

from pathlib import Path

import onnxruntime


def open_session(weights: Path, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Load an ONNX file; `threads` processor threads, or as many as there are cores."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # A model whose matrix products were quantised by others is run in fp32 instead: int8 products round by the range of their batch,
    # and a score must not depend on what else is in its batch.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    if threads:
        options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
