"""The command line: what it teaches, what it refuses, and with which exit status."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import framing
from framing import cli
from framing.cli import main
from tests.conftest import CODEBOOK, ROOT, WordModel


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"]])
def test_help_teaches_the_main_job(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "report" in text
    if arguments[0] == "report":
        assert "framing report --corpus articles/ --codebook codebook.yaml --out reports/mine" in text
        assert "--sample 20" in text


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"framing {framing.__version__}\n"
    assert f'version = "{framing.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report"], "--corpus and --codebook: needed where no study file is named; give them, or --study FILE."),
        (["score", "--corpus", "."], "--codebook: needed where no study file is named"),
        (["report", "--study", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["report", "--corpus", "nowhere", "--codebook", "nowhere.yaml"], "nowhere does not exist"),
        (["report", "--study", str(ROOT / "study.yaml"), "--threshold", "2"], "framing: threshold: a number from 0.01 to 0.99 is allowed; got 2.0"),
        (["report", "--study", str(ROOT / "study.yaml"), "--sample", "few"], "sample: a whole number is expected; got 'few'"),
        (["report", "--study", str(ROOT / "study.yaml"), "--group-by", "colour"], "group_by: 'colour' is no column"),
        (["report", "--study", str(ROOT / "study.yaml"), "--model", "org/name@main"], "the revision must be the 40 hexadecimal digits"),
    ],
)  # fmt: skip
def test_a_fault_is_one_clear_line_and_exit_status_1(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_an_unknown_option_is_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["report", "--corpsu", "x"])
    assert stopped.value.code == 2
    assert "--corpsu" in capsys.readouterr().err


def test_help_needs_neither_notebooks_nor_figures() -> None:
    code = "import sys; sys.argv = ['framing', '--help']\ntry:\n from framing.cli import main; main()\nexcept SystemExit: pass\nprint(sorted({'papermill', 'torch', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_how_to_go_on(number: int, status: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["report", "--study", str(ROOT / "study.yaml"), "--out", str(out)]
    run = subprocess.Popen(
        [sys.executable, "-m", "framing", *command], stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # who starts the tests in the background has it ignored
    )  # fmt: skip
    while run.poll() is None and not list(out.glob("scores/*/.lock")):  # until it scores
        time.sleep(0.05)
    run.send_signal(number)
    _, said = run.communicate(timeout=120)
    assert run.returncode == status, said
    again = shlex.join([sys.executable, "-m", "framing", *command])
    assert said.splitlines()[-1] == f"framing: stopped. What was scored is kept. To resume: {again}"
    assert not [path for path in out.rglob("*") if path.suffix == ".tmp" or path.name.startswith(".work-")]


def program(path: Path, before: str = "") -> Path:
    """The command line as a program at `path`, which does something before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"#!{sys.executable}\nimport sys\n{before}\nfrom framing.cli import main\n"
        "if __name__ == '__main__':\n    sys.exit(main())\n",
        encoding="utf-8",
    )  # fmt: skip
    path.chmod(0o755)
    return path


def some_articles(folder: Path) -> list[str]:
    """Options that name a few articles, copied into `folder`, and a codebook."""
    folder.mkdir()
    for path in sorted((ROOT / "data" / "demo" / "articles").glob("*.txt"))[:12]:
        shutil.copy(path, folder)
    codebook = ROOT / "data" / "codebooks" / "technology-restrictions.yaml"
    return ["--corpus", folder.name, "--codebook", str(codebook)]


def tables(folder: Path) -> dict[str, bytes]:
    """The files of the tables in parts, by name."""
    parts = folder / "parts"
    return {path.relative_to(parts).as_posix(): path.read_bytes() for path in parts.rglob("*") if path.is_file()}


