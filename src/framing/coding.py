"""Blind coding sheets: a random sample of a study's passages, for people who see no score, and the key that leads from a unit back.

Each passage has a known probability of being drawn. That is what estimates corrected for the model's errors need (see `framing.correction`), and
what passages that were picked by hand cannot have.
"""

import itertools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from framing.analysis import Analysis, run
from framing.annotation import AFTER, BEFORE, KEY, NOTE, TEXT, UNIT, VOICE, allowed_codes, corpus_digest
from framing.bidi import settled
from framing.codebook import AXIS, STANCE, Codebook
from framing.correction import ENOUGH
from framing.errors import StorageError, StudyError
from framing.files import refuse_link, write_json, write_whole
from framing.outlets import group_labels
from framing.study import Study
from framing.tables import MEASURES, PASSAGES, write_csv

INSTRUCTIONS = "instructions.txt"
STRATA = ("group", "band", "n_passages", "n_drawn", "inclusion_probability")
_SLIGHT = 0.1  # what is nearer to 0 is of no construct
_LEAST = 5  # of each stratum, or all that it has
_TWICE = 0.2  # share of the units that two coders get, where there are two
_MOST_CODERS = 20
_NAMED = 12  # groups that a line names
_OF_KEY = (
    "unit",
    "passage_id",
    "document_id",
    "field",
    "start",
    "end",
    "group",
    "band",
    "inclusion_probability",
    "sheets",
)
_MEANINGS = {
    STANCE: "1 in favor, -1 against, 0 neither",
    VOICE: "outlet: the article's own words; quoted: the words of somebody whom it quotes or reports",
}
_RULES = """\
Judge the column `text`, one row at a time and from top to bottom: the rows are in random order. The sentences before and after it in the article
(`before`, `after`) are there to understand it by, and are not judged themselves.

Write one of the codes in brackets into each column. Leave a cell empty only where no code can be given: empty is "not judged", which is not 0.
Write what you are unsure about into `note`.

Code alone, and do not look the article up. Change nothing in `unit` and `text`. Save the sheet as CSV in UTF-8, under a name of your own if you like:
the file's name is how you are called in the tables.
"""


