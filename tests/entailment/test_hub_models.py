"""Cross-encoders in the forms in which the hub has them give what the zero-shot pipeline of `transformers` gives."""

import hashlib
import json
import shutil

import huggingface_hub
import huggingface_hub.constants
import numpy as np
import pytest

import framing
from framing.entailment import load, pytorch
from framing.entailment.catalogue import models
from framing.entailment.convert import convert
from framing.entailment.onnx import OnnxPairModel
from framing.entailment.reference import compare
from framing.errors import ModelError

torch = pytest.importorskip("torch")

from tests.entailment import checkpoints  # noqa: E402

pytestmark = pytest.mark.torch

REVISION = "0123456789abcdef0123456789abcdef01234567"
PREMISES = [
    "No.",
    "The bridge opens on Monday.",
    "“People could drown here,” said a woman who crosses the river every morning, “and nobody does anything.”",
    "Zoë Müller sagte: „Der Fluß stieg auf drei Meter.“ 橋は 🌉 مرحبا",
    "Engineers found cracks in two of its pillars; the council closed it for a week. " * 6,
]
HYPOTHESES = ["The bridge is dangerous.", "The author opposes the new bridge.", "Rents are rising – überall."]


@pytest.fixture(autouse=True)
def _on_the_processor(monkeypatch):
    """Compared in fp32, whatever card there is."""
    monkeypatch.setattr(pytorch, "_place", lambda _: ("cpu", "fp32"))


@pytest.fixture(scope="module", params=checkpoints.SHAPES)
def folder(request, tmp_path_factory):
    return checkpoints.write(tmp_path_factory.mktemp("hub") / request.param, request.param)


@pytest.fixture(scope="module")
def reference(folder):
    return checkpoints.by_pipeline(checkpoints.pipeline(folder), PREMISES, HYPOTHESES)


@pytest.fixture
def model(folder):
    return framing.load_model(str(folder))


def test_scores_are_those_of_the_zero_shot_pipeline(model, reference):
    found = model.entail([p for p, _ in reference], [h for _, h in reference])
    np.testing.assert_allclose(found, list(reference.values()), atol=1e-5, rtol=0)
    assert np.ptp(found) > 0.02  # the pairs differ, so that a mistaken order would be seen


def test_company_and_order_change_no_score(model):
    asked = [(p, h) for p in PREMISES for h in HYPOTHESES]
    together = model.entail([p for p, _ in asked], [h for _, h in asked])
    alone = [model.entail([p], [h])[0] for p, h in asked]
    turned = model.entail([p for p, _ in asked[::-1]], [h for _, h in asked[::-1]])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-6, rtol=0)
    np.testing.assert_allclose(turned, together, atol=1e-6, rtol=0)


def test_weights_that_state_no_token_types_have_those_of_their_kind(tmp_path):
    place = checkpoints.write(tmp_path / "model", "bert")
    before = framing.load_model(str(place)).entail(PREMISES, HYPOTHESES[:1] * len(PREMISES))
    config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    del config["type_vocab_size"]
    (place / "config.json").write_text(json.dumps(config), encoding="utf-8")
    after = framing.load_model(str(place)).entail(PREMISES, HYPOTHESES[:1] * len(PREMISES))
    np.testing.assert_array_equal(after, before)


