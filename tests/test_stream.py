"""A corpus in parts: the same tables as in one piece, and no part that knows too little of the others."""

import dataclasses
import json
import shutil

import pandas as pd
import pytest

import framing
from framing import scoring
from framing.corpus import iter_corpus
from framing.errors import CorpusError, ModelError, StudyError
from framing.files import workplace
from framing.stream import score_corpus
from framing.study import Study
from framing.tables import write_tables
from tests.conftest import CODEBOOK, WordModel

TABLES = ("documents", "passages", "scores", "measures", "articles")
ROWS = [
    {
        "document_id": f"a{i:02d}",
        "outlet": f"Outlet {i % 3}",
        "title": f"Title {i}",
        "text": f"The bridge is dangerous, says person {i}.\nPeople could drown.",
    }
    for i in range(25)
] + [
    {
        "document_id": "again",
        "outlet": "Outlet 0",
        "title": "Title 1",
        "text": "The bridge is dangerous, says person 1.\nPeople could drown.",
    }
]


@pytest.fixture
def study(tmp_path):
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return Study.of(corpus=corpus, codebook=tmp_path / "codebook.yaml", out=tmp_path / "out")


def read(folder, name):
    return pd.read_parquet(folder / name)


@pytest.mark.parametrize("size", [1, 7, 26, 1000])
def test_parts_put_together_are_the_tables_of_the_whole(study, size):
    out = score_corpus(study, model=WordModel(), size=size, progress=False)
    whole = framing.run(study, model=WordModel(), progress=False).tables()
    for name in TABLES:
        pd.testing.assert_frame_equal(
            read(out, name), pd.read_parquet(written(whole[name], out.parent / "whole.parquet")), check_exact=True
        )
    assert read(out, "documents")["duplicate_of"].dropna().tolist() == ["a01"]
    assert len(list((out / "scores").glob("*.parquet"))) == -(-len(ROWS) // size)


def written(table, path):
    write_tables({path.stem: table}, path.parent, for_people=False)
    return path


def test_a_study_tells_the_columns_to_whoever_reads_its_corpus(study):
    study.corpus.write_text('{"Blatt": "Ebrin Daily", "story": "The bridge is dangerous."}\n', encoding="utf-8")
    told = dataclasses.replace(study, columns={"Blatt": "outlet", "story": "text"})
    out = score_corpus(told, model=WordModel(), progress=False)
    whole = framing.run(told, model=WordModel(), progress=False).documents
    for documents in (read(out, "documents"), whole):
        assert documents[["outlet", "text"]].to_numpy().tolist() == [["Ebrin Daily", "The bridge is dangerous."]]


def test_a_sentence_is_scored_once_in_whichever_parts_it_stands(study):
    model = WordModel()
    score_corpus(study, model=model, size=4, progress=False)
    distinct = 25 + 25 + 1  # sentences, titles, and "People could drown.", which all of them say
    hypotheses = len(framing.Codebook.load(study.codebook).hypotheses())
    assert model.asked == distinct * hypotheses


def test_a_run_that_was_cut_off_goes_on_and_ends_the_same(study, monkeypatch):
    class Stopping(WordModel):
        def entail(self, premises, hypotheses):
            if self.asked > 60:
                raise KeyboardInterrupt
            return super().entail(premises, hypotheses)

    with pytest.raises(KeyboardInterrupt):
        score_corpus(study, model=Stopping(), size=4, progress=False)
    model = WordModel()
    out = score_corpus(study, model=model, size=4, progress=False)
    assert model.asked < 51 * len(framing.Codebook.load(study.codebook).hypotheses())
    assert len(read(out, "documents")) == len(ROWS)


@pytest.mark.parametrize("end", [KeyboardInterrupt, ModelError])
def test_the_tables_of_an_earlier_run_stand_until_the_new_ones_are_there(study, monkeypatch, end):
    out = score_corpus(study, model=WordModel(), size=4, progress=False)
    before = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    shutil.rmtree(study.out / "scores")

    class Stopping(WordModel):
        def entail(self, premises, hypotheses):
            if self.asked > 60:
                raise end("enough")
            return super().entail(premises, hypotheses)

    with pytest.raises(end):
        score_corpus(study, model=Stopping(), size=4, progress=False)
    assert {path: path.read_bytes() for path in out.rglob("*.parquet")} == before
    score_corpus(study, model=WordModel(), size=9, progress=False)
    assert not [path for path in study.out.iterdir() if path.name.startswith((".work-", ".old-"))]
    assert len(read(out, "documents")) == len(ROWS)


@pytest.mark.parametrize("moment", ["between the two renames", "before the old ones are removed"])
def test_a_run_that_was_killed_while_it_put_its_tables_in_place_is_taken_up(study, moment):
    out = score_corpus(study, model=WordModel(), size=4, progress=False)
    names = sorted(path.name for path in study.out.iterdir())
    for left in (".work-killed/parts", ".old-killed"):
        (study.out / left).mkdir(parents=True)
    if moment == "between the two renames":
        out.rename(study.out / ".old-killed" / "parts")
    else:
        shutil.copytree(out, study.out / ".old-killed" / "parts")
    with workplace(study.out):
        pass
    assert sorted(path.name for path in study.out.iterdir()) == names
    assert len(read(out, "documents")) == len(ROWS)


def test_a_column_that_only_later_articles_have_is_there_for_all(study):
    rows = [row | ({"section": "home"} if i > 20 else {}) for i, row in enumerate(ROWS)]
    study.corpus.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = score_corpus(study, model=WordModel(), size=4, progress=False)
    expected = framing.read_corpus(study.corpus)["section"]
    assert read(out, "documents")["section"].tolist() == expected.tolist() == [""] * 21 + ["home"] * 5


def test_parts_of_which_nothing_is_scored_read_as_one_table_with_the_others(study):
    rows = [
        row | {"text": row["text"] if i > 20 else "", "title": row["title"] if i > 20 else ""}
        for i, row in enumerate(ROWS)
    ]
    study.corpus.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = score_corpus(study, model=WordModel(), size=4, progress=False)
    articles = read(out, "articles")
    assert articles["document_id"].nunique() == len(ROWS)
    assert articles["passages_for"].map(len).max() > 0
    for name in TABLES:
        whole = framing.run(study, model=WordModel(), progress=False).tables()[name]
        assert read(out, name).equals(pd.read_parquet(written(whole, out.parent / "whole.parquet")))


def test_another_size_leaves_no_part_of_the_last_one(study):
    score_corpus(study, model=WordModel(), size=2, progress=False)
    out = score_corpus(study, model=WordModel(), size=20, progress=False)
    assert [path.name for path in sorted((out / "scores").iterdir())] == ["000000.parquet", "000001.parquet"]


def test_the_report_finds_the_scores_that_were_made_in_parts(study):
    score_corpus(study, model=WordModel(), size=5, progress=False)
    model = WordModel()
    framing.run(study, model=model, progress=False)
    assert model.asked == 0


@pytest.mark.parametrize(("order", "days"), [("dmy", [1, 5, 13]), ("mdy", [7, 7, None]), (None, [None, None, 13])])
def test_the_order_of_dates_that_a_study_states_is_that_of_every_command(tmp_path, study, order, days):
    raw = ["01/07/2031", "05/07/2031", "13/07/2031"]
    rows = [row | {"published": date} for row, date in zip(ROWS, raw, strict=False)]
    study.corpus.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    study = Study.of(corpus=study.corpus, codebook=study.codebook, out=study.out, date_order=order)
    parts = read(score_corpus(study, model=WordModel(), size=2, progress=False), "documents")
    whole = framing.run(study, model=WordModel(), progress=False).documents
    for documents in (parts, whole):
        assert [None if pd.isna(day) else day.day for day in documents["published"]] == days


def test_a_sample_is_refused(study):
    with pytest.raises(StudyError, match="`sample` draws from a whole corpus"):
        score_corpus(Study.of(corpus=study.corpus, codebook=study.codebook, out=study.out, sample=3), model=WordModel())


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_every_kind_of_table_is_read_in_parts(tmp_path, kind):
    table = pd.DataFrame(ROWS)
    path = tmp_path / f"corpus.{kind}"
    {
        "csv": lambda: table.to_csv(path, index=False),
        "jsonl": lambda: table.to_json(path, orient="records", lines=True),
        "parquet": lambda: table.to_parquet(path),
    }[kind]()
    parts = list(iter_corpus(path, size=10))
    assert [len(part) for part in parts] == [10, 10, 6]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), framing.read_corpus(path))


