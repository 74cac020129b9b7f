"""The main job on a small hostile corpus: what stands in the folder, what is inert, what survives a failure."""

import csv
import errno
import json
import re
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from lxml import html

from framing import files
from framing.entailment import EntailmentModel
from framing.entailment.pairs import PairModel
from framing.entailment.split import SplitModel
from framing.errors import FramingError, ReportError, StorageError
from framing.files import write_json
from framing.report import build
from framing.report.build import build_report
from framing.study import Study
from tests.conftest import CODEBOOK

HOSTILE = {
    "../../escape": ("=cmd|' /C calc'!A0", "<script>alert('title')</script> bridge", "The bridge is dangerous. <img src=x onerror=alert(1)> People could drown."),
    "CON": ("NA", "#read(\"/etc/passwd\") and $x$", "#include \"x\" \\input{y} [click](javascript:alert(1)). The bridge is vanity."),
    "0012": ("NA", "x" * 300, "مرحبا بالعالم. 中文句子。 e\u0301 👩‍👩‍👧 The author supports the new bridge."),
    "None": ("Üml*out* _outlet_", "```{=html}<svg onload=alert(2)>```", "The author opposes the new bridge, =SUM(A1:A9)."),
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    with (folder / "articles.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["document_id", "outlet", "title", "text"])
        writer.writerows([document_id, *rest] for document_id, rest in HOSTILE.items())
    return Study.of(
        corpus=str(folder / "articles.csv"), codebook=str(folder / "codebook.yaml"), out=str(folder / "out"), text="full", resamples=100,
        title="A <b>bold</b> & #strong[title]", date="2031-01-31",
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(study: Study) -> Path:
    return build_report(study, progress=False)


def test_the_folder_holds_page_pdf_figures_tables_and_manifest(report: Path) -> None:
    assert {*build.PARTS, "scores", ".lock"} == {path.name for path in report.iterdir()}
    assert (report / "report.pdf").read_bytes().startswith(b"%PDF-")
    figures = {path.name for path in (report / "figures").iterdir()}
    assert {"axis-by-outlet.svg", "axis-by-outlet.png", "frame-shares.svg", "course-of-an-article.png"} <= figures
    names = {path.stem for path in (report / "tables").iterdir()}
    assert {"documents", "passages", "scores", "measures", "articles", "outlets"} <= names
    assert all((report / "tables" / f"{name}.{kind}").exists() for name in names for kind in ("csv", "parquet"))


def test_nothing_is_written_outside_the_folder(report: Path) -> None:
    assert {path.name for path in report.parent.iterdir()} == {"codebook.yaml", "articles.csv", "out"}
    assert not any(re.search(r"escape|^con\b", path.name.lower()) for path in report.rglob("*"))


def test_hostile_text_is_inert_and_literal_in_the_page(report: Path) -> None:
    page = html.fromstring((report / "report.html").read_bytes())
    assert not page.xpath("//script | //iframe | //object | //embed | //link | //svg | //form | //input")
    assert not [name for element in page.iter(html.etree.Element) for name in element.attrib if name.startswith("on")]
    for target in page.xpath("//@href | //@src"):
        assert re.match(r"#|data:image/svg\+xml;base64,|https?://", target), target
    text = page.text_content()
    for literal in (
        "<script>alert('title')</script> bridge",
        "<img src=x onerror=alert(1)>",
        '#include "x" \\input{y} [click](javascript:alert(1))',
        "=cmd|' /C calc'!A0",
        "A <b>bold</b> & #strong[title]",
    ):
        assert literal in text  # fmt: skip


def test_ids_and_outlets_stay_strings_in_the_tables(report: Path) -> None:
    documents = pd.read_parquet(report / "tables" / "documents.parquet")
    assert documents["document_id"].tolist() == list(HOSTILE)
    assert documents["outlet"].tolist() == [outlet for outlet, *_ in HOSTILE.values()]
    outlets = pd.read_parquet(report / "tables" / "outlets.parquet")
    assert "NA" in set(outlets["outlet"])


def test_no_cell_of_a_csv_starts_a_formula(report: Path) -> None:
    for path in (report / "tables").glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        bad = [c for c in cells if re.match(r"[=+@\t\r]|-(?!\d)", c)]
        assert bad == [], path.name


def test_the_manifest_tells_what_the_numbers_depend_on(report: Path, study: Study) -> None:
    manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["study"]["seed"] == study.seed
    assert len(manifest["model"]["fingerprint"]) == 64
    assert manifest["counts"]["intake"]["articles"] == len(HOSTILE)
    kept = manifest["counts"]["passages"]
    assert (
        kept["found"]
        == kept["kept"] + kept["set aside"]
        == len(pd.read_parquet(report / "tables" / "passages.parquet"))
    )
    assert manifest["counts"]["scores"]["pairs"] == kept["kept"] * 5
    assert manifest["versions"]["papermill"]
    assert {"report.html", "report.pdf", "tables/articles.parquet"} <= set(manifest["files"])
    assert str(report.parent) not in json.dumps(manifest)


def test_single_articles_are_said_to_have_no_interval(report: Path) -> None:
    outlets = pd.read_parquet(report / "tables" / "outlets.parquet")
    single = outlets[outlets["n_documents"] == 1]
    assert len(single)
    assert single[["low", "high"]].isna().all().all()
    assert set(single["resampled"]) == {"no interval"}
    assert "no interval" in html.fromstring((report / "report.html").read_bytes()).text_content()


def test_articles_without_dates_leave_a_sentence_instead_of_a_figure(report: Path) -> None:
    assert not (report / "figures" / "over-time.svg").exists()
    assert "No article has a usable date" in (report / "report.html").read_text(encoding="utf-8")


def _no_scoring(self: EntailmentModel, premises: Sequence[str], hypotheses: Sequence[str]) -> None:
    raise AssertionError(f"{len(premises)} pairs were scored again")


def test_rendering_again_scores_nothing_and_gives_the_same_bytes(
    report: Path, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (report / name).read_bytes() for name in ("report.html", "report.pdf", "manifest.json")}
    for kind in (PairModel, SplitModel):
        monkeypatch.setattr(kind, "entail", _no_scoring)
    build_report(study, progress=False)
    assert {name: (report / name).read_bytes() for name in before} == before


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def _notebook(path: Path, source: str) -> Path:
    parameters = nbformat.v4.new_code_cell('study_path: str = ""\ntables: str = ""', metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[parameters, nbformat.v4.new_code_cell(source)], metadata=KERNEL)
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{}['missing key']",
            r"10-bad\.ipynb, cell \[3\]: KeyError: 'missing key'\. What the notebooks had done lies in .*failed;",
        ),
        ("import os; os._exit(3)", r"10-bad\.ipynb failed \(DeadKernelError"),
    ],
    ids=["an error in a cell", "a kernel that dies"],
)
def test_a_failing_notebook_leaves_the_previous_report_in_place(
    report: Path, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file() and "failed" not in path.parts}
    bad = _notebook(tmp_path / "10-bad.ipynb", source)
    monkeypatch.setattr(build, "own_notebooks", lambda: [bad])
    with pytest.raises(ReportError, match=said):
        build_report(study, progress=False)
    assert {path: path.read_bytes() for path in before} == before
    assert (report / "failed" / "10-bad.ipynb").exists()
    assert not list(report.glob(".work-*"))


