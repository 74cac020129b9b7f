"""Blind coding sheets: who is drawn, what coders see, and what comes back."""

import csv
import errno
import json
import logging
import shutil

import numpy as np
import pandas as pd
import pytest

import framing
from framing.annotation import KEY, read_annotations
from framing.cli import main
from framing.coding import INSTRUCTIONS, STRATA, draw, draw_units, instructions
from framing.correction import corrected_estimates
from framing.errors import CorpusError, StorageError, StudyError
from framing.reliability import reliability
from framing.study import Study
from tests.handmade import measures, passages

OUTLETS = ("Alder Post", "Birch Mail")
SENTENCES = (
    "The bridge is dangerous, people could drown.",
    "The bridge is dangerous.",
    "Nobody came, {n} people say.",
    "=Rain fell on day {n}.",
)


@pytest.fixture
def study(tmp_path, codebook_file):
    """40 articles of eight sentences; the title is the first."""
    rows = [
        {
            "document_id": f"{number:04d}", "outlet": OUTLETS[number % 2], "title": f"Secret title {number}",
            "text": " ".join(SENTENCES[(i + number) % 4].format(n=f"{number}{'abcdefgh'[i]}") for i in range(8)),
        }
        for number in range(40)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "corpus.csv", index=False)
    return Study.of(corpus=tmp_path / "corpus.csv", codebook=codebook_file, out=tmp_path / "out", resamples=100)


@pytest.fixture
def analysis(study, word_model):
    return framing.run(study, model=word_model)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "coding"


@pytest.fixture
def sample(analysis, codebook, folder):
    sample = framing.draw_sample(analysis, codebook, units=60, coders=2, double=0.25, study="mine")
    sample.write(folder)
    return sample


def valued(**sizes):
    """PASSAGES, MEASURES and groups of {group: values of its passages}."""
    sentences, values = [], {}
    for group, of_group in sizes.items():
        for number, value in enumerate(of_group):
            sentences.append({"document_id": group})
            values[f"{group}#{number}"] = {"axis": 1.0, "danger": 0.04, "stance": value}
    return passages(*sentences), measures(values), pd.Series({group: group.upper() for group in sizes})


POPULATION = valued(a=[-0.9] * 30 + [0.3] * 50 + [0.01] * 200, b=[0.5] * 3 + [0.0999] * 90)


def drawn(*, units, seed=1, threshold=0.5, population=POPULATION):
    return draw_units(*population, threshold=threshold, units=units, seed=seed)


def test_every_stratum_gives_equally_many_or_all_that_it_has():
    units, strata = drawn(units=50)
    assert tuple(strata.columns) == STRATA
    assert strata.to_numpy().tolist() == [
        ["A", "0.5 or more", 30, 11, 11 / 30], ["A", "0.1 to 0.5", 50, 11, 11 / 50], ["A", "below 0.1", 200, 11, 11 / 200],
        ["B", "0.5 or more", 3, 3, 1.0], ["B", "below 0.1", 90, 11, 11 / 90],
    ]  # fmt: skip
    assert not units["passage_id"].duplicated().any()
    assert units.groupby(["group", "band"]).size().to_dict() == strata.set_index(["group", "band"])["n_drawn"].to_dict()
    assert units.merge(strata, on=["group", "band"]).eval("inclusion_probability_x == inclusion_probability_y").all()


def test_more_units_than_passages_are_all_of_them():
    units, strata = drawn(units=1000)
    assert len(units) == len(POPULATION[0])
    assert strata["inclusion_probability"].eq(1).all()


def test_fewer_units_than_five_of_each_stratum_are_refused():
    assert len(drawn(units=23)[0]) == 23
    with pytest.raises(StudyError, match=r"units: 22 are too few for the 5 strata .*: 23 are the least"):
        drawn(units=22)


def test_where_the_threshold_is_low_there_are_two_bands():
    _, strata = drawn(units=50, threshold=0.05)
    assert strata["band"].unique().tolist() == ["0.05 or more", "below 0.05"]


