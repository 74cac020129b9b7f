"""What a name may stand for, and every model that must not be loaded."""

import hashlib
import importlib.resources
import json
import logging

import huggingface_hub.constants
import pytest
from huggingface_hub._snapshot_download import TreeCacheEntry, write_tree_cache

import framing
from framing.cli import main
from framing.entailment import Platt, load
from framing.entailment.catalogue import models
from framing.entailment.pairs import PairModel
from framing.entailment.split import SplitModel
from framing.errors import ModelError
from tests.entailment import tiny
from tests.handmade import documents

REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path):
    return tiny.write(tmp_path / "tiny")


def refused(name, **given):
    with pytest.raises(ModelError) as caught:
        framing.load_model(str(name), **given)
    message = str(caught.value)
    assert "\n" not in message
    return message


# ---- names


@pytest.mark.parametrize(
    "name", ["", "bert", "org/name", "org/name@", "a/b/c@main", "https://hub.example/org/name", "no such folder"]
)
def test_a_name_of_no_known_form_is_refused_with_the_forms_there_are(name):
    message = refused(name)
    assert repr(name) in message
    assert "'bundled', a folder, or 'org/name@<40-hex revision>'" in message


@pytest.mark.parametrize("revision", ["main", "v1.0", REVISION[:-1], REVISION + "0", REVISION.upper(), "g" * 40])
def test_a_revision_that_can_change_is_refused(revision):
    assert refused(f"org/name@{revision}") == (
        f"org/name@{revision}: the revision must be the 40 hexadecimal digits of a commit; a branch can change. "
        "`framing models --pin org/name` says which commit a branch of the hub stands for now."
    )


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """The hub out of reach, and a cache of our own."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_hub_model_that_is_not_in_the_cache_is_refused_while_offline(offline):
    message = refused(f"org/name@{REVISION}")
    assert message.startswith(
        f"org/name@{REVISION} could not be fetched from the hub and is not whole in the local cache ("
    )
    assert message.endswith(" Load it once with a connection to the hub.")


@pytest.mark.parametrize("repo", ["../name", "org/..", "org/na--me"])
def test_a_repository_name_that_the_hub_does_not_know_is_refused(offline, repo):
    assert f"{repo}@{REVISION} could not be fetched" in refused(f"{repo}@{REVISION}")


@pytest.mark.parametrize("name", ["org/name", "org/name@main", "org/name@v2"])
def test_a_branch_is_taken_where_it_is_asked_for_and_pinned_to_its_commit(offline, cached, name, capsys):
    """`cached` is what the cache holds of the commit; beside it lies which commit a branch was, when it was last asked for."""
    for branch in ("main", "v2"):
        (cached.parents[1] / "refs").mkdir(exist_ok=True)
        (cached.parents[1] / "refs" / branch).write_text(REVISION, encoding="utf-8")
    refused(name)
    model = framing.load_model(name, unpinned=True)
    assert model.name == f"org/name@{REVISION}"
    assert model.fingerprint == framing.load_model(model.name).fingerprint
    assert main(["models", "--pin", name]) == 0
    assert capsys.readouterr().out == f"{model.name}\n"


@pytest.mark.parametrize("name", ["org/name", "org/name@v3", f"org/name@{REVISION}"])
def test_a_branch_that_the_hub_would_have_to_be_asked_for_is_refused_while_offline(offline, name):
    assert "could not be fetched from the hub" in refused(name, unpinned=True)


def test_only_a_model_of_the_hub_has_a_commit_to_be_pinned_to(capsys):
    assert main(["models", "--pin", "bert"]) == 1
    assert capsys.readouterr().err == (
        "framing: 'bert' names no model of the hub: 'org/name' or 'org/name@branch' is expected.\n"
    )
    assert main(["models", "--pin", f"org/name@{REVISION}"]) == 0
    assert capsys.readouterr().out == f"org/name@{REVISION}\n"


def test_what_has_no_branch_is_loaded_as_ever_where_one_may_be_named(offline, cached, folder):
    assert framing.load_model("bundled", unpinned=True).name == "bundled"
    assert framing.load_model(str(folder), unpinned=True).name == "tiny"
    assert framing.load_model(f"org/name@{REVISION}", unpinned=True).name == f"org/name@{REVISION}"
    assert "names no model" in refused("a/b/c@main", unpinned=True)


def cache(offline, repo, **settings):
    """The tiny model in that cache, as what `repo` holds."""
    return tiny.write(offline / f"models--{repo.replace('/', '--')}" / "snapshots" / REVISION, **settings)


@pytest.fixture
def cached(offline):
    return cache(offline, "org/name")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("config.json", "config.json is missing; a model folder has config.json, tokenizer.json and its weights."),
        ("tokenizer.json", "has no tokenizer: tokenizer.json or one of ['spm.model', 'vocab.txt'] is missing."),
        ("model.onnx", "has neither model.onnx nor safetensors weights."),
    ],
)
def test_an_incomplete_cache_names_what_is_missing_and_the_next_step(cached, name, said):
    assert framing.load_model(f"org/name@{REVISION}").name == f"org/name@{REVISION}"
    (cached / name).unlink()
    message = refused(f"org/name@{REVISION}")
    assert said in message
    assert message.endswith(
        f"If the local cache is incomplete, load org/name@{REVISION} once with a connection to the hub; pickles are never fetched."
    )


def test_an_incomplete_cache_names_the_file_that_the_hub_has(cached):
    """Newer caches hold a list of the repository's files."""
    there = {name: TreeCacheEntry(1, "0" * 40, None, None, None) for name in ("config.json", "model.onnx", "notes.md")}
    write_tree_cache(str(cached.parents[1]), REVISION, there)
    assert framing.load_model(f"org/name@{REVISION}").name == f"org/name@{REVISION}"
    (cached / "model.onnx").unlink()
    message = refused(f"org/name@{REVISION}")
    assert "1 file(s) are missing (model.onnx)" in message
    assert message.endswith(" Load it once with a connection to the hub.")