@pytest.mark.parametrize("name", ["report.html", "report.pdf", "articles.parquet", "articles.csv"])
def test_a_full_disk_names_the_file_and_its_bytes_and_leaves_the_previous_report(
    report: Path, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file() and "failed" not in path.parts}
    monkeypatch.setattr(build, "own_notebooks", lambda: [_notebook(tmp_path / "00-small.ipynb", "1")])

    def reached(step: str, path: Path) -> None:
        if step == "sync" and path.name == name and path.parent.name in ("new", "tables"):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "reached", reached)
    with pytest.raises(StorageError) as caught:
        build_report(study, progress=False)
    said = rf"\S+{re.escape(name)} could not be written: the disk is full \((at least )?[1-9][\d,]* bytes are needed, [\d,]+ are free\)\. [^\n]+"
    assert re.fullmatch(said, str(caught.value))
    assert {path: path.read_bytes() for path in before} == before


def test_what_a_killed_run_left_half_done_is_undone_by_the_next_even_if_that_fails(
    report: Path, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file() and "failed" not in path.parts}
    (report / ".work-killed" / "new").mkdir(parents=True)
    aside = report / ".old-killed"
    aside.mkdir()
    write_json(aside / "replaced.json", {"parts": build.PARTS, "old": build.PARTS})
    for part in ("manifest.json", "report.pdf", "report.html"):  # killed before it came to the others
        (report / part).replace(aside / part)
    monkeypatch.setattr(build, "own_notebooks", lambda: [_notebook(tmp_path / "10-bad.ipynb", "1 / 0")])
    with pytest.raises(ReportError, match="ZeroDivisionError"):
        build_report(study, progress=False)
    assert {path: path.read_bytes() for path in before} == before
    assert not [path for path in report.iterdir() if path.name.startswith((".work-", ".old-"))]


