"""A corpus of any size -> scores, in parts: no more than some articles are in memory at a time."""

import shutil
import sys
from pathlib import Path

from tqdm import tqdm

from framing.analysis import SCORES_FOLDER, engine_of, load_for
from framing.articles import score_articles
from framing.codebook import Codebook
from framing.corpus import iter_corpus
from framing.entailment import EntailmentModel
from framing.errors import StudyError
from framing.files import refuse_link
from framing.lock import held
from framing.measures import measure
from framing.passages import set_aside_languages, split_passages
from framing.scoring import score
from framing.store import Store
from framing.study import Study
from framing.tables import write_tables

PARTS_FOLDER = "parts"
_ARTICLES = 1000  # of a part


def score_corpus(
    study: Study, *, model: EntailmentModel | None = None, size: int = _ARTICLES, progress: bool | None = None
) -> Path:
    """Score a corpus part by part, and write the tables of each part.

    A table is a folder of Parquet files, one for each part, which `pandas.read_parquet` and others read as one. Scores are kept as they are made, as
    `framing.run` keeps them: a run that was cut off goes on where it stopped, and `framing report` finds them.

    Parameters
    ----------
    study : Study
        Its `sample` must be unset: who is drawn is not known before the corpus was read.
    model : EntailmentModel, optional
        Instead of the one that the study names.
    size : int
        Articles of a part; memory grows with it, and with nothing else but ids and digests of articles and passages.
    progress : bool, optional
        Show a progress bar; by default where the error stream is a terminal or a notebook.

    Returns
    -------
    Path
        The folder: hypotheses.parquet, and documents/, passages/, scores/, measures/ and articles/ with NNNNNN.parquet.

    Raises
    ------
    FramingError
        If articles, codebook or model cannot be used; the message names what to mend. What was scored is kept.
    """
    if study.sample:
        raise StudyError(
            "`sample` draws from a whole corpus, and this reads it in parts; leave it out, or use `framing report`."
        )
    codebook = Codebook.load(study.codebook)
    constructs, hypotheses = list(codebook.constructs()), codebook.hypotheses()
    if progress is None:
        progress = sys.stderr.isatty() or "ipykernel" in sys.modules
    with held(study.out):
        if model is None:
            model = load_for(study)
        store, engine = Store(study.out / SCORES_FOLDER, model.fingerprint), engine_of(study, model)
        out = study.out / PARTS_FOLDER
        refuse_link(out)
        # Parts of an earlier run may have been cut otherwise; all of them are made again, from the scores that were kept.
        shutil.rmtree(out, ignore_errors=True)
        write_tables({"hypotheses": hypotheses}, out, for_people=False)
        parts = iter_corpus(
            study.corpus, metadata=study.metadata, skip_bad=study.skip_bad, strict=study.strict, size=size
        )
        with tqdm(desc="Scoring", unit="article", disable=not progress) as bar:
            for number, documents in enumerate(parts):
                passages = set_aside_languages(split_passages(documents), documents, model.languages)
                scores = score(passages, hypotheses, model=model, store=store, engine=engine, progress=False)
                measures = measure(scores, passages, codebook, calibration=model.calibration)
                articles = score_articles(
                    measures, passages, documents, threshold=study.threshold, constructs=constructs
                )
                tables = {
                    "documents": documents, "passages": passages, "scores": scores, "measures": measures, "articles": articles
                }  # fmt: skip
                for name, table in tables.items():
                    write_tables({f"{number:06d}": table}, out / name, for_people=False)
                bar.update(len(documents))
    return out
