"""The recommended models: each is named so that it can be loaded, and the list can be read by people and by programs."""

import json
import re
from dataclasses import FrozenInstanceError

import pytest

import framing
from framing.cli import main
from framing.entailment.catalogue import Recommended, as_json, as_text, models, recommended
from framing.languages import language_codes

OTHER = Recommended(
    name="org/name",
    revision="0123456789abcdef0123456789abcdef01234567",
    parameters=150,
    download=1200,
    licence="MIT",
    languages="Finnish",
    codes=("fi",),
    tokens=8192,
    runs_on="PyTorch",
    good_for="one thing",
)


def test_the_bundled_model_comes_first_and_its_facts_are_those_of_the_model(bundled):
    first = models()[0]
    assert (first.setting, first.download, first.runs_on) == ("bundled", 0, "ONNX Runtime")
    assert first.tokens == bundled.max_tokens


def test_every_other_model_is_pinned_to_a_commit():
    others = models()[1:]
    assert len(others) >= 5
    assert len({each.name for each in others}) == len(others)
    for each in others:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", each.setting), each.name
        assert each.runs_on in ("ONNX Runtime", "PyTorch")
        assert each.download > each.parameters  # in MB; no weights are stored in less than a byte a parameter


def test_a_parameter_takes_four_bytes_of_memory():
    assert OTHER.memory == 600_000_000


def test_a_recommended_model_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        OTHER.revision = "main"


def test_the_table_tells_every_fact_and_how_to_name_the_model():
    text = as_text([models()[0], OTHER])
    row = next(line for line in text.splitlines() if line.startswith("org/name "))
    assert re.split(r"\s{2,}", row) == ["org/name", "150 M", "1,200 MB", "MIT", "8,192", "PyTorch"]
    assert "    Reads Finnish. Good for: one thing.\n" in text
    assert f"\n  model: org/name@{OTHER.revision}\n" in text
    assert "\n  model: bundled\n" in text
    assert "look up the commit on the model's page" in text


def test_no_line_of_the_table_is_wider_than_a_page():
    assert max(map(len, as_text(models()).splitlines())) < 120


def test_json_holds_the_same_facts():
    (found,) = json.loads(as_json([OTHER]))
    facts = {key: value for key, value in found.items() if key != "setting"}
    assert Recommended(**facts | {"codes": tuple(facts["codes"])}) == OTHER
    assert found["setting"] == OTHER.setting


def test_a_model_is_limited_to_the_one_language_that_it_reads_and_a_multilingual_one_to_none():
    for each in models():
        assert each.codes == (("en",) if each.languages == "English" else ()), each.name
        assert len(language_codes(each.languages)) == len(each.codes), each.name


def test_a_recommended_model_is_known_by_its_name_at_any_commit():
    one = models()[1]
    for name in (one.name, one.setting, f"{one.name}@main", one.setting.upper()):
        assert recommended(name) == one
    assert recommended("bundled") == models()[0]
    assert recommended("org/name") is None


def test_the_command_prints_the_table_or_json(capsys):
    assert main(["models"]) == 0
    assert capsys.readouterr().out == as_text(models()) + "\n"
    assert main(["models", "--json"]) == 0
    assert [each["setting"] for each in json.loads(capsys.readouterr().out)] == [each.setting for each in models()]


def test_the_commits_have_the_form_that_load_model_takes(monkeypatch):
    asked = []

    def refuse(repo, revision):
        asked.append(f"{repo}@{revision}")
        raise framing.FramingError("nothing is fetched in a test")

    monkeypatch.setattr("framing.entailment.load._download", refuse)
    for each in models()[1:]:
        with pytest.raises(framing.FramingError, match="nothing is fetched"):
            framing.load_model(each.setting)
    assert asked == [each.setting for each in models()[1:]]