def test_where_nothing_could_be_read_the_reason_is_said(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "articles").mkdir()
    one = "Alder Post\n\nThe bridge is dangerous, a report says.\n\nEnd of Document\n\n"
    (tmp_path / "articles" / "export.txt").write_text(one * 3, encoding="utf-8")
    study = Study.of(corpus=tmp_path / "articles", codebook=tmp_path / "codebook.yaml", out=tmp_path / "out")
    with pytest.raises(FramingError, match=r"1 of 1 articles not read: 'export.txt' \(it holds 3 articles; split it"):
        build_report(study, progress=False)


def test_a_corpus_without_a_passage_is_refused_with_its_counts(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "articles.csv").write_text('document_id,text\na,""\nb,"  "\n', encoding="utf-8")
    study = Study.of(
        corpus=str(tmp_path / "articles.csv"), codebook=str(tmp_path / "codebook.yaml"), out=str(tmp_path / "out")
    )
    with pytest.raises(
        FramingError, match=r"no article in .* has a passage to score; 2 of 2 articles not read: .*its text is empty"
    ):
        build_report(study, progress=False)


def test_a_corpus_in_other_languages_is_refused_with_their_codes(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    rows = ["a,spa,El puente abre.", "b,German,Die Brücke ist offen.", "c,es-MX,El puente cierra.", "d,,"]
    (tmp_path / "articles.csv").write_text("\n".join(["document_id,language,text", *rows, ""]), encoding="utf-8")
    study = Study.of(
        corpus=str(tmp_path / "articles.csv"), codebook=str(tmp_path / "codebook.yaml"), out=str(tmp_path / "out")
    )
    said = r"3 in a language that the model does not read \(2 in 'es', 1 in 'de'\)\. Fix the column `language`.*1 of 4 articles not read: .*its text is empty"
    with pytest.raises(FramingError, match=said):
        build_report(study, progress=False)


@pytest.mark.parametrize("mode", ["excerpts", "none"])
def test_shared_files_show_no_more_text_than_the_study_allows(tmp_path: Path, mode: str) -> None:
    codebook = CODEBOOK.replace("axis: [danger, show]\n", "").split("stance:")[0]
    (tmp_path / "codebook.yaml").write_text(codebook, encoding="utf-8")
    sentence = "The bridge is dangerous, " + "and the river under it is deep, " * 12 + "and the last word is quagga."
    text = f"{sentence} The bridge is dangerous, says the zebu."
    (tmp_path / "articles.csv").write_text(
        f'document_id,outlet,text\na,Post,"{text}"\nb,Mail,"{text}"\n', encoding="utf-8"
    )
    out = build_report(
        Study.of(
            corpus=str(tmp_path / "articles.csv"),
            codebook=str(tmp_path / "codebook.yaml"),
            out=str(tmp_path / "out"),
            text=mode,
        ),
        progress=False,
    )
    shared = (out / "report.html").read_text(encoding="utf-8") + "".join(
        p.read_text(encoding="utf-8") for p in out.glob("tables/*.csv")
    )
    assert "quagga" not in shared
    assert ("zebu" in shared) == (mode == "excerpts")
    assert "text" not in pd.read_parquet(out / "tables" / "documents.parquet").columns