# ---- languages

ENGLISH = next(each.name for each in models() if each.codes and each.revision)
MULTILINGUAL = next(each.name for each in models() if not each.codes)


@pytest.mark.parametrize(
    ("repo", "own", "languages"),
    [
        (ENGLISH, None, ("en",)),
        (ENGLISH, {"languages": ["en", "de"]}, ("en", "de")),  # who made the files knows better
        (MULTILINGUAL, None, ()),
        ("org/name", None, ()),
        ("org/name", {"languages": ["fi"]}, ("fi",)),
    ],
)
def test_a_model_of_the_hub_reads_what_its_config_says_or_else_the_catalogue(offline, repo, own, languages):
    """The revision is none of the catalogue's."""
    cache(offline, repo, config={"framing": own} if own else {})
    assert framing.load_model(f"{repo}@{REVISION}").languages == languages


def test_an_english_model_of_the_hub_scores_no_article_in_another_language(offline, codebook):
    cache(offline, ENGLISH, config={"max_position_embeddings": 128})
    given = documents({"a": {"language": "en"}, "b": {"language": "es"}, "c": {}})
    found = framing.analyse(given, codebook, model=framing.load_model(f"{ENGLISH}@{REVISION}"), resamples=100)
    assert set(found.scores["passage_id"].str[0]) == {"a", "c"}
    assert found.passages.groupby("document_id")["reason"].first().to_dict() == {"a": "", "b": "language", "c": ""}


def test_a_folder_is_not_taken_for_the_model_whose_name_it_bears(tmp_path):
    assert framing.load_model(str(tiny.write(tmp_path / "bundled"))).languages == ()


# ---- the bundled model


@pytest.fixture
def published(monkeypatch, folder):
    """The tiny model in the place of the bundled one, with its checksums."""
    place = folder.rename(folder.with_name("bundled"))
    sums = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}" for p in sorted(place.iterdir())]
    (place / "sha256sums.txt").write_text("\n".join(sums) + "\n", encoding="utf-8")
    monkeypatch.setattr(load.resources, "files", lambda _: place.parent)
    return place


