"""The stages in a row, from articles to groups."""

import importlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from framing.annotation import VOICE, read_annotations
from framing.codebook import AXIS, Codebook
from framing.coders import against_coders
from framing.cores import usable_cores
from framing.corpus import intake, read_corpus
from framing.corpus.read import OK as READ
from framing.corpus.record import ALIASES
from framing.differences import compare_groups
from framing.engines import Engine, Loading, Processes
from framing.entailment import EntailmentModel, load_model
from framing.entailment.pytorch import TorchPairModel
from framing.errors import EngineError, StudyError, TableError, did_you_mean
from framing.files import put_in_place, workplace, write_json
from framing.lock import held
from framing.outlets import compare_outlets, group_labels
from framing.stages import stage_counts, through_stages
from framing.store import Store
from framing.study import Study
from framing.tables import ANNOTATIONS, DOCUMENTS, read_table, write_tables

_log = logging.getLogger(__name__)
_TABLES = (
    "documents",
    "passages",
    "hypotheses",
    "scores",
    "measures",
    "articles",
    "outlets",
    "differences",
    "annotations",
    "reliability",
    "agreement",
    "hypothesis_agreement",
    "found",
    "errors",
    "corrected_estimates",
    "corrected_differences",
)
_FACTS = "analysis.json"
_PARTS = (*(f"{name}.parquet" for name in _TABLES), _FACTS)  # the facts last: they vouch for the tables
_OUT = "out"  # of the settings: what their paths are compared from, where a study was moved
# Of a study: what its tables follow from, beside the contents of its files. Who scores, and what is shown, changes none of them.
_DECIDING = (
    "corpus", "metadata", "columns", "annotations", "annotation_columns", "group_by", "threshold", "seed", "resamples", "sample",
    "skip_bad", "date_order", "model",
)  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """Every table of one analysis, the counts of what went in and out, and the model that scored.

    `annotations` and the tables after it are empty where the study has no coders' judgements, those that are corrected also where none
    was drawn with a stated probability. `counts` maps a stage to its counts; `model` gives name, fingerprint and calibration (as words; empty if
    there is none). `settings` are what the tables follow from: `codebook_sha256`, `group_by`, `threshold`, `resamples` and `seed`, and where
    a study was run also what it says of corpus, sample and model, and its `out`.
    """

    documents: pd.DataFrame
    passages: pd.DataFrame
    hypotheses: pd.DataFrame
    scores: pd.DataFrame
    measures: pd.DataFrame
    articles: pd.DataFrame
    outlets: pd.DataFrame
    differences: pd.DataFrame
    annotations: pd.DataFrame
    reliability: pd.DataFrame
    agreement: pd.DataFrame
    hypothesis_agreement: pd.DataFrame
    found: pd.DataFrame
    errors: pd.DataFrame
    corrected_estimates: pd.DataFrame
    corrected_differences: pd.DataFrame
    counts: dict[str, dict[str, int]]
    model: dict[str, str]
    settings: dict[str, Any]

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, in the order in which they come into being."""
        return {name: getattr(self, name) for name in _TABLES}

    def write(self, folder: str | Path) -> None:
        """Keep the whole analysis in a folder, for `Analysis.read` and for `run(study, tables=folder)`.

        An analysis that is kept there already is replaced as a whole, and stands until all of the new one is made. A run that is killed while
        it puts the new one in place leaves a folder that `read` refuses; the next `write` brings the old one back first.

        Raises
        ------
        StorageError
            If there is no room for a file, or another run writes to the folder; what stood there before is intact.
        """
        folder = Path(folder)
        with held(folder), workplace(folder) as new:
            write_tables(self.tables(), new, for_people=False)
            write_json(new / _FACTS, {"settings": self.settings, "counts": self.counts, "model": self.model})
            put_in_place(new, folder, _PARTS)

    @classmethod
    def read(cls, folder: str | Path) -> "Analysis":
        """An analysis that `write` kept.

        Raises
        ------
        TableError
            If the folder holds none.
        """
        try:
            facts = json.loads((Path(folder) / _FACTS).read_text(encoding="utf-8"))
            told = {name: facts[name] for name in ("settings", "counts", "model")}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TableError(
                f"{folder} holds no analysis that was kept (no readable {_FACTS}). `Analysis.write(folder)` keeps one; the tables of a "
                "report are for pandas.read_parquet."
            ) from error
        tables: dict[str, Any] = {name: read_table(Path(folder) / f"{name}.parquet") for name in _TABLES}
        return cls(**tables, **told)


def run(
    study: Study,
    *,
    tables: str | Path | None = None,
    model: EntailmentModel | None = None,
    progress: bool | None = None,
) -> Analysis:
    """Run a study, or take up the analysis that an earlier run kept.

    Parameters
    ----------
    study : Study
    tables : str or Path, optional
        Folder of an analysis of this study that `Analysis.write` kept; it is read instead of running anything. Whether the articles
        have changed since is not looked at.
    model : EntailmentModel, optional
        Instead of the one that the study names, where this process scores (`engine: serial`).
    progress : bool, optional
        Show a progress bar while scoring; by default where the error stream is a terminal or a notebook.

    Returns
    -------
    Analysis
        Every table; docs/tables.md says what their columns are.

    Raises
    ------
    FramingError
        If articles, codebook or model cannot be used; the message names what to mend.
    TypeError
        If `study` is none.
    """
    if not isinstance(study, Study):
        raise TypeError(
            f"`study` cannot be {str(study)[:60]!r}; framing.Study.load(...) or framing.Study.of(...) makes it."
        )
    codebook = Codebook.load(study.codebook)
    settings = _settings(study)
    if tables:
        return _taken_up(tables, settings | {"codebook_sha256": codebook.sha256}, model)
    documents = read_corpus(study.corpus, **study.reading)
    counts = {"intake": intake(documents)}
    annotations = None
    if study.annotations:
        annotations = read_annotations(study.annotations, documents, _coded(codebook), columns=study.annotation_columns)
    read = documents[documents["status"].eq(READ)]
    if study.sample and study.sample < len(read):
        documents = read.sample(study.sample, random_state=study.seed).sort_index().reset_index(drop=True)
        counts["sample"] = {"articles drawn": len(documents)}
        if annotations is not None:
            drawn = annotations["document_id"].isin(documents["document_id"])
            counts["sample"]["judgements of articles not drawn"] = int((~drawn).sum())
            annotations = annotations[drawn].reset_index(drop=True)
    if model is None:
        model = load_for(study)
    else:
        settings["model"] = model.name
    analysis = analyse(
        documents,
        codebook,
        model=model,
        group_by=study.group_by,
        threshold=study.threshold,
        resamples=study.resamples,
        seed=study.seed,
        annotations=annotations,
        store=Store(study.scores, model.fingerprint),
        engine=engine_of(study, model),
        counts=counts,
        progress=progress,
    )
    return replace(analysis, settings=analysis.settings | settings)


def _coded(codebook: Codebook) -> list[str]:
    """The constructs that coders judge: of the axis its two frames, from which it follows."""
    return [construct for construct in codebook.constructs() if construct != AXIS]


def _settings(study: Study) -> dict[str, Any]:
    """What a study says of its tables, JSON-native."""
    said = {name: getattr(study, name) for name in (*_DECIDING, _OUT)}
    settings: dict[str, Any] = json.loads(json.dumps(said, default=str))  # paths and the keys of mappings as text
    return settings


def _taken_up(folder: str | Path, asked: Mapping[str, Any], model: EntailmentModel | None) -> Analysis:
    """The analysis that is kept in `folder`, if it is of these settings; what it does not say of itself cannot differ."""
    analysis = Analysis.read(folder)
    kept = {"model": analysis.model["name"]} | analysis.settings
    asked = dict(asked)
    was, now = kept.pop(_OUT, ""), asked.pop(_OUT)
    if model is not None:
        kept["model"], asked["model"] = analysis.model["fingerprint"], model.fingerprint
    if differing := [
        name
        for name, value in asked.items()
        if name in kept and kept[name] != value and _below(kept[name], was) != _below(value, now)
    ]:
        theirs = ", ".join(f"{name} {kept[name]!r}" for name in differing)
        ours = ", ".join(repr(asked[name]) for name in differing)
        raise TableError(
            f"{folder} was kept with {theirs}; the study says {ours}. Leave `tables` empty to run the study, or name a folder that was "
            "kept of it."
        )
    return analysis


def _below(value: Any, out: str) -> Any:
    """A path as seen from the folder of the results, so that a study that was moved as a whole is still the same; all else as it is."""
    if not (out and isinstance(value, str) and os.path.isabs(value)):  # noqa: PTH117
        return value
    try:
        return os.path.relpath(value, out)
    except ValueError:  # another drive of Windows
        return value


def load_for(study: Study) -> EntailmentModel:
    """The model that a study names, to be run in this process as the study says; faults as `load_model` has them."""
    model = load_model(study.model, threads=study.workers if study.engine == "serial" else None, batch=study.batch)
    if isinstance(model, TorchPairModel) and not importlib.import_module("torch").cuda.is_available():
        _log.warning(
            "PyTorch runs %s on the processor; `framing convert` writes it as ONNX, which runs about twice as fast.",
            study.model,
        )
    return model


def engine_of(study: Study, model: EntailmentModel) -> Engine | None:
    """Who scores, as the study says; None: this process.

    Raises
    ------
    EngineError
        If there are not so many workers, Ray is not installed, or workers are to use a model that the study does not name.
    """
    if study.engine != "serial" and model.name not in (study.model, Path(study.model).resolve().name):
        raise EngineError(
            f"workers of `engine: {study.engine}` load the model that the study names ({study.model!r}), but the model {model.name!r} was passed. "
            "Name that one in the study (`model`), or set `engine: serial`."
        )
    load = Loading(study.model, model.fingerprint, batch=study.batch)
    if study.engine == "processes":
        return Processes(study.workers or usable_cores(), load)
    if study.engine == "ray":
        from framing.distributed import RayActors  # Ray is an extra, and slow to import

        return RayActors(study.workers, load)
    return None


def analyse(
    documents: pd.DataFrame,
    codebook: Codebook,
    *,
    model: EntailmentModel,
    group_by: str = "outlet",
    threshold: float = 0.5,
    resamples: int = 10_000,
    seed: int = 1,
    annotations: pd.DataFrame | None = None,
    store: Store | str | Path | None = None,
    engine: Engine | None = None,
    counts: dict[str, dict[str, int]] | None = None,
    progress: bool | None = None,
) -> Analysis:
    """DOCUMENTS and a codebook -> every table.

    Parameters
    ----------
    documents : DataFrame, table DOCUMENTS
    codebook : Codebook
    model : EntailmentModel
    group_by : str
        Column of `documents` whose values are compared.
    threshold : float in (0, 1)
        From which value on a passage carries a frame; in absolute value, takes a side.
    resamples, seed : int
        Of every bootstrap.
    annotations : DataFrame, table ANNOTATIONS, optional
        Coders' judgements to hold the model against.
    store : Store, str or Path, optional
        Where scores are kept, for this and later calls: a folder, which is made.
    engine : Engine, optional
        See `framing.scoring.score`.
    counts : dict, optional
        Counts of earlier stages, to be carried along.
    progress : bool, optional
        See `run`.

    Returns
    -------
    Analysis
        Every table; docs/tables.md says what their columns are.

    Raises
    ------
    TypeError
        If an argument is of another kind; the message names what makes it.
    TableError
        If a table has no rows, lacks columns or has keys that are missing, repeated or no text; if `annotations` hold a construct that is
        not coded with this codebook.
    StudyError
        If `group_by` is no column that can group articles, or the name of one of the source's that is called otherwise in `documents`.
    ValueError
        If `threshold` lies outside (0, 1).
    """
    _check(documents, codebook, model, annotations, threshold)
    _check_grouping(documents, group_by)
    if isinstance(store, (str, Path)):
        store = Store(Path(store), model.fingerprint)
    known = through_stages(
        documents, codebook, model=model, threshold=threshold, store=store, engine=engine, progress=progress
    )
    articles = known.articles
    outlets = compare_outlets(articles, documents, group_by=group_by, resamples=resamples, seed=seed)
    if annotations is None:
        annotations = pd.DataFrame(columns=list(ANNOTATIONS.columns)).astype(
            {
                column: "float64" if column in ("value", "inclusion_probability") else "str"
                for column in ANNOTATIONS.columns
            }
        )
    compared = [
        compare_groups(articles, documents, construct=each, group_by=group_by, resamples=resamples, seed=seed).assign(
            construct=each
        )
        for each in codebook.constructs()
    ]
    return Analysis(
        **known._asdict(),
        outlets=outlets,
        differences=pd.concat(compared, ignore_index=True),
        annotations=annotations,
        **against_coders(
            annotations,
            known,
            axis=codebook.axis,
            group_by=group_by,
            threshold=threshold,
            resamples=resamples,
            seed=seed,
        ),
        counts=(counts or {"intake": intake(documents)}) | stage_counts(known),
        model=model_facts(model),
        settings={
            "codebook_sha256": codebook.sha256,
            "group_by": group_by,
            "threshold": float(threshold),
            "resamples": int(resamples),
            "seed": int(seed),
        },
    )


def _check(documents: object, codebook: object, model: object, annotations: object, threshold: float) -> None:
    """Refuse what would be found out by an error of somebody else's, or after an hour of scoring."""
    tables = pd.DataFrame | None
    for name, given, fits, way in (
        ("documents", documents, isinstance(documents, pd.DataFrame), "framing.read_corpus(...)"),
        ("codebook", codebook, isinstance(codebook, Codebook), "framing.Codebook.load(...)"),
        ("model", model, hasattr(model, "entail_table"), "framing.load_model(...)"),
        ("annotations", annotations, isinstance(annotations, tables), "a study with `annotations: FILE`, run by framing.run,"),
    ):  # fmt: skip
        if not fits:
            raise TypeError(f"`{name}` cannot be {str(given)[:60]!r} ({type(given).__name__}); {way} makes it.")
    if isinstance(documents, pd.DataFrame) and not len(DOCUMENTS.check(documents)):
        raise TableError("table `documents` has no rows: there is nothing to analyse.")
    if isinstance(codebook, Codebook) and isinstance(annotations, pd.DataFrame):
        known = [*_coded(codebook), VOICE]
        for construct in ANNOTATIONS.check(annotations)["construct"].unique():
            if construct not in known:
                raise TableError(
                    f"table `annotations`: the codebook {codebook.name!r} has no construct {construct!r} that people code; it has {known}"
                    f"{did_you_mean(construct, known)}"
                )
    if not 0 < threshold < 1:
        raise ValueError(f"`threshold` must lie in (0, 1), but {threshold!r} was passed.")


def _check_grouping(documents: pd.DataFrame, group_by: str) -> None:
    """Refuse a grouping by a column that is not there, or that is not the one which is meant."""
    group_labels(documents, group_by)
    own = f"source_{group_by}"
    if group_by in DOCUMENTS.columns and group_by not in ALIASES and own in documents.columns:
        raise StudyError(
            f"group_by: {group_by!r} is what framing noted of each article; the column of that name in your articles is called {own!r} here."
        )


def model_facts(model: EntailmentModel) -> dict[str, str]:
    """Name, fingerprint and calibration of a model: the curves that it carries, by side, or nothing if it carries none."""
    curves = (f"{side}: slope {c.slope:g}, intercept {c.intercept:g}" for side, c in model.calibration.items())
    return {"name": model.name, "fingerprint": model.fingerprint, "calibration": "; ".join(curves)}
