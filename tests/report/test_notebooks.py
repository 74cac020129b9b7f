"""Running notebooks: parameters are checked, copies are written, the originals stay clean."""

import os
import time
from pathlib import Path

import nbformat
import pytest

from framing.errors import ReportError
from framing.report.notebooks import own_notebooks, run_notebooks

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def _notebook(path: Path, source: str) -> Path:
    parameters = nbformat.v4.new_code_cell("number: int = 1  # a number", metadata={"tags": ["parameters"]})
    nbformat.write(
        nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(source)], metadata=KERNEL), path
    )
    return path


def test_the_report_has_its_four_notebooks_in_order() -> None:
    assert [path.stem for path in own_notebooks()] == ["00-corpus", "10-scores", "20-outlets", "30-evidence"]


def test_a_parameter_reaches_the_notebook_and_the_original_stays_as_it_was(tmp_path: Path) -> None:
    path = _notebook(tmp_path / "one.ipynb", "print(number + 1)")
    before = path.read_bytes()
    (executed,) = run_notebooks([path], {"number": 41}, tmp_path / "out")
    outputs = [output for cell in nbformat.read(executed, 4).cells for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs] == ["42\n"]
    assert path.read_bytes() == before


def test_notebooks_beside_each_other_run_in_their_folder_and_leave_ours_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebooks = [_notebook(tmp_path / f"{i}.ipynb", "import os; print(os.getcwd())") for i in (1, 2)]
    before = Path.cwd()
    changes: list[str] = []
    change = os.chdir
    monkeypatch.setattr("os.chdir", lambda path: (changes.append(str(path)), change(path)))
    executed = run_notebooks(notebooks, {"number": 1}, tmp_path / "out")
    # One thread that went back while another ran would leave that one elsewhere.
    assert set(changes[changes.index(str(tmp_path)) : -1]) == {str(tmp_path)}
    assert Path.cwd() == before
    said = [o["text"] for path in executed for cell in nbformat.read(path, 4).cells for o in cell.get("outputs", [])]
    assert said == [f"{tmp_path}\n"] * 2


def test_a_cell_that_hangs_is_ended_with_what_it_started_and_its_log_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.report.notebooks._CELL_TIMEOUT", 4)
    path = _notebook(
        tmp_path / "hangs.ipynb",
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        "print('pid', child.pid, flush=True)\n"
        "time.sleep(600)",
    )
    with pytest.raises(ReportError, match=r"^notebook hangs\.ipynb failed \(CellTimeoutError: .*4 seconds"):
        run_notebooks([path], {"number": 1}, tmp_path / "out")
    cells = nbformat.read(tmp_path / "out" / "hangs.ipynb", 4).cells
    (said,) = [o["text"] for cell in cells for o in cell.get("outputs", []) if o["output_type"] == "stream"]
    child = int(said.split()[1])
    for _ in range(100):
        if not _runs(child):
            break
        time.sleep(0.1)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_parameter_that_no_notebook_has_is_refused(tmp_path: Path) -> None:
    path = _notebook(tmp_path / "one.ipynb", "number")
    with pytest.raises(ReportError, match=r"no notebook has a parameter \['numbre'\]; they have \['number'\]"):
        run_notebooks([path], {"numbre": 2}, tmp_path / "out")