def test_the_command_that_a_stopped_run_prints_ends_as_an_undisturbed_one_does(tmp_path: Path) -> None:
    """Typed as it is after a checkout: by the path of a program that no PATH leads to."""
    program(tmp_path / ".venv" / "bin" / "framing")
    typed = [".venv/bin/framing", "score", *some_articles(tmp_path / "my articles"), "--out"]
    run = subprocess.Popen(
        [*typed, "out"], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    while run.poll() is None and not list(tmp_path.glob("out/scores/*/.lock")):  # until it scores
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 130, said
    again = said.splitlines()[-1].partition("To resume: ")[2]
    assert again == shlex.join([*typed, "out"])
    for command in (again, shlex.join([*typed, "undisturbed"])):
        subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    assert tables(tmp_path / "out") == tables(tmp_path / "undisturbed")
    assert len(tables(tmp_path / "out")) == 2 + 5


def processes_of(session: int) -> dict[int, int]:
    """The processes of a session, each with the one that started it."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            state, parent, _, of, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(of) == session and state != "Z":
                found[int(path.parent.name)] = int(parent)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes where Linux lists them")
@pytest.mark.parametrize("end", [os.kill, os.killpg], ids=["the run", "all of its processes"])
def test_a_run_with_workers_that_is_told_to_end_leaves_none_behind_and_resumes_to_the_same_tables(
    end: Callable[[int, int], None], tmp_path: Path
) -> None:
    small = program(tmp_path / "framing", "import framing.scoring; framing.scoring.CHUNK = 240")
    typed = [str(small), "score", *some_articles(tmp_path / "articles"), "--engine", "processes", "--workers", "1"]
    run = subprocess.Popen(
        [*typed, "--out", "out"], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    )  # fmt: skip
    while run.poll() is None and not list(tmp_path.glob("out/scores/*/*.parquet")):  # until a worker has scored a chunk
        time.sleep(0.01)
    # Workers are processes of the server that starts them, and not of the run itself.
    workers = [process for process, parent in processes_of(run.pid).items() if parent not in (run.pid, os.getpid())]
    assert len(workers) == 1
    end(run.pid, signal.SIGTERM)
    _, said = run.communicate(timeout=120)
    assert run.returncode == 143, said
    assert "framing: stopped. What was scored is kept. To resume: " in said.splitlines()[-1]
    for _ in range(1200):  # the server ends when it notices that nobody is left to ask it
        if not processes_of(run.pid):
            break
        time.sleep(0.1)
    assert not processes_of(run.pid)
    kept = list(tmp_path.glob("out/scores/*/*.parquet"))
    for out in ("out", "undisturbed"):
        subprocess.run([*typed, "--out", out], cwd=tmp_path, check=True, capture_output=True)
    assert 0 < len(kept) < len(list(tmp_path.glob("out/scores/*/*.parquet")))
    assert tables(tmp_path / "out") == tables(tmp_path / "undisturbed")


def test_a_reader_that_has_enough_is_no_fault() -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "framing", "models"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    run.stdout.close()
    _, said = run.communicate(timeout=60)
    assert (run.returncode, said) == (0, "")


@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_score_writes_the_tables_of_each_part_and_says_where(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus.csv"
    corpus.write_text(
        "id,outlet,text\na,X,The new rule is a danger to all of us.\nb,Y,Nobody was hurt.\n", encoding="utf-8"
    )
    codebook = ROOT / "data" / "codebooks" / "technology-restrictions.yaml"
    command = [
        "score",
        "--corpus",
        str(corpus),
        "--codebook",
        str(codebook),
        "--out",
        str(tmp_path / "out"),
        "--engine",
        engine,
        "--workers",
        "1",
        "--batch",
        "7",
    ]
    assert main(command) == 0
    told = capsys.readouterr()
    parts = Path(told.out.strip())
    scores, hypotheses = (pd.read_parquet(parts / name) for name in ("scores", "hypotheses.parquet"))
    assert len(scores) == 2 * len(hypotheses)
    assert scores["p_entail"].between(0, 1).all()
    before, after = (line for line in told.err.splitlines() if "articles" in line)
    assert before.startswith(f"2 articles, {len(scores)} pairs to score, at ")
    assert after == (
        "framing: 2 articles came in, 2 were read; 2 without a date. 0 articles in a language that the model does not read. "
        f"2 passages: 2 kept, 0 set aside. {len(scores)} pairs of a passage and a hypothesis: 0 windowed, 0 with errors."
    )


def test_score_says_what_was_not_read_and_where_the_reasons_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("framing.stream.load_for", lambda _: WordModel(limit=6))
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("A heading\n\nThe new rule is a danger to all of us.\n\n* * *\n", encoding="utf-8")
    (corpus / "b.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    command = [
        "score",
        "--corpus",
        str(corpus),
        "--codebook",
        str(tmp_path / "codebook.yaml"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(command) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(
        "framing: 2 articles came in, 1 were read; 1 not readable (see `status` in parts/documents), 2 without an outlet, 2 without a date. "
    )
    assert last.endswith(
        ". 3 passages: 1 kept, 2 set aside (label or caption: 1, no words: 1). "
        "5 pairs of a passage and a hypothesis: 5 windowed, 0 with errors."
    )


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["models"], ""),
        (["doctor"], ""),
        (["convert", "model", "folder"], ""),
        (["score", "--study", "my study.yaml"], " What was scored is kept. To resume: framing score --study 'my study.yaml'"),
        (["report", "--sample", "3"], " What was scored is kept. To resume: framing report --sample 3"),
        (["draw", "coding"], " What was scored is kept. To resume: framing draw coding"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("fault", "said", "status"),
    [
        (OSError(5, "Input/output error", "/a/file"), "framing: [Errno 5] Input/output error: '/a/file'.", 1),
        (KeyboardInterrupt(), "\nframing: stopped.", 130),
    ],
)
def test_a_fault_of_the_system_or_a_stop_is_one_line_and_speaks_of_scores_where_some_are_made(
    command: list[str], kept: str, fault: BaseException, said: str, status: int,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def failing(options: dict[str, object]) -> int:
        raise fault

    monkeypatch.setitem(cli._COMMANDS, command[0], failing)
    assert cli.main(command) == status
    assert capsys.readouterr().err == f"{said}{kept}\n"


@pytest.mark.parametrize("command", ["report", "score", "doctor"])
def test_every_command_that_reads_a_corpus_can_be_told_how(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    monkeypatch.setitem(cli._COMMANDS, command, lambda options: asked.append(options) or 0)
    options = ["--corpus", "c", "--metadata", "m.csv", "--date-order", "dmy", "--skip-bad", "--strict"]
    assert main([command, *options]) == 0
    told = {"corpus": "c", "metadata": "m.csv", "date_order": "dmy", "skip_bad": True, "strict": True}
    assert asked[0].items() >= told.items()


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, ""), (3, " Say what dates in numbers are: --date-order dmy or mdy (`date_order` in the study file).")],
)
def test_a_report_with_ambiguous_dates_says_how_to_read_them(
    n: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    intake = {"articles": 9, "read": 9, "without a date": 2, "with an ambiguous date": n}
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": {"intake": intake}}), encoding="utf-8")
    monkeypatch.setattr("framing.report.build.build_report", lambda study: tmp_path)
    assert main(["report", "--corpus", str(tmp_path), "--codebook", str(tmp_path)]) == 0
    dates = f", {n} with an ambiguous date" if n else ""
    line = f"framing: 9 articles came in, 9 were read; 2 without a date{dates}.{said}\n"
    assert capsys.readouterr().err == line


@pytest.mark.parametrize(
    ("sample", "where"), [({}, " (see `status` in tables/documents.csv)"), ({"sample": {"articles drawn": 3}}, "")]
)
def test_a_report_says_where_the_reasons_of_what_was_not_read_stand(
    sample: dict[str, object],
    where: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts = {"intake": {"articles": 9, "read": 5, "not readable": 4, "with an ambiguous date": 0}, **sample}
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": counts}), encoding="utf-8")
    monkeypatch.setattr("framing.report.build.build_report", lambda study: tmp_path)
    assert main(["report", "--corpus", str(tmp_path), "--codebook", str(tmp_path)]) == 0
    assert capsys.readouterr().err == f"framing: 9 articles came in, 5 were read; 4 not readable{where}.\n"
