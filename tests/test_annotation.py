"""Reading coding sheets, and refusing those that cannot be held against anything."""

import math

import pytest

from framing.annotation import read_annotations
from framing.errors import CorpusError, TableError
from tests.handmade import documents

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
        ("document_id,start,end,danger\na,3,3,1\n", "line 2: 3 to 3 is no span of 'a'"),
        ("document_id,start,end,danger\na,-1,3,1\n", "line 2: -1 to 3 is no span of 'a'"),
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


def test_two_columns_for_one_construct_are_refused(read):
    with pytest.raises(CorpusError, match=r"more than one column is called \['danger'\]"):
        read("document_id,start,end,danger,fear\na,0,3,1,0\n", columns={"fear": "danger"})


def test_one_coder_judges_a_span_once(read):
    with pytest.raises(TableError, match="a:0-3 / coder / danger"):
        read("document_id,start,end,danger\na,0,3,1\na,0,3,0\n")


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
