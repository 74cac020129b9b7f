"""framing: how news outlets frame an issue, with every number led back to its text.

>>> study = framing.Study.load("study.yaml")
>>> analysis = framing.run(study)
>>> analysis.outlets
"""

from framing.analysis import Analysis, analyse, run
from framing.codebook import Codebook
from framing.coding import draw_sample
from framing.corpus import read_corpus
from framing.entailment import load_model
from framing.errors import FramingError
from framing.study import Study

__version__ = "0.1.0"
__all__ = [
    "Analysis", "Codebook", "FramingError", "Study", "analyse", "draw_sample", "load_model", "read_corpus", "run"
]  # fmt: skip
