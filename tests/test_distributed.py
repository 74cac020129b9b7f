"""Ray's actors give what one process gives, whatever dies. Needs Ray (`make ray`)."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

pytest.importorskip("ray", reason="needs Ray: make ray")

from framing.cli import main
from framing.distributed import RayActors
from framing.errors import EngineError, ModelError
from framing.store import Store
from tests import workers
from tests.conftest import ROOT, WordModel
from tests.test_engines import TEXTS, kept, table

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("default")]  # what Ray warns of is Ray's
NAME = WordModel().fingerprint


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr("framing.scoring.CHUNK", 12)


@pytest.fixture
def cluster(request, monkeypatch):
    """A head of two processors, or of as many as a test says, one of them Ray's; other machines are processes of this one, too."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    head = {"num_cpus": getattr(request, "param", 2), "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    folder = tmp_path_factory.mktemp("serial")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("framing.scoring.CHUNK", 12)
        return table(None, store=Store(folder, NAME)), kept(folder)


def test_actors_give_and_keep_what_one_process_does(tmp_path, serial):
    found = table(RayActors(1, workers.load_words), store=Store(tmp_path, NAME))
    pd.testing.assert_frame_equal(found, serial[0], check_exact=True)
    assert kept(tmp_path) == serial[1]


def test_the_command_line_scores_with_actors_what_it_scores_by_itself(tmp_path, capsys):
    corpus, codebook = tmp_path / "corpus.csv", ROOT / "data" / "codebooks" / "technology-restrictions.yaml"
    corpus.write_text("id,text\na,The new rule is a danger to all of us.\nb,Nobody was hurt.\n", encoding="utf-8")
    written = []
    for engine in ("serial", "ray"):
        out = tmp_path / engine
        command = ["score", "--corpus", str(corpus), "--codebook", str(codebook), "--out", str(out)]
        assert main([*command, "--engine", engine, "--workers", "1"]) == 0
        parts = Path(capsys.readouterr().out.strip())
        assert parts == out / "parts"
        assert pd.read_parquet(parts / "scores")["p_entail"].between(0, 1).all()
        written.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*.parquet")})
    assert written[0] == written[1]


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads where Linux lists them")
def test_an_actor_cuts_texts_into_tokens_by_itself_though_this_process_takes_all_cores(monkeypatch):
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")  # as the command line sets it
    assert table(RayActors(1, workers.load_threading), TEXTS[:4])["p_entail"].eq(0).all()


def test_an_actor_that_dies_is_replaced_and_its_chunk_done_again(tmp_path, serial):
    file = tmp_path / "died"
    found = table(RayActors(1, workers.LoadOnce(str(file))), store=Store(tmp_path, NAME))
    assert file.exists()
    pd.testing.assert_frame_equal(found, serial[0], check_exact=True)
    assert kept(tmp_path) == serial[1]


def test_what_the_user_must_mend_comes_through():
    with pytest.raises(ModelError, match=r"a worker has another model\."):
        table(RayActors(1, workers.load_refused))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_cluster_that_does_not_answer_is_told_at_once(monkeypatch, host):
    with socket.socket() as free:
        free.bind(("", 0))
        address = f"{host}:{free.getsockname()[1]}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(EngineError, match=rf"no Ray cluster answers at .*\(RAY_ADDRESS={address}\): start one there"):
        table(RayActors(1, workers.load_words))


def test_more_workers_than_processors_are_refused_at_once(cluster):
    with pytest.raises(
        EngineError,
        match=r"2 workers are asked for; Ray has 2 processors and needs 1 of them for itself: set `workers` to 1",
    ):
        table(RayActors(2, workers.load_words))


@pytest.mark.parametrize("cluster", [1], indirect=True)
def test_a_machine_that_goes_away_costs_nothing_though_none_has_room_for_its_workers(cluster, tmp_path, serial):
    """Two workers on three processors, of which two go: one of them at least lived there, and there is room for one."""
    other = cluster.add_node(num_cpus=2)
    places = tmp_path / "places"
    places.mkdir()

    class Removing(Store):
        """Takes the other machine away after the third chunk."""

        chunks = 0

        def add(self, *given):
            super().add(*given)
            self.chunks += 1
            if self.chunks == 3:
                assert other.node_id in {path.name for path in places.iterdir()}
                cluster.remove_node(other, allow_graceful=False)

    store = Removing(tmp_path / "store", NAME)
    found = table(RayActors(2, workers.LoadAndTell(str(places))), store=store)
    assert store.chunks > 3
    pd.testing.assert_frame_equal(found, serial[0], check_exact=True)
    assert kept(tmp_path / "store") == serial[1]
    assert len(list(places.iterdir())) == 2


def test_a_driver_that_is_killed_is_taken_up(tmp_path, serial):
    script = (
        "import sys; from pathlib import Path; import framing.scoring; framing.scoring.CHUNK = 12\n"
        "from framing.distributed import RayActors; from framing.store import Store\n"
        "from tests import workers; from tests.test_engines import table\n"
        f"table(RayActors(1, workers.load_slow), store=Store(Path(sys.argv[1]), {NAME!r}))"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"}
    )
    target = random.Random(1).randint(2, 5)
    while len(list(tmp_path.rglob("*.parquet"))) < target:
        assert driver.poll() is None
        time.sleep(0.05)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert target <= len(list(tmp_path.rglob("*.parquet"))) < len(serial[1][0])
    found = table(RayActors(1, workers.load_words), store=Store(tmp_path, NAME))
    pd.testing.assert_frame_equal(found, serial[0], check_exact=True)
    assert kept(tmp_path) == serial[1]
