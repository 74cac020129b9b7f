"""The house rules that can be checked: imports go one way, the package names no study, set-up files agree with each other."""

import ast
import csv
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "framing"

# A module may import those above it, never one below it.
ORDER = (
    "errors", "bidi", "files", "lock", "cores", "tables", "yamlfile", "study", "codebook", "corpus", "voice", "layout", "languages", "passages", "entailment", "chunk", "engines",
    "distributed", "store", "speed", "scoring", "measures",
    "articles", "stages", "bootstrap", "outlets", "evidence", "differences", "annotation", "spans", "validation", "bygroup", "reliability", "correction", "coders", "analysis", "sharing", "manifest", "coding",
    "stream", "doctor", "figures",
    "report.fonts", "report.templating", "report.blocks", "report.document", "report.html", "report.pdf", "report.exhibits", "report.words", "report.standing",
    "report.summary", "report.method",
    "report.notebooks", "report.manifest", "report.build", "cli", "__main__",
)  # fmt: skip


def _place(module: str) -> int:
    parts = module.split(".")
    for name in (".".join(parts[:2]), parts[0]):
        if name in ORDER:
            return ORDER.index(name)
    raise AssertionError(f"module framing.{module} has no place in the order: add it to ORDER in {__file__}")


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("framing."):
            base = node.module.removeprefix("framing.")
            found |= {base if "." in base or base != "report" else f"report.{alias.name}" for alias in node.names}
    return found


MODULES = sorted(path for path in SOURCE.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    own = _place(module)
    for imported in _imports(path):
        if imported.split(".")[0] == module.split(".")[0] and "report" not in module:
            continue  # within a package of its own, such as corpus
        assert _place(imported) < own or imported == module, (
            f"framing.{module} imports framing.{imported}, which stands below it"
        )


def test_the_package_names_no_outlet_frame_story_or_issue() -> None:
    names: set[str] = set()
    for codebook in (ROOT / "data" / "codebooks").glob("*.yaml"):
        content = yaml.safe_load(codebook.read_text(encoding="utf-8"))
        names |= {content["name"], *content["frames"]}
        names |= {frame["label"] for frame in content["frames"].values()}
    for metadata in (ROOT / "data").glob("*/articles/metadata.csv"):
        with metadata.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                names |= {row["outlet"], row["story_id"]}
    # Everyday words that are also keys of a frame.
    names -= {"", "legal", "legality", "economic", "security", "health", "capacity"}
    assert len(names) > 20
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names)), re.IGNORECASE)
    # The model card tells on which data the model was judged, and so must name it.
    files = [
        p for p in SOURCE.rglob("*") if p.suffix in (".py", ".j2", ".css", ".typ", ".md") and p.name != "MODEL_CARD.md"
    ]
    assert len(files) > 30
    found = {str(p.relative_to(ROOT)): m[0] for p in files if (m := pattern.search(p.read_text(encoding="utf-8")))}
    assert found == {}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_are_thin_and_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    nodes = [node for cell in code for node in ast.walk(ast.parse(cell.source))]
    assert not [
        node for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While))
    ]
    assert [i for i, cell in enumerate(code) if "parameters" in cell.metadata.get("tags", [])] == [0]
    for node in ast.parse(code[0].source).body:
        assert isinstance(node, ast.AnnAssign), "a parameter is typed: name: type = value  # what it is"


def _project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_environment_yml_is_in_step_with_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python = f"python{_project()['requires-python']}"
    assert python in environment["dependencies"]
    pip = next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))
    assert pip == ["-r requirements.lock"]


def test_the_lock_holds_every_dependency_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    for dependency in _project()["dependencies"]:
        name = re.match(r"[\w-]+", dependency)[0].lower().replace("_", "-")
        assert name in locked, f"{name} is not in requirements.lock; run `make lock`"
    blocks = re.split(r"\n(?=[a-z0-9-]+==)", lock)
    assert all("--hash=sha256:" in block for block in blocks if re.match(r"[a-z0-9-]+==", block))
    assert "torch" not in locked


def test_the_six_named_tools_are_dependencies() -> None:
    names = {re.match(r"[\w-]+", dependency)[0] for dependency in _project()["dependencies"]}
    assert {"jupyterlab", "pandas", "scikit-learn", "transformers", "matplotlib", "papermill"} <= names


@pytest.mark.parametrize(
    ("target", "has", "lacks"),
    [
        ("clean", "rm -rf .venv", "reports"),  # scores take hours to make
        ("clean-reports", "rm -rf reports", ".venv"),
        ("--assume-new=requirements.lock .venv/.ready", "-r requirements.lock", "pip sync"),  # would remove PyTorch and Ray
    ],
)  # fmt: skip
def test_make_takes_nothing_away_that_was_not_named(target: str, has: str, lacks: str) -> None:
    if not shutil.which("make"):
        pytest.skip("needs make")
    done = subprocess.run(
        ["make", "--dry-run", *target.split()], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert has in done
    assert lacks not in done
