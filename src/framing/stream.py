"""A corpus of any size -> scores, in parts: no more than some articles are in memory at a time."""

import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from tqdm import tqdm

from framing.analysis import engine_of, load_for, model_facts
from framing.codebook import Codebook
from framing.corpus import intake, iter_corpus
from framing.corpus.folder import SUFFIXES
from framing.entailment import EntailmentModel
from framing.errors import StudyError
from framing.files import put_in_place, refuse_link, workplace, write_json
from framing.lock import held
from framing.manifest import NAME as MANIFEST
from framing.manifest import make_manifest
from framing.scoring import Plan
from framing.speed import MEASURED, pairs_per_second, told, watched
from framing.stages import stage_counts, through_stages
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
        True: say on the error stream how long scoring will take, and show a progress bar. False: neither. By default the first everywhere, and the
        second where the error stream is a terminal or a notebook.

    Returns
    -------
    Path
        The folder: hypotheses.parquet; documents/, passages/, scores/, measures/ and articles/ with NNNNNN.parquet; and manifest.json with the
        counts of all parts together, the settings, and the digests of codebook, model and files.

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
    hypotheses = codebook.hypotheses()
    with held(study.out), workplace(study.out) as work:
        if model is None:
            model = load_for(study)
        store, engine = Store(study.scores, model.fingerprint), engine_of(study, model)
        out, new = study.out / PARTS_FOLDER, work / PARTS_FOLDER
        refuse_link(out)
        write_tables({"hypotheses": hypotheses}, new, for_people=False)
        # A thousand articles are some 40 chunks of work: enough for eight workers, and a tenth of what eighty need.
        size = size or _ARTICLES * max(1, (study.workers or 1) // _WORKERS)
        parts = iter_corpus(study.corpus, **study.reading, size=size)
        columns: dict[str, None] = {}  # of all documents: a corpus may name one for the first time in its last part
        counts: dict[str, dict[str, int]] = {}
        forecast = _Forecast(model, said=progress is False)
        with engine or nullcontext(), tqdm(desc="Scoring", unit="article", disable=not watched(progress)) as bar:
            for number, documents in enumerate(parts):
                if number == 0:
                    bar.total = len(documents) if len(documents) < size else _articles_in(study.corpus)
                    forecast.total = bar.total
                tables = through_stages(
                    documents,
                    codebook,
                    model=model,
                    threshold=study.threshold,
                    store=store,
                    engine=engine,
                    progress=False,
                    before_scoring=partial(forecast.tell, len(documents)),
                )
                for name, table in tables._asdict().items():
                    if name != "hypotheses":
                        write_tables({f"{number:06d}": table}, new / name, for_people=False)
                columns |= dict.fromkeys(documents.columns)
                _add({"intake": intake(documents)} | stage_counts(tables), counts)
                bar.update(len(documents))
                forecast.done += len(documents)
            if not forecast.said:
                tqdm.write(
                    f"{forecast.done:,} articles: every score was there already, or none was needed.", file=sys.stderr
                )
        _even_out(new / "documents", list(columns))
        inputs = {"articles": counts["intake"]["articles"]}
        facts = make_manifest(study, codebook, model=model_facts(model), counts=counts, files=new, inputs=inputs)
        write_json(new / MANIFEST, facts)
        put_in_place(work, study.out, [PARTS_FOLDER])
    return out


def _articles_in(corpus: Path) -> int | None:
    """About how many articles there are; None where only reading the corpus would tell."""
    if corpus.is_dir():
        return sum(path.suffix.lower() in SUFFIXES for path in corpus.rglob("*"))
    if corpus.suffix.lower() == ".parquet":
        with pq.ParquetFile(corpus) as file:
            return int(file.metadata.num_rows)
    return None


@dataclass
class _Forecast:
    """How long scoring takes, said once on the error stream: before the first articles that lack a score.

    Attributes
    ----------
    model : EntailmentModel
    total : int or None
        About how many articles there are, if that is known.
    done : int
        Articles that were gone through; as long as nothing was said, they had all their scores.
    said : bool
    """

    model: EntailmentModel
    total: int | None = None
    done: int = 0
    said: bool = False

    def tell(self, articles: int, plan: Plan) -> None:
        """Say it, unless it was said, from what is missing of the next `articles` articles and the speed of the model just now."""
        if not self.said:
            self.said = True
            tqdm.write(self._line(articles, plan), file=sys.stderr)

    def _line(self, articles: int, plan: Plan) -> str:
        missing, hypotheses = plan.work
        which = f"the {'next' if self.done else 'first'} {articles:,} articles"
        rate = 0.0
        with suppress(Exception):  # whatever a model can raise: scoring will find out over which texts it does
            rate = pairs_per_second(self.model, hypotheses, MEASURED)
        if not rate:
            return f"{missing:,} pairs of a passage and a hypothesis are to be scored in {which}."
        speed = f"{rate:,.0f} pairs of a passage and a hypothesis a second in this process"
        later = max(0, self.total - self.done - articles) if self.total is not None else None
        if later == 0:
            return f"{self.done + articles:,} articles, {missing:,} pairs to score, at {speed}: {told(missing / rate)}."
        each, every = plan.anew / rate / articles, ""
        if later is not None:
            # Where a run was cut off among these articles the later ones lack everything; where a corpus has grown they may lack as little.
            least, most = (told((missing + part * later / articles) / rate) for part in (missing, plan.anew))
            left = f"the {articles + later:,} that are left" if self.done else f"all {later + articles:,}"
            every = (
                f", {least if least == most else f'{least} to {most}, by what of them is scored already,'} for {left}"
            )
        before = f" after {self.done:,} that have all of theirs" if self.done else ""
        return (
            f"scoring takes {told(each * 1000)} for each 1,000 articles{every}, at {speed}; what an earlier run scored is not scored again "
            f"({plan.p.size - missing:,} of {plan.p.size:,} pairs in {which}{before})."
        )


def _add(counts: Mapping[str, Mapping[str, int]], total: dict[str, dict[str, int]]) -> None:
    for stage, numbers in counts.items():
        so_far = total.setdefault(stage, {})
        for name, number in numbers.items():
            so_far[name] = so_far.get(name, 0) + number


def _even_out(folder: Path, columns: list[str]) -> None:
    """Give every part all columns: whoever reads a folder as one table takes the columns of its first file."""
    for path in sorted(folder.glob("*.parquet")):
        table = read_table(path)
        if list(table.columns) != columns:
            lacking = {name: pd.Series("", table.index, dtype="str") for name in columns if name not in table}
            write_tables({path.stem: table.assign(**lacking)[columns]}, folder, for_people=False)
