"""What this machine can run, how fast it is, and how long a corpus would take."""

import importlib.machinery
import json
import math
import os
import re
import sys
import time
import types
from pathlib import Path

import pytest

import framing
from framing import cores, doctor, speed
from framing.cli import main
from framing.doctor import Machine, examine, lacks, machine
from framing.entailment.catalogue import models
from framing.entailment.reference import REFERENCE, write_reference
from framing.errors import CorpusError, ModelError
from framing.speed import SENTENCES, estimate, pairs_per_second, told
from tests.conftest import ROOT, WordModel

REVISION = "0123456789abcdef0123456789abcdef01234567"
MULTILINGUAL = next(each for each in models() if not each.codes)


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# ---- the machine

MEMINFO = {"proc/meminfo": "MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    9000000 kB\n"}


@pytest.mark.parametrize(
    ("files", "core_limit", "memory", "available"),
    [
        ({}, None, 16_384_000_000, 9_216_000_000),
        (
            {"proc/self/cgroup": "0::/\n", "groups/cpu.max": "50000 100000\n", "groups/memory.max": "1000000000\n"},
            0.5, 1_000_000_000, 1_000_000_000,
        ),
        (
            {"proc/self/cgroup": "0::/\n", "groups/cpu.max": "max 100000\n", "groups/memory.max": "max\n"},
            None, 16_384_000_000, 9_216_000_000,
        ),
        (  # the group around it allows less
            {
                "proc/self/cgroup": "0::/users/me\n",
                "groups/users/cpu.max": "25000 100000\n", "groups/users/me/cpu.max": "75000 100000\n",
                "groups/users/memory.max": "12000000000\n", "groups/users/me/memory.max": "max\n",
            },
            0.25, 12_000_000_000, 9_216_000_000,
        ),
        (  # version 1: a tree for each controller, and a container that sees its own group as the outermost
            {
                "proc/self/cgroup": "4:memory:/docker/1\n3:cpu,cpuacct:/docker/1\n1:name=systemd:/\n",
                "groups/cpu/cpu.cfs_quota_us": "70000\n", "groups/cpu/cpu.cfs_period_us": "100000\n",
                "groups/memory/memory.limit_in_bytes": "2000000000\n",
            },
            0.7, 2_000_000_000, 2_000_000_000,
        ),
        (
            {
                "proc/self/cgroup": "4:memory:/\n3:cpu:/\n",
                "groups/cpu/cpu.cfs_quota_us": "-1\n", "groups/cpu/cpu.cfs_period_us": "100000\n",
                "groups/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            None, 16_384_000_000, 9_216_000_000,
        ),
    ],
)  # fmt: skip
def test_control_groups_limit_cores_and_memory(
    files: dict[str, str], core_limit: float | None, memory: int, available: int, tmp_path: Path
) -> None:
    _write(tmp_path, MEMINFO | files)
    here = machine(tmp_path, proc=tmp_path / "proc", groups=tmp_path / "groups")
    assert here.cores >= 1
    assert here.core_limit == core_limit
    assert (here.memory, here.available) == (memory, available)


@pytest.mark.parametrize(
    ("bound", "quota", "threads"),
    [(8, math.inf, None), (8, 9.0, None), (8, 2.5, 3), (8, 0.25, 1), (4, math.inf, 4), (4, 2.0, 2)],
)
def test_threads_are_as_many_as_can_run_at_once(
    monkeypatch: pytest.MonkeyPatch, bound: int, quota: float, threads: int | None
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(cores, "bound_cores", lambda: bound)
    monkeypatch.setattr(cores, "limits", lambda: (quota, math.inf))
    assert cores.threads_without_waiting() == threads
    assert cores.usable_cores() == (threads or 8)  # workers, too, are no more than can run at once


def test_memory_is_asked_of_the_system_where_there_is_no_meminfo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1000}.__getitem__, raising=False)
    here = machine(tmp_path, proc=tmp_path, groups=tmp_path)
    assert (here.memory, here.available) == (4_096_000, None)


def test_memory_that_nobody_tells_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sysconf", raising=False)
    here = machine(tmp_path, proc=tmp_path, groups=tmp_path)
    assert (here.memory, here.available) == (None, None)


