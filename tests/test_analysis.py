"""The stages in a row: what goes in comes out, and an analysis that was kept is the same again."""

import dataclasses
import json
import logging
import sys
import types

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

import framing
from framing import files
from framing.analysis import engine_of, load_for
from framing.chunk import PLAIN
from framing.engines import Processes
from framing.entailment import Platt
from framing.entailment.pytorch import TorchPairModel
from framing.errors import CorpusError, EngineError, StudyError, TableError
from framing.measures import measure
from framing.sharing import share_tables
from framing.stream import score_corpus
from tests.conftest import ARTICLES, WordModel


@pytest.fixture
def study(corpus_folder, codebook_file, tmp_path):
    def study(**settings):
        given = {
            "corpus": str(corpus_folder),
            "codebook": str(codebook_file),
            "out": str(tmp_path / "out"),
            "resamples": 100,
        }
        return framing.Study.of(**(given | settings))

    return study


def assert_same(one: framing.Analysis, other: framing.Analysis):
    for name, table in one.tables().items():
        assert_frame_equal(table, other.tables()[name], check_exact=True, obj=name)
    assert (one.counts, one.model, one.settings) == (other.counts, other.model, other.settings)


def test_every_article_comes_out_under_every_construct_and_voice(analysis):
    assert set(analysis.articles["document_id"]) == set(ARTICLES)
    assert len(analysis.articles) == 3 * 4 * 3
    assert set(analysis.outlets["outlet"]) == {"Alder Post", "Birch Mail"}
    assert analysis.counts["articles"] == {
        "in": 3,
        "in a language that the model does not read": 0,
        "with a kept passage": 3,
        "with a score": 3,
        "without any score": 0,
    }


def test_every_number_leads_back_to_a_span_of_its_article(analysis):
    texts = analysis.documents.set_index("document_id")["text"]
    passages = analysis.passages.set_index("passage_id")
    for row in analysis.articles.itertuples():
        for passage_id in [*row.passages_for, *row.passages_against]:
            passage = passages.loc[passage_id]
            assert passage["document_id"] == row.document_id
            assert texts[row.document_id][passage["start"] : passage["end"]] == passage["text"]


def test_counts_of_passages_and_scores_add_up(analysis):
    found = analysis.counts["passages"]
    assert found["found"] == found["kept"] + found["set aside"] == len(analysis.passages)
    pairs = found["kept"] * len(analysis.hypotheses)
    assert analysis.counts["scores"] == {"pairs": pairs, "with status ok": pairs}


def test_an_analysis_that_was_kept_is_read_as_it_was(analysis, tmp_path):
    analysis.write(tmp_path / "kept")
    assert_same(framing.Analysis.read(tmp_path / "kept"), analysis)