def test_only_kept_passages_with_a_value_are_drawn():
    sentences, values, groups = valued(a=[0.9] * 12)
    sentences.loc[0, "kept"] = False
    values.loc[values["passage_id"] == "a#1", "value"] = np.nan
    units, _ = drawn(units=99, population=(sentences, values, groups))
    assert set(units["passage_id"]) == {f"a#{i}" for i in range(2, 12)}
    with pytest.raises(StudyError, match="no passage has a value"):
        drawn(units=99, population=(sentences.assign(kept=False), values, groups))


def test_the_draw_depends_on_the_seed_and_not_on_the_order_of_rows():
    ids = [drawn(units=50, seed=seed)[0]["passage_id"].tolist() for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]
    sentences, values, groups = POPULATION
    turned = sentences.iloc[::-1], values.iloc[::-1], groups.iloc[::-1]
    assert drawn(units=50, population=turned)[0]["passage_id"].tolist() == ids[0]


def test_each_passage_of_a_stratum_is_drawn_as_often_as_it_is_said():
    times = pd.Series(0, POPULATION[0]["passage_id"])
    for seed in range(300):
        times[drawn(units=50, seed=seed)[0]["passage_id"]] += 1
    low = times[times.index.str.startswith("a#")].iloc[80:]  # 200 passages, each drawn with 0.055
    assert low.mean() / 300 == pytest.approx(0.055)
    # Five standard deviations of a binomial.
    assert low.std() == pytest.approx((300 * 0.055 * 0.945) ** 0.5, rel=0.25)
    assert low.max() < 300 * 0.055 + 5 * (300 * 0.055 * 0.945) ** 0.5


def test_a_sheet_shows_the_text_its_neighbours_and_empty_columns_and_nothing_that_tells(sample, folder):
    sheet = pd.read_csv(folder / "coder-1.csv", dtype="str", keep_default_na=False)
    codes = ["danger (0 or 1)", "show (0 or 1)", "stance (-1, 0 or 1)", "voice (outlet or quoted)"]
    assert list(sheet.columns) == ["unit", "before", "text", "after", *codes, "note"]
    assert (sheet[[*codes, "note"]] == "").all(axis=None)
    written = (folder / "coder-1.csv").read_text(encoding="utf-8") + (folder / INSTRUCTIONS).read_text(encoding="utf-8")
    assert not [name for name in (*OUTLETS, "0001", "0.5") if name in written]
    assert sheet["unit"].str.fullmatch(r"u\d\d").all()


def test_the_context_is_the_kept_sentences_beside_it(sample, analysis):
    kept = analysis.passages[analysis.passages["kept"]]
    for unit in sample.units.itertuples():
        of_article = kept[kept["document_id"] == unit.document_id]
        article, place = of_article["text"].tolist(), of_article["passage_id"].tolist().index(unit.passage_id)
        assert unit.text == article[place]
        assert unit.before == (article[place - 1] if place else "")
        assert unit.after == (article[place + 1] if place + 1 < len(article) else "")


