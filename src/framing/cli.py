"""The command line: parses and calls, nothing else."""

import argparse
import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import framing
from framing.errors import FramingError, StudyError
from framing.study import DATE_ORDERS, ENGINES, TEXT_MODES, Study

_REPORT_HELP = """\
Score a corpus under a codebook and write report.html, report.pdf, figures/, tables/ and manifest.json.

A study file says everything in one place:
  framing report --study study.yaml
The same without a file:
  framing report --corpus articles/ --codebook codebook.yaml --out reports/mine
A quick look at twenty articles first:
  framing report --study study.yaml --sample 20

Command-line options override the study file. Scores are kept in OUT/scores: an interrupted run resumes where it stopped, and
rendering again (with another title, say) scores nothing again. Without --out, a sample goes to a folder of its own beside the
full report, and both use the same scores.
"""

_SCORE_HELP = """\
Score a corpus of any size, part by part, and write the tables of each part below OUT/parts.

A million articles in a Parquet file, in the memory of a laptop:
  framing score --corpus articles.parquet --codebook codebook.yaml --out scored
On the machines of a Ray cluster:
  framing score --study study.yaml --engine ray

Every table is a folder of Parquet files that pandas, Polars, DuckDB and R read as one; OUT/parts/manifest.json has the counts of
all parts together. Scores are kept in OUT/scores: an interrupted run resumes where it stopped. No report is made; for that, see
`framing report --help`.
"""

_DRAW_HELP = """\
Draw a random sample of a study's passages to be coded by hand, blind: sheets without scores, voices, outlets or names of articles.

A sheet of two hundred passages:
  framing draw coding --study study.yaml
Sheets for two coders, with a fifth of the passages in both, so that their agreement can be told:
  framing draw coding --study study.yaml --coders 2 --double 0.2

FOLDER gets a sheet for each coder (CSV), instructions.txt made of the codebook, and key.json, which says what each unit is and how likely it was
drawn: give coders the first two, and keep the key. Passages that the model gives high values are drawn more often than others; the key makes up for
it. When the sheets are coded, put them back beside the key, write `annotations: coding` into the study file, and run `framing report` again.
"""

_MODELS_HELP = """\
List recommended models: size, licence, languages, longest text and what each is good for, and how to name one.

A table to read:
  framing models
The same for a program:
  framing models --json
Which commit a model of the hub is at now, as a name to put into the study file:
  framing models --pin org/name
  framing models --pin org/name@branch
"""

_CONVERT_HELP = """\
Write a model with safetensors weights as ONNX: on a processor it runs about twice as fast then, and needs no PyTorch any more.

A model of the hub, once; then use the folder as any other model:
  framing convert org/name@<40-hex revision> models/name
  framing report --study study.yaml --model models/name

The two are compared before the folder is kept. Needs PyTorch: `make setup-torch`, or .venv/bin/python -m pip install '.[torch]'
in the folder of this project. On a GPU leave the model as it is.
"""