def test_the_facts_that_are_kept_are_json_without_nan(analysis, tmp_path):
    analysis.write(tmp_path / "kept")

    def refuse(name):
        raise AssertionError(f"{name} stands in the JSON")

    kept = json.loads((tmp_path / "kept" / "analysis.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert kept["counts"] == analysis.counts


def test_a_folder_without_an_analysis_is_refused(analysis, tmp_path):
    with pytest.raises(TableError, match=r"holds no analysis that was kept.*`Analysis\.write\(folder\)` keeps one"):
        framing.Analysis.read(tmp_path)
    (tmp_path / "analysis.json").write_text("[]", encoding="utf-8")
    with pytest.raises(TableError, match="holds no analysis that was kept"):
        framing.Analysis.read(tmp_path)
    analysis.write(tmp_path / "kept")
    (tmp_path / "kept" / "outlets.parquet").write_bytes(b"PAR1")
    with pytest.raises(TableError, match=r"outlets\.parquet is not a readable Parquet file"):
        framing.Analysis.read(tmp_path / "kept")


@pytest.fixture
def broken_off(monkeypatch):
    """Break work off at the third of the moments of one kind, and from there on at all of them: nothing is tidied up either."""

    def broken_off(work, step, *, for_good):
        passed, gone = [], []

        def reached(name, path):
            passed.append(name)
            if (gone and for_good) or (name == step and passed.count(step) == 3):
                gone.append(name)
                raise InterruptedError("the power is gone")

        with monkeypatch.context() as patch:
            patch.setattr(files, "reached", reached)
            with pytest.raises(InterruptedError):
                work()

    return broken_off


@pytest.fixture
def replaced(analysis, tmp_path):
    """The folder in which `analysis` is kept, and another analysis that is to take its place."""
    analysis.write(tmp_path / "kept")
    return tmp_path / "kept", dataclasses.replace(
        analysis, passages=analysis.passages.head(1), scores=analysis.scores.head(1)
    )


@pytest.mark.parametrize("step", ["write", "move"])
def test_where_writing_fails_midway_the_analysis_that_was_kept_stands(analysis, replaced, broken_off, step):
    kept, other = replaced
    broken_off(lambda: other.write(kept), step, for_good=False)
    assert_same(framing.Analysis.read(kept), analysis)
    other.write(kept)
    assert_same(framing.Analysis.read(kept), other)


@pytest.mark.parametrize("step", ["move", "moved"])
def test_a_mixture_of_two_analyses_is_never_read(analysis, replaced, broken_off, step):
    kept, other = replaced
    broken_off(lambda: other.write(kept), step, for_good=True)
    with pytest.raises(TableError, match="holds no analysis that was kept"):
        framing.Analysis.read(kept)
    broken_off(lambda: other.write(kept), "write", for_good=False)
    assert_same(framing.Analysis.read(kept), analysis)  # it was brought back before anything was written


def test_a_second_run_asks_the_model_nothing_and_gives_the_same(study, word_model):
    first = framing.run(study(), model=word_model)
    asked = word_model.asked
    assert_same(framing.run(study(), model=word_model), first)
    assert asked == word_model.asked > 0


def test_another_model_never_takes_over_the_scores_of_the_first(study):
    one, other = WordModel("one"), WordModel("other")
    framing.run(study(), model=one)
    framing.run(study(), model=other)
    assert one.asked == other.asked > 0


def test_a_damaged_file_of_scores_changes_no_number(study, word_model, caplog):
    first = framing.run(study(), model=word_model)
    [path] = study().scores.rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    with caplog.at_level(logging.WARNING):
        assert_same(framing.run(study(), model=word_model), first)
    assert str(path) in caplog.text


def test_kept_tables_are_taken_up_instead_of_running_anything(study, analysis, tmp_path, word_model):
    analysis.write(str(tmp_path / "kept"))
    asked = word_model.asked
    of_it = study(resamples=200, seed=7)
    assert_same(framing.run(of_it, tables=tmp_path / "kept", model=word_model), analysis)
    assert word_model.asked == asked


def test_kept_tables_of_a_study_are_those_of_the_same_study_from_its_file(study, tmp_path, word_model, monkeypatch):
    monkeypatch.setattr("framing.analysis.load_for", lambda _: word_model)
    one = study(sample=2, threshold=0.4, columns={"section": "origin"}, date_order="dmy")
    kept = framing.run(one)
    kept.write(tmp_path / "kept")
    one.write(str(tmp_path / "one.yaml"))
    again = framing.Study.load(tmp_path / "one.yaml", text="full", title="Another title", workers=2)
    assert_same(framing.run(again, tables=str(tmp_path / "kept")), kept)


def test_a_study_that_was_moved_takes_up_its_kept_tables(
    corpus_folder, codebook_file, tmp_path, word_model, monkeypatch
):
    place = tmp_path / "place"
    place.mkdir()
    for path in (corpus_folder, codebook_file):
        path.rename(place / path.name)
    (place / "model").mkdir()
    text = "name: moved\ntitle: Moved\ncorpus: corpus\ncodebook: bridges.yaml\nmetadata: corpus/metadata.csv\nmodel: model\nresamples: 100\n"
    (place / "study.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("framing.analysis.load_for", lambda _: word_model)
    kept = framing.run(framing.Study.load(place / "study.yaml"))
    kept.write(place / "kept")
    moved = place.rename(tmp_path / "elsewhere")
    assert_same(framing.run(framing.Study.load(moved / "study.yaml"), tables=moved / "kept"), kept)
    (moved / "corpus").rename(moved / "other")
    (moved / "study.yaml").write_text(text.replace(": corpus", ": other"), encoding="utf-8")
    with pytest.raises(
        TableError, match=r"kept with corpus '.*/place/corpus', metadata '.*'; the study says '.*/elsewhere/other'"
    ):
        framing.run(framing.Study.load(moved / "study.yaml"), tables=moved / "kept")


def test_kept_tables_are_those_of_a_study_whose_results_go_elsewhere(study, tmp_path, word_model):
    kept = framing.run(study(), model=word_model)
    kept.write(tmp_path / "kept")
    assert_same(framing.run(study(out=str(tmp_path / "a" / "b")), tables=tmp_path / "kept", model=word_model), kept)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"group_by": "section"}, "kept with group_by 'outlet'; the study says 'section'"),
        ({"threshold": 0.4, "seed": 3}, "kept with threshold 0.5, seed 1; the study says 0.4, 3"),
        ({"resamples": 150}, "kept with resamples 100; the study says 150"),
        ({"sample": 2}, "kept with sample None; the study says 2"),
        ({"columns": {"section": "origin"}}, r"kept with columns {}; the study says {'section': 'origin'}"),
        ({"model": "org/other@" + "a" * 40}, "kept with model 'bundled'; the study says 'org/other@a"),
    ],
)
def test_kept_tables_of_another_study_are_refused_with_what_differs(
    study, tmp_path, word_model, monkeypatch, settings, said
):
    monkeypatch.setattr("framing.analysis.load_for", lambda _: word_model)
    framing.run(study()).write(tmp_path / "kept")
    with pytest.raises(TableError, match=f"{said}.*Leave `tables` empty to run the study"):
        framing.run(study(**settings), tables=tmp_path / "kept")