def test_the_bundled_model_is_loaded_where_every_checksum_fits(published):
    assert framing.load_model().name == "bundled"


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_bundled_file_that_is_not_the_published_one_is_refused(published, name):
    (published / name).write_bytes((published / name).read_bytes() + b" ")
    assert refused("bundled") == (
        f"{published / name} is not the file that was published (its SHA-256 differs); install framing-workbench again."
    )


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx", "sha256sums.txt"])
def test_a_bundled_file_that_is_missing_is_named(published, name):
    (published / name).unlink()
    assert refused("bundled") == f"{published / name} is missing; install framing-workbench again."


def test_the_checksums_cover_every_file_of_the_bundled_model():
    place = importlib.resources.files("framing.entailment") / "bundled"
    lines = (place / "sha256sums.txt").read_text(encoding="utf-8").splitlines()
    listed = {line.split()[1] for line in lines}
    # The card and its picture may be improved without another model; everything that a score depends on is listed.
    assert listed == {path.name for path in place.iterdir()} - {"sha256sums.txt", "MODEL_CARD.md", "reliability.png"}
    assert {"config.json", "model.onnx", "tokenizer.json"} <= listed


# ---- folders


def test_a_folder_is_loaded_by_its_name(folder):
    model = framing.load_model(str(folder))
    assert model.name == "tiny"
    assert model.entail(["yes ."], ["the bridge opens ."])[0] == pytest.approx(tiny.expected("yes .", ""))


def test_weights_may_lie_where_the_hub_has_them_beside_those_of_pytorch(folder, cached):
    """As in repositories with weights of both kinds: onnx/model.onnx, and config and tokenizer above it."""
    before = framing.load_model(str(folder))
    for place, name in ((folder, str(folder)), (cached, f"org/name@{REVISION}")):
        (place / "onnx").mkdir()
        (place / "model.onnx").rename(place / "onnx" / "model.onnx")
        (place / "model.safetensors").write_bytes(b"not looked at")
        model = framing.load_model(name)
        assert model.fingerprint == before.fingerprint
        assert model.entail(["yes ."], ["the bridge opens ."]) == before.entail(["yes ."], ["the bridge opens ."])


def test_no_more_threads_than_cores_are_used_and_it_is_said(folder, monkeypatch, caplog):
    monkeypatch.setattr(load, "usable_cores", lambda: 2)
    assert framing.load_model(str(folder), threads=2)._threads == 2
    assert not caplog.records
    with caplog.at_level(logging.WARNING):
        assert framing.load_model(str(folder), threads=10**6)._threads == 2
    assert [record.message for record in caplog.records] == [
        "1000000 threads are asked for, and there are 2 cores; 2 are used."
    ]
    with pytest.raises(ValueError, match="`threads` must be 1 or more, but 0 was passed"):
        framing.load_model(str(folder), threads=0)


def test_a_missing_config_is_named(folder):
    (folder / "config.json").unlink()
    assert refused(folder).startswith(f"{folder / 'config.json'} is missing")


@pytest.mark.parametrize(
    ("content", "said"), [("{", "is not valid JSON"), ("[]", "is not a JSON object"), ("", "is not valid JSON")]
)
def test_a_config_that_is_no_object_is_refused(folder, content, said):
    (folder / "config.json").write_text(content, encoding="utf-8")
    assert f"{folder / 'config.json'} {said}" in refused(folder)


@pytest.mark.parametrize(
    "labels",
    [
        {"0": "LABEL_0", "1": "LABEL_1"},
        {"0": "positive", "1": "negative"},
        {"0": "entailment", "1": "neutral"},
        {"0": "neutral", "1": "contradiction"},
        {"0": "entailment", "1": "entailed", "2": "contradiction"},
        {"0": "not_entailment", "1": "contradiction", "2": "entailment"},
        {"first": "entailment", "second": "contradiction"},
        ["entailment", "contradiction"],
        {},
        None,
    ],
)
def test_a_head_without_an_entailment_label_and_its_opposite_is_refused(folder, labels):
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": labels}), encoding="utf-8")
    message = refused(folder)
    assert f"{folder / 'config.json'} names the labels" in message
    assert "an entailment model has 'entailment' and 'contradiction' or 'not_entailment'" in message


