"""YAML as people write it: what is taken, what is refused, and that each complaint names its line."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import StudyError
from framing.yamlfile import YamlFile, read_yaml


def read(folder: Path, text: str | bytes) -> YamlFile:
    path = folder / "study.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_yaml(path, StudyError)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NA", "NA"), ("None", "None"), ("no", "no"), ("on", "on"), ("0012", "0012"), ("0x1F", "0x1F"), ("1e3", "1e3"), ("1_000", "1_000"), (".nan", ".nan"),
        ("12:30:00", "12:30:00"), ("2031-01-02", "2031-01-02"), ("=", "="), ("'null'", "null"), ("!!str 0012", "0012"), ("“Brücke”", "“Brücke”"), ("桥", "桥"),
        ("null", None), ("~", None), ("", None),
        ("[a, 0012, [b]]", ["a", "0012", ["b"]]), ("{a: no, 1: 2}", {"a": "no", "1": "2"}),
    ],
)  # fmt: skip
def test_every_value_stays_the_text_that_was_typed(written: str, value: object, tmp_path: Path):
    assert read(tmp_path, f"key: {written}\n").data == {"key": value}


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_content(tmp_path: Path):
    assert read(tmp_path, b"\xef\xbb\xbfname: alder\r\ntitle: Bridge\r\n").data == {"name": "alder", "title": "Bridge"}


ALIAS_BOMB = "a: &a [x, x]\n" + "".join(
    f"{n}: &{n} [*{m}, *{m}]\n" for m, n in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: x\nrun: !!python/object/apply:os.system ['true']\n", "line 2, run: the tag .*python/object.* is not allowed"),
        ("name: !!python/name:os.system\n", "line 1, name: the tag"),
        ("a:\n  - x\n  - !mine y\n", "line 3, a.1: the tag '!mine'"),
        ("a: !!binary aGk=\n", "line 1, a: the tag"),
        ("name: x\n!!python/name:os.system '': y\n", "line 1, the file: a field's name must be plain text"),
        (ALIAS_BOMB, r"line 2: aliases \(\*name\) are not allowed"),
        ("a: &x b\nc: *x\n", "line 2: aliases"),
        ("base: &b {n: 1}\nc:\n  <<: *b\n", "line 3: aliases"),
        ("name: x\ntitle: y\nname: z\n", "line 3, name: this field stands twice"),
        ("a:\n  b: 1\n  b: 2\n", "line 3, a.b: this field stands twice"),
        ("? [a, b]\n: c\n", "line 1, the file: a field's name must be plain text"),
        ("name: [x\n", "line 2: not valid YAML"),
        ("name: 'x\n", "not valid YAML"),
        ("name: x\n\ttitle: y\n", "line 2: not valid YAML"),
        ("name: a\x00b\n", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("", "a mapping of fields is expected"),
        ("# only a comment\n", "a mapping of fields is expected"),
        ("- a\n- b\n", "a mapping of fields is expected"),
        ("just a text\n", "a mapping of fields is expected"),
        ("a: " + "[" * 20_000 + "\n", "line 1: nested too deeply"),
        ("a: " + "[" * 20_000 + "]" * 20_000 + "\n", "line 1: nested too deeply"),
        (b"name: Br\xfccke\n", r"is not UTF-8 text \(byte 8\)"),
        ("a: " + "x" * 1_000_000, "1,000,003 bytes; at most 1,000,000"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_on_one_line_that_says_where(text: str | bytes, complaint: str, tmp_path: Path):
    with pytest.raises(StudyError, match=complaint) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "study.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    for path in (tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(StudyError, match="cannot be read") as caught:
            read_yaml(path, StudyError)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("field", "line", "name"),
    [
        ((), 1, "the file"),
        (("name",), 1, "name"),
        (("frames", "legal", "label"), 5, "frames.legal.label"),
        (("frames", "legal", "hypotheses", 1), 8, "frames.legal.hypotheses.1"),
        (("frames", "legal", "missing"), 4, "frames.legal.missing"),
        (("nowhere",), 1, "nowhere"),
    ],
)
def test_a_complaint_names_the_line_of_its_field_or_of_what_holds_it(
    field: tuple[str | int, ...], line: int, name: str, tmp_path: Path
):
    file = read(
        tmp_path,
        "name: piers\n# fiction\nframes:\n  legal:\n    label: Law\n    hypotheses:\n      - One is here.\n      - Two.\n",
    )
    assert str(file.fail(field, "is wrong.")) == f"{file.path}, line {line}, {name}: is wrong."


plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(data=st.dictionaries(plain, plain | st.lists(plain) | st.dictionaries(plain, plain), min_size=1))
def test_what_yaml_writes_for_texts_is_read_as_the_same_texts(data, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("yaml")
    assert read(folder, yaml.safe_dump(data, allow_unicode=True)).data == data
