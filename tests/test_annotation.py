"""Reading coding sheets, and refusing those that cannot be held against anything."""

import math

import pytest

from framing.annotation import read_annotations
from framing.errors import CorpusError
from framing.evidence import shown_text
from framing.passages import split_passages
from framing.tables import write_tables
from framing.validation import agreement
from tests.handmade import documents, measures

ARTICLES = documents({"a": {"text": "The bridge is dangerous."}, "0012": {"text": "Bridges 🌉 please."}})
CONSTRUCTS = ("axis", "stance", "danger", "show")


@pytest.fixture
def read(tmp_path):
    def read(sheet, **settings):
        path = tmp_path / "codes.csv"
        path.write_text(sheet, encoding="utf-8")
        return read_annotations(path, ARTICLES, CONSTRUCTS, **settings)

    return read


def test_a_sheet_becomes_one_row_a_judgement(read):
    table = read(
        "document_id,start,end,coder,danger,stance,voice,note\n"
        "a,0,24,Kim,1,-1,outlet,sure\n"
        "a,0,24,Lee,0,,quoted,\n"
        "0012,8,17,Kim,,1,,x\n"
    )
    found = {(r.unit_id, r.coder, r.construct): r.value for r in table.itertuples()}
    assert found == {
        ("a:0-24", "Kim", "danger"): 1, ("a:0-24", "Kim", "stance"): -1, ("a:0-24", "Kim", "voice"): 0,
        ("a:0-24", "Lee", "danger"): 0, ("a:0-24", "Lee", "voice"): 1, ("0012:8-17", "Kim", "stance"): 1,
    }  # fmt: skip
    assert table["inclusion_probability"].isna().all()


def test_offsets_count_code_points_up_to_the_end_of_the_text(read):
    length = len("Bridges 🌉 please.")
    assert read(f"document_id,start,end,danger\n0012,0,{length},1\n")["end"].tolist() == [length]
    with pytest.raises(CorpusError, match=f"whose text has {length} characters"):
        read(f"document_id,start,end,danger\n0012,0,{length + 1},1\n")


def test_columns_may_bear_other_names(read):
    sheet = "document_id,start,end,fear,stance_2\na,0,3,1,-1\n"
    table = read(sheet, columns={"fear": "danger", "stance_2": "stance"})
    assert dict(zip(table["construct"], table["value"], strict=True)) == {"danger": 1.0, "stance": -1.0}


def test_a_stated_inclusion_probability_is_kept(read):
    table = read("document_id,start,end,inclusion_probability,danger\na,0,3,0.25,1\na,4,9,,1\n")
    assert table["inclusion_probability"].iloc[0] == 0.25
    assert math.isnan(table["inclusion_probability"].iloc[1])


