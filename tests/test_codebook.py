"""A codebook: what it gives, and each fault with its line, its field and what is allowed."""

import hashlib
from pathlib import Path

import pytest

from framing.codebook import Codebook
from framing.errors import CodebookError
from framing.tables import PASSAGES
from tests.conftest import CODEBOOK, ROOT


def load(folder: Path, text: str) -> Codebook:
    path = folder / "codebook.yaml"
    path.write_text(text, encoding="utf-8")
    return Codebook.load(path)


def test_a_codebook_has_its_constructs_in_the_order_of_reports(codebook: Codebook):
    assert list(codebook.constructs()) == ["axis", "stance", "danger", "show"]
    assert codebook.constructs()["stance"] == "Stance towards the new bridge"
    assert codebook.constructs()["axis"].startswith("Framing axis: Danger (+1) against Show")


def test_every_wording_is_a_row_with_the_target_filled_in(codebook: Codebook):
    rows = codebook.hypotheses()
    assert list(rows.itertuples(index=False, name=None)) == [
        ("danger.1", "danger", "frame", "The bridge is dangerous."),
        ("danger.2", "danger", "frame", "People could drown."),
        ("show.1", "show", "frame", "The bridge is vanity."),
        ("stance.favor.1", "stance", "favor", "The author supports the new bridge."),
        ("stance.against.1", "stance", "against", "The author opposes the new bridge."),
    ]


@pytest.mark.parametrize(
    ("construct", "ends"), [("axis", ("Danger", "Show")), ("stance", ("in favor", "against")), ("danger", ("Danger", ""))]
)  # fmt: skip
def test_the_ends_of_a_scale_have_names(construct: str, ends: tuple[str, str], codebook: Codebook):
    assert codebook.ends(construct) == ends


def test_a_construct_or_frame_that_is_not_there_is_named_with_those_that_are(codebook: Codebook):
    with pytest.raises(CodebookError) as error:
        codebook.ends("dangers")
    assert str(error.value) == (
        "construct 'dangers' is not in the codebook 'bridges'; it has ['axis', 'stance', 'danger', 'show']; did you mean 'danger'?"
    )
    with pytest.raises(
        CodebookError, match=r"^frame 'axis' is not in the codebook 'bridges'; it has \['danger', 'show'\]\.$"
    ):
        codebook.label("axis")


def test_a_codebook_needs_neither_axis_nor_stance(tmp_path: Path):
    plain = CODEBOOK.split("stance:")[0].replace("axis: [danger, show]\n", "").replace("target: the new bridge\n", "")
    codebook = load(tmp_path, plain)
    assert (codebook.axis, codebook.stance, codebook.target) == (None, None, "")
    assert list(codebook.constructs()) == ["danger", "show"]


def test_a_stance_may_have_a_target_of_its_own(tmp_path: Path):
    codebook = load(tmp_path, CODEBOOK.replace("stance:\n", "stance:\n  target: tolls\n"))
    assert codebook.stance is not None
    assert (codebook.stance.target, codebook.stance.favor) == ("tolls", ("The author supports tolls.",))
    assert codebook.target == "the new bridge"


def test_texts_are_put_on_one_line_and_texts_like_numbers_stay_texts(tmp_path: Path):
    codebook = load(tmp_path, CODEBOOK.replace("name: bridges", "name: 0012").replace("label: Show", "label: NA\n    include:\n      - |\n        no\n        yes"))  # fmt: skip
    assert codebook.name == "0012"
    assert (codebook.frames[1].label, codebook.frames[1].include) == ("NA", ("no yes",))


