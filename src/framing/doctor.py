"""What this machine can run, and how long a corpus would take."""

import importlib
import importlib.util
import math
import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import framing
from framing.codebook import Codebook
from framing.cores import bound_cores, limits, number, read_text
from framing.corpus import iter_corpus
from framing.entailment import EntailmentModel, load_model
from framing.entailment.catalogue import PYTORCH, Recommended, models, recommended
from framing.entailment.load import BUNDLED
from framing.entailment.reference import REFERENCE, compare
from framing.errors import FramingError, ModelError
from framing.passages import set_aside_languages, split_passages
from framing.speed import Scorer, pairs_per_second, told
from framing.store import named
from framing.study import Study

_ARTICLES = (1_000, 100_000, 1_000_000)
_SENTENCES, _HYPOTHESES = 25, 24  # of an article, and of a codebook, where none is given
_SECONDS = 2.0  # of measuring
_PART = 1000  # articles of a corpus that are in memory at a time
_OUT = "reports"  # where reports go unless a study says otherwise


@dataclass(frozen=True)
class Machine:
    """What a run would find here; None where the platform does not tell.

    Attributes
    ----------
    cores : int
        Processor cores that this process may use.
    core_limit : float or None
        Cores' worth of time that a control group allows, if it allows less than all.
    memory, available : int or None
        Bytes: all that this process may have, and what is free now.
    disk : int or None
        Bytes that are free where reports go.
    torch : str or None
        The version of PyTorch, if it loads.
    torch_fault : str
        Why it does not; empty if it does.
    gpu : str or None
        The name of the one that models run by PyTorch would use.
    ray : bool
        Whether Ray is installed.
    """

    cores: int
    core_limit: float | None
    memory: int | None
    available: int | None
    disk: int | None
    torch: str | None
    torch_fault: str
    gpu: str | None
    ray: bool


def machine(out: str | Path = _OUT, *, proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> Machine:
    """Look at the machine; `out` is where reports go, `proc` and `groups` are where Linux tells of processes and control groups."""
    cores = bound_cores()
    core_limit, memory_limit = limits(proc, groups)
    memory, available = _memory(proc)
    torch, torch_fault, gpu = _torch()
    return Machine(
        cores=cores,
        core_limit=core_limit if core_limit < cores else None,
        memory=_least(memory, memory_limit),
        available=_least(available, memory_limit),
        disk=_free(Path(out).absolute()),
        torch=torch,
        torch_fault=torch_fault,
        gpu=gpu,
        ray=importlib.util.find_spec("ray") is not None,
    )


def _memory(proc: Path) -> tuple[int | None, int | None]:
    """Bytes of memory, and how many are free; None where the platform does not tell."""
    stated = dict(line.split(":", 1) for line in read_text(proc / "meminfo").splitlines() if ":" in line)
    if "MemTotal" in stated:
        total, free = (number(stated.get(key, "").removesuffix("kB")) for key in ("MemTotal", "MemAvailable"))
        return _least(None, total * 1024), _least(None, free * 1024)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), None
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf; others may not know these names
        return None, None


def _least(known: int | None, limit: float) -> int | None:
    """The smaller of a number that may be unknown and a limit that may be infinite."""
    least = min(math.inf if known is None else known, limit)
    return None if least == math.inf else int(least)


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free
    except OSError:
        return None


def _torch() -> tuple[str | None, str, str | None]:
    """PyTorch's version, what is wrong with it, and the GPU that models would use."""
    if not importlib.util.find_spec("torch"):
        return None, "not installed", None
    try:
        torch = importlib.import_module("torch")
        gpu = str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None
        return str(torch.__version__), "", gpu
    except Exception as error:  # a broken installation raises whatever it likes, and is what a doctor is asked about
        return None, f"installed, but it does not load ({type(error).__name__}: {_line(error)})", None


def lacks(model: Recommended, here: Machine) -> str:
    """What a machine lacks to run a model, in words; empty if it can run it."""
    missing = []
    if model.runs_on == PYTORCH and here.torch is None:
        missing.append("PyTorch (`make setup-torch`)")
    free = here.available if here.available is not None else here.memory
    if free is not None and free < model.memory:
        missing.append(f"memory ({_gb(model.memory)} for its parameters, {_gb(free)} free)")
    return " and ".join(missing)


