"""A corpus of any size -> scores, in parts: no more than some articles are in memory at a time."""

import sys
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from framing.analysis import SCORES_FOLDER, engine_of, load_for
from framing.articles import score_articles
from framing.codebook import Codebook
from framing.corpus import iter_corpus
from framing.entailment import EntailmentModel
from framing.errors import StudyError
from framing.files import put_in_place, refuse_link, workplace
from framing.lock import held
from framing.measures import measure
from framing.passages import set_aside_languages, split_passages
from framing.scoring import score
from framing.store import Store
from framing.study import Study
from framing.tables import read_table, write_tables

PARTS_FOLDER = "parts"
_ARTICLES, _WORKERS = 1000, 8  # of a part: articles, for so many workers


def score_corpus(
    study: Study, *, model: EntailmentModel | None = None, size: int | None = None, progress: bool | None = None
) -> Path:
    """Score a corpus part by part, and write the tables of each part.

    A table is a folder of Parquet files, one for each part, which `pandas.read_parquet` and others read as one. Scores are kept as they are made, as
    `framing.run` keeps them: a run that was cut off goes on where it stopped, and `framing report` finds them. The tables of an earlier run
    stand until all of the new ones are there.

    Parameters
    ----------
    study : Study
        Its `sample` must be unset: who is drawn is not known before the corpus was read.
    model : EntailmentModel, optional
        Instead of the one that the study names.
    size : int, optional
        Articles of a part, by default 1,000 for each eight of the workers that the study asks for, and no fewer than that; memory grows with it, and
        with nothing else but ids and digests of articles and passages.
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
    with held(study.out), workplace(study.out) as work:
        if model is None:
            model = load_for(study)
        store, engine = Store(study.out / SCORES_FOLDER, model.fingerprint), engine_of(study, model)
        out, new = study.out / PARTS_FOLDER, work / PARTS_FOLDER
        refuse_link(out)
        write_tables({"hypotheses": hypotheses}, new, for_people=False)
        # A thousand articles are some 40 chunks of work: enough for eight workers, and a tenth of what eighty need.
        size = size or _ARTICLES * max(1, (study.workers or 1) // _WORKERS)
        parts = iter_corpus(study.corpus, **study.reading, size=size)
        columns: dict[str, None] = {}  # of all documents: a corpus may name one for the first time in its last part
        with engine or nullcontext(), tqdm(desc="Scoring", unit="article", disable=not progress) as bar:
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
                    write_tables({f"{number:06d}": table}, new / name, for_people=False)
                columns |= dict.fromkeys(documents.columns)
                bar.update(len(documents))
        _even_out(new / "documents", list(columns))
        put_in_place(new, out)
    return out


def _even_out(folder: Path, columns: list[str]) -> None:
    """Give every part all columns: whoever reads a folder as one table takes the columns of its first file."""
    for path in sorted(folder.glob("*.parquet")):
        table = read_table(path)
        if list(table.columns) != columns:
            lacking = {name: pd.Series("", table.index, dtype="str") for name in columns if name not in table}
            write_tables({path.stem: table.assign(**lacking)[columns]}, folder, for_people=False)
