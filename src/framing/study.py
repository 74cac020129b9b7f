"""A study: what is measured on which corpus, and every choice that its numbers rest on. The only reader of study.yaml."""

import dataclasses
import datetime
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from framing.errors import StudyError, did_you_mean
from framing.files import write_whole
from framing.yamlfile import YamlFile, read_yaml

TEXT_MODES = ("full", "excerpts", "none")
ENGINES = ("serial", "processes", "ray")
DATE_ORDERS = ("dmy", "mdy")
_ONE_OF = {"text": TEXT_MODES, "engine": ENGINES, "date_order": DATE_ORDERS}
_PATHS = ("corpus", "metadata", "codebook", "annotations", "out")
_MAPPINGS = {
    "columns": "column of the table `documents`, such as `full_story: text`,",
    "annotation_columns": "construct, such as `stance_2: stance`,",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_OWN_NAME = 40  # characters of a name that is made of that of the corpus
_REPORTS, _SCORES, _SAMPLE = "reports", "scores", "-sample"


@dataclass(frozen=True)
class Author:
    """One author of the report."""

    name: str
    affiliation: str = ""


@dataclass(frozen=True)
class Study:
    """Paths, grouping, model, thresholds and seed of one study; paths are absolute.

    Attributes
    ----------
    name : str
        Names the folder below reports/; a-z, 0-9, - and _. Without a study file it is made of the name of the corpus.
    title, subtitle : str
        What stands on the report.
    authors : tuple of Author
    date : str
        ISO date that stands on the report.
    corpus, codebook, out : Path
        Where the articles are, where the codebook is, where the report goes: reports/NAME, or reports/NAME-sample for a sample, so that a quick
        look replaces no full report.
    metadata, annotations : Path or None
        A metadata CSV elsewhere than in the corpus folder; coders' judgements to compare with.
    columns : mapping
        Column of the corpus or its metadata -> column of DOCUMENTS, where the name is not one that is understood.
    annotation_columns : mapping
        Column of the annotations file -> construct, where the two names differ.
    annotations_note : str
        How the coded passages were chosen, where no probability of being drawn says it; a sentence for the report.
    group_by : str
        The column of DOCUMENTS whose values are compared; "outlet" unless another is named.
    model : str
        "bundled", a folder, or "org/name@<40-hex revision>".
    threshold : float in (0, 1)
        A passage carries a construct at or above this value, and takes a side of the stance at or above it in size.
    seed, resamples : int
        Of the bootstrap.
    engine : "serial", "processes" or "ray"
        Who scores: this process, processes beside it, or actors of Ray. It changes no score, but the last digits of a model that PyTorch runs.
    workers : int or None
        Processes or actors, or threads of this process; by default as many as there is room for.
    batch : int or None
        Pairs of a passage and a hypothesis that are scored at a time; by default what is usual for the model, or what a long run without workers
        measures to be fastest (not where PyTorch runs the model). It changes no score of the bundled model, and no more than the last digits of
        others.
    text : "full", "excerpts" or "none"
        How much of the articles the shared page and tables show.
    language : str
        Language of the report itself (BCP 47).
    sample : int or None
        Score only so many articles, drawn with the seed, for a quick look.
    skip_bad : bool
        Set aside records that cannot be read, instead of stopping.
    strict : bool
        Stop at articles that are not in UTF-8 or hold what is no character, instead of recording it.
    date_order : "dmy", "mdy" or ""
        What dates such as 06/07/2031 are in this corpus; without it they are ambiguous.
    """

    name: str
    title: str
    corpus: Path
    codebook: Path
    out: Path
    subtitle: str = ""
    authors: tuple[Author, ...] = ()
    date: str = ""
    metadata: Path | None = None
    annotations: Path | None = None
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    annotation_columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    annotations_note: str = ""
    group_by: str = "outlet"
    model: str = "bundled"
    threshold: float = 0.5
    seed: int = 1
    resamples: int = 10_000
    engine: str = "serial"
    workers: int | None = None
    batch: int | None = None
    text: str = "excerpts"
    language: str = "en"
    sample: int | None = None
    skip_bad: bool = False
    strict: bool = False
    date_order: str = ""

    @classmethod
    def load(cls, path: str | Path, **overrides: Any) -> "Study":
        """Read a study.yaml; relative paths in it are relative to its folder. `overrides` (not None) win over the file.

        Raises
        ------
        StudyError
            If the file or an override breaks the form; the message names line, field and what is allowed.
        """
        path = Path(path)
        given = {key: value for key, value in overrides.items() if value is not None}
        file = dataclasses.replace(read_yaml(path, StudyError), beside=frozenset(given))
        return _build(file, path.parent.resolve(), given)

    @classmethod
    def of(cls, **settings: Any) -> "Study":
        """A study without a file, from the settings alone; relative paths are relative to the working folder.

        Raises
        ------
        StudyError
            If a setting is missing, unknown or out of bounds.
        """
        corpus = Path(settings.get("corpus", "")).expanduser().resolve()
        settings.setdefault("name", _name_of(corpus))
        settings.setdefault("title", f"Framing in {corpus.name}")
        every = {*settings, *(field.name for field in dataclasses.fields(cls))}
        file = YamlFile(Path("the settings"), {}, {}, StudyError, frozenset(every))
        return _build(file, Path.cwd(), settings)

    @property
    def scores(self) -> Path:
        """The folder where scores are kept, in `out`; those of a sample are kept with those of the whole, so that nothing is scored twice."""
        whole = self.out.with_name(self.name) if self.sample and self.out.name == self.name + _SAMPLE else self.out
        return whole / _SCORES

    @property
    def reading(self) -> dict[str, Any]:
        """How `read_corpus` and `iter_corpus` are to read the corpus: their keyword arguments."""
        names = ("metadata", "columns", "skip_bad", "strict", "date_order")
        return {name: getattr(self, name) for name in names}

    def write(self, path: str | Path) -> None:
        """Write the study, paths absolute, so that `Study.load` gives the same study again."""
        plain = dataclasses.asdict(self) | {field: str(getattr(self, field) or "") for field in _PATHS}
        kept = {key: value for key, value in plain.items() if value not in (None, "", (), {})}
        kept["authors"] = [{k: v for k, v in author.items() if v} for author in plain["authors"]]
        text = yaml.safe_dump(kept, sort_keys=False)  # escaped: some line separators do not survive as they are
        write_whole(Path(path), text.encode("utf-8"))


def _build(file: YamlFile, base: Path, overrides: Mapping[str, Any]) -> Study:
    allowed = [field.name for field in dataclasses.fields(Study)]
    given = dict(file.data) | dict(overrides)
    for key in given:
        if key not in allowed:
            raise file.fail((key,), f"unknown setting; allowed are {allowed}{did_you_mean(key, allowed)}")
    given = {key: value for key, value in given.items() if value is not None}
    if missing := [key for key in ("name", "title", "corpus", "codebook") if not given.get(key)]:
        raise file.fail((missing[0],), f"the setting {missing[0]!r} is needed.")

    for key in _PATHS:
        if key in given:
            if not isinstance(given[key], (str, Path)) or not str(given[key]):
                raise file.fail((key,), f"a path is expected; got {given[key]!r}.")
            # What came on the command line is relative to the working folder, what stands in the file to the file.
            root = Path.cwd() if key in overrides else base
            given[key] = (root / Path(str(given[key])).expanduser()).resolve()
    # A model in a folder is found from wherever the study is run, and by workers elsewhere; any other model has a name.
    if (model := given.get("model")) and isinstance(model, str) and model != Study.model:
        local = (Path.cwd() if overrides.get("model") else base) / Path(model).expanduser()
        given["model"] = str(local.resolve()) if local.is_dir() else model
    name = str(given["name"])
    if not _NAME.fullmatch(name):
        raise file.fail(
            ("name",),
            f"up to 60 of a-z (lower case), 0-9, - and _ are allowed, the first a letter or a digit; got {name!r}.",
        )
    given.setdefault("out", (base / _REPORTS / (name + _SAMPLE if "sample" in given else name)).resolve())
    for key in ("corpus", "codebook", "metadata", "annotations"):
        if key in given and not given[key].exists():
            told = "" if key in overrides else " (paths in a study file are relative to its folder)"
            raise file.fail((key,), f"{given[key]} does not exist{told}.")

    numbers: dict[str, tuple[Callable[[str], float], float, float]] = {
        "threshold": (float, 0.01, 0.99), "seed": (int, 0, 2**32 - 1), "resamples": (int, 100, 100_000),
        "sample": (int, 1, 10**9), "workers": (int, 1, 10**6),
        "batch": (int, 1, 2**16),
    }  # fmt: skip
    for key, (kind, low, high) in numbers.items():
        if key in given:
            try:
                given[key] = kind(str(given[key]))
            except ValueError:
                what = "a whole number" if kind is int else "a number"
                raise file.fail((key,), f"{what} is expected; got {given[key]!r}.") from None
            if not low <= given[key] <= high:
                raise file.fail((key,), f"a number from {low:,} to {high:,} is allowed; got {given[key]!r}.")
    truths = {"true": True, "yes": True, "false": False, "no": False}
    for key in ("skip_bad", "strict"):
        if key in given:
            if (word := str(given[key]).lower()) not in truths:
                raise file.fail((key,), f"true or false is expected; got {word!r}.")
            given[key] = truths[word]
    for key, words in _ONE_OF.items():
        if key in given and given[key] not in words:
            raise file.fail((key,), f"one of {list(words)} is allowed; got {given[key]!r}.")
    for key, form in _MAPPINGS.items():
        columns = given.get(key, {})
        if not isinstance(columns, dict) or not all(isinstance(v, str) for v in columns.values()):
            raise file.fail((key,), f"a mapping from column to {form} is expected; got {columns!r}.")
    given["date"] = _date(file, given.get("date"))
    given["authors"] = _authors(file, given.get("authors"))
    for key in ("title", "subtitle", "group_by", "model", "language"):
        if key in given and not isinstance(given[key], str):
            raise file.fail((key,), f"a text is expected; got {given[key]!r}.")
    return Study(**given)


def _name_of(corpus: Path) -> str:
    """A study's name made of that of its corpus; where characters are lost on the way, a digest keeps two corpora apart."""
    given = corpus.name if corpus.is_dir() else corpus.stem
    name = re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-")
    if len(name) > _OWN_NAME or re.search(r"[^A-Za-z0-9 ._-]", given):
        name = f"{name[:_OWN_NAME]}-{hashlib.sha256(given.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return name.strip("-") or "study"


def _date(file: YamlFile, given: object) -> str:
    if not given:
        return datetime.date.today().isoformat()
    try:
        return datetime.date.fromisoformat(str(given)).isoformat()
    except ValueError:
        raise file.fail(("date",), f"an ISO date such as 2031-07-14 is expected; got {given!r}.") from None


def _authors(file: YamlFile, given: object) -> tuple[Author, ...]:
    if not given:
        return ()
    authors = []
    for i, entry in enumerate(given if isinstance(given, (list, tuple)) else [given]):
        fields = {"name": entry} if isinstance(entry, str) else entry
        if isinstance(entry, Author):
            fields = dataclasses.asdict(entry)
        if not isinstance(fields, dict) or not fields.get("name") or set(fields) - {"name", "affiliation"}:
            raise file.fail(("authors", i), f"`name` and perhaps `affiliation` are expected; got {entry!r}.")
        authors.append(Author(str(fields["name"]), str(fields.get("affiliation") or "")))
    return tuple(authors)
