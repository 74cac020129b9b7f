"""Fixtures for documents that are made of executed notebooks."""

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from matplotlib.axes import Axes
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from framing.report.document import Document, FrontMatter, read_document
from framing.study import Author, Study


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def front() -> FrontMatter:
    authors = (Author("A. Author", "Institute of Examples"), Author("B. Writer"))
    return FrontMatter("A title", "A subtitle", authors, "2031-03-28", "en", "Demo study")


@pytest.fixture
def ax() -> Axes:
    _, axes = plt.subplots(figsize=(4, 2))
    axes.plot([0, 1], [1, 0])
    return axes


@pytest.fixture
def document(tmp_path: Path, front: FrontMatter) -> Callable[..., Document]:
    """Make the document of one notebook with these cells."""

    def make(*cells: NotebookNode, front: FrontMatter = front) -> Document:
        path = tmp_path / "notebook.ipynb"
        nbformat.write(new_notebook(cells=list(cells)), path)
        return read_document([path], front)

    return make


@pytest.fixture
def study(tmp_path, codebook_file, corpus_folder) -> Study:
    return Study.of(
        title="Who fears the bridge?", corpus=str(corpus_folder), codebook=str(codebook_file), out=str(tmp_path / "out"), date="2031-02-03",
        authors=[Author("Ada Lind"), Author("Bo Ek", "Institute")],
    )  # fmt: skip