_DOCTOR_HELP = """\
Say what this machine has, which models it can run, how fast the model is here and how long a corpus would take.

The bundled model on this machine:
  framing doctor
A corpus that is planned, with its passages and hypotheses counted:
  framing doctor --study study.yaml
  framing doctor --corpus articles/ --codebook codebook.yaml
Another model (fetched from the hub if it is not here yet):
  framing doctor --model org/name@<40-hex revision>

The exit status is 0 if the model can run here, 1 if not. The speed is measured for about two seconds, beside whatever else runs. Where scores lie
with a model's weights, as with the bundled one, they are made again here and held against them.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="framing",
        description="Measure how news outlets frame an issue, with every number led back to its text.",
        epilog="`framing COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"framing {framing.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, what: str, taught: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=what, description=taught, formatter_class=argparse.RawDescriptionHelpFormatter
        )

    report = command("report", "score a corpus and write the report", _REPORT_HELP)
    _study_options(report)
    report.add_argument(
        "--annotations", metavar="FILE", help="passages coded by hand (CSV), to hold the scores against"
    )
    report.add_argument("--title", help="title of the report")
    report.add_argument(
        "--group-by", metavar="COLUMN", help="metadata column whose values are compared (default: outlet)"
    )
    report.add_argument("--seed", metavar="N", help="seed of every random draw")
    report.add_argument("--sample", metavar="N", help="score only N articles, drawn with the seed")
    report.add_argument(
        "--text", choices=TEXT_MODES, help="how much of the articles' text the report shows (default: excerpts)"
    )
    scoring = command("score", "score a corpus of any size into tables, without a report", _SCORE_HELP)
    _study_options(scoring)
    drawing = command("draw", "draw passages to be coded by hand, blind", _DRAW_HELP)
    drawing.add_argument("folder", metavar="FOLDER", help="the folder to make")
    _study_options(drawing)
    drawing.add_argument("--group-by", metavar="COLUMN", help="column whose values are drawn from (default: outlet)")
    drawing.add_argument("--seed", metavar="N", help="seed of the draw")
    drawing.add_argument("--units", metavar="N", type=int, default=200, help="passages, at most (default: 200)")
    drawing.add_argument("--coders", metavar="N", type=int, default=1, help="sheets (default: 1)")
    drawing.add_argument(
        "--double",
        metavar="SHARE",
        type=float,
        help="part of the passages that two coders get (default: 0.2 if there are two)",
    )
    listing = command("models", "list recommended models", _MODELS_HELP)
    listing.add_argument("--json", action="store_true", help="print JSON instead of a table")
    listing.add_argument(
        "--pin", metavar="MODEL", help="print a model of the hub with the commit that its branch stands for now"
    )
    conversion = command("convert", "write a model of PyTorch as ONNX, to run it faster on a processor", _CONVERT_HELP)
    conversion.add_argument("name", metavar="MODEL", help="a folder, or org/name@<40-hex revision>")
    conversion.add_argument("out", metavar="DIR", help="the folder to make")
    doctor = command("doctor", "say what this machine can run, and how long a corpus would take", _DOCTOR_HELP)
    _corpus_options(doctor)
    return parser


def _corpus_options(parser: argparse.ArgumentParser) -> None:
    """What every command that reads a corpus can be told."""
    parser.add_argument("--study", metavar="FILE", help="study.yaml with the settings below and more")
    parser.add_argument(
        "--corpus",
        metavar="PATH",
        help="folder of .txt or .html files (with metadata.csv), or a CSV, TSV, JSON, JSONL or Parquet file",
    )
    parser.add_argument("--metadata", metavar="FILE", help="metadata CSV elsewhere than in the corpus folder")
    parser.add_argument(
        "--date-order",
        choices=DATE_ORDERS,
        help="what dates such as 06/07/2031 are: day or month first (default: ambiguous)",
    )
    parser.add_argument("--codebook", metavar="FILE", help="codebook (YAML)")
    parser.add_argument("--model", help="'bundled' (default), a folder, or org/name@<40-hex revision>")
    parser.add_argument(
        "--skip-bad", action="store_const", const=True, help="set aside records that cannot be read, with a reason"
    )
    parser.add_argument(
        "--strict",
        action="store_const",
        const=True,
        help="stop at articles that are not valid UTF-8, instead of recording it",
    )


def _study_options(parser: argparse.ArgumentParser) -> None:
    """What every command that scores can be told."""
    _corpus_options(parser)
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="where results go (default: reports/NAME, after the name in the study file or that of the corpus; a sample: reports/NAME-sample)",
    )
    parser.add_argument("--threshold", metavar="P", help="a passage carries a frame from this value on (default: 0.5)")
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        help="who scores: this process (default), processes beside it, or actors of Ray; the scores are the same (of PyTorch models: to a few 1e-6)",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        help="processes or actors, or threads of this process (default: as many as there is room for)",
    )
    parser.add_argument(
        "--batch",
        metavar="N",
        help="pairs of a passage and a hypothesis scored at a time (default: as usual; a long run without workers or PyTorch measures it)",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 if it succeeded, 1 if the user must mend something, 2 if the command line is wrong, 130 if interrupted (SIGINT), 143 if
    told to end (SIGTERM)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options: dict[str, Any] = vars(_parser().parse_args(given))
    # Kernels and tokenizers share the cores; without this each takes all of them, or warns that it was forked.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    logging.basicConfig(format="framing: %(message)s", level=logging.WARNING)
    program = ["framing"] if arguments is not None else _program()
    with _told_to_end():
        return _run(options, [*program, *given])


def _program() -> list[str]:
    """What was typed before the command's name: a path such as .venv/bin/framing, or `python -m framing`."""
    started = sys.argv[0]
    return [sys.executable, "-m", "framing"] if Path(started).name == "__main__.py" else [started]