@pytest.mark.parametrize(
    "labels",
    [
        ("entailment", "neutral", "contradiction"),
        ("contradiction", "neutral", "entailment"),
        ("neutral", "entailment", "contradiction"),
        ("ENTAILMENT", "NEUTRAL", "CONTRADICTION"),
        ("entailment", "not_entailment"),
        ("not_entailment", "entailment"),
        ("Not_Entailment", "Entailment"),
    ],
)
def test_the_order_of_labels_is_that_of_the_config(tmp_path, labels):
    model = framing.load_model(str(tiny.write(tmp_path / "model", labels=labels)))
    texts = ["yes yes .", "no .", "maybe maybe .", "the bridge opens ."]
    found = model.entail(texts, ["the river ."] * len(texts))
    assert found.tolist() == pytest.approx([tiny.expected(text, "") for text in texts])


def test_a_tokenizer_that_cannot_be_read_is_refused(folder):
    (folder / "tokenizer.json").write_text('{"version": "1.0"}', encoding="utf-8")
    assert f"{folder / 'tokenizer.json'} is not a readable tokenizer" in refused(folder)


def test_a_folder_without_any_tokenizer_is_refused(folder):
    (folder / "tokenizer.json").unlink()
    assert (
        refused(folder) == f"{folder} has no tokenizer: tokenizer.json or one of ['spm.model', 'vocab.txt'] is missing."
    )


def test_a_vocabulary_of_bert_serves_as_a_tokenizer(folder):
    with_json = framing.load_model(str(folder)).entail(["yes the bridge opens."], ["no maybe"])
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(tiny.WORDS) + "\n", encoding="utf-8")
    assert framing.load_model(str(folder)).entail(["yes the bridge opens."], ["no maybe"]) == with_json


def test_a_vocabulary_that_cannot_be_read_is_refused(folder):
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").mkdir()
    (folder / "spm.model").write_bytes(b"not a vocabulary")
    (folder / "config.json").write_text(
        json.dumps({"model_type": "deberta-v2", "id2label": dict(enumerate(tiny.THREE_WAY))}), encoding="utf-8"
    )
    assert f"{folder} has no tokenizer that can be read (" in refused(folder)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08"])
def test_a_broken_onnx_file_is_refused(folder, content):
    (folder / "model.onnx").write_bytes(content)
    assert f"{folder / 'model.onnx'} cannot be loaded (" in refused(folder)


@pytest.mark.parametrize("outside", ["../secret.bin", "weights.bin", "/etc/hostname"])
def test_weights_outside_the_onnx_file_are_refused(tmp_path, outside):
    place = tiny.write(tmp_path / "model", outside=outside)
    (tmp_path / "secret.bin").write_bytes(bytes(4096))
    (place / "weights.bin").write_bytes(bytes(4096))
    assert f"{place / 'model.onnx'} keeps weights in other files" in refused(place)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pkl", "model.ckpt"])
def test_pickles_are_refused_unread(folder, name):
    (folder / "model.onnx").unlink()
    (folder / name).write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    message = refused(folder)
    assert message.startswith(f"{folder} has neither model.onnx nor safetensors weights")
    assert f"['{name}'] are pickles, which can run code and are refused" in message


def test_a_folder_without_weights_is_refused(folder):
    (folder / "model.onnx").unlink()
    assert refused(folder) == f"{folder} has neither model.onnx nor safetensors weights."


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_model_with_code_of_its_own_is_refused_before_anything_is_loaded(folder, name):
    there = json.loads((folder / name).read_text(encoding="utf-8")) if (folder / name).is_file() else {}
    own = {"auto_map": {"AutoModelForSequenceClassification": "modeling_own.Own"}}
    (folder / name).write_text(json.dumps(there | own), encoding="utf-8")
    (folder / "model.onnx").write_bytes(b"not a model")
    assert refused(folder).startswith(
        f"{folder / name} names Python code of the model's own ('auto_map'), which is refused"
    )