def test_a_tokenizer_that_states_no_limit_leaves_it_to_the_weights(tmp_path, folder):
    place = shutil.copytree(folder, tmp_path / "model")
    settings = json.loads((place / "tokenizer_config.json").read_text(encoding="utf-8"))
    del settings["model_max_length"]
    (place / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    assert framing.load_model(str(place)).max_tokens == checkpoints.LIMIT


def test_a_special_token_in_a_text_is_text(folder, model):
    """As the pipeline takes it with split_special_tokens=True. As a token it would end the premise, and BART would refuse the batch."""
    special = {token for token in checkpoints.SHAPES[folder.name].tokens.values() if "s" in token.lower()}
    premises = ["No.", *(f"The bridge opens {token} on Monday." for token in sorted(special))]
    asked = checkpoints.pipeline(folder, split_special_tokens=True)
    reference = checkpoints.by_pipeline(asked, premises, HYPOTHESES[:1])
    found = model.entail(premises, HYPOTHESES[:1] * len(premises))
    np.testing.assert_allclose(found, list(reference.values()), atol=1e-5, rtol=0)


# ---- the hub


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """The hub out of reach, and a cache of our own."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def keep(cache, folder, repo="org/name"):
    """Put `folder` into the cache as a download does: contents by their digests, and links to them."""
    place = cache / f"models--{repo.replace('/', '--')}"
    snapshot, blobs = (place / part for part in (f"snapshots/{REVISION}", "blobs"))
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    for path in folder.iterdir():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        shutil.copy(path, blobs / digest)
        (snapshot / path.name).symlink_to(f"../../blobs/{digest}")
    return snapshot


def test_a_model_in_the_cache_is_loaded_offline(cache, folder, model):
    keep(cache, folder)
    cached = framing.load_model(f"org/name@{REVISION}")
    assert cached.name == f"org/name@{REVISION}"
    assert cached.fingerprint == model.fingerprint
    np.testing.assert_array_equal(
        cached.entail(PREMISES[:1], HYPOTHESES[:1]), model.entail(PREMISES[:1], HYPOTHESES[:1])
    )


def test_everything_that_a_model_needs_is_fetched_and_nothing_else(monkeypatch, tmp_path, folder, model):
    repository, fetched = shutil.copytree(folder, tmp_path / "repository"), tmp_path / "fetched"
    for other in (
        "pytorch_model.bin",
        "modeling_own.py",
        "checkpoint-5/model.safetensors",
        "README.md",
        "training_args.bin",
    ):
        (repository / other).parent.mkdir(exist_ok=True)
        (repository / other).write_bytes(b"not wanted")

    def download(repo, *, revision, allow_patterns):
        assert (repo, revision) == ("org/name", REVISION)
        paths = [str(path.relative_to(repository)) for path in repository.rglob("*") if path.is_file()]
        for path in huggingface_hub.utils.filter_repo_objects(paths, allow_patterns=allow_patterns):
            (fetched / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(repository / path, fetched / path)
        return str(fetched)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert framing.load_model(f"org/name@{REVISION}").fingerprint == model.fingerprint
    assert {path.name for path in fetched.iterdir()} == {path.name for path in folder.iterdir()}


def refused(name):
    with pytest.raises(ModelError) as caught:
        framing.load_model(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_of_weights_that_the_cache_lacks_is_named_with_the_next_step(cache, tmp_path):
    snapshot = keep(cache, checkpoints.write(tmp_path / "model", "xlm-roberta"))
    one = sorted(snapshot.glob("*.safetensors"))[1]
    one.resolve().unlink()  # the link stays, as after a clean-up by hand
    message = refused(f"org/name@{REVISION}")
    assert f"lacks {one.name!r}, one of the " in message
    assert f"load org/name@{REVISION} once with a connection to the hub" in message


def test_a_repository_that_has_pickles_only_is_refused(cache, tmp_path):
    place = checkpoints.write(tmp_path / "model", "bert")
    (place / "model.safetensors").unlink()
    torch.save({}, place / "pytorch_model.bin")
    keep(cache, place)
    message = refused(f"org/name@{REVISION}")
    assert "['pytorch_model.bin'] are pickles, which can run code and are refused" in message


def test_code_of_a_models_own_is_refused_and_never_run(cache, tmp_path, monkeypatch):
    own = {"auto_map": {"AutoModelForSequenceClassification": "modeling_own.Own"}}
    place = checkpoints.write(tmp_path / "model", "bert")
    config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    (place / "config.json").write_text(json.dumps(config | own), encoding="utf-8")
    (place / "modeling_own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    keep(cache, place)
    monkeypatch.setattr(pytorch, "TorchPairModel", None)  # nothing comes as far as this
    assert "config.json names Python code of the model's own ('auto_map'), which is refused" in refused(
        f"org/name@{REVISION}"
    )
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("asked", "allowed", "run"), [(None, 3, 3), (None, None, None), (2, 3, 2), (2, None, 2)])
def test_the_threads_are_as_many_as_were_asked_for_or_a_container_allows(folder, monkeypatch, asked, allowed, run):
    monkeypatch.setattr(load, "usable_cores", lambda: 3)
    monkeypatch.setattr(pytorch, "threads_without_waiting", lambda: allowed)
    before = torch.get_num_threads()
    try:
        framing.load_model(str(folder), threads=asked)
        assert torch.get_num_threads() == (run or before)
    finally:
        torch.set_num_threads(before)


# ---- ONNX


def test_a_converted_model_gives_the_scores_of_the_pipeline_alone_and_in_company(tmp_path, folder, reference, request):
    assert convert(str(folder), tmp_path / "converted") < 1e-5
    model = framing.load_model(str(tmp_path / "converted"))
    assert isinstance(model, OnnxPairModel)
    found = model.entail([p for p, _ in reference], [h for _, h in reference])
    np.testing.assert_allclose(found, list(reference.values()), atol=1e-5, rtol=0)
    alone = [model.entail([p], [h])[0] for p, h in reference]
    other_sums = (
        request.node.callspec.params["folder"] == "modernbert"
    )  # it adds in another order where texts are padded
    np.testing.assert_allclose(found, alone, atol=1e-6 if other_sums else 0, rtol=0)
    assert compare(model, tmp_path / "converted").largest < 1e-6


@pytest.mark.parametrize("shape", ["bert", "roberta", "xlm-roberta", "deberta-v2"])
def test_a_converted_model_works_out_its_last_layer_for_the_first_token_alone(tmp_path, shape):
    import onnx

    convert(str(checkpoints.write(tmp_path / shape, shape)), tmp_path / "converted")
    written = onnx.load(tmp_path / "converted" / "model.onnx")
    onnx.checker.check_model(written, full_check=True)
    assert [node for node in written.graph.node if node.op_type == "Gather" and node.output[0].endswith("_first")]


def test_a_long_text_is_cut_by_a_converted_model_where_it_was_before(tmp_path, folder, model):
    convert(str(folder), tmp_path / "converted")
    text = "The council met again and closed the bridge, which is dangerous. " * 200
    other = framing.load_model(str(tmp_path / "converted"))
    assert other.max_tokens == model.max_tokens
    assert other.windows([text]) == model.windows([text])
    np.testing.assert_allclose(
        other.entail([text], HYPOTHESES[:1]), model.entail([text], HYPOTHESES[:1]), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("own", [None, {"calibration": {}}])
def test_a_converted_model_reads_the_languages_that_it_read_under_its_name(cache, tmp_path, own):
    english = next(each for each in models() if each.codes and each.runs_on == "PyTorch")
    for repo, languages in ((english.name, english.codes), ("org/name", ())):
        place = checkpoints.write(tmp_path / repo, "bert")
        config = json.loads((place / "config.json").read_text(encoding="utf-8"))
        if own:
            (place / "config.json").write_text(json.dumps(config | {"framing": own}), encoding="utf-8")
        keep(cache, place, repo)
        convert(f"{repo}@{REVISION}", tmp_path / "converted" / repo)
        assert framing.load_model(str(tmp_path / "converted" / repo)).languages == languages
        stated = json.loads((tmp_path / "converted" / repo / "config.json").read_text(encoding="utf-8"))
        assert {key: stated[key] for key in config} == config


def test_what_cannot_be_converted_leaves_nothing_behind(tmp_path, folder, monkeypatch):
    (tmp_path / "there").mkdir()
    with pytest.raises(ModelError, match="there is there already"):
        convert(str(folder), tmp_path / "there")
    convert(str(folder), tmp_path / "once")
    with pytest.raises(ModelError, match="once runs on ONNX Runtime as it is; there is nothing to convert"):
        convert(str(tmp_path / "once"), tmp_path / "twice")
    monkeypatch.setattr(pytorch, "_MOST_PARAMETERS", 10)
    with pytest.raises(ModelError, match=r"million parameters; one file of ONNX holds up to 0 million"):
        convert(str(folder), tmp_path / "large")
    monkeypatch.undo()
    monkeypatch.setattr(pytorch, "_place", lambda _: ("cpu", "fp32"))
    monkeypatch.setattr("framing.entailment.reference._ROUNDING", {"fp32": -1.0})
    with pytest.raises(ModelError, match="gives other scores in ONNX"):
        convert(str(folder), tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["once", "there"]