def test_room_is_looked_for_where_the_folder_would_be_made(tmp_path: Path) -> None:
    free = machine(tmp_path / "not" / "yet").disk
    assert free is not None
    assert free > 0


@pytest.fixture
def pytorch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A stand-in for PyTorch with a GPU."""
    torch = types.ModuleType("torch")
    torch.__spec__ = importlib.machinery.ModuleSpec("torch", None)
    torch.__version__ = "9.9"
    torch.cuda = types.SimpleNamespace(is_available=lambda: True, get_device_name=lambda _: "Some GPU")
    monkeypatch.setitem(sys.modules, "torch", torch)
    return torch


def test_pytorch_tells_of_the_gpu(pytorch: types.ModuleType) -> None:
    here = machine()
    assert (here.torch, here.torch_fault, here.gpu) == ("9.9", "", "Some GPU")
    pytorch.cuda.is_available = lambda: False
    assert machine().gpu is None


def test_a_pytorch_that_does_not_load_is_reported_and_counts_as_none(pytorch: types.ModuleType) -> None:
    del pytorch.cuda
    here = machine()
    assert here.torch is None
    assert here.torch_fault.startswith("installed, but it does not load (AttributeError: ")
    assert "\n" not in here.torch_fault


# ---- what it can run

BIG = Machine(
    cores=8, core_limit=None, memory=64 * 10**9, available=32 * 10**9, disk=10**12, torch="2.9", torch_fault="", gpu=None, ray=False
)  # fmt: skip


def _with(**changes: object) -> Machine:
    return Machine(**(vars(BIG) | changes))


def test_a_big_machine_with_pytorch_can_run_everything() -> None:
    assert [lacks(each, BIG) for each in models()] == [""] * len(models())


def test_without_pytorch_only_what_onnx_runtime_runs() -> None:
    here = _with(torch=None, torch_fault="not installed")
    for each in models():
        assert lacks(each, here) == ("" if each.runs_on == "ONNX Runtime" else "PyTorch (`make setup-torch`)")


@pytest.mark.parametrize(("memory", "available", "runs"), [
    (64 * 10**9, 32 * 10**9, True),
    (64 * 10**9, 10**8, False),
    (64 * 10**9, None, True),
    (10**8, None, False),
    (None, None, True),  # nobody tells: it is not for us to refuse
])  # fmt: skip
def test_a_model_needs_memory_for_its_parameters(memory: int | None, available: int | None, runs: bool) -> None:
    large = max(models(), key=lambda each: each.memory)
    missing = lacks(large, _with(memory=memory, available=available))
    assert missing == ("" if runs else f"memory ({large.memory / 1e9:.1f} GB for its parameters, 0.1 GB free)")


# ---- the whole answer


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every model is the stand-in; the names that were asked for."""
    asked: list[str] = []

    def load(name: str) -> WordModel:
        asked.append(name)
        model = WordModel(name)
        model.folder = Path(name)
        return model

    monkeypatch.setattr(doctor, "load_model", load)
    return asked


def test_it_tells_of_the_machine_the_models_and_the_time(words: list[str]) -> None:
    text = "\n".join(examine(seconds=0))
    assert words == ["bundled"]
    assert text.startswith(f"framing     {framing.__version__}\nPython      {sys.version_info.major}.")
    for what in ("Processor", "Memory", "Disk", "PyTorch", "GPU", "Ray"):
        assert re.search(rf"^{what} +\S", text, re.MULTILINE), what
    for each in models():
        assert re.search(rf"^  {re.escape(each.name)} +(can run here|lacks .+)$", text, re.MULTILINE), each.name
    assert re.search(r"^bundled runs here and scores [\d,]+ pairs", text, re.MULTILINE)
    assert "for articles of 25 sentences under 24 hypotheses" in text
    for number in ("1,000", "100,000", "1,000,000"):
        assert re.search(rf"^ +{number} articles  (about \S+ \w+|under a minute)$", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) < 120