@pytest.mark.parametrize("elsewhere", ["model-00002-of-00002.safetensors", "../model-00002-of-00002.safetensors"])
def test_weights_in_several_files_are_refused_where_one_is_not_in_the_folder(folder, monkeypatch, elsewhere):
    (folder / "model.onnx").rename(folder / "model-00001-of-00002.safetensors")
    (folder.parent / "model-00002-of-00002.safetensors").write_bytes(b"")
    index = {"weight_map": {"one": "model-00001-of-00002.safetensors", "two": elsewhere}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    monkeypatch.setattr(load.importlib.util, "find_spec", lambda _: True)
    assert refused(folder) == (
        f"{folder} lacks {elsewhere!r}, one of the 2 files of weights that model.safetensors.index.json names."
    )


def test_safetensors_without_pytorch_say_what_to_install(folder, monkeypatch):
    (folder / "model.onnx").unlink()
    (folder / "model.safetensors").write_bytes(b"")
    monkeypatch.setattr(load.importlib.util, "find_spec", lambda _: None)
    message = refused(folder)
    assert (
        message == f"{folder} has safetensors weights, which need PyTorch: `make setup-torch` in the project's folder."
    )


def test_safetensors_of_the_split_shape_are_refused(tmp_path):
    place = tiny.write(tmp_path / "model", shape=tiny.SPLIT)
    (place / "model.onnx").rename(place / "model.safetensors")
    assert refused(place) == f"{place} states the shape 'split', which is run from model.onnx alone; there is none."


# ---- shape and calibration


def test_the_shape_is_what_the_config_states(tmp_path):
    assert isinstance(framing.load_model(str(tiny.write(tmp_path / "split", shape=tiny.SPLIT))), SplitModel)
    assert isinstance(framing.load_model(str(tiny.write(tmp_path / "pairs"))), PairModel)
    assert isinstance(framing.load_model(str(tiny.write(tmp_path / "own", config={"framing": {}}))), PairModel)


def test_a_shape_that_the_weights_do_not_have_is_refused(tmp_path):
    place = tiny.write(tmp_path / "pairs", config={"framing": {"shape": "split"}})
    message = refused(place)
    assert message.startswith(f"{place / 'model.onnx'} cannot be loaded (a model of the split shape has the inputs [")
    assert "not ['attention_mask', 'input_ids']" in message
    place = tiny.write(tmp_path / "split", shape=tiny.SPLIT, config={"framing": {}})
    assert f"{place / 'model.onnx'} cannot be loaded (a pair model has the inputs input_ids" in refused(place)


CURVE = {"slope": 0.8, "intercept": -1}
CURVES = {"frame": CURVE, "favor": CURVE | {"slope": 2}, "against": CURVE | {"intercept": 0.25}}


@pytest.mark.parametrize("shape", [tiny.PAIR, tiny.SPLIT])
def test_the_calibration_is_read_and_leaves_the_scores_as_they_are(tmp_path, shape):
    plain = framing.load_model(str(tiny.write(tmp_path / "plain", shape=shape)))
    own = {"calibration": CURVES} | ({"shape": "split"} if shape == tiny.SPLIT else {})
    model = framing.load_model(str(tiny.write(tmp_path / "model", shape=shape, config={"framing": own})))
    assert plain.calibration == {}
    assert model.calibration == {"frame": Platt(0.8, -1), "favor": Platt(2, -1), "against": Platt(0.8, 0.25)}
    assert model.entail(["yes yes"], ["no"]) == plain.entail(["yes yes"], ["no"])
    assert model.fingerprint == plain.fingerprint


def test_an_empty_calibration_is_none(tmp_path):
    place = tiny.write(tmp_path / "model", config={"framing": {"calibration": {}}})
    assert framing.load_model(str(place)).calibration == {}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("split", "'framing' holds 'shape', 'calibration' and 'languages' or some of them; got 'split'."),
        (["split"], "'framing' holds 'shape', 'calibration' and 'languages' or some of them; got ['split']."),
        (None, "'framing' holds 'shape', 'calibration' and 'languages' or some of them; got None."),
        (
            {"shap": "split"},
            "'framing' holds 'shape', 'calibration' and 'languages' or some of them; got {'shap': 'split'}.",
        ),
        ({"shape": "bi"}, "'shape' is 'split', or left out for models that read pairs; got 'bi'."),
        ({"shape": ["split"]}, "'shape' is 'split', or left out for models that read pairs; got ['split']."),
        ({"calibration": [1, 0]}, "'calibration' holds a curve for each of ['frame', 'favor', 'against']; got [1, 0]."),
        ({"calibration": None}, "'calibration' holds a curve for each of ['frame', 'favor', 'against']; got None."),
        ({"calibration": {"frame": CURVE}}, "'calibration' holds a curve for each of ['frame', 'favor', 'against']"),
        ({"calibration": CURVES | {"axis": CURVE}}, "'calibration' holds a curve for each of"),
        ({"calibration": {"x" * 500: CURVE}}, "x…."),
    ],
)
def test_a_shape_or_calibration_of_another_form_is_refused(tmp_path, own, said):
    place = tiny.write(tmp_path / "model", config={"framing": own})
    message = refused(place)
    assert message.startswith(f"{place / 'config.json'}: ")
    assert said in message
    assert len(message) < len(str(place)) + 200


