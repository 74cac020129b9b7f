"""The shipped studies run from their study.yaml alone, and the notebooks run as they are."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from lxml import html

from framing.cli import main
from framing.report.notebooks import own_notebooks, run_notebooks
from framing.study import Study
from tests.conftest import CODEBOOK, ROOT


def test_the_second_study_runs_from_its_study_file_alone(tmp_path: Path) -> None:
    assert (
        main(
            ["report", "--study", str(ROOT / "data" / "holiday-rentals" / "study.yaml"), "--out", str(tmp_path / "out")]
        )
        == 0
    )
    out = tmp_path / "out"
    counts = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts["intake"]["articles"] == counts["articles"]["with a score"] == 10
    outlets = pd.read_parquet(out / "tables" / "outlets.parquet").query("construct == 'axis' and voice == 'all'")
    assert len(outlets) == 4
    assert sorted(outlets["n_documents"]) == [1, 3, 3, 3]
    assert outlets["low"].isna().all()  # fewer than five articles each
    text = html.fromstring((out / "report.html").read_bytes()).text_content()
    assert "Homes or livelihoods?" in text
    assert "Not validated." in text


def test_the_demo_study_is_as_large_and_as_messy_as_its_dictionary_says() -> None:
    import framing

    study = Study.load(ROOT / "study.yaml")
    documents = framing.read_corpus(study.corpus)
    assert len(documents) >= 40
    assert documents["outlet"].nunique() >= 7
    assert documents["story_id"].nunique() == 4
    assert documents["source_file"].str.endswith(".html").sum() == 2
    assert set(documents["date_status"]) == {"ok", "missing", "ambiguous"}
    agency = documents[documents["origin"] == "Compact Press Agency"]
    assert agency.groupby("story_id")["outlet"].nunique().max() == 3


@pytest.mark.parametrize("group_by", ["outlet", "section"])
def test_the_notebooks_run_as_they_are_on_any_study(corpus_folder: Path, tmp_path: Path, group_by: str) -> None:
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    (tmp_path / "study.yaml").write_text(
        f"name: small\ntitle: Small\ncorpus: {corpus_folder}\ncodebook: codebook.yaml\ngroup_by: {group_by}\n",
        encoding="utf-8",
    )
    executed = run_notebooks(own_notebooks(), {"study_path": str(tmp_path / "study.yaml")}, tmp_path / "executed")
    assert len(executed) == 4
    for path in executed:
        outputs = [
            output
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
            for output in cell.get("outputs", [])
        ]
        assert any("application/vnd.framing.block+json" in output.get("data", {}) for output in outputs), path.name
        assert not [output for output in outputs if output["output_type"] == "error"], path.name
        said = "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")
        assert not re.search("warn|error", said, re.IGNORECASE), said  # a progress bar is all that may be said