def test_a_machine_that_tells_little_is_told_of_all_the_same(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    here = _with(
        cores=1, core_limit=0.5, memory=None, available=None, disk=None, torch=None, torch_fault="not installed"
    )
    monkeypatch.setattr(doctor, "machine", lambda out: here)
    lines = list(examine(seconds=0))
    assert "Processor   1 core that this process may use, of which a control group allows the time of 0.5" in lines
    assert "Memory      unknown" in lines
    assert "Disk        unknown" in lines
    assert "GPU         unknown without PyTorch" in lines


def test_a_corpus_is_counted_as_it_will_be_scored(
    words: list[str], corpus_folder: Path, codebook_file: Path, codebook: framing.Codebook
) -> None:
    lines = list(examine(corpus=corpus_folder, codebook=codebook_file, seconds=0))
    # One sentence stands in two of the articles; the codebook has three hypotheses of frames and two of stance.
    assert lines[-1] == "  3 articles, 9 distinct passages x 5 hypotheses = 45 pairs"
    assert lines[-2] == f"Scoring {corpus_folder} would take under a minute if none of it is scored yet:"
    assert any("under 5 hypotheses" in line for line in lines)
    model = WordModel()
    framing.analyse(framing.read_corpus(corpus_folder), codebook, model=model, resamples=100)
    assert model.asked == 45


def test_a_corpus_without_a_codebook_is_counted_under_24_hypotheses(words: list[str], corpus_folder: Path) -> None:
    assert list(examine(corpus=corpus_folder, seconds=0))[-1].endswith(
        "9 distinct passages x 24 hypotheses = 216 pairs"
    )


def test_a_study_names_everything_and_what_is_given_wins(
    words: list[str], corpus_folder: Path, codebook_file: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(
        "name: mine\ntitle: Mine\ncorpus: corpus\ncodebook: bridges.yaml\nmodel: a-folder\n", encoding="utf-8"
    )
    assert list(examine(study=study, seconds=0))[-1].endswith("= 45 pairs")
    list(examine(study=study, model="another", seconds=0))
    assert words == ["a-folder", "another"]


def test_the_columns_of_a_study_are_known_where_its_corpus_is_counted(
    words: list[str], codebook_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "articles.csv").write_text("story\nThe bridge is dangerous.\n", encoding="utf-8")
    study = tmp_path / "study.yaml"
    study.write_text(
        "name: mine\ntitle: Mine\ncorpus: articles.csv\ncodebook: bridges.yaml\nmodel: a-folder\ncolumns: {story: text}\n",
        encoding="utf-8",
    )
    assert list(examine(study=study, seconds=0))[-1] == "  1 articles, 1 distinct passages x 5 hypotheses = 5 pairs"


@pytest.mark.parametrize("planned", [True, False])
def test_a_corpus_is_read_as_the_command_line_says(
    words: list[str], codebook_file: Path, tmp_path: Path, planned: bool
) -> None:
    corpus, study = tmp_path / "articles.jsonl", tmp_path / "study.yaml"
    corpus.write_text('{"text": "The bridge is dangerous."}\n{broken\n', encoding="utf-8")
    study.write_text("name: mine\ntitle: Mine\ncorpus: articles.jsonl\ncodebook: bridges.yaml\n", encoding="utf-8")
    given = {"study": study} if planned else {"corpus": corpus, "codebook": codebook_file}
    with pytest.raises(CorpusError):
        list(examine(**given, seconds=0))
    assert (
        list(examine(**given, skip_bad=True, seconds=0))[-1]
        == "  2 articles, 1 distinct passages x 5 hypotheses = 5 pairs"
    )


@pytest.mark.parametrize(
    ("name", "languages", "said"),
    [
        ("mine", ("en", "de"), "It reads en, de: articles that state another language are set aside and counted"),
        (MULTILINGUAL.setting, (), f"It reads {MULTILINGUAL.languages}: no article is set aside for its language"),
        ("mine", (), "It does not say which languages it reads: no article is set aside for its language"),
    ],
)
def test_it_is_said_what_becomes_of_articles_in_other_languages(
    words: list[str], monkeypatch: pytest.MonkeyPatch, name: str, languages: tuple[str, ...], said: str
) -> None:
    load = doctor.load_model

    def limited(asked: str) -> WordModel:
        model = load(asked)
        model.languages = languages
        return model

    monkeypatch.setattr(doctor, "load_model", limited)
    monkeypatch.setattr(doctor, "machine", lambda out: BIG)
    assert said in list(examine(model=name, seconds=0))


def test_a_model_that_lacks_something_is_not_even_fetched(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "machine", lambda out: _with(torch=None, torch_fault="not installed"))
    needy = next(each for each in models() if each.runs_on == "PyTorch")
    with pytest.raises(ModelError) as caught:
        list(examine(model=needy.setting, seconds=0))
    assert str(caught.value) == (
        f"{needy.setting} cannot run here: it lacks PyTorch (`make setup-torch`); "
        "choose another with --model, `framing models` lists some."
    )
    assert words == []


def test_a_model_that_fails_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(WordModel):
        def entail_table(self, premises, hypotheses):
            raise RuntimeError("no such instruction\nin a long story")

    monkeypatch.setattr(doctor, "load_model", Broken)
    with pytest.raises(ModelError) as caught:
        list(examine(model="mine", seconds=0))
    assert str(caught.value) == (
        "mine was loaded but cannot score here (RuntimeError: no such instruction); choose another with --model."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (0.0, "Scores as they lie with its weights: 72 of 72 decisions at 0.5 alike, largest difference 0.0e+00"),
        (2e-5, "Scores as they lie with its weights: 72 of 72 decisions at 0.5 alike, largest difference 2.0e-05"),
        (0.9, "Scores NOT as they lie with its weights: 71 of 72 decisions at 0.5 alike, largest difference 9.0e-01"),
    ],
)
def test_scores_are_held_against_those_that_lie_with_the_weights(
    words: list[str], tmp_path: Path, changed: float, said: str
) -> None:
    write_reference(WordModel(), tmp_path)
    stated = json.loads((tmp_path / REFERENCE).read_text(encoding="utf-8"))
    at = min(range(12), key=lambda i: stated["p_entail"][i][0])
    stated["p_entail"][at][0] += changed
    (tmp_path / REFERENCE).write_text(json.dumps(stated), encoding="utf-8")
    assert f"{said} (up to 0.0001 is rounding)" in list(examine(model=str(tmp_path), seconds=0))


def test_a_model_without_scores_to_compare_with_is_not_compared(words: list[str], tmp_path: Path) -> None:
    assert not [line for line in examine(model=str(tmp_path), seconds=0) if line.startswith("Scores")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"arithmetic": "fp8", "premises": [], "hypotheses": [], "p_entail": []}',
        '{"arithmetic": "fp32", "premises": ["a", "b"], "hypotheses": ["c"], "p_entail": [[0.5]]}',
    ],
)
def test_a_file_that_holds_no_scores_is_one_clear_line(words: list[str], tmp_path: Path, text: str) -> None:
    (tmp_path / REFERENCE).write_text(text, encoding="utf-8")
    lines = list(examine(model=str(tmp_path), seconds=0))
    said = [line for line in lines if f"{REFERENCE} holds no scores to compare with (" in line]
    assert len(said) == 1
    assert said[0].endswith("fetch or convert the model again.")
    assert "1,000,000 articles" in lines[-1]  # it runs all the same, and is measured