def examine(
    *,
    study: str | Path | None = None,
    corpus: str | Path | None = None,
    codebook: str | Path | None = None,
    model: str | None = None,
    metadata: str | Path | None = None,
    skip_bad: bool | None = None,
    strict: bool | None = None,
    date_order: str | None = None,
    seconds: float = _SECONDS,
) -> Iterator[str]:
    """Say what this machine can run and how long it would take, line by line as it is found.

    Parameters
    ----------
    study : str or Path, optional
        A study.yaml, whose corpus, codebook, model and folder are taken unless they are given here.
    corpus, codebook : str or Path, optional
        Whose passages and hypotheses are counted.
    model : str, optional
        What `load_model` takes; the bundled model if neither this nor a study names one.
    metadata, skip_bad, strict, date_order : optional
        How the corpus is read, as `read_corpus` takes it; they win over the study.
    seconds : float
        About how long the model's speed is measured.

    Raises
    ------
    FramingError
        If the model cannot run here, or study, codebook or corpus cannot be read.
    """
    asked = {"metadata": metadata, "skip_bad": skip_bad, "strict": strict, "date_order": date_order}
    reading: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    planned = Study.load(study, corpus=corpus, codebook=codebook, model=model, **reading) if study else None
    if planned:
        corpus, codebook, model = planned.corpus, planned.codebook, planned.model
    model = model or BUNDLED
    wordings = set(Codebook.load(codebook).hypotheses()["text"]) if codebook else ()
    hypotheses = len(wordings) or _HYPOTHESES

    here = machine(planned.out if planned else _OUT)
    yield from _about(here)
    yield ""
    yield "Recommended models (`framing models` tells more)"
    listed = models()
    for each in listed:
        missing = lacks(each, here)
        yield f"  {each.name:<60}{f'lacks {missing}' if missing else 'can run here'}"

    yield ""
    if missing := next((lacks(each, here) for each in listed if each.setting == model), ""):
        raise ModelError(
            f"{model} cannot run here: it lacks {missing}; choose another with --model, `framing models` lists some."
        )
    loaded = load_model(model)
    speed = _measured(model, loaded, hypotheses, seconds)
    yield f"{model} runs here and scores {speed:,.0f} pairs of a passage and a hypothesis a second, measured just now"
    yield _reads(model, loaded)
    yield from _compared(loaded)
    yield ""
    yield f"Scoring would take, for articles of {_SENTENCES} sentences under {hypotheses} hypotheses"
    for articles in _ARTICLES:
        yield f"  {articles:>9,} articles  {told(articles * _SENTENCES * hypotheses / speed)}"
    if corpus:
        parts = iter_corpus(corpus, **(planned.reading if planned else reading), size=_PART)
        n, distinct = 0, set[bytes]()  # digests: a corpus need not fit into memory
        for documents in parts:
            passages = set_aside_languages(split_passages(documents), documents, loaded.languages)
            n += len(documents)
            distinct.update(named(passages.loc[passages["kept"], "text"]).tolist())
        pairs = len(distinct) * hypotheses
        yield ""
        yield f"Scoring {corpus} would take {told(pairs / speed)} if none of it is scored yet:"
        yield f"  {n:,} articles, {len(distinct):,} distinct passages x {hypotheses} hypotheses = {pairs:,} pairs"


def _about(here: Machine) -> Iterator[str]:
    limit = f", of which a control group allows the time of {here.core_limit:g}" if here.core_limit else ""
    free = f", {_gb(here.available)} free" if here.available is not None else ""
    for what, found in (
        ("framing", framing.__version__),
        ("Python", f"{platform.python_version()} on {platform.system()} ({platform.machine()})"),
        ("Processor", f"{here.cores} {'core' if here.cores == 1 else 'cores'} that this process may use{limit}"),
        ("Memory", f"{_gb(here.memory)}{free}" if here.memory else "unknown"),
        ("Disk", f"{_gb(here.disk)} free where reports go" if here.disk is not None else "unknown"),
        ("PyTorch", here.torch or here.torch_fault),
        ("GPU", here.gpu or ("none that is used" if here.torch else "unknown without PyTorch")),
        ("Ray", "installed" if here.ray else "not installed"),
    ):
        yield f"{what:<12}{found}"


def _reads(name: str, model: EntailmentModel) -> str:
    """What becomes of articles in languages that a model does not read."""
    if model.languages:
        return f"It reads {', '.join(model.languages)}: articles that state another language are set aside and counted"
    if (known := recommended(name)) and not known.codes:
        return f"It reads {known.languages}: no article is set aside for its language"
    return "It does not say which languages it reads: no article is set aside for its language"


def _compared(model: EntailmentModel) -> Iterator[str]:
    """How scores made here lie to those that lie with the weights, if there are any."""
    if not (model.folder / REFERENCE).is_file():
        return
    try:
        found = compare(model, model.folder)
    except ModelError as error:  # it can run all the same
        yield str(error)
        return
    yield (
        f"Scores {'as' if found.rounding else 'NOT as'} they lie with its weights: {found.alike} of {found.pairs} decisions at 0.5 alike, "
        f"largest difference {found.largest:.1e} (up to {found.allowed:g} is rounding)"
    )
    if not found.rounding:
        yield "  do not set scores made here beside scores made elsewhere; install the versions of requirements.lock, or convert again"


def _measured(name: str, model: Scorer, hypotheses: int, seconds: float) -> float:
    try:
        return pairs_per_second(model, hypotheses, seconds)
    except FramingError:
        raise
    except Exception as error:  # whatever a model can raise
        raise ModelError(
            f"{name} was loaded but cannot score here ({type(error).__name__}: {_line(error)}); choose another with --model."
        ) from error


def _line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0]


def _gb(number: int) -> str:
    return f"{number / 1e9:,.1f} GB"
