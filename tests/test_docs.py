"""The documentation is true: its commands run, its targets and settings exist, its dictionary holds every column."""

import dataclasses
import re
import shlex
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import framing
from framing import bygroup, correction, differences, reliability, tables, validation
from framing.cli import _parser, main
from framing.study import Study
from tests.conftest import ROOT

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = {path: path.read_text(encoding="utf-8") for path in DOCS}


def _blocks(language: str) -> list[tuple[str, str]]:
    return [
        (path.name, block)
        for path, text in TEXT.items()
        for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [b for b in _blocks("python") if b[0] != "coding.md"],
    ids=lambda v: v if v.endswith(".md") else "",
)
def test_python_examples_run(
    name: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("data", "study.yaml"):
        (tmp_path / part).symlink_to(ROOT / part)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, name, "exec"), {})
    assert "estimate" in capsys.readouterr().out


def test_the_guide_to_coding_runs_from_the_draw_to_the_corrected_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], codebook_file: Path
) -> None:
    def of_guide(language: str) -> str:
        (block,) = [block for name, block in _blocks(language) if name == "coding.md"]
        return block

    monkeypatch.chdir(tmp_path)
    sentences = "The bridge is a danger to all who cross it. It opens on Monday. We support the bridge, say its builders. Rain fell."
    articles = [f"{outlet},Article {n} has a number. {sentences}" for outlet in "AB" for n in range(6)]
    Path("corpus.csv").write_text(
        "\n".join(["outlet,text", *(a.replace(",", ',"', 1) + '"' for a in articles)]), encoding="utf-8"
    )
    study = f"name: mine\ntitle: Mine\ncorpus: corpus.csv\ncodebook: {codebook_file.name}\nresamples: 100\n"
    Path("my-study.yaml").write_text(study, encoding="utf-8")
    program, *arguments = shlex.split(of_guide("sh"))
    assert program == "framing"
    assert main(arguments) == 0
    for path in Path("coding").glob("*.csv"):
        sheet = pd.read_csv(path)
        carries = sheet["text"].str.contains("danger").astype("int64")
        sheet.assign(**{"danger (0 or 1)": carries, "show (0 or 1)": 0}).to_csv(path, index=False)
    Path("my-study.yaml").write_text(study + of_guide("yaml"), encoding="utf-8")
    code = of_guide("python")
    results: dict[str, Any] = {}
    exec(compile(code, "coding.md", "exec"), results)
    assert "positive agreement" in capsys.readouterr().out
    danger = results["estimates"].query("construct == 'danger'")
    assert danger["corrected"].tolist() == pytest.approx([0.2, 0.2], abs=0.1)
    coders = results["analysis"].reliability
    assert coders.query("construct == 'danger'")["value"].tolist() == [1.0, 1.0, 1.0]


def test_the_example_of_a_codebook_is_a_codebook(tmp_path: Path) -> None:
    examples = [code for name, code in _blocks("yaml") if name == "codebooks.md"]
    assert len(examples) == 1
    (tmp_path / "example.yaml").write_text(examples[0], encoding="utf-8")
    codebook = framing.Codebook.load(tmp_path / "example.yaml")
    assert codebook.axis == ("public_cost", "local_pride")


def test_the_documented_command_runs_and_writes_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = [line for _, block in _blocks("sh") for line in block.splitlines() if "--sample 20" in line]
    arguments = shlex.split(command)[1:]
    arguments[arguments.index("--corpus") + 1] = str(ROOT / "data" / "demo" / "articles")
    arguments[arguments.index("--sample") + 1] = "2"
    arguments[arguments.index("--out") + 1] = str(tmp_path / "out")
    monkeypatch.chdir(ROOT)
    assert main(arguments) == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_every_option_and_command_in_the_documents_exists() -> None:
    (commands,) = [action for action in _parser()._actions if action.choices and "report" in action.choices]
    known = {option for action in commands.choices["report"]._actions for option in action.option_strings}
    for name, block in _blocks("sh"):
        for line in filter(lambda text: "framing report" in text, block.splitlines()):
            assert set(re.findall(r"--[a-z-]+", line)) <= known, (name, line)
    assert {*re.findall(r"`framing (\w+)`", "\n".join(TEXT.values()))} <= set(commands.choices)
    for option in sorted(known - {"--help", "-h"}):
        setting = option.removeprefix("--").replace("-", "_")
        assert setting == "study" or setting in {field.name for field in dataclasses.fields(Study)}


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for text in TEXT.values()
        for target in re.findall(r"\bmake ([a-z-]+)", " ".join(re.findall(r"`[^`]*`|```.*?```", text, re.DOTALL)))
    }
    assert named >= {"report", "test", "lab"}
    assert named <= targets


def test_every_setting_of_a_study_is_documented() -> None:
    text = TEXT[ROOT / "docs" / "own-articles.md"]
    assert [f.name for f in dataclasses.fields(Study) if f"`{f.name}`" not in text] == []


def test_every_column_of_every_table_is_in_the_dictionary() -> None:
    text = TEXT[ROOT / "docs" / "tables.md"]
    sections = {part.split(":")[0]: part for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]}
    contracts = [table for table in vars(tables).values() if isinstance(table, tables.Table)]
    assert len(contracts) >= 8
    for table in contracts:
        assert [c for c in table.columns if f"`{c}`" not in sections[table.name]] == [], table.name
    for name, columns in (
        ("differences", ("construct", *differences.COLUMNS)),
        ("agreement", validation.COLUMNS),
        ("hypothesis_agreement", validation.HYPOTHESIS_COLUMNS),
        ("found", bygroup.FOUND_COLUMNS),
        ("errors", bygroup.ERROR_COLUMNS),
        ("reliability", reliability.COLUMNS),
        ("corrected_estimates", correction.COLUMNS),
        ("corrected_differences", correction.DIFFERENCE_COLUMNS),
    ):
        assert [c for c in columns if f"`{c}`" not in sections[name]] == [], name


def test_links_between_the_documents_lead_somewhere() -> None:
    for path, text in TEXT.items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).exists(), (path.name, target)
