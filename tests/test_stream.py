"""A corpus in parts: the same tables as in one piece, and no part that knows too little of the others."""

import dataclasses
import hashlib
import json
import re
import shutil

import pandas as pd
import pytest

import framing
from framing import scoring
from framing.corpus import iter_corpus
from framing.errors import CorpusError, ModelError, StudyError
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


def files(folder):
    """Every file below a folder, to the last byte."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


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
    undisturbed = score_corpus(
        dataclasses.replace(study, out=study.out / "other"), model=WordModel(), size=4, progress=False
    )
    assert files(out) == files(undisturbed)
    assert len(files(out)) == 2 + 7 * len(TABLES)


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


class Reader(WordModel):
    """Reads English, ten words at a time, and breaks over one sentence."""

    def __init__(self):
        super().__init__(limit=10)
        self.languages = ("en",)

    def entail(self, premises, hypotheses):
        if any("person 3." in premise for premise in premises):
            raise RuntimeError("no such instruction")
        return super().entail(premises, hypotheses)


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_the_counts_of_all_parts_are_those_of_a_report(study, size):
    rows = [*ROWS, {"document_id": "empty", "text": " "}, {"document_id": "es", "language": "es", "text": "El puente."}]
    rows += [
        {
            "document_id": "long",
            "published": "01/02/2031",
            "text": f"The bridge is long, {'and long, ' * 20}they say.\n\n* * *",
        }
    ]
    study.corpus.write_text("\n".join(map(json.dumps, rows)) + "\n{broken\n", encoding="utf-8")
    study = dataclasses.replace(study, skip_bad=True)
    told = manifest(score_corpus(study, model=Reader(), size=size, progress=False))
    whole = framing.run(study, model=Reader(), progress=False)
    assert told["counts"] == whole.counts
    assert told["counts"]["intake"]["not readable"] == told["counts"]["intake"]["empty"] == 1
    assert {"ok", "windowed", "error"} == {
        status.removeprefix("with status ") for status in told["counts"]["scores"]
    } - {"pairs"}
    assert told["counts"]["passages set aside"]["language"] == 1
    assert told["model"] == whole.model


def test_the_manifest_of_the_parts_names_model_codebook_settings_and_files(study):
    out = score_corpus(study, model=WordModel(), size=9, progress=False)
    told = manifest(out)
    assert told["model"] == {"name": "words", "fingerprint": WordModel().fingerprint, "calibration": ""}
    assert told["inputs"] == {
        "corpus": "corpus.jsonl", "codebook": "bridges", "codebook_sha256": framing.Codebook.load(study.codebook).sha256, "articles": 26,
    }  # fmt: skip
    assert (told["study"]["threshold"], told["study"]["skip_bad"]) == (0.5, False)
    assert told["versions"]["framing"] == framing.__version__
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files(out).items()}
    assert told["files"] == {name: digest for name, digest in digests.items() if name != "manifest.json"}
    assert str(study.out) not in json.dumps(told)


def estimate(capsys):
    """What was said on the error stream, without the progress bar."""
    return [
        line
        for line in capsys.readouterr().err.replace("\r", "\n").splitlines()
        if "rticles" in line and "it/s" not in line
    ]


TIME = r"(under a minute|about [\d,]+ (minute|hour|day)s?)"
SPEED = r"at [\d,]+ pairs of a passage and a hypothesis a second in this process"


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "folder"])
@pytest.mark.parametrize("progress", [None, True])
def test_one_line_says_how_long_scoring_takes_before_the_first_part_is_scored(study, capsys, kind, progress):
    if kind == "parquet":
        pd.DataFrame(ROWS).to_parquet(study.corpus.with_suffix(".parquet"))
        study = dataclasses.replace(study, corpus=study.corpus.with_suffix(".parquet"))
    if kind == "folder":
        corpus = study.corpus.with_name("folder")
        corpus.mkdir()
        for row in ROWS:
            (corpus / f"{row['document_id']}.txt").write_text(row["text"], encoding="utf-8")
        study = dataclasses.replace(study, corpus=corpus)

    class Stopping(WordModel):
        def entail(self, premises, hypotheses):
            if any("says person" in premise for premise in premises):
                raise KeyboardInterrupt
            return super().entail(premises, hypotheses)

    with pytest.raises(KeyboardInterrupt):  # as soon as an article is scored
        score_corpus(study, model=Stopping(), size=5, progress=progress)
    (line,) = estimate(capsys)
    every = "" if kind == "jsonl" else f", {TIME} for all 26"
    assert re.fullmatch(
        rf"scoring takes {TIME} for each 1,000 articles{every}, {SPEED}; what an earlier run scored is not scored again "
        r"\(0 of \d+ pairs in the first 5 articles\)\.", line,
    )  # fmt: skip


def test_a_corpus_of_one_part_is_told_in_all_and_one_that_is_scored_already_as_such(study, capsys):
    score_corpus(study, model=WordModel(), size=100)
    (line,) = estimate(capsys)
    assert re.fullmatch(rf"26 articles, 255 pairs to score, {SPEED}: under a minute\.", line)
    again = WordModel()
    score_corpus(study, model=again, size=100)
    assert estimate(capsys) == ["26 articles: every score was there already, or none was needed."]
    assert again.asked == 0
    score_corpus(study, model=again, size=100, progress=False)
    assert capsys.readouterr().err == ""


@pytest.fixture
def minutes(study, monkeypatch):
    """Pairs to score are minutes to wait, and how many articles there are is known."""
    monkeypatch.setattr("framing.stream.pairs_per_second", lambda *asked: 1 / 60)
    pd.DataFrame(ROWS).to_parquet(study.corpus.with_suffix(".parquet"))
    return dataclasses.replace(study, corpus=study.corpus.with_suffix(".parquet"))


def test_parts_that_are_scored_already_are_no_hours_to_wait_and_the_model_is_not_asked(study, capsys):
    score_corpus(study, model=WordModel(), size=4, progress=False)
    again = WordModel()
    score_corpus(study, model=again, size=4)
    assert estimate(capsys) == ["26 articles: every score was there already, or none was needed."]
    assert again.asked == 0


def test_a_run_that_goes_on_is_told_of_what_is_left(minutes, capsys):
    class Stopping(WordModel):
        def entail(self, premises, hypotheses):
            if any("person 20" in premise for premise in premises):
                raise KeyboardInterrupt
            return super().entail(premises, hypotheses)

    with pytest.raises(KeyboardInterrupt):
        score_corpus(minutes, model=Stopping(), size=5, progress=False)
    score_corpus(minutes, model=WordModel(), size=5)
    # Five articles with a sentence and a title each of their own, and one more, and a sentence that all of them share; under five hypotheses.
    assert estimate(capsys) == [
        "scoring takes about 8 days for each 1,000 articles, about 60 minutes to about 61 minutes, by what of them is scored already, for the 6 "
        "that are left, at 0 pairs of a passage and a hypothesis a second in this process; what an earlier run scored is not scored again "
        "(5 of 55 pairs in the next 5 articles after 20 that have all of theirs)."
    ]


def test_a_hypothesis_more_is_told_to_cost_no_more_than_itself(minutes, capsys):
    score_corpus(minutes, model=WordModel(), size=5, progress=False)
    more = CODEBOOK.replace('["The bridge is vanity."]', '["The bridge is vanity.", "The bridge is a show."]')
    minutes.codebook.write_text(more, encoding="utf-8")
    score_corpus(minutes, model=WordModel(), size=5)
    (line,) = estimate(capsys)
    assert "about 57 minutes for all 26, at" in line
    assert "(55 of 66 pairs in the first 5 articles)" in line


def test_a_speed_that_cannot_be_measured_keeps_nobody_from_scoring(study, capsys):
    class Fragile(WordModel):
        def entail(self, premises, hypotheses):
            if any("the list" in hypothesis for hypothesis in hypotheses):  # of the measurement
                raise RuntimeError("no memory for it")
            return super().entail(premises, hypotheses)

    out = score_corpus(study, model=Fragile(), size=5)
    assert estimate(capsys) == ["55 pairs of a passage and a hypothesis are to be scored in the first 5 articles."]
    assert set(read(out, "scores")["status"]) == {"ok"}


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