def test_a_sheet_is_safe_and_legible_in_a_spreadsheet(sample, folder):
    raw = (folder / "coder-1.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(raw.decode("utf-8-sig").splitlines()) for cell in row]
    assert any(cell.startswith("'=Rain") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("seed", range(1, 6))
def test_names_of_units_tell_nothing_of_their_strata(seed, analysis, codebook):
    units = framing.draw_sample(analysis, codebook, units=60, seed=seed).units
    ranks = units["unit"].rank()
    for column in ("band", "group"):
        means = ranks.groupby(units[column]).mean()
        # Of 60 units in a random order the means of two groups lie 4.5 apart (one standard deviation), those of three bands about 6; 15
        # is far beyond, and half of the 30 by which groups that stand one after the other would differ.
        assert means.max() - means.min() < 15


def test_units_are_named_in_one_order_and_each_sheet_has_its_own(sample):
    assert sample.units["unit"].is_monotonic_increasing
    one, other = (sample.sheet(name) for name in sample.sheets)
    assert not one["unit"].is_monotonic_increasing
    both = set(one["unit"]) & set(other["unit"])
    assert [u for u in one["unit"] if u in both] != [u for u in other["unit"] if u in both]


@pytest.mark.parametrize(
    ("coders", "double", "expected"), [(1, None, 0), (2, None, 12), (2, 0.0, 0), (2, 1.0, 60), (3, 0.25, 15)]
)
def test_so_many_units_are_given_to_two_coders(coders, double, expected, analysis, codebook):
    sample = framing.draw_sample(analysis, codebook, units=60, coders=coders, double=double)
    n = len(sample.units)
    twice = sample.units["sheets"].str.len()
    assert twice.eq(2).sum() == round(expected / 60 * n)
    assert twice.isin([1, 2]).all()
    lengths = sample.units["sheets"].explode().value_counts()
    assert len(lengths) == coders
    assert lengths.max() - lengths.min() <= 2
    assert sum(len(sample.sheet(name)) for name in sample.sheets) == n + twice.eq(2).sum()


def test_the_key_says_what_the_units_are_and_what_was_drawn_from(sample, folder, analysis, codebook):
    key = json.loads((folder / KEY).read_text(encoding="utf-8"))
    assert {name: key[name] for name in ("study", "seed", "codebook_sha256", "model_fingerprint", "threshold", "group_by")} == {
        "study": "mine", "seed": 1, "codebook_sha256": codebook.sha256, "model_fingerprint": analysis.model["fingerprint"],
        "threshold": 0.5, "group_by": "outlet",
    }  # fmt: skip
    assert [stratum["n_drawn"] for stratum in key["strata"]] == sample.strata["n_drawn"].tolist()
    assert "equally many of each stratum" in key["allocation"]
    for unit, row in zip(key["units"], sample.units.itertuples(), strict=True):
        assert (unit["unit"], unit["passage_id"], unit["sheets"]) == (row.unit, row.passage_id, row.sheets)
        assert unit["inclusion_probability"] == row.inclusion_probability


def test_the_instructions_hold_the_rules_of_the_codebook(codebook_file):
    text = codebook_file.read_text(encoding="utf-8").replace(
        "    definition: The bridge is presented as dangerous.\n",
        "    definition: The bridge is presented as dangerous.\n    include: [A denial.]\n    exclude: [Rain.]\n    examples: [It may fall.]\n",
    )
    codebook_file.write_text(text, encoding="utf-8")
    told = instructions(framing.Codebook.load(codebook_file))
    for words in (
        "danger (0 or 1): Danger", "The bridge is presented as dangerous.", "Code 1 also:\n  - A denial.", "Code 0:\n  - Rain.",
        "Examples of 1:\n  - It may fall.", "stance (-1, 0 or 1): Stance towards the new bridge", "voice (outlet or quoted): Whose words",
    ):  # fmt: skip
        assert words in told
    assert "People could drown" not in told  # what the model is asked is none of the coders' business


def test_what_was_drawn_is_told_by_stratum_and_sheet(sample):
    lines = sample.as_text().splitlines()
    assert lines[0].split() == list(STRATA)
    assert len(lines) == len(sample.strata) + 4
    counts = [len(sample.sheet(name)) for name in sample.sheets]
    assert (
        f"{len(sample.units)} of {sample.strata['n_passages'].sum()} passages were drawn, without replacement"
        in lines[-2]
    )
    assert lines[-1].startswith(f"Units in each sheet: coder-1.csv: {counts[0]}, coder-2.csv: {counts[1]}; ")


def test_groups_with_too_few_units_are_named(analysis, codebook):
    few, enough, all_of_them = (framing.draw_sample(analysis, codebook, units=n).as_text() for n in (40, 80, 9999))
    assert few.endswith(
        "Fewer than 30 units are from Alder Post, Birch Mail: too few for corrected estimates of these groups; ask for more with --units."
    )
    assert "Fewer than" not in enough
    assert "Fewer than" not in all_of_them


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"units": 4}, "units: 4 are too few"),
        ({"coders": 0}, "coders: a number from 1 to 20 is allowed; got 0"),
        ({"double": 0.2}, "double: a share from 0 to 1, of two coders or more, is allowed; got 0.2 with coders 1"),
        ({"coders": 2, "double": 1.5}, "got 1.5"),
    ],
)
def test_a_draw_out_of_bounds_is_refused(settings, said, analysis, codebook):
    with pytest.raises(StudyError, match=said):
        framing.draw_sample(analysis, codebook, **settings)


