"""The main job: a study in, a page, a PDF, figures, tables and a manifest out, or the previous report left as it was."""

import base64
import shutil
from pathlib import Path

from framing.analysis import Analysis, run
from framing.codebook import Codebook
from framing.corpus import why_nothing
from framing.errors import FramingError, ReportError
from framing.files import put_in_place, refuse_link, workplace, write_json, write_whole
from framing.languages import language_codes
from framing.lock import held
from framing.manifest import NAME as MANIFEST
from framing.passages import LANGUAGE
from framing.report.document import Document, FrontMatter, read_document
from framing.report.html import render_html
from framing.report.manifest import report_manifest
from framing.report.notebooks import own_notebooks, run_notebooks
from framing.report.pdf import render_pdf
from framing.sharing import share_tables
from framing.study import Study
from framing.tables import write_tables

# In the order in which they are put in place: the manifest last, because it vouches for the others.
PARTS = ("tables", "figures", "report.html", "report.pdf", MANIFEST)
FAILED = "failed"
_LANGUAGES = 10  # how many an error names


def build_report(study: Study, *, progress: bool | None = None) -> Path:
    """Run a study and write its report.

    Scores that an earlier run kept are not made again. Everything is made in a folder beside the report and put in place at the end, so
    that a failure at any point leaves the previous report whole. A run that is killed while it puts the parts in place leaves a folder without a
    manifest.json; the next run brings the previous report back first.

    Parameters
    ----------
    study : Study
    progress : bool, optional
        See `framing.run`.

    Returns
    -------
    Path
        The folder: report.html, report.pdf, figures/, tables/, manifest.json, and scores/ (kept for the next run).

    Raises
    ------
    FramingError
        If anything cannot be read, scored or rendered. The notebooks of a failed run lie in failed/.
    """
    with held(study.out), workplace(study.out) as work:
        try:
            return _build(study, work, progress)
        except ReportError as error:
            if not (work / "notebooks").exists():
                raise
            failed = study.out / FAILED
            refuse_link(failed)
            shutil.rmtree(failed, ignore_errors=True)
            (work / "notebooks").replace(failed)
            raise ReportError(
                f"{error} What the notebooks had done lies in {failed}; the previous report is untouched."
            ) from error
        except OSError as error:
            raise ReportError(f"the report could not be written to {study.out} ({error}).") from error


def _build(study: Study, work: Path, progress: bool | None) -> Path:
    codebook = Codebook.load(study.codebook)
    analysis = run(study, progress=progress)
    if not analysis.passages["kept"].any():
        raise FramingError(f"no article in {study.corpus} has a passage to score; {_why_none(analysis)}")
    analysis.write(work / "analysis")
    study.write(work / "study.yaml")
    executed = run_notebooks(
        own_notebooks(), {"study_path": str(work / "study.yaml"), "tables": str(work / "analysis")}, work / "notebooks"
    )
    document = read_document(
        executed,
        FrontMatter(study.title, study.subtitle, study.authors, study.date, study.language, study.name),
    )
    new = work / "new"
    new.mkdir()
    write_whole(new / "report.html", render_html(document).encode("utf-8"))
    write_whole(new / "report.pdf", render_pdf(document))
    _write_figures(document, new / "figures")
    write_tables(share_tables(analysis, codebook, text=study.text), new / "tables")
    write_json(new / MANIFEST, report_manifest(study, analysis, codebook, new))
    put_in_place(new, study.out, PARTS)
    shutil.rmtree(study.out / FAILED, ignore_errors=True)
    return study.out


def _why_none(analysis: Analysis) -> str:
    """What came in, and which languages of it the model does not read."""
    came = f"{why_nothing(analysis.documents) or 'see what came in: ' + str(analysis.counts['intake'])}."
    foreign = set(analysis.passages.loc[analysis.passages["reason"] == LANGUAGE, "document_id"])
    if not foreign:
        return came
    stated = analysis.documents.loc[analysis.documents["document_id"].isin(foreign), "language"].map(language_codes)
    codes = stated.explode().value_counts()
    named = ", ".join(f"{n:,} in {code!r}" for code, n in codes.head(_LANGUAGES).items())
    more = f" and {len(codes) - _LANGUAGES} languages more" if len(codes) > _LANGUAGES else ""
    return (
        f"{len(foreign):,} in a language that the model does not read ({named}{more}). Fix the column `language` if it is wrong, or choose a "
        f"model that reads them, see `framing models`; {came}"
    )


def _write_figures(document: Document, folder: Path) -> None:
    folder.mkdir()
    for figure in document.figures:
        write_whole(folder / f"{figure.name}.svg", figure.svg.encode("utf-8"))
        write_whole(folder / f"{figure.name}.png", base64.b64decode(figure.png))