def test_a_sheet_without_judgements_is_an_empty_table(read):
    assert len(read("document_id,start,end,danger\na,0,3,\n")) == 0


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("document_id,start,danger\na,0,1\n", r"codes\.csv lacks the columns \['end'\]"),
        ("document_id,start,end,mood\na,0,3,1\n", r"no column of the codebook's constructs \['axis', .*'mood'\]"),
        ("document_id,start,end,voice\na,0,3,outlet\n", "no column of the codebook's constructs"),
        ("document_id,start,end,danger\na,0,3,1\nz,0,3,1\n", r"line 3: the corpus has no article 'z'"),
        ("document_id,start,end,danger\n12,0,3,1\n", r"line 2: the corpus has no article '12'"),
        ("document_id,start,end,danger\na,3,3,1\n", "line 2: 3 to 3 is not a span of 'a'"),
        ("document_id,start,end,danger\na,-1,3,1\n", "line 2: -1 to 3 is not a span of 'a'"),
        ("document_id,start,end,danger\na,0,25,1\n", "whose text has 24 characters"),
        ("document_id,start,end,danger\na,0,three,1\n", "line 2: start and end are whole numbers; got 'three'"),
        ("document_id,start,end,danger\na,0.5,3,1\n", r"start and end are whole numbers; got '0\.5'"),
        ("document_id,start,end,danger\na,0,3,-1\n", r"line 2, danger: one of \['0', '1'\] is allowed; got '-1'"),
        ("document_id,start,end,stance\na,0,3,2\n", r"stance: one of \['0', '1', '-1'\] is allowed; got '2'"),
        ("document_id,start,end,danger,voice\na,0,3,1,he\n", r"voice: one of \['outlet', 'quoted'\] is allowed; got 'he'"),
        ("document_id,start,end,inclusion_probability,danger\na,0,3,half,1\n", "line 2: inclusion_probability is a number"),
        ("document_id,start,end,inclusion_probability,danger\na,0,3,0,1\n", "up to 1; got '0'"),
        ("document_id,start,end,inclusion_probability,danger\na,0,3,1.5,1\n", r"up to 1; got '1\.5'"),
        ("", "is empty"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_used_is_refused_with_its_line(read, sheet, said):
    with pytest.raises(CorpusError, match=said):
        read(sheet)


@pytest.mark.parametrize(
    ("sheet", "lines"),
    [
        ('document_id,start,end,note,danger\na,0,3,"one\ntwo",1\na,4,9,x,1\na,0,3,x,0\n', (2, 5)),
        ("sep=;\ndocument_id;start;end;danger\na;0;3;1\n\n\na;0;3;0\n", (3, 6)),
        ("\ndocument_id,start,end,danger\n,,,\na,0,3,1\na,0,3,0\n", (4, 5)),
    ],
)
def test_the_lines_in_an_error_are_those_of_the_file(read, sheet, lines):
    with pytest.raises(CorpusError, match=f"lines {lines[0]} and {lines[1]}: "):
        read(sheet)
    with pytest.raises(CorpusError, match=f"line {lines[1]}, danger: "):
        read(sheet[:-2] + "7\n")


def test_two_columns_for_one_construct_are_refused(read):
    with pytest.raises(CorpusError, match=r"more than one column is called \['danger'\]"):
        read("document_id,start,end,danger,fear\na,0,3,1,0\n", columns={"fear": "danger"})


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("document_id,start,end,danger\na,0,3,1\na,4,9,1\na,0,3,0\n", "lines 2 and 4: .* a:0-3 on danger, of which none names .* add a column `coder`"),
        ("document_id,start,end,coder,danger\na,0,3,Kim,1\na,0,3,Kim ,1\n", "lines 2 and 3: .* by 'Kim'.*remove one"),
    ],
)  # fmt: skip
def test_one_coder_judges_a_span_once(read, sheet, said):
    with pytest.raises(CorpusError, match=said):
        read(sheet)


@pytest.mark.parametrize("header", ["coder", "Coder", " CODER "])
def test_two_coders_may_judge_a_span(read, header):
    table = read(f"Document_ID,START,end,{header},Danger\na,0,3,Kim,1\na,0,3,Lee,0\na,4,9,Kim,1\na,4,9,,1\n")
    assert table["coder"].tolist() == ["Kim", "Lee", "Kim", "coder"]
    assert set(table["construct"]) == {"danger"}


def test_numbers_may_be_as_a_spreadsheet_or_pandas_writes_them(read):
    table = read("document_id,start,end,danger,stance\na,0.0,24.0,1.0,+1\na,4.0,10.0,,-1.0\n,,,,\n")
    found = {(r.unit_id, r.construct): r.value for r in table.itertuples()}
    assert found == {("a:0-24", "danger"): 1, ("a:0-24", "stance"): 1, ("a:4-10", "stance"): -1}
    with pytest.raises(CorpusError, match=r"whole numbers; got '0\.5'"):
        read("document_id,start,end,danger\na,0.5,24,1\n")
    with pytest.raises(CorpusError, match=r"is allowed; got '0\.5'"):
        read("document_id,start,end,danger\na,0,24,0.5\n")


def test_the_voice_that_the_rules_found_is_no_judgement(read):
    sheet = "passage_id,document_id,start,end,voice,danger\na#0,a,0,24,unknown,1\n"
    assert read(sheet)["construct"].tolist() == ["danger"]
    named = sheet.replace("voice", "whose").replace("unknown", "quoted")
    assert read(named, columns={"whose": "voice"})["construct"].tolist() == ["voice", "danger"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"fear": "dangr"}, r"annotation_columns, fear: 'dangr' is not a construct .*did you mean 'danger'\?"),
        ({"fear": "weather"}, r"annotation_columns, fear: 'weather' is not a construct of the codebook, which has \['axis'.*\]\.$"),
        ({"feer": "danger"}, r"annotation_columns: .*codes\.csv has no column 'feer'; it has .*did you mean 'fear'\?"),
    ],
)  # fmt: skip
def test_a_renaming_of_what_is_not_there_is_refused(read, columns, said):
    with pytest.raises(CorpusError, match=said):
        read("document_id,start,end,stance,fear\na,0,3,1,1\n", columns=columns)