def test_a_part_of_a_corpus_and_another_codebook_are_refused(study, analysis, codebook, codebook_file, word_model):
    part = framing.run(
        Study.of(corpus=study.corpus, codebook=study.codebook, out=study.out, sample=3), model=word_model
    )
    with pytest.raises(StudyError, match="the analysis is of a part of its corpus"):
        framing.draw_sample(part, codebook)
    codebook_file.write_text(codebook_file.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    with pytest.raises(StudyError, match="the codebook 'bridges' is not the one"):
        framing.draw_sample(analysis, framing.Codebook.load(codebook_file))


def test_coded_sheets_are_never_written_over(sample, folder):
    before = (folder / "coder-1.csv").read_bytes()
    with pytest.raises(StorageError, match="coded sheets are not written over"):
        sample.write(folder)
    assert (folder / "coder-1.csv").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".draw-")] == []


def test_an_empty_folder_is_taken(sample, tmp_path):
    (tmp_path / "other").mkdir()
    sample.write(tmp_path / "other")
    assert (tmp_path / "other" / KEY).exists()


@pytest.fixture
def fill(folder):
    """Fill in a sheet as a spreadsheet would: {unit: {column: code}}, and keep it as `name`; the units of the sheet, in its order."""

    def fill(sheet, codes, *, name=None, encoding="utf-8-sig"):
        table = pd.read_csv(folder / f"{sheet}.csv", dtype="str", keep_default_na=False).set_index("unit")
        for unit, cells in (codes(table) if callable(codes) else codes).items():
            for column, code in cells.items():
                table.loc[unit, next(c for c in table.columns if c.split(" (")[0] == column)] = code
        (folder / f"{sheet}.csv").unlink()
        table.reset_index().to_csv(folder / f"{name or sheet}.csv", index=False, encoding=encoding)
        return table.index.tolist()

    return fill


def everything(code):
    return lambda table: {
        unit: {"danger": code, "stance": "-1", "voice": "quoted", "note": "hm"} for unit in table.index
    }


def read(path, analysis):
    return read_annotations(path, analysis.documents, ["axis", "stance", "danger", "show"])


def test_coded_sheets_come_back_with_their_passages_and_probabilities(sample, folder, fill, analysis):
    units = {"Kim": fill("coder-1", everything("1"), name="Kim"), "coder-2": fill("coder-2", everything("0"))}
    table = read(folder, analysis)
    assert table.groupby("coder")["unit_id"].nunique().to_dict() == {name: len(of) for name, of in units.items()}
    assert table.groupby(["coder", "construct"])["value"].unique().map(list).to_dict() == {
        ("Kim", "danger"): [1], ("Kim", "stance"): [-1], ("Kim", "voice"): [1],
        ("coder-2", "danger"): [0], ("coder-2", "stance"): [-1], ("coder-2", "voice"): [1],
    }  # fmt: skip
    kept = analysis.passages.merge(sample.units[["passage_id", "inclusion_probability"]], on="passage_id")
    place = ["document_id", "start", "end"]
    both = table.merge(kept, on=place, how="left", suffixes=("", "_drawn"))
    assert (both["inclusion_probability"] == both["inclusion_probability_drawn"]).all()
    assert table["unit_id"].nunique() == len(sample.units)
    assert table["start"].isna().any()  # titles, which stand beside these texts


def test_a_sheet_whose_name_a_spreadsheet_wrote_in_capitals_is_read_with_the_others(sample, folder, fill, analysis):
    units = {"coder-1": fill("coder-1", everything("1")), "KIM": fill("coder-2", everything("0"))}
    (folder / "coder-2.csv").rename(folder / "KIM.CSV")
    table = read(folder, analysis)
    assert table.groupby("coder")["unit_id"].nunique().to_dict() == {name: len(of) for name, of in units.items()}