def test_kept_tables_of_another_corpus_codebook_or_model_are_refused(study, tmp_path, word_model, codebook_file):
    framing.run(study(), model=word_model).write(tmp_path / "kept")
    (tmp_path / "other").mkdir()
    with pytest.raises(TableError, match=r"kept with corpus '.*/corpus'; the study says '.*/other'"):
        framing.run(study(corpus=str(tmp_path / "other")), tables=tmp_path / "kept", model=word_model)
    with pytest.raises(TableError, match=f"kept with model '{word_model.fingerprint}'"):
        framing.run(study(), tables=tmp_path / "kept", model=WordModel("other"))
    with pytest.raises(TableError, match="kept with model 'words'; the study says 'bundled'"):
        framing.run(study(), tables=tmp_path / "kept")
    codebook_file.write_text(codebook_file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(TableError, match="kept with codebook_sha256"):
        framing.run(study(), tables=tmp_path / "kept", model=word_model)


def test_the_seed_decides_the_sample_and_its_size_is_told(study, word_model):
    one, again = (framing.run(study(sample=2, seed=5), model=word_model) for _ in range(2))
    assert len(one.documents) == 2
    assert one.counts["sample"] == {"articles drawn": 2}
    assert one.counts["intake"]["articles"] == 3
    assert_same(again, one)
    drawn = {
        tuple(framing.run(study(sample=2, seed=seed), model=word_model).documents["document_id"]) for seed in range(8)
    }
    assert len(drawn) > 1


def test_a_sample_and_the_whole_score_nothing_twice(corpus_folder, codebook_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"corpus": str(corpus_folder), "codebook": str(codebook_file), "resamples": 100}
    sample, whole, again = WordModel(), WordModel(), WordModel()
    framing.run(framing.Study.of(**given, sample=2), model=sample)
    framing.run(framing.Study.of(**given), model=whole)
    assert 0 < sample.asked < sample.asked + whole.asked == 45
    framing.run(framing.Study.of(**given, sample=1), model=again)
    assert again.asked == 0


@pytest.mark.parametrize("gpu", [False, True])
def test_a_model_that_pytorch_runs_on_a_processor_comes_with_a_hint(study, monkeypatch, caplog, gpu):
    torch = types.ModuleType("torch")
    torch.cuda = types.SimpleNamespace(is_available=lambda: gpu)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr("framing.analysis.load_model", lambda name, **_: TorchPairModel.__new__(TorchPairModel))
    load_for(study(model="org/name@" + "a" * 40))
    said = [record.getMessage() for record in caplog.records]
    assert said == (
        []
        if gpu
        else [
            f"PyTorch runs org/name@{'a' * 40} on the processor; `framing convert` writes it as ONNX, which runs about twice as fast."
        ]
    )


def test_a_sample_is_drawn_of_what_was_read(study, word_model, corpus_folder):
    for number in range(20):
        (corpus_folder / f"scan{number}.pdf").write_bytes(b"%PDF-1.7")
    drawn = framing.run(study(sample=2), model=word_model)
    assert drawn.documents["status"].tolist() == ["ok", "ok"]
    assert drawn.counts["intake"]["not readable"] == 20


@pytest.fixture
def codes(tmp_path):
    path = tmp_path / "codes.csv"
    rows = [f"{name},0,10,{int(name == 'a1')}" for name in ARTICLES]
    path.write_text("\n".join(["document_id,start,end,danger", *rows]) + "\n", encoding="utf-8")
    return path


def test_coders_judgements_are_held_against_the_model(study, word_model, codes):
    table = framing.run(study(annotations=str(codes)), model=word_model)
    assert len(table.annotations) == 3
    assert (table.agreement["n"] + table.agreement["n_unmatched"]).item() == 3


@pytest.mark.parametrize("header", ["danger", "danger,show", "stance", "voice,danger"])
def test_the_tables_of_a_run_are_the_same_taken_up_whatever_was_coded(study, word_model, tmp_path, header):
    path = tmp_path / "codes.csv"
    cells = {
        name: ",".join("outlet" if column == "voice" else str(i % 2) for column in header.split(","))
        for i, name in enumerate(ARTICLES)
    }
    path.write_text(
        "\n".join([f"document_id,start,end,{header}", *(f"{n},0,10,{c}" for n, c in cells.items())]), encoding="utf-8"
    )
    ran = framing.run(study(annotations=str(path)), model=word_model)
    ran.write(tmp_path / "kept")
    assert_same(framing.run(study(annotations=str(path)), tables=tmp_path / "kept", model=word_model), ran)
    kinds = ran.agreement.dtypes.astype("str")
    assert kinds[["n", "n_unmatched", "n_found"]].tolist() == ["int64", "int64", "Int64"]
    assert kinds[["value", "low", "high", "precision", "recall"]].eq("float64").all()


@pytest.mark.parametrize("code", ["-1", "0", "1"])
def test_a_column_that_is_called_as_the_axis_is_no_judgement(study, word_model, codes, code):
    plain = framing.run(study(annotations=str(codes)), model=word_model)
    lines = codes.read_text(encoding="utf-8").splitlines()
    codes.write_text("\n".join([f"{lines[0]},axis", *(f"{line},{code}" for line in lines[1:])]), encoding="utf-8")
    told = framing.run(study(annotations=str(codes)), model=word_model)
    assert_frame_equal(told.annotations, plain.annotations)
    assert_frame_equal(told.agreement, plain.agreement)


def test_a_sheet_with_the_axis_alone_has_no_construct_that_is_coded(study, word_model, codes):
    codes.write_text(codes.read_text(encoding="utf-8").replace("danger", "axis"), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"\['stance', 'danger', 'show'\].*'axis'"):
        framing.run(study(annotations=str(codes)), model=word_model)


@pytest.mark.parametrize(("construct", "hint"), [("dangr", r"; did you mean 'danger'\?"), ("axis", ""), ("mood", "")])
def test_judgements_that_the_codebook_does_not_ask_for_are_told_before_scoring(
    study, corpus_folder, codebook, codes, construct, hint
):
    coded = framing.run(study(annotations=str(codes)), model=WordModel()).annotations.assign(construct=construct)
    model, documents = WordModel(), framing.read_corpus(corpus_folder)
    with pytest.raises(
        TableError,
        match=rf"the codebook 'bridges' has no construct '{construct}' .*; it has \['stance', 'danger', 'show', 'voice'\]{hint}",
    ):
        framing.analyse(documents, codebook, model=model, annotations=coded)
    with pytest.raises(TableError, match="table `annotations` lacks"):
        framing.analyse(documents, codebook, model=model, annotations=coded.drop(columns="coder"))
    assert model.asked == 0


@pytest.mark.parametrize("engine", ["processes", "ray"])
def test_a_model_that_workers_cannot_load_is_told_before_anything_is_scored(study, word_model, engine):
    said = rf"workers of `engine: {engine}` load .* \('bundled'\), but the model 'words' was passed\. Name that one in"
    with pytest.raises(EngineError, match=said):
        framing.run(study(engine=engine, workers=1), model=word_model)
    with pytest.raises(EngineError, match=said):
        score_corpus(study(engine=engine, workers=1), model=word_model, progress=False)
    assert word_model.asked == 0


def test_a_model_that_the_study_names_may_be_passed_beside_workers(study, tmp_path):
    model = framing.load_model("bundled")
    assert isinstance(engine_of(study(engine="processes", workers=1), model), Processes)
    (tmp_path / "mine").symlink_to(model.folder)
    named = dataclasses.replace(study(engine="processes", workers=1), model=str(tmp_path / "mine"))
    assert isinstance(engine_of(named, framing.load_model(str(tmp_path / "mine"))), Processes)


def test_judgements_of_articles_that_are_not_drawn_are_left_out_and_counted(study, word_model, codes):
    table = framing.run(study(annotations=str(codes), sample=2), model=word_model)
    assert set(table.annotations["document_id"]) <= set(table.documents["document_id"])
    assert len(table.annotations) == 2
    assert table.counts["sample"] == {"articles drawn": 2, "judgements of articles not drawn": 1}


def test_a_grouping_that_is_not_there_is_told_before_anything_is_scored(study, word_model):
    with pytest.raises(StudyError, match="'party' is no column"):
        framing.run(study(group_by="party"), model=word_model)
    assert word_model.asked == 0


def test_a_grouping_by_a_column_of_the_source_that_has_another_name_here_is_told(study, word_model, corpus_folder):
    rows = (corpus_folder / "metadata.csv").read_text(encoding="utf-8").splitlines()
    own = [
        f"{rows[0]},status,source_section",
        *(f"{row},{kind},x" for row, kind in zip(rows[1:], ("draft", "out", "out"), strict=True)),
    ]
    (corpus_folder / "metadata.csv").write_text("\n".join(own), encoding="utf-8")
    with pytest.raises(StudyError, match=r"group_by: 'status' .* is called 'source_status' here\."):
        framing.run(study(group_by="status"), model=word_model)
    assert word_model.asked == 0
    told = framing.run(study(group_by="source_status"), model=word_model)
    assert set(told.outlets["outlet"]) == {"draft", "out"}
    assert set(framing.run(study(group_by="section"), model=word_model).outlets["outlet"]) == {"News"}


def test_ids_that_are_numbers_are_told_before_anything_is_scored(corpus_folder, codebook, word_model):
    documents = framing.read_corpus(corpus_folder).assign(document_id=range(3))
    with pytest.raises(TableError, match=r"`documents`: column document_id holds int64; ids and labels are text"):
        framing.analyse(documents, codebook, model=word_model)
    assert word_model.asked == 0


def test_a_fault_of_the_coding_sheet_is_told_before_a_model_is_loaded(study, codes, monkeypatch):
    monkeypatch.setattr("framing.analysis.load_model", lambda _: pytest.fail("the model was loaded"))
    codes.write_text(codes.read_text(encoding="utf-8").replace("a1,", "zz,"), encoding="utf-8")
    with pytest.raises(CorpusError, match="the corpus has no article 'zz'"):
        framing.run(study(annotations=str(codes)))


def test_an_empty_article_keeps_its_rows_and_changes_no_other(corpus_folder, codebook, word_model, analysis):
    (corpus_folder / "empty.txt").write_text(" \n", encoding="utf-8")
    with_empty = framing.analyse(framing.read_corpus(corpus_folder), codebook, model=word_model, resamples=200, seed=7)
    of_empty = with_empty.articles[with_empty.articles["document_id"] == "empty"]
    assert len(of_empty) == 4 * 3
    assert of_empty["score"].isna().all()
    assert with_empty.counts["articles"] == {
        "in": 4,
        "in a language that the model does not read": 0,
        "with a kept passage": 3,
        "with a score": 3,
        "without any score": 1,
    }
    rest = with_empty.articles[with_empty.articles["document_id"] != "empty"].reset_index(drop=True)
    assert_frame_equal(
        rest.sort_values(["document_id", "construct", "voice"], ignore_index=True),
        analysis.articles.sort_values(["document_id", "construct", "voice"], ignore_index=True),
    )


def test_a_corpus_of_empty_articles_has_rows_without_scores(tmp_path, codebook, word_model):
    folder = tmp_path / "void"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.txt").write_text("\n", encoding="utf-8")
    void = framing.analyse(framing.read_corpus(folder), codebook, model=word_model, resamples=100)
    assert word_model.asked == 0
    assert set(void.articles["document_id"]) == {"a", "b"}
    assert void.articles["score"].isna().all()
    assert void.outlets["n_undefined"].eq(2).all()
    assert void.outlets["estimate"].isna().all()
    assert void.counts["articles"]["without any score"] == 2
    void.write(tmp_path / "kept")
    assert_same(framing.Analysis.read(tmp_path / "kept"), void)


def test_a_model_that_gives_no_numbers_gives_errors_and_no_estimates(corpus_folder, codebook):
    class Silent(WordModel):
        def entail(self, premises, hypotheses):
            known = np.array([premise == PLAIN for premise in premises])
            return np.where(known, super().entail(premises, hypotheses), np.float32("nan"))

    silent = framing.analyse(framing.read_corpus(corpus_folder), codebook, model=Silent(), resamples=100)
    assert set(silent.scores["status"]) == {"error"}
    assert silent.articles["score"].isna().all()
    assert silent.articles["share"].isna().all()
    assert silent.articles["n_passages"].eq(0).all()
    assert silent.outlets["estimate"].isna().all()
    assert silent.counts["articles"]["with a score"] == 0


def test_the_calibration_of_a_model_reaches_its_measures_and_not_its_scores(corpus_folder, codebook, analysis):
    model = WordModel()
    model.calibration = dict.fromkeys(("frame", "favor", "against"), Platt(1.0, 1.0))
    documents = framing.read_corpus(corpus_folder)
    calibrated = framing.analyse(documents, codebook, model=model, resamples=200, seed=7)
    assert_frame_equal(calibrated.scores, analysis.scores, check_exact=True)
    expected = measure(analysis.scores, analysis.passages, codebook, calibration=model.calibration)
    assert_frame_equal(calibrated.measures, expected, check_exact=True)
    assert not calibrated.measures.equals(analysis.measures)


@pytest.mark.parametrize(
    ("text", "columns", "longest"), [("full", True, None), ("excerpts", False, 240), ("none", False, 16)]
)
def test_shared_tables_show_as_much_text_as_the_study_allows(analysis, codebook, text, columns, longest):
    heaviest = analysis.articles.query("construct == 'axis' and voice == 'all'")
    weighty = analysis.passages["passage_id"].isin(
        [*heaviest["passages_for"].explode(), *heaviest["passages_against"].explode()]
    )
    aside = weighty.index == weighty.index[~weighty][-1]
    assert 0 < (weighty | aside).sum() < len(weighty)
    long = analysis.passages.assign(text="word " * 200, kept=~aside)
    weighty |= aside
    documents = analysis.documents.assign(section="home", body=analysis.documents["text"] * 100)
    shared = share_tables(dataclasses.replace(analysis, passages=long, documents=documents), codebook, text=text)
    assert ("text" in shared["documents"]) is ("body" in shared["documents"]) is columns
    assert "section" in shared["documents"]
    length = shared["passages"]["text"].str.len()
    assert length[weighty].eq(longest or 1000).all()
    assert length[~weighty].eq(1000 if text == "full" else 16).all()
    assert_frame_equal(shared["scores"], analysis.scores)
    assert "text" in analysis.documents  # what is shared is a copy


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"codebook": "bridges.yaml"}, r"`codebook` cannot be 'bridges.yaml' \(str\); framing.Codebook.load\(...\) makes it"),
        ({"model": "bundled"}, r"`model` cannot be 'bundled' \(str\); framing.load_model"),
        ({"documents": "articles"}, r"`documents` cannot be 'articles' \(str\); framing.read_corpus"),
        ({"annotations": "codes.csv"}, r"`annotations` cannot be 'codes.csv'"),
    ],
)  # fmt: skip
def test_an_argument_of_another_kind_is_named_with_what_makes_it(corpus_folder, codebook, word_model, changes, said):
    given = {"documents": framing.read_corpus(corpus_folder), "codebook": codebook, "model": word_model} | changes
    with pytest.raises(TypeError, match=said):
        framing.analyse(given.pop("documents"), given.pop("codebook"), **given)
    assert word_model.asked == 0


def test_no_articles_and_a_threshold_out_of_bounds_are_told_before_scoring(corpus_folder, codebook, word_model):
    documents = framing.read_corpus(corpus_folder)
    with pytest.raises(TableError, match="has no rows"):
        framing.analyse(documents[:0], codebook, model=word_model)
    with pytest.raises(ValueError, match="`threshold` must lie in"):
        framing.analyse(documents, codebook, model=word_model, threshold=1.5)
    with pytest.raises(TypeError, match=r"`study` cannot be 'study.yaml'; framing.Study.load"):
        framing.run("study.yaml")
    assert word_model.asked == 0


def test_a_folder_keeps_the_scores_for_the_next_call(corpus_folder, codebook, tmp_path):
    documents = framing.read_corpus(corpus_folder)
    first, second = WordModel(), WordModel()
    one = framing.analyse(documents, codebook, model=first, store=tmp_path / "kept", resamples=100)
    again = framing.analyse(documents, codebook, model=second, store=str(tmp_path / "kept"), resamples=100)
    assert (first.asked > 0, second.asked) == (True, 0)
    assert_same(one, again)