@dataclass(frozen=True)
class Sample:
    """Passages that were drawn to be coded blind.

    `units` has one row a unit in random order: `unit` (a name that tells nothing), passage_id, document_id, field, start, end, `before`, `text`,
    `after`, `group`, `band`, `inclusion_probability` in (0, 1] and `sheets`, the list of the sheets that it stands in. `strata` has one row a
    stratum that was drawn from: `group`, `band`, `n_passages` in it, `n_drawn` of them, and their quotient `inclusion_probability`. `facts` says
    what was drawn from and how, JSON-native.
    """

    units: pd.DataFrame
    strata: pd.DataFrame
    codebook: Codebook
    facts: dict[str, Any]

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets."""
        return sorted({name for names in self.units["sheets"] for name in names})

    def sheet(self, name: str) -> pd.DataFrame:
        """What one coder gets, in an order of its own: `unit`, `before`, `text`, `after`, an empty column a construct, and `note`."""
        order = np.random.default_rng([self.facts["seed"], self.sheets.index(name)])
        own = self.units[[name in names for names in self.units["sheets"]]].sample(frac=1, random_state=order)
        codes = {f"{construct} ({_listed(construct)})": "" for construct in _coded(self.codebook)}
        return own[[UNIT, BEFORE, TEXT, AFTER]].assign(**codes, **{NOTE: ""}).reset_index(drop=True)

    def write(self, folder: str | Path) -> None:
        """Write the sheets (CSV), instructions.txt for the coders, and key.json, which is not for them, into a new folder.

        Raises
        ------
        StorageError
            If the folder is there and not empty, since coded sheets are never written over, or cannot be made.
        """
        folder = check_new(folder)
        with _workplace(folder) as work:
            new = Path(work) / folder.name
            new.mkdir()
            for name in self.sheets:
                write_csv(self.sheet(name), new / f"{name}.csv")
            write_whole(new / INSTRUCTIONS, instructions(self.codebook).encode("utf-8-sig"))
            units = self.units[list(_OF_KEY)].astype({"start": object, "end": object})
            rows = units.where(units.notna(), None).to_dict("records")
            write_json(new / KEY, self.facts | {"strata": self.strata.to_dict("records"), "units": rows})
            if folder.exists():
                folder.rmdir()
            new.replace(folder)

    def as_text(self) -> str:
        """What was drawn of each stratum, and what each sheet holds, for a terminal."""
        probabilities = {"inclusion_probability": "{:.4f}".format}
        table = self.strata.to_string(index=False, formatters=probabilities)
        twice = int(self.units["sheets"].str.len().gt(1).sum())
        counts = self.units["sheets"].explode().value_counts()
        held = ", ".join(f"{name}.csv: {counts[name]:,}" for name in self.sheets)
        return (
            f"{table}\n\n{len(self.units):,} of {int(self.strata['n_passages'].sum()):,} passages were drawn, {self.facts['allocation']}.\n"
            f"Units in each sheet: {held}; {twice:,} of them stand in two sheets.{self._wanting()}"
        )

    def _wanting(self) -> str:
        """A line on the groups of which more could be drawn and should be."""
        of_group = self.strata.groupby("group")[["n_drawn", "n_passages"]].sum()
        few = of_group[of_group["n_drawn"].lt(ENOUGH) & of_group["n_drawn"].lt(of_group["n_passages"])].index.tolist()
        if not few:
            return ""
        more = f" and {len(few) - _NAMED:,} more" if len(few) > _NAMED else ""
        return (
            f"\nFewer than {ENOUGH} units are from {', '.join(few[:_NAMED])}{more}: too few for corrected estimates of these groups; ask for more "
            "with --units."
        )


def draw(study: Study, folder: str | Path, *, units: int = 200, coders: int = 1, double: float | None = None) -> Sample:
    """Run a study, with the scores that it has kept, and write a sample of its passages to be coded blind; see `draw_sample`.

    Raises
    ------
    StudyError
        If the study scores but a part of its articles (`sample`): a sample of that is none of the corpus.
    StorageError
        If the folder is there and not empty, or cannot be made; found out before a model is loaded.
    """
    if study.sample:
        raise StudyError("sample: coded passages are to stand for the whole corpus; leave `sample` out to draw them.")
    check_new(folder)
    codebook = Codebook.load(study.codebook)
    # What was coded before has no part in a draw, and may be what the folder is going to hold.
    analysis = run(replace(study, annotations=None, annotation_columns={}))
    sample = draw_sample(analysis, codebook, units=units, coders=coders, double=double, study=study.name)
    sample.write(folder)
    return sample


def draw_sample(
    analysis: Analysis,
    codebook: Codebook,
    *,
    units: int = 200,
    coders: int = 1,
    double: float | None = None,
    seed: int | None = None,
    study: str = "",
) -> Sample:
    """Draw passages of a finished analysis to be coded blind: see `draw_units` for how.

    Parameters
    ----------
    analysis : Analysis
        Of a whole corpus; its grouping and threshold make the strata.
    codebook : Codebook
        The one of the analysis; its frames and stance, and the voice, are what is coded. The axis follows from its frames.
    units : int
        Passages to be drawn, at most.
    coders : int from 1 to 20
        Sheets, of about equal length.
    double : float from 0 to 1, optional
        Share of the units, drawn at random, that two coders get, so that their agreement with each other can be told; 0.2 if there is more than one
        coder, else none. Of three coders or more each pair has its turn.
    seed : int, optional
        Of the draw; by default that of the analysis.
    study : str, optional
        The name that the key gives the study.

    Returns
    -------
    Sample

    Raises
    ------
    StudyError
        If a setting is out of bounds, the analysis is of a part of its corpus or of another codebook, or no passage has a value.
    """
    settings = analysis.settings
    if "sample" in analysis.counts:
        raise StudyError("the analysis is of a part of its corpus (`sample`); draw from one of the whole corpus.")
    if codebook.sha256 != settings["codebook_sha256"]:
        raise StudyError(f"the codebook {codebook.name!r} is not the one that the analysis was made with.")
    double = (_TWICE if coders > 1 else 0.0) if double is None else double
    if not 1 <= coders <= _MOST_CODERS:
        raise StudyError(f"coders: a number from 1 to {_MOST_CODERS} is allowed; got {coders!r}.")
    if not 0 <= double <= 1 or (double and coders == 1):
        raise StudyError(
            f"double: a share from 0 to 1, of two coders or more, is allowed; got {double!r} with coders {coders!r}."
        )
    seed = settings["seed"] if seed is None else seed
    groups = group_labels(analysis.documents, settings["group_by"]).set_axis(analysis.documents["document_id"])
    threshold = settings["threshold"]
    drawn, strata = draw_units(
        analysis.passages, analysis.measures, groups, threshold=threshold, units=units, seed=seed
    )
    rng = np.random.default_rng([seed, len(drawn)])  # another stream than that of the draw
    drawn = drawn.merge(_with_context(analysis.passages), on="passage_id", validate="one_to_one")
    drawn = drawn.iloc[rng.permutation(len(drawn))].reset_index(drop=True)
    width = len(str(len(drawn)))
    drawn[UNIT] = [f"u{number:0{width}d}" for number in range(1, len(drawn) + 1)]
    drawn["sheets"] = _sheets(len(drawn), coders, round(double * len(drawn)), rng)
    facts = {
        "study": study,
        "corpus_sha256": corpus_digest(analysis.documents),
        "codebook": codebook.name,
        "codebook_sha256": codebook.sha256,
        "model": analysis.model["name"],
        "model_fingerprint": analysis.model["fingerprint"],
        "group_by": settings["group_by"],
        "threshold": threshold,
        "seed": seed,
        "allocation": f"without replacement and equally many of each stratum, at least {_LEAST} or all, with seed {seed}",
    }
    return Sample(drawn, strata, codebook, facts)


def draw_units(
    passages: pd.DataFrame,
    measures: pd.DataFrame,
    groups: "pd.Series[str]",
    *,
    threshold: float,
    units: int = 200,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A stratified random sample of passages (Cochran 1977, ch. 5): from each stratum a simple random sample without replacement.

    The strata are the groups, each in three bands by the largest absolute value of a passage under a frame or the stance: at or above the
    threshold, from 0.1 to it, and below 0.1. Each stratum gives equally many, or all that it has: so what the model finds seldom is coded
    often, and what it overlooks has its chance. The probability of having been drawn makes up for the difference.

    Parameters
    ----------
    passages, measures : DataFrames, tables PASSAGES and MEASURES
        Kept passages with a value, of documents with a group, are drawn from.
    groups : Series of str
        The group of each document, by document_id.
    threshold : float in (0, 1)
    units : int
        At most so many are drawn; the strata's equal part is the largest that keeps to it.
    seed : int

    Returns
    -------
    units : DataFrame
        One row per drawn passage: `passage_id`, `group`, `band`, and `inclusion_probability` in (0, 1].
    strata : DataFrame
        One row per stratum with a passage; columns STRATA.

    Raises
    ------
    StudyError
        If there is nothing to draw from, or `units` is too small for five of each stratum (or all of it).
    """
    kept = PASSAGES.check(passages).loc[passages["kept"], ["passage_id", "document_id"]]
    coded = MEASURES.check(measures)[measures["construct"] != AXIS]
    size = coded["value"].abs().groupby(coded["passage_id"]).max().dropna()
    rows = kept.assign(size=kept["passage_id"].map(size), group=kept["document_id"].map(groups))
    rows = rows.dropna(subset=["size", "group"])
    if rows.empty:
        raise StudyError("no passage has a value: there is nothing to draw from.")
    slight = min(_SLIGHT, threshold)
    bands = [f"{threshold:g} or more", f"{slight:g} to {threshold:g}", f"below {slight:g}"]
    place = np.select([rows["size"] >= threshold, rows["size"] >= slight], [0, 1], 2)
    # In one order, so that the draw does not depend on that of the table.
    rows = rows.assign(place=place, band=np.array(bands)[place]).sort_values(["group", "place", "passage_id"])
    strata = rows.groupby(["group", "place", "band"]).size().rename("n_passages").reset_index()
    strata["n_drawn"] = _allocated(strata["n_passages"].to_numpy(), units)
    strata["inclusion_probability"] = strata["n_drawn"] / strata["n_passages"]
    rng = np.random.default_rng(seed)
    begins = strata["n_passages"].cumsum() - strata["n_passages"]
    drawn = [
        begin + np.sort(rng.choice(n, size=k, replace=False))
        for begin, n, k in zip(begins, strata["n_passages"], strata["n_drawn"], strict=True)
    ]
    chosen = rows.iloc[np.concatenate(drawn)].merge(strata, on=["group", "place", "band"], validate="many_to_one")
    return chosen[["passage_id", "group", "band", "inclusion_probability"]], strata[list(STRATA)]