def test_one_sheet_can_be_read_alone_and_cells_without_a_code_are_not_coded(sample, folder, fill, analysis):
    unit = sample.sheet("coder-1")["unit"].iloc[0]
    fill("coder-1", {unit: {"danger": "1", "note": "unsure"}})
    (row,) = read(folder / "coder-1.csv", analysis).itertuples()
    (of_unit,) = sample.units[sample.units["unit"] == unit].itertuples()
    assert (row.document_id, row.coder, row.construct, row.value) == (of_unit.document_id, "coder-1", "danger", 1)
    assert row.inclusion_probability == of_unit.inclusion_probability
    assert len(read(folder, analysis)) == 1


def test_a_study_takes_the_folder_and_every_drawn_passage_is_used(sample, folder, fill, study, word_model, tmp_path):
    for sheet in sample.sheets:
        fill(sheet, everything("1"))
    again = Study.of(corpus=study.corpus, codebook=study.codebook, out=study.out, annotations=folder, resamples=100)
    framing.run(again, model=word_model).write(tmp_path / "kept")
    analysis = framing.Analysis.read(tmp_path / "kept")
    assert analysis.agreement.query("statistic != 'rank correlation'")["n_unmatched"].eq(0).all()
    tables = analysis.annotations, analysis.measures, analysis.passages, analysis.documents
    estimates = corrected_estimates(*tables, seed=1).query("construct == 'danger'").set_index("outlet")
    assert estimates["n_coded"].to_dict() == sample.units["group"].value_counts().to_dict()
    assert estimates[["n_unmatched", "n_without_probability"]].eq(0).all(axis=None)
    assert estimates["corrected"].tolist() == pytest.approx([1.0, 1.0], abs=0.15)
    twice = reliability(analysis.annotations, seed=1)
    assert twice["n_units"].eq(sample.units["sheets"].str.len().eq(2).sum()).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("\r\nu", "\r\nx", 1), r"coder-1\.csv, line 2: key\.json knows no unit 'x\d\d'; its \d\d units are called u01 to u\d\d"),
        (lambda text: text.replace(",1,", ",7,", 1), r"coder-1\.csv, line 2, danger: one of \['0', '1'\] is allowed; got '7'"),
        (lambda text: text.replace(",text,", ",words,", 1), r"coder-1\.csv lacks the columns \['text'\] of a drawn sheet"),
        (lambda text: text.replace("unit,", "name,", 1), r"coder-1\.csv lacks the columns \['unit'\] of a drawn sheet"),
        (lambda text: text.replace("show (0 or 1)", "danger", 1), r"coder-1\.csv: more than one column is called \['danger'\]"),
        (lambda text: text + text.splitlines()[1] + "\r\n", r"lines 2 and \d+: two judgements of .* by 'coder-1'\. Remove one; each coder has a sheet"),
    ],
)  # fmt: skip
def test_a_fault_in_a_sheet_is_one_clear_line(change, said, sample, folder, fill, analysis):
    fill("coder-1", everything("1"))
    path = folder / "coder-1.csv"
    text = change(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\n", "\r\n"))
    path.write_bytes(text.encode("utf-8-sig"))
    with pytest.raises(CorpusError, match=said) as refused:
        read(folder, analysis)
    assert "\n" not in str(refused.value)


def test_a_text_that_was_changed_or_moved_is_refused(sample, folder, fill, analysis):
    def shifted(table):
        texts = table["text"].tolist()
        return {
            unit: {"text": text, "danger": "1"} for unit, text in zip(table.index, texts[1:] + texts[:1], strict=True)
        }

    fill("coder-1", shifted)
    with pytest.raises(
        CorpusError, match=r"line \d+: .* was coded as .* and reads .* Put the text of u\d\d back as it was drawn"
    ):
        read(folder, analysis)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / KEY).unlink(), r"coding holds drawn sheets and no key\.json, .* put the one that `framing draw` wrote beside them"),
        (lambda folder: (folder / KEY).write_text("{}"), r"key\.json is not as `framing draw` wrote it \(KeyError\('units'\)\)"),
        (lambda folder: (folder / KEY).write_text("{"), r"key\.json is not as `framing draw` wrote it"),
        (lambda folder: [path.unlink() for path in folder.glob("*.csv")], r"coding holds no coding sheet \(\.csv\)"),
    ],
)  # fmt: skip
def test_sheets_without_their_key_are_refused(spoil, said, sample, folder, analysis):
    spoil(folder)
    with pytest.raises(CorpusError, match=said):
        read(folder, analysis)