def test_the_digest_is_that_of_the_file(codebook_file: Path):
    assert Codebook.load(codebook_file).sha256 == hashlib.sha256(codebook_file.read_bytes()).hexdigest()


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "codebooks").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_codebooks_of_the_project_can_be_loaded(path: Path):
    codebook = Codebook.load(path)
    assert codebook.axis is not None
    assert codebook.stance is not None
    assert not codebook.hypotheses()["text"].str.contains("{", regex=False).any()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("name: bridges", "nam: bridges", "line 1, nam: unknown field; .*did you mean 'name'"),
        ("name: bridges", "name: [bridges]", "line 1, name: a text is expected; got a list"),
        ("name: bridges", "name:", "line 1, name: a text is expected; got nothing"),
        ("label: Danger", 'label: "\\ud800 Danger"', "line 6, frames.danger.label: half a character"),
        ("name: bridges\n", "", "name: a text is expected; got nothing"),
        ("label: Danger", "lable: Danger", r"line 6, frames.danger.lable: unknown field; .*did you mean 'label'"),
        ("label: Danger\n", "label: ' '\n", "line 6, frames.danger.label: a text is expected"),
        ("    definition: The bridge is presented as dangerous.\n", "", "line 5, frames.danger.definition: a text is expected"),
        ("  danger:\n", "  Danger:\n", "line 5, frames.Danger: a frame's key is"),
        ("  danger:\n", "  0012:\n", "line 5, frames.0012: a frame's key is"),
        ("  danger:\n", "  ../danger:\n", "line 5, frames.../danger: a frame's key is"),
        ("  danger:\n", f"  {'d' * 41}:\n", "a frame's key is up to 40"),
        ("  danger:\n", "  stance:\n", "is not 'axis' or 'stance'"),
        ("  danger:\n", "  voice:\n", r"line 5, frames.voice: .*nor a column of coding sheets \(passage_id, .*voice, .*unit_id, .*inclusion_probability\)"),
        ("  danger:\n", "  document_id:\n", "line 5, frames.document_id: a frame's key is"),
        ("  danger:\n", "  text:\n", "line 5, frames.text: a frame's key is"),
        ("  show:\n", "  danger:\n", "line 9, frames.danger: this field stands twice"),
        ("axis: [danger, show]", "axis: [danger, shows]", r"line 3, axis.1: 'shows' is not a frame .*\['danger', 'show'\]"),
        ("axis: [danger, show]", "axis: [danger, danger]", "line 3, axis: two different frames"),
        ("axis: [danger, show]", "axis: [danger]", "line 3, axis: two different frames"),
        ("axis: [danger, show]", "axis: danger", "line 3, axis: a list of texts is expected; got 'danger'"),
        ('["The bridge is dangerous.", "People could drown."]', "[]", "line 8, frames.danger.hypotheses: 1 to 12 hypotheses are needed; got 0"),
        ('["The bridge is vanity."]', str([f"It is the {i}th." for i in range(13)]), "1 to 12 hypotheses are needed; got 13"),
        ('["The bridge is vanity."]', "The bridge is vanity.", "line 12, frames.show.hypotheses: a list of texts is expected"),
        ('["The bridge is vanity."]', "[The bridge is: vanity]", r"hypotheses.0: a text is expected; got a mapping. A text with a colon needs quotes"),
        ('["The bridge is vanity."]', '["Vain bridge."]', "a full sentence"),
        ('["The bridge is vanity."]', '["The {bridge} is vanity."]', r"line 12, .*only \{target\} can be filled in; got '\{bridge\}'"),
        ('"People could drown."', '"The  bridge is dangerous."', "line 8, frames.danger.hypotheses.1: the hypothesis .* stands twice"),
        ("target: the new bridge\n", "", "stance: a stance needs a target"),
        ("  against: ", "  agianst: ", "line 15, stance.agianst: unknown field; .*did you mean 'against'"),
        ('  against: ["The author opposes {target}."]\n', "", "line 13, stance.against: a list of texts is expected; got nothing"),
        (CODEBOOK[CODEBOOK.index("frames:") : CODEBOOK.index("stance:")], "frames: {}\n", "line 4, frames: at least one frame"),
        (CODEBOOK[CODEBOOK.index("frames:") : CODEBOOK.index("stance:")], "frames: [danger]\n", "line 4, frames: a mapping of fields is expected; got a list"),
        ("label: Danger", "label: !!python/name:os.system", "line 6, frames.danger.label: the tag"),
        ("label: Danger", "label: &a Danger\n    examples: [*a]", "line 7: aliases"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(old: str, new: str, complaint: str, tmp_path: Path):
    assert CODEBOOK.count(old) == 1
    with pytest.raises(CodebookError, match=complaint) as caught:
        load(tmp_path, CODEBOOK.replace(old, new))
    assert str(tmp_path / "codebook.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_hypothesis_names_the_target_only_where_there_is_one(tmp_path: Path):
    without = CODEBOOK.split("stance:")[0].replace("target: the new bridge\n", "")
    with pytest.raises(CodebookError, match=r"line 11, frames.show.hypotheses.0: .* names \{target\}, but"):
        load(tmp_path, without.replace("The bridge is vanity.", "People like {target}."))


@pytest.mark.parametrize("key", [*PASSAGES.columns, "unit_id", "coder", "inclusion_probability"])
def test_a_frame_is_not_called_as_a_column_of_coding_sheets(key: str, tmp_path: Path):
    with pytest.raises(CodebookError, match=rf"line 5, frames.{key}: a frame's key is .* nor a column .*\b{key}\b"):
        load(tmp_path, CODEBOOK.replace("danger:", f"{key}:").replace("[danger", f"[{key}"))


@pytest.mark.parametrize(
    "key", ["group", "title", "published", "siding", "outlet", "score", "voices", "construct", "value"]
)
def test_a_frame_may_be_called_like_anything_else(key: str, tmp_path: Path):
    codebook = load(tmp_path, CODEBOOK.replace("danger:", f"{key}:").replace("[danger", f"[{key}"))
    assert codebook.frames[0].key == key


def test_what_only_sets_the_direction_of_writing_is_taken_out(tmp_path: Path):
    codebook = load(tmp_path, CODEBOOK.replace("label: Danger", 'label: "\\u202eDanger\\u2069"'))
    assert codebook.constructs()["danger"] == "Danger"
