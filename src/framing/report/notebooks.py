"""Running notebooks with papermill: parameters in, executed copies out, one clear line if one fails."""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from importlib import resources
from pathlib import Path
from typing import Any

import papermill
import zmq
from jupyter_core.utils import ensure_event_loop
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import local_file_io_cwd
from traitlets.config import Config

from framing.errors import ReportError

_WORKERS = 2
_CELL_TIMEOUT = 3600  # seconds; a cell that runs longer hangs
_QUIET = ("papermill", "papermill.translators", "traitlets")
# Kernels listen on loopback; where the library can, what is said there is encrypted too.
# As they end they may complain of the signal that ends them; what fails in a cell is raised.
_KERNEL = Config(
    {
        "KernelManager": {"transport_encryption": "auto" if zmq.has("curve") else "disabled"},
        "NotebookClient": {"extra_arguments": ["--IPKernelApp.log_level=50"]},
    }
)


def own_notebooks() -> list[Path]:
    """The notebooks of the report, in their order: beside the package in a checkout, inside it where it is installed."""
    package = Path(str(resources.files("framing")))
    for folder in (package / "notebooks", package.parents[1] / "notebooks"):
        if found := sorted(folder.glob("[0-9][0-9]-*.ipynb")):
            return found
    raise ReportError(f"the notebooks of the report are missing beside {package}; install framing-workbench again.")


def run_notebooks(notebooks: Sequence[Path], parameters: Mapping[str, Any], folder: Path) -> list[Path]:
    """Execute each notebook with the parameters that it has, and write the executed copies to `folder`.

    Parameters
    ----------
    notebooks : sequence of Path
        All in one folder, which is the working directory while they run.
    parameters : mapping
        JSON-native values. Every notebook takes those it declares; one that no notebook declares is refused.
    folder : Path
        Where the executed copies go, under the same names.

    Returns
    -------
    list of Path
        The executed copies, in the order of `notebooks`.

    Raises
    ------
    ReportError
        If a parameter is unknown, or a notebook fails; its copy, with the error in it, lies in `folder`.
    """
    notebooks = [path.absolute() for path in notebooks]
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # papermill reads parameters with a parser that warns of everything it does not know.
        warnings.simplefilter("ignore")
        declared = {path: set(papermill.inspect_notebook(str(path))) for path in notebooks}
    if unknown := sorted(set(parameters) - set().union(*declared.values())):
        raise ReportError(
            f"no notebook has a parameter {unknown}; they have {sorted(set().union(*declared.values()))}."
        )
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)

    def execute(path: Path) -> Path:
        target = folder / path.name
        own = {name: value for name, value in parameters.items() if name in declared[path]}
        try:
            papermill.execute_notebook(
                str(path), str(target), own, progress_bar=False, log_output=False, execution_timeout=_CELL_TIMEOUT, kernel_name="python3",
                config=_KERNEL,
            )  # fmt: skip
        except PapermillExecutionError as error:
            raise ReportError(
                f"notebook {path.name}, cell [{error.exec_count}]: {error.ename}: {error.evalue}."
            ) from error
        except Exception as error:  # a dead kernel, a time-out: nbclient has a type of its own for each
            reason = str(error).partition("\n")[0].rstrip(".")
            raise ReportError(f"notebook {path.name} failed ({type(error).__name__}: {reason}).") from error
        finally:
            # nbclient leaves the event loop that it made for this thread open.
            ensure_event_loop().close()
        return target

    # papermill changes the working directory of the whole process and back, and keeps one for all reading and writing: threads that did so each
    # for itself would leave both anywhere.
    workers = min(_WORKERS, os.cpu_count() or 1)
    with chdir(notebooks[0].parent), local_file_io_cwd(), ThreadPoolExecutor(workers) as pool:
        return list(pool.map(execute, notebooks))
