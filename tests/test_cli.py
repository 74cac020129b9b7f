"""The command line: what it teaches, what it refuses, and with which exit status."""

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import framing
from framing import cli
from framing.cli import main
from tests.conftest import ROOT


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
        (["report", "--study", str(ROOT / "study.yaml"), "--sample", "few"], "sample: a number is expected; got 'few'"),
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
    assert said.splitlines()[-1] == (
        f"framing: stopped; what was scored is kept. To go on where it stopped: framing {shlex.join(command)}"
    )
    assert not [path for path in out.rglob("*") if path.suffix == ".tmp" or path.name.startswith(".work-")]


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
    parts = Path(capsys.readouterr().out.strip())
    scores, hypotheses = (pd.read_parquet(parts / name) for name in ("scores", "hypotheses.parquet"))
    assert len(scores) == 2 * len(hypotheses)
    assert scores["p_entail"].between(0, 1).all()


def test_a_fault_of_the_system_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def failing(options: dict[str, object]) -> int:
        raise OSError(5, "Input/output error", "/a/file")

    monkeypatch.setitem(cli._COMMANDS, "models", failing)
    assert cli.main(["models"]) == 1
    assert capsys.readouterr().err == "framing: [Errno 5] Input/output error: '/a/file'; what was scored is kept.\n"


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