@pytest.mark.parametrize(
    "curve",
    [
        None, [1, 0], 1.5, {}, {"slope": 1}, {"intercept": 0}, CURVE | {"scale": 1}, CURVE | {"slope": "1"}, CURVE | {"slope": None},
        CURVE | {"slope": True}, CURVE | {"slope": [1]}, CURVE | {"slope": 0}, CURVE | {"slope": -0.5}, CURVE | {"slope": float("nan")},
        CURVE | {"slope": float("inf")}, CURVE | {"intercept": float("-inf")}, CURVE | {"intercept": 10**400},
    ],
    ids=repr,
)  # fmt: skip
def test_a_curve_that_cannot_be_is_refused(tmp_path, curve):
    place = tiny.write(tmp_path / "model", config={"framing": {"calibration": CURVES | {"favor": curve}}})
    message = refused(place)
    said = "the calibration of 'favor' needs a finite 'slope' above 0 and a finite 'intercept'; got "
    assert message.startswith(f"{place / 'config.json'}: {said}")


# ---- the limit and the fingerprint


@pytest.mark.parametrize(
    ("config", "own", "limit"),
    [
        ({"max_position_embeddings": 64}, None, 64),
        ({"max_position_embeddings": 64}, 48, 48),
        ({"max_position_embeddings": 64}, int(1e30), 64),  # what `transformers` writes for "no limit"
        ({"max_position_embeddings": None}, None, 512),
        ({"max_position_embeddings": -1}, 256, 256),
        ({"model_type": "roberta", "max_position_embeddings": 514}, None, 512),
        ({"model_type": "roberta", "max_position_embeddings": 514}, 512, 512),
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514}, 514, 512),
        ({"model_type": "roberta", "max_position_embeddings": 40}, None, 38),
        ({"model_type": "roberta", "max_position_embeddings": None}, None, 512),
    ],
)
def test_the_longest_pair_is_what_weights_and_tokenizer_allow(tmp_path, config, own, limit):
    place = tiny.write(tmp_path / "model", config=config)
    if own is not None:
        (place / "tokenizer_config.json").write_text(json.dumps({"model_max_length": own}), encoding="utf-8")
    assert framing.load_model(str(place)).max_tokens == limit


def test_the_fingerprint_is_the_same_wherever_the_model_lies(tmp_path):
    one, other = (tiny.write(tmp_path / name / "model") for name in ("one", "other"))
    (other / "README.md").write_text("A note.", encoding="utf-8")
    assert framing.load_model(str(one)).fingerprint == framing.load_model(str(other)).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        lambda place: tiny.write(place, labels=tiny.BINARY),
        lambda place: tiny.write(place, labels=tuple(reversed(tiny.THREE_WAY))),
        lambda place: tiny.write(place, config={"max_position_embeddings": 31}),
        lambda place: (place / "model.onnx").write_bytes((place / "model.onnx").read_bytes() + b"\x10\x01"),
        lambda place: (place / "tokenizer.json").write_text(
            (place / "tokenizer.json").read_text(encoding="utf-8").replace('"river"', '"stream"'), encoding="utf-8"
        ),
    ],
    ids=["head", "labels", "limit", "weights", "tokenizer"],
)
def test_whatever_can_change_a_score_changes_the_fingerprint(folder, change):
    before = framing.load_model(str(folder)).fingerprint
    change(folder)
    assert framing.load_model(str(folder)).fingerprint != before


def test_a_folder_with_an_adapter_is_refused(folder):
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert "holds an adapter (adapter_config.json)" in refused(str(folder))
