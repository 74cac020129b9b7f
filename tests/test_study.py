"""study.yaml: what is read from it, what wins over it, what is refused, and that it can be written down again."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing.errors import StudyError
from framing.study import Author, Study

MINIMAL = "name: piers\ntitle: Piers\ncorpus: corpus\ncodebook: bridges.yaml\n"


@pytest.fixture
def folder(corpus_folder: Path, codebook_file: Path, tmp_path: Path) -> Path:
    """Holds a corpus and a codebook."""
    return tmp_path


def load(folder: Path, text: str, **overrides: Any) -> Study:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return Study.load(folder / "study.yaml", **overrides)


def test_paths_are_relative_to_the_file_and_the_rest_has_documented_defaults(folder: Path):
    study = load(folder, MINIMAL)
    assert (study.corpus, study.codebook) == (folder / "corpus", folder / "bridges.yaml")
    assert study.out == folder / "reports" / "piers"
    assert study.date == datetime.date.today().isoformat()
    assert (study.metadata, study.annotations, study.sample, study.skip_bad) == (None, None, None, False)
    assert (study.group_by, study.model, study.threshold, study.text) == ("outlet", "bundled", 0.5, "excerpts")


def test_every_setting_is_read_as_what_it_is(folder: Path):
    study = load(
        folder,
        MINIMAL
        + "subtitle: 0012\nauthors: [Ada Lind, {name: NA, affiliation: None}]\ndate: 2031-08-01\nmetadata: corpus/metadata.csv\n"
        "annotations: bridges.yaml\nannotation_columns: {stance_2: stance}\ncolumns: {Blatt: outlet}\ngroup_by: 0012\nmodel: NA\nthreshold: 0.25\nseed: 0\n"
        "resamples: 500\ntext: none\nlanguage: no\nsample: 3\nskip_bad: yes\nout: there\ndate_order: mdy\n",
    )
    assert study.subtitle == "0012"
    assert study.authors == (Author("Ada Lind"), Author("NA", "None"))
    assert (study.date, study.group_by, study.model, study.language) == ("2031-08-01", "0012", "NA", "no")
    assert (study.threshold, study.seed, study.resamples, study.sample) == (0.25, 0, 500, 3)
    assert (study.text, study.skip_bad, study.annotation_columns) == ("none", True, {"stance_2": "stance"})
    assert study.date_order == "mdy"
    assert study.columns == {"Blatt": "outlet"}
    assert (study.metadata, study.out) == (folder / "corpus" / "metadata.csv", folder / "there")


def test_overrides_win_and_their_paths_are_relative_to_the_working_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    study = load(folder, MINIMAL + "seed: 5\n", seed=7, title="Other", out="mine", sample=None)
    assert (study.seed, study.title, study.sample) == (7, "Other", None)
    assert (study.out, study.corpus) == (folder / "elsewhere" / "mine", folder / "corpus")


def test_a_study_needs_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    study = Study.of(corpus="corpus", codebook=folder / "bridges.yaml", authors=(Author("Ada Lind", "Alder"),))
    assert (study.name, study.title, study.corpus) == ("corpus", "Framing in corpus", folder / "corpus")
    assert study.out == folder / "reports" / "corpus"
    assert study.authors == (Author("Ada Lind", "Alder"),)


@pytest.mark.parametrize(
    ("corpus", "name"),
    [
        ("articles.jsonl", "articles"),
        ("My Articles", "my-articles"),
        ("v1.2", "v1-2"),
        ("articles.v2.csv", "articles-v2"),
        ("新闻", r"[0-9a-f]{8}"),
        ("Österreich", r"sterreich-[0-9a-f]{8}"),
        ("x" * 100, r"x{40}-[0-9a-f]{8}"),
        ("-", "study"),
    ],
)
def test_without_a_name_a_study_is_called_like_its_corpus_so_that_no_report_replaces_that_of_another(
    corpus: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(folder)
    path = folder / corpus
    if path.suffix in (".jsonl", ".csv"):
        path.touch()
    else:
        path.mkdir()
    study = Study.of(corpus=corpus, codebook="bridges.yaml")
    assert re.fullmatch(name, study.name)
    assert study.out == folder / "reports" / study.name
    assert Study.of(corpus=corpus, codebook="bridges.yaml", name="mine").name == "mine"
    if path.is_dir():
        monkeypatch.chdir(path)
        assert Study.of(corpus=".", codebook=folder / "bridges.yaml").name == study.name


def test_two_corpora_whose_names_have_lost_their_letters_are_kept_apart(folder: Path):
    for name in ("新闻", "報道"):
        (folder / name).mkdir()
    one, other = (Study.of(corpus=folder / name, codebook=folder / "bridges.yaml") for name in ("新闻", "報道"))
    assert one.out != other.out


def test_a_sample_has_a_folder_of_its_own_and_the_scores_of_the_whole(folder: Path, tmp_path: Path):
    whole, sample = load(folder, MINIMAL), load(folder, MINIMAL, sample=2)
    assert (whole.out.name, sample.out.name) == ("piers", "piers-sample")
    assert sample.scores == whole.scores == whole.out / "scores"
    sample.write(folder / "kept.yaml")
    assert Study.load(folder / "kept.yaml").scores == whole.scores
    for study in (load(folder, MINIMAL + "sample: 2\n", out="mine"), load(folder, MINIMAL, out="mine")):
        assert (study.out, study.scores) == (Path("mine").resolve(), Path("mine/scores").resolve())


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("name: piers", "name: Piers", r"line 1, name: up to 60 of a-z \(lower case\), 0-9, - and _ are allowed, the first a letter or a digit; got 'Piers'"),
        ("name: piers", "name: _piers", "the first a letter or a digit; got '_piers'"),
        ("name: piers", "name: ../piers", "line 1, name: up to 60 of a-z"),
        ("name: piers", "name: /piers", "line 1, name: up to 60 of a-z"),
        ("name: piers", f"name: {'p' * 61}", "line 1, name: up to 60 of a-z"),
        ("name: piers\n", "", "name: the setting 'name' is needed"),
        ("title: Piers", "title:", "line 2, title: the setting 'title' is needed"),
        ("title: Piers", "title: [Piers]", "line 2, title: a text is expected"),
        ("corpus: corpus", "corpus: nowhere", r"line 3, corpus: .*nowhere does not exist \(paths in a study file are relative to its folder\)\."),
        ("corpus: corpus", "corpus: [corpus]", "line 3, corpus: a path is expected"),
        ("codebook: bridges.yaml", "codebook: missing.yaml", "line 4, codebook: .*missing.yaml does not exist"),
        ("", "metadata: m.csv\n", "line 5, metadata: .*m.csv does not exist"),
        ("", "metadata: ''\n", "line 5, metadata: a path is expected; got ''"),
        ("", "out: ''\n", "line 5, out: a path is expected; got ''"),
        ("", "tresh: 0.5\n", "line 5, tresh: unknown setting; .*'threshold'"),
        ("", "seeds: 5\n", "line 5, seeds: unknown setting; .*did you mean 'seed'"),
        ("", "threshold: 0\n", r"line 5, threshold: a number from 0.01 to 0.99 is allowed; got 0.0"),
        ("", "threshold: nan\n", "threshold: a number from 0.01 to 0.99"),
        ("", "threshold: a half\n", "threshold: a number is expected; got 'a half'"),
        ("", "seed: -1\n", "seed: a number from 0"),
        ("", "seed: 1.5\n", "seed: a whole number is expected; got '1.5'"),
        ("", "resamples: 99\n", "resamples: a number from 100 to 100,000"),
        ("", "sample: 0\n", "sample: a number from 1"),
        ("", "sample: [3]\n", "sample: a whole number is expected"),
        ("", "skip_bad: maybe\n", "skip_bad: true or false is expected; got 'maybe'"),
        ("", "text: some\n", r"text: one of \['full', 'excerpts', 'none'\] is allowed; got 'some'"),
        ("", "date_order: ymd\n", r"line 5, date_order: one of \['dmy', 'mdy'\] is allowed; got 'ymd'"),
        ("", "annotation_columns: [stance]\n", r"annotation_columns: a mapping from column to construct, .* is expected; got \['stance'\]\."),
        ("", "annotation_columns: {a: [b]}\n", "annotation_columns: a mapping from column to construct"),
        ("", "columns: text\n", "line 5, columns: a mapping from column to column of the table `documents`"),
        ("", "columns: {a: [b]}\n", "columns: a mapping from column to column"),
        ("", "date: 01/08/2031\n", "date: an ISO date such as 2031-07-14 is expected"),
        ("", "date: 2031-02-30\n", "date: an ISO date"),
        ("", "authors: [{affiliation: Alder}]\n", "authors.0: `name` and perhaps `affiliation` are expected"),
        ("", "authors: [Ada, {name: B, role: C}]\n", "authors.1: `name` and perhaps `affiliation` are expected"),
        ("", "authors: [[Ada]]\n", "authors.0: `name` and perhaps"),
        ("", "seed: 1\nseed: 2\n", "line 6, seed: this field stands twice"),
        ("", "subtitle: !!python/object:os.x {}\n", "line 5, subtitle: the tag"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_what_is_allowed(old: str, new: str, complaint: str, folder: Path):
    text = MINIMAL.replace(old, new) if old else MINIMAL + new
    with pytest.raises(StudyError, match=complaint) as caught:
        load(folder, text)
    assert str(folder / "study.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_override_is_refused(folder: Path):
    with pytest.raises(StudyError, match="did you mean 'threshold'"):
        load(folder, MINIMAL, treshold=0.5)
    with pytest.raises(StudyError, match=r"^corpus: the setting 'corpus' is needed"):
        Study.of(codebook=str(folder / "bridges.yaml"))
    with pytest.raises(StudyError, match=r"^corpus: .*nowhere does not exist\.$"):
        load(folder, MINIMAL, corpus="nowhere")


def test_no_line_of_the_file_is_blamed_for_what_came_beside_it(folder: Path):
    with pytest.raises(StudyError, match=r"^threshold: a number from 0.01 to 0.99 is allowed; got 2.0"):
        load(folder, MINIMAL + "threshold: 0.5\n", threshold=2)
    with pytest.raises(StudyError, match="line 5, seed: "):
        load(folder, MINIMAL + "seed: x\n", threshold=0.5)
    with pytest.raises(StudyError, match=r"^sample: a number from 1"):
        Study.of(corpus=str(folder / "corpus"), codebook=str(folder / "bridges.yaml"), sample=0)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
some = words.filter(bool)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    settings_of=st.fixed_dictionaries(
        {
            "name": st.from_regex(r"[a-z0-9][a-z0-9_-]{0,59}", fullmatch=True),
            "title": some,
            "date": st.dates().map(str),
        },
        optional={
            "subtitle": words,
            "authors": st.lists(st.builds(Author, some, words), max_size=3).map(tuple),
            "annotation_columns": st.dictionaries(words, words, max_size=3),
            "columns": st.dictionaries(words, words, max_size=3),
            "group_by": some,
            "model": some,
            "threshold": st.floats(0.01, 0.99),
            "seed": st.integers(0, 2**32 - 1),
            "resamples": st.integers(100, 100_000),
            "text": st.sampled_from(["full", "excerpts", "none"]),
            "language": some,
            "sample": st.none() | st.integers(1, 10**9),
            "skip_bad": st.booleans(),
            "strict": st.booleans(),
            "date_order": st.sampled_from(["dmy", "mdy"]),
        },
    )
)
def test_a_study_that_was_written_is_loaded_as_the_same_study(settings_of: dict[str, Any], folder: Path):
    study = Study.of(corpus=str(folder / "corpus"), codebook=str(folder / "bridges.yaml"), metadata=str(folder / "corpus" / "metadata.csv"), **settings_of)  # fmt: skip
    study.write(folder / "kept.yaml")
    assert Study.load(folder / "kept.yaml") == study
    study.write(str(folder / "again.yaml"))
    assert Study.load(str(folder / "again.yaml")) == study


@pytest.mark.parametrize("word", ["NA", "None", "0012", "null", "~", "no", "1e3", "=x", "a: b", "# a", "'", "桥"])
def test_words_that_yaml_could_take_for_something_else_are_kept(word: str, folder: Path):
    study = load(
        folder, MINIMAL, title=word, group_by=word, authors=[Author(word, word)], annotation_columns={word: word}
    )
    study.write(folder / "elsewhere.yaml")
    assert Study.load(folder / "elsewhere.yaml") == study
    assert study.title == study.group_by == study.authors[0].name == word


def test_a_model_in_a_folder_is_found_from_wherever_the_study_is_run(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "models" / "mine").mkdir(parents=True)
    text = MINIMAL + "model: models/mine\n"
    monkeypatch.chdir("/")
    assert load(folder, text).model == str((folder / "models" / "mine").resolve())
    assert load(folder, MINIMAL).model == "bundled"
    assert load(folder, text, model=f"org/name@{'0' * 40}").model == f"org/name@{'0' * 40}"
    monkeypatch.chdir(folder / "models")
    assert load(folder, MINIMAL, model="mine").model == str((folder / "models" / "mine").resolve())