def test_every_column_may_bear_another_name(read):
    sheet = "article,from,to,who,fear,note\n 0012 ,0,7,Kim,1,x\n"
    names = {"article": "document_id", "from": "start", "to": "end", "Who": "coder", "fear": "danger"}
    (row,) = read(sheet, columns=names).itertuples()
    assert (row.unit_id, row.coder, row.construct, row.value) == ("0012:0-7", "Kim", "danger", 1)


def test_a_renaming_takes_the_column_that_is_spelled_so(read):
    table = read("document_id,start,end,Danger,danger\na,0,3,1,0\n", columns={"Danger": "show"})
    assert dict(zip(table["construct"], table["value"], strict=True)) == {"show": 1.0, "danger": 0.0}


@pytest.mark.parametrize("header", ["dangers", "dangre", "dan-ger", "danger_1", "Dangr"])
def test_a_column_called_almost_as_a_construct_is_refused(read, header):
    with pytest.raises(
        CorpusError, match=f"the column '{header}' holds codes .*did you mean 'danger'.*{header}: danger"
    ):
        read(f"document_id,start,end,stance,{header}\na,0,3,1,0\n")


@pytest.mark.parametrize("header", ["danger,Danger", "danger,danger"])
def test_a_second_column_of_a_construct_is_refused(read, header):
    with pytest.raises(CorpusError, match=r"more than one column is called \['danger'\]"):
        read(f"document_id,start,end,{header}\na,0,3,1,0\n")


@pytest.mark.parametrize(
    ("header", "cells"),
    [("danger,dangers", "1,0"), ("danger,danger_note", "1,1"), ("danger,stances", "1,vague"), ("danger,stances", "1,"), ("danger,mood,year", "1,1,1")],
)  # fmt: skip
def test_other_columns_are_left_alone(read, header, cells):
    assert read(f"document_id,start,end,{header}\na,0,3,{cells}\n")["construct"].tolist() == ["danger"]


def test_ignored_columns_that_hold_only_0_and_1_are_named(read, caplog):
    sheet = "document_id,start,end,danger,peril,checked,note,year,blank\na,0,3,1,1,0.0,x,1,\na,4,9,0,,1,0,2031,\n"
    assert set(read(sheet)["construct"]) == {"danger"}
    (said,) = caplog.messages
    assert "is called 'peril' or 'checked'; what is coded there (0 and 1) is ignored" in said
    assert "annotation_columns: {ITS_NAME: CONSTRUCT}" in said
    caplog.clear()
    read("document_id,start,end,danger,note\na,0,3,1,sure\n")
    assert not caplog.messages


def test_a_voice_that_was_coded_beside_that_of_the_rules_is_taken(read):
    sheet = "passage_id,document_id,start,end,voice,danger,my_voice\na#0,a,0,24,unknown,1,quoted\n"
    assert set(read(sheet, columns={"my_voice": "voice"})["construct"]) == {"danger", "voice"}


@pytest.mark.parametrize(
    "text",
    ["The bridge", " The\nbridge ", "'The bridge", "“The bridge”", "The bri…", "(text not shown)", ""],
)
def test_a_text_that_reads_as_the_span_is_accepted(read, text):
    assert len(read(f'document_id,start,end,text,danger\na,0,10,"{text}",1\n')) == 1


@pytest.mark.parametrize("text", ["The bridges", "A bridge", "The", "The bro…", "?"])
def test_a_span_that_reads_otherwise_than_it_was_coded_is_refused(read, text):
    with pytest.raises(CorpusError) as refused:
        read(f'document_id,start,end,text,danger\na,4,10,bridge,1\na,0,10,"{text}",1\n')
    assert f"line 3: 0 to 10 of 'a' was coded as {text!r} and reads 'The bridge'." in str(refused.value)
    assert len(read(f'document_id,start,end,text,danger\na,4,10,bridge,1\na,0,10,"{text}",\n')) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("12", r"no article '12'; did a spreadsheet take the zeros from '0012'\?"),
        ("12.0", "'0012'"),
        ("13", r"no article '13'; ids come from file names unless `document_id` is given; was a file renamed\?$"),
        ("", "line 2: a judgement needs its article, but document_id is empty"),
    ],
)
def test_an_id_without_its_zeros_is_refused_with_the_whole_one(read, given, said):
    with pytest.raises(CorpusError, match=said):
        read(f"document_id,start,end,danger\n{given},0,3,1\n")