# ---- the command


def test_the_bundled_model_runs_and_the_exit_status_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--study", str(ROOT / "study.yaml")]) == 0
    said = capsys.readouterr()
    assert "bundled runs here" in said.out
    assert re.search(r"^Scores as they lie with its weights: \d+ of 72 decisions", said.out, re.MULTILINE)
    assert re.search(r"42 articles, [\d,]+ distinct passages x \d+ hypotheses = [\d,]+ pairs\n$", said.out)
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nonsense"], "'nonsense' names no model: 'bundled', a folder, or"),
        (["--model", "org/name@main"], "the revision must be the 40 hexadecimal digits"),
        (["--study", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--codebook", "nowhere.yaml"], "nowhere.yaml cannot be read"),
    ],
)
def test_a_fault_is_one_clear_line_and_exit_status_1(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_corpus_that_is_not_there_is_one_clear_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--corpus", "nowhere"]) == 1
    error = capsys.readouterr().err
    assert "nowhere" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", ["models", "doctor"])
def test_help_teaches_by_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"\n  framing {command} --" in capsys.readouterr().out


# ---- speed


class Timed(WordModel):
    """A model that takes `seconds` a pair on a clock of its own."""

    def __init__(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._seconds = seconds
        self.now = 0.0
        self.most = 0
        monkeypatch.setattr(speed, "time", types.SimpleNamespace(perf_counter=lambda: self.now))

    def entail_table(self, premises, hypotheses):
        self.now += self._seconds * len(premises) * len(hypotheses)
        self.most = max(self.most, len(set(premises)))
        return super().entail_table(premises, hypotheses)


@pytest.mark.parametrize("seconds", [2**-16, 2**-10, 2**-4, 2.0])
@pytest.mark.parametrize("hypotheses", [1, 24, 100])
def test_the_speed_is_that_of_the_model(seconds: float, hypotheses: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pairs_per_second(Timed(seconds, monkeypatch), hypotheses) == pytest.approx(1 / seconds)


def test_a_fast_model_is_measured_on_full_batches_for_the_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Timed(2**-16, monkeypatch)
    pairs_per_second(model, 24, seconds=3.0)
    assert model.most == len(SENTENCES)
    assert 3.0 <= model.now < 3.1


def test_a_slow_model_is_asked_for_one_sentence_only(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Timed(2.0, monkeypatch)
    pairs_per_second(model, 24, seconds=1.0)
    assert model.asked == 1 + 24  # once to warm up


def test_what_the_model_does_once_only_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lazy(Timed):
        def entail_table(self, premises, hypotheses):
            self.now += 0 if self.asked else 1000
            return super().entail_table(premises, hypotheses)

    assert pairs_per_second(Lazy(0.5, monkeypatch), 24) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("seconds", "pairs", "hypotheses", "said"),
    [
        (0.125, 4000, 4, "4,000 pairs of a passage and a hypothesis are to be scored: about 8 minutes"),
        (0.125, 41, 4, "41 pairs of a passage and a hypothesis are to be scored: under a minute"),
        (0.125, 39, 3, ""),  # done in less than five seconds
        (8.0, 50, 5, ""),  # ten passages
        (8.0, 51, 5, "51 pairs of a passage and a hypothesis are to be scored: about 7 minutes"),
    ],
)
def test_an_estimate_is_one_line_or_none_where_it_would_be_of_no_use(
    seconds: float, pairs: int, hypotheses: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert estimate(Timed(seconds, monkeypatch), pairs, hypotheses) == said


def test_what_is_soon_done_at_the_speed_of_one_sentence_is_measured_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Timed(2**-10, monkeypatch)
    assert estimate(model, 1000, 24) == ""
    assert model.asked == 1 + 24


def test_no_hypotheses_are_refused(word_model: WordModel) -> None:
    with pytest.raises(ValueError, match="`hypotheses` must be 1 or more, but 0 was passed"):
        pairs_per_second(word_model, 0)


def test_a_clock_that_stands_still_is_no_division_by_zero(
    word_model: WordModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "perf_counter", lambda: 1.0)
    assert pairs_per_second(word_model, 2, seconds=0) > 0


def test_the_sentences_are_distinct_and_of_a_newspapers_length() -> None:
    lengths = [len(sentence.split()) for sentence in SENTENCES]
    assert len(set(SENTENCES)) == len(SENTENCES) >= 36
    assert 12 <= sum(lengths) / len(lengths) <= 22


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59.9, "under a minute"),
        (60, "about 1 minute"),
        (170, "about 3 minutes"),
        (89 * 60, "about 89 minutes"),
        (95 * 60, "about 2 hours"),
        (26 * 3600, "about 26 hours"),
        (48 * 3600, "about 2 days"),
        (100 * 86_400, "about 100 days"),
        (2000 * 86_400, "about 2,000 days"),
    ],
)
def test_a_time_is_told_as_a_person_would(seconds: float, words: str) -> None:
    assert told(seconds) == words