def test_an_id_that_comes_again_in_a_later_part_is_refused(tmp_path):
    path = tmp_path / "corpus.csv"
    pd.DataFrame([*ROWS, ROWS[0] | {"text": "Another."}]).to_csv(path, index=False)
    with pytest.raises(CorpusError, match="'a00'"):
        list(iter_corpus(path, size=10))


def test_texts_without_an_id_are_numbered_across_parts(tmp_path):
    path = tmp_path / "corpus.csv"
    pd.DataFrame({"text": ["Same.", "Other.", "Same.", "Same."]}).to_csv(path, index=False)
    parts = pd.concat(iter_corpus(path, size=1), ignore_index=True)
    assert parts["document_id"].tolist() == framing.read_corpus(path)["document_id"].tolist()
    assert parts["document_id"].str[-2:].tolist()[2:] == ["-2", "-3"]


def test_only_the_files_that_hold_a_passage_are_read(study, monkeypatch):
    monkeypatch.setattr(scoring, "CHUNK", 9)
    score_corpus(study, model=WordModel(), size=26, progress=False)
    from framing.store import Store, named

    store = Store(study.out / "scores", WordModel().fingerprint)
    some = read(study.out / "parts", "passages")["text"].iloc[:1]
    asked = named(framing.Codebook.load(study.codebook).hypotheses()["text"])
    first = store.look_up(named(some), asked)[0]
    reads = []
    monkeypatch.setattr(
        Store, "_read", lambda self, entry, read=Store._read: reads.append(entry.file) or read(self, entry)
    )
    assert (store.look_up(named(some), asked)[0] == first).all()
    assert len(reads) == 1