def instructions(codebook: Codebook) -> str:
    """What the coders are to know: how to code, and what the codebook says of each column."""
    parts = [_RULES]
    if codebook.description:
        parts.append(f"{codebook.description}\n")
    for frame in codebook.frames:
        lists = {"Code 1 also": frame.include, "Code 0": frame.exclude, "Examples of 1": frame.examples}
        told = [f"{what}:\n" + "".join(f"  - {each}\n" for each in texts) for what, texts in lists.items() if texts]
        parts.append(
            _headed(frame.key, frame.label, f"1: the text carries the frame; 0: it does not\n{frame.definition}\n")
            + "".join(told)
        )
    if codebook.stance:
        definition = f"{codebook.stance.definition}\n" if codebook.stance.definition else ""
        parts.append(_headed(STANCE, f"Stance towards {codebook.stance.target}", f"{_MEANINGS[STANCE]}\n{definition}"))
    parts.append(_headed(VOICE, "Whose words", f"{_MEANINGS[VOICE]}\n"))
    return "\n".join(parts)


def check_new(folder: str | Path) -> Path:
    """The folder, if nothing is in it and it can be made; the one around it is made.

    Raises
    ------
    StorageError
        If there is something in it, it is a file or a symbolic link, or nothing can be written beside it.
    """
    folder = Path(folder)
    refuse_link(folder)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise StorageError(
            f"{folder} is there already, and coded sheets are not written over; name a folder that is new."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _workplace(folder):
            pass
    except OSError as error:
        raise StorageError(f"{folder} cannot be made ({error.strerror}); name another folder.") from error
    return folder


def _workplace(folder: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder beside `folder` to make it in."""
    return tempfile.TemporaryDirectory(prefix=".draw-", dir=folder.parent)


def _headed(key: str, label: str, text: str) -> str:
    return f"{key} ({_listed(key)}): {label}\n{text}"


def _coded(codebook: Codebook) -> list[str]:
    """What has a column in the sheets."""
    return [*(frame.key for frame in codebook.frames), *([STANCE] if codebook.stance else []), VOICE]


def _listed(construct: str) -> str:
    """The codes that are allowed, in words: "-1, 0 or 1"."""
    *others, last = (code for code, _ in sorted(allowed_codes(construct).items(), key=lambda each: each[1]))
    return f"{', '.join(others)} or {last}"


def _allocated(sizes: npt.NDArray[np.int64], units: int) -> npt.NDArray[np.int64]:
    """How many are drawn of strata of these sizes: the same number of each or all, at most `units` together."""
    least = int(np.minimum(sizes, _LEAST).sum())
    if units < least:
        raise StudyError(
            f"units: {units} are too few for the {len(sizes)} strata of groups and values, which need {_LEAST} each, or all that they have: "
            f"{least} are the least. Ask for more, or group by a column with fewer values."
        )
    each = _LEAST
    while each < sizes.max() and np.minimum(sizes, each + 1).sum() <= units:
        each += 1
    return np.minimum(sizes, each)


def _with_context(passages: pd.DataFrame) -> pd.DataFrame:
    """Kept passages, each on one line, with the kept ones before and after it in the article."""
    kept = passages[passages["kept"]].sort_values(["document_id", "position"], kind="stable")
    texts = kept["text"].map(lambda text: settled(" ".join(text.split())))
    beside = {name: texts.groupby(kept["document_id"]).shift(by).fillna("") for name, by in ((BEFORE, 1), (AFTER, -1))}
    return kept[["passage_id", "document_id", "field", "start", "end"]].assign(**{TEXT: texts}, **beside)


def _sheets(units: int, coders: int, twice: int, rng: np.random.Generator) -> list[list[str]]:
    """The sheets of each unit: of `twice` units, at random, two; in turn, so that all are about equally long."""
    names: Sequence[str] = [f"coder-{number}" for number in range(1, coders + 1)]
    pairs, single = itertools.cycle(itertools.combinations(names, 2)), itertools.cycle(names)
    doubled = set(rng.permutation(units)[:twice].tolist())
    return [list(next(pairs)) if unit in doubled else [next(single)] for unit in range(units)]