def test_codes_of_another_corpus_count_without_their_probabilities(sample, folder, fill, analysis, caplog):
    fill("coder-1", everything("1"))
    more = pd.concat([analysis.documents, analysis.documents.tail(1).assign(document_id="9999")], ignore_index=True)
    with caplog.at_level(logging.WARNING):
        table = read_annotations(folder, more, ["danger"])
    assert table["inclusion_probability"].isna().all()
    assert len(table) > 0
    assert "the sample was drawn from other articles than those of the corpus now" in caplog.text


def test_frames_may_be_called_as_the_columns_of_a_sheet(tmp_path, codebook_file, word_model, study):
    names = {"danger": "note", "show": "unit"}
    text = codebook_file.read_text(encoding="utf-8")
    for old, new in names.items():
        text = (
            text.replace(f"{old}:", f"{new}:")
            .replace(f"axis: [{old}", f"axis: [{new}")
            .replace(f", {old}]", f", {new}]")
        )
    codebook_file.write_text(text, encoding="utf-8")
    analysis = framing.run(study, model=word_model)
    sample = framing.draw_sample(analysis, framing.Codebook.load(codebook_file), units=60)
    sample.write(tmp_path / "sheets")
    path = tmp_path / "sheets" / "coder-1.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False).assign(
        **{"note (0 or 1)": "1", "unit (0 or 1)": "0", "note": "1"}
    )
    table.to_csv(path, index=False)
    found = read_annotations(tmp_path / "sheets", analysis.documents, ["note", "unit"])
    assert found.groupby("construct")["value"].unique().map(list).to_dict() == {"note": [1], "unit": [0]}


def test_draw_runs_a_study_writes_the_folder_and_takes_up_no_earlier_codes(
    sample, folder, study, word_model, monkeypatch, tmp_path
):
    monkeypatch.setattr("framing.analysis.load_for", lambda study: word_model)
    shutil.rmtree(study.out)
    coded = Study.of(
        corpus=study.corpus,
        codebook=study.codebook,
        out=study.out,
        annotations=folder,
        annotation_columns={"x": "danger"},
    )
    again = draw(coded, tmp_path / "second", units=60, coders=2, double=0.25)
    assert again.units.equals(sample.units)
    with pytest.raises(StorageError, match="coded sheets are not written over"):
        draw(coded, folder)
    with pytest.raises(StudyError, match="sample: coded passages are to stand for the whole corpus"):
        draw(Study.of(corpus=study.corpus, codebook=study.codebook, sample=3), tmp_path / "third")


def test_a_folder_that_cannot_be_made_is_told_before_a_model_is_loaded(study, monkeypatch, tmp_path):
    monkeypatch.setattr("framing.analysis.load_for", lambda study: pytest.fail("the model was loaded"))
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match=r"file/my/coding cannot be made \(Not a directory\); name another folder\."):
        draw(study, tmp_path / "file" / "my" / "coding")
    monkeypatch.setattr("tempfile.mkdtemp", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EROFS, "Read-only")))
    with pytest.raises(StorageError, match=r"coding cannot be made \(Read-only\); name another folder\."):
        draw(study, tmp_path / "coding")


def test_the_command_draws_and_says_what(study, word_model, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("framing.analysis.load_for", lambda study: word_model)
    options = ["--corpus", str(study.corpus), "--codebook", str(study.codebook), "--out", str(study.out)]
    command = ["draw", str(tmp_path / "coding"), *options, "--coders", "2", "--units", "60", "--seed", "9"]
    assert main(command) == 0
    assert "with seed 9" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "coding").iterdir()) == [
        "coder-1.csv",
        "coder-2.csv",
        INSTRUCTIONS,
        KEY,
    ]
    assert main(command) == 1
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["draw", "--help"])
    assert "framing draw coding --study study.yaml --coders 2 --double 0.2" in capsys.readouterr().out