def _run(options: dict[str, Any], typed: Sequence[str]) -> int:
    command = options.pop("command")
    again = (subprocess.list2cmdline if os.name == "nt" else shlex.join)(typed)
    kept = f" What was scored is kept. To resume: {again}" if command in _SCORING else ""
    try:
        status = _COMMANDS[command](options)
        sys.stdout.flush()
        return status
    except FramingError as error:
        print(f"framing: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads has enough, as `head` has; a worker's broken pipe is its engine's business
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        print(f"framing: {error}.{kept}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, _Terminated) as stop:
        print(f"\nframing: stopped.{kept}", file=sys.stderr)
        return 143 if isinstance(stop, _Terminated) else 130


class _Terminated(BaseException):
    """SIGTERM, as KeyboardInterrupt is SIGINT: whatever is open is closed on the way out."""


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM raises _Terminated until the block ends."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # outside the main thread of a program there are no signals to handle
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _report(options: dict[str, Any]) -> int:
    from framing.report.build import (  # here, because --help must not wait for matplotlib and papermill
        PARTS,
        build_report,
    )

    out = build_report(_study(options))
    counts = _counts(out)
    documents = "" if "sample" in counts else "tables/documents.csv"  # a sample is drawn of what could be read
    if wanting := _wanting(counts["intake"], documents):
        print(f"framing: {_what_came_in(counts['intake'], wanting)}", file=sys.stderr)
    for name in PARTS:
        print(out / name)
    return 0


def _counts(folder: Path) -> dict[str, dict[str, int]]:
    """The counts of the manifest in a folder, by stage."""
    counts: dict[str, dict[str, int]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["counts"]
    return counts


def _wanting(came: Mapping[str, int], documents: str) -> str:
    """What could not be read, or lacks what groups and figures need; `documents` is the table that says why, if there is one."""
    why = {"not readable": f" (see `status` in {documents})"} if documents else {}
    return ", ".join(f"{n:,} {what}{why.get(what, '')}" for what, n in came.items() if n and what not in _ALL_IS_WELL)


def _what_came_in(came: Mapping[str, int], wanting: str) -> str:
    """One sentence, and another one if dates are ambiguous."""
    told = f"{came['articles']:,} articles came in, {came['read']:,} were read{'; ' if wanting else ''}{wanting}."
    if came["with an ambiguous date"]:
        told += " Say what dates in numbers are: --date-order dmy or mdy (`date_order` in the study file)."
    return told


def _what_was_scored(counts: Mapping[str, Mapping[str, int]]) -> str:
    passages, scores = counts["passages"], counts["scores"]
    reasons = ", ".join(f"{reason}: {n:,}" for reason, n in counts["passages set aside"].items())
    foreign = counts["articles"]["in a language that the model does not read"]
    return (
        f"{foreign:,} articles in a language that the model does not read. {passages['found']:,} passages: {passages['kept']:,} kept, "
        f"{passages['set aside']:,} set aside{f' ({reasons})' if reasons else ''}. {scores['pairs']:,} pairs of a passage and a hypothesis: "
        f"{scores.get('with status windowed', 0):,} windowed, {scores.get('with status error', 0):,} with errors."
    )


def _study(options: dict[str, Any]) -> Study:
    file = options.pop("study")
    given = {key: value for key, value in options.items() if value is not None}
    if lacking := [f"--{key}" for key in ("corpus", "codebook") if not file and key not in given]:
        raise StudyError(f"{' and '.join(lacking)}: needed where no study file is named; give them, or --study FILE.")
    return Study.load(file, **given) if file else Study.of(**given)


def _score(options: dict[str, Any]) -> int:
    from framing.stream import score_corpus

    out = score_corpus(_study(options))
    counts = _counts(out)
    came = _what_came_in(counts["intake"], _wanting(counts["intake"], f"{out.name}/documents"))
    print(f"framing: {came} {_what_was_scored(counts)}", file=sys.stderr)
    print(out)
    return 0


def _draw(options: dict[str, Any]) -> int:
    from framing.coding import draw

    how = {name: options.pop(name) for name in ("folder", "units", "coders", "double")}
    print(draw(_study(options), **how).as_text())
    return 0


def _models(options: dict[str, Any]) -> int:
    from framing.entailment.catalogue import as_json, as_text, models
    from framing.entailment.load import pinned

    if options["pin"]:
        print(pinned(options["pin"]))
        return 0
    print((as_json if options["json"] else as_text)(models()))
    return 0


def _convert(options: dict[str, Any]) -> int:
    from framing.entailment.convert import convert

    difference = convert(**options)
    print(f"{options['out']}: scores differ from those of PyTorch by at most {difference:.1e}.")
    return 0


def _doctor(options: dict[str, Any]) -> int:
    from framing.doctor import examine

    for line in examine(**options):
        print(line, flush=True)
    return 0


_SCORING = ("report", "score", "draw")
_ALL_IS_WELL = ("articles", "read")  # of the counts of what came in
_COMMANDS = {
    "report": _report, "score": _score, "draw": _draw, "models": _models, "convert": _convert, "doctor": _doctor
}  # fmt: skip