def test_an_id_is_taken_without_spaces_and_apostrophe(read, tmp_path):
    assert read('document_id,start,end,danger\n"0012 ",0,3,1\n')["document_id"].tolist() == ["0012"]
    path = tmp_path / "sheet.csv"
    path.write_text("document_id,start,end,danger\n'-7,0,3,1\n", encoding="utf-8")
    assert read_annotations(path, documents({"-7": {}}), ["danger"])["unit_id"].tolist() == ["-7:0-3"]


TITLED = documents(
    {
        "a": {"title": "=Bridge of fear", "text": "The bridge is dangerous. It may fall.\n\nThe mayor smiles."},
        "b": {"title": "A calm river", "text": "A calm river\n\nThe river flows. - So it goes."},
    }
)


@pytest.fixture
def coding_sheet(tmp_path):
    """The table of passages as a report shares it, with a column of codes: {passage_id: code}."""

    def coding_sheet(codes, *, text="full", without=()):
        passages = split_passages(TITLED)
        passages["text"] = [shown_text(each, text) for each in passages["text"]]
        passages["danger"] = passages["passage_id"].map(codes).astype("Int64")
        write_tables({"passages": passages.drop(columns=list(without))}, tmp_path)
        return tmp_path / "passages.csv"

    return coding_sheet


@pytest.mark.parametrize("text", ["full", "excerpts", "none"])
def test_the_table_of_passages_with_a_column_of_codes_is_a_coding_sheet(coding_sheet, text):
    passages = split_passages(TITLED).set_index("passage_id")
    path = coding_sheet({"a#0001": 1, "b#0002": 0}, text=text)
    table = read_annotations(path, TITLED, ["danger"])
    assert table["document_id"].tolist() == ["a", "b"]
    assert table["start"].tolist() == passages.loc[["a#0001", "b#0002"], "start"].tolist()


@pytest.mark.parametrize("without", [(), ("field",), ("passage_id", "voice")])
def test_a_title_beside_the_text_can_be_coded_and_is_held_against_its_own_value(coding_sheet, without):
    table = read_annotations(coding_sheet({"a#0000": 1, "a#0003": 0, "b#0000": 0}, without=without), TITLED, ["danger"])
    assert table["unit_id"].tolist()[0] == "a:title"
    assert table["start"].isna().tolist() == [True, False, False]
    values = measures(
        {"a#0000": {"danger": 0.9}, "a#0001": {"danger": 0.1}, "a#0003": {"danger": 0.5}, "b#0000": {"danger": 0.6}}
    )
    row = agreement(table, values, split_passages(TITLED), resamples=100, seed=1).iloc[0]
    assert (row["n"], row["n_positive"], row["n_unmatched"], row["value"]) == (3, 1, 0, 1.0)
    gone = split_passages(TITLED).query("passage_id != 'a#0000'")
    row = agreement(table, values, gone, resamples=100, seed=1).iloc[0]
    assert (row["n"], row["n_unmatched"]) == (2, 1)


def test_a_passage_without_a_place_that_is_no_title_is_refused(coding_sheet):
    changed = TITLED.assign(title=["Bridge of joy", None])
    with pytest.raises(
        CorpusError, match="line 2: the title of 'a' was coded as \"'=Bridge of fear\" and reads 'Bridge of joy'"
    ):
        read_annotations(coding_sheet({"a#0000": 1}), changed, ["danger"])
    with pytest.raises(CorpusError, match="line 2: a title is coded, and the article 'a' has none"):
        read_annotations(coding_sheet({"a#0000": 1}), TITLED.assign(title=None), ["danger"])
    path = coding_sheet({"a#0000": 1}, without=("field", "passage_id"))
    with pytest.raises(CorpusError, match=r"line 2: start and end are whole numbers; got '' and ''\. Only a title"):
        read_annotations(path, TITLED, ["danger"])
