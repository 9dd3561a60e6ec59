"""Runs of seconds: several layers, floors, limits, half precision, interruptions, a full disk, no graphics library."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.toto_bench.tasks.manipulation.conftest import TINY, Tiny
from toto_bench import files
from toto_bench.backbones.load import load_backbone
from toto_bench.features.store import FeatureStore
from toto_bench.files import DiskError
from toto_bench.leaderboard import build
from toto_bench.progress import Silent
from toto_bench.results.folder import RunFolder
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.learning import CameraSenses
from toto_bench.robots.learning.evaluate import SensingActor, evaluation_seeds
from toto_bench.robots.policy import FeatureReader, load_policy
from toto_bench.robots.rollout import rollout
from toto_bench.robots.rollout_video import EpisodeVideos
from toto_bench.robots.tasks import make_task
from toto_bench.runner.data import find_data
from toto_bench.runner.execute import RunResult
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.simulation import backends
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.manipulation import seconds
from toto_bench.tasks.manipulation.check import OTHER_PICTURES
from toto_bench.tasks.manipulation.seconds import counted
from toto_bench.training.trainer import Trainer

Stop = Callable[[object, str, int], None]


def table(result: RunResult, name: str) -> list[dict[str, str]]:
    with (result.path / "curves" / f"{name}.csv").open() as stream:
        return list(csv.DictReader(stream))


def same(one: RunResult, two: RunResult) -> bool:
    """Whether two runs found the same, to the last digit."""
    curves = [
        sorted((path.name, path.read_bytes()) for path in (each.path / "curves").iterdir())
        for each in (one, two)
    ]
    found = [(each.record.metrics, each.record.items_sha256, each.record.coverage) for each in (one, two)]
    return curves[0] == curves[1] and found[0] == found[1]


class Listening(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def test_without_a_graphics_library_the_ray_caster_draws_and_says_so(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the terminal, and in the record; what it draws is other data."""
    user = Listening()
    result = tiny(progress=user)
    assert result.record.warnings == (OTHER_PICTURES,)
    assert any("rendering with MuJoCo's ray caster" in text for text in user.said)
    assert any(OTHER_PICTURES in text for text in user.said)
    monkeypatch.setattr(backends, "probe", lambda backend: None)
    report = load_task("franka-pick")
    protocol = build_protocol(report, "sample", TINY)
    drawn = report.check(find_data(report, None), protocol)
    assert drawn.warnings == ()
    assert drawn.fingerprint != result.record.data.fingerprint


def test_every_layer_has_a_policy_of_its_own_and_the_best_is_labelled(tiny: Tiny) -> None:
    result = tiny("several", "toto-nano", {"layer": [2, 4], "resolution": 32}, random_init=True)
    record = result.record
    assert record.protocol["layer"] == [2, 4]
    assert str(record.metrics["success"].selection).startswith("best on val: layer")
    assert "success@held-out" in record.metrics
    assert [row["layer"] for row in table(result, "layers")] == ["2", "4"]
    assert [(item["layer"], item["episode"]) for item in result.items()] == [
        (layer, f"episode-{number:04d}") for layer in (2, 4) for number in range(5)
    ]
    read = load_backbone("toto-nano", random_init=True)
    for layer in (2, 4):
        folder = result.path / "artifacts" / "policy" / f"camera-layer-{layer:02d}"
        spec = load_policy(folder, read).spec
        assert spec.readout is not None
        assert spec.readout.layer == layer
    alone = tiny("alone", "toto-nano", {"layer": 4, "resolution": 32}, random_init=True)
    assert table(alone, "camera") == table(result, "camera-layer-04")
    assert alone.record.metrics["success"].selection is None


def test_layers_share_the_pictures_on_which_the_expert_acts(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[tuple[int, ...]] = []
    read = FeatureReader.read

    def counted(self: FeatureReader, pictures: np.ndarray, camera: object) -> object:
        passes.extend([self.layers] * len(pictures))
        return read(self, pictures, camera)

    monkeypatch.setattr(FeatureReader, "read", counted)
    values = {"layer": [2, 4], "resolution": 32, "expert_share": [1.0], "eval_every": 2, "eval_episodes": 1}
    tiny("cloning", "toto-nano", values, random_init=True)
    assert passes.count((2, 4)) == 24
    assert set(passes) == {(2,), (4,), (2, 4)}
    evaluated = passes.count((2,)) + passes.count((4,))
    assert evaluated <= 3 * 12  # an episode each, and a film


def test_floors_run_and_stand_apart_and_limited_runs_are_left_out(tiny: Tiny, tmp_path: Path) -> None:
    pixels = tiny().record
    untrained = tiny(backbone="toto-nano", values={"resolution": 32}, random_init=True).record
    assert pixels.backbone.floor
    assert untrained.backbone.floor
    limited = tiny(limit=3).record
    assert (limited.limit, limited.metrics["success"].n) == (3, 3)
    assert (limited.coverage.scored, limited.coverage.listed) == (3, 5)
    assert limited.coverage.missing == {"episode-0003": "beyond --limit", "episode-0004": "beyond --limit"}
    assert limited.identity != pixels.identity
    board = build([tmp_path / "runs"], "franka-pick")
    assert (board.limited, len(board.measured)) == (1, 2)
    assert all(row.floor for row in board.measured)


def test_a_saved_policy_acts_in_the_number_type_of_its_run_and_plays_its_evaluation(tiny: Tiny) -> None:
    values = {"resolution": 32}
    result = tiny("half", "toto-nano", values, random_init=True, dtype="bfloat16")
    read = load_backbone("toto-nano", random_init=True)
    policy = load_policy(result.path / "artifacts" / "policy" / "camera", read)
    assert policy.spec.readout is not None
    assert policy.spec.readout.dtype == "bfloat16"
    world = make_task("franka-pick", 3, preset="sample", horizon=12, image_size=24)
    env = MujocoVectorEnv(world, autoreset_mode="Disabled", render_backend="ray")
    again = rollout(policy, env, 5, seeds=evaluation_seeds(5), stop_at_success=True)
    found = [(item["success"], item["steps"], item["ending"], item["start_x"]) for item in result.items()]
    assert [(e.success, e.steps, e.ending, e.start[0]) for e in again.episodes] == found


def test_an_interrupted_run_goes_on(tiny: Tiny, stop_after: Stop) -> None:
    """Ctrl-C in the references, while frames are collected, in a training, in an evaluation, and in a film."""
    whole = tiny("whole")
    places: list[tuple[object, str, int]] = [
        (MujocoVectorEnv, "step", 20),
        (CameraSenses, "__call__", 5),
        (Trainer, "_step", 5),
        (SensingActor, "act", 7),
        (EpisodeVideos, "look", 5),
    ]
    for place in places:
        stop_after(*place)
        with pytest.raises(KeyboardInterrupt):
            tiny("stopped")
    result = tiny("stopped")
    assert same(result, whole)
    assert result.record.cost.sessions == len(places) + 1
    spent = result.record.cost.seconds
    assert set(spent) == {"references", "training", "film"}


@pytest.mark.parametrize("suffix", [".safetensors", ".mp4"])
def test_a_full_disk_stops_the_run_and_keeps_what_was_done(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    sync = files.sync

    def full(path: Path) -> None:
        if path.suffix == suffix:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "sync", full)
        with pytest.raises(DiskError, match=r"No space left on device.*same command"):
            tiny("full")
    assert same(tiny("full"), tiny("whole"))


def test_seconds_of_a_stage_are_on_disk_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a session that is killed in it counts; and they are added up."""
    monkeypatch.setattr(seconds, "EVERY", 0.01)
    folder = RunFolder(tmp_path / "run")
    folder.remember("seconds-0", {"training": 100.0, "film": 1.0})
    context = RunContext(folder, FeatureStore(tmp_path / "store"))
    with counted(context, "training"):
        deadline = time.monotonic() + 60
        while folder.recall("seconds-0")["training"] <= 100 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert folder.recall("seconds-0")["training"] > 100
    kept = folder.recall("seconds-0")
    assert kept == context.all_seconds()
    assert kept["training"] > 100
    assert kept["film"] == 1


SCRIPT = """
import os, signal, sys
from pathlib import Path
import torch
from toto_bench.robots.learning import CameraSenses
from toto_bench.robots.learning.evaluate import SensingActor
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.simulation import backends
from toto_bench.tasks.manipulation import seconds
from toto_bench.tasks.manipulation.check import OTHER_PICTURES
from toto_bench.training.trainer import Trainer

torch.set_num_threads(1)
seconds.EVERY = 0.01
backends.probe = lambda backend: "there is none"
where, name, calls = {"collect": (CameraSenses, "__call__", 15), "fit": (Trainer, "_step", 15),
    "evaluate": (SensingActor, "act", 30)}[sys.argv[1]]
original, count = getattr(where, name), [0]

def counted(*args, **options):
    count[0] += 1
    if count[0] == calls:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **options)

setattr(where, name, counted)
values = VALUES
run(RunRequest("franka-pick", "pixels", preset="sample", values=values, out=Path(sys.argv[2])))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_and_counts_the_seconds_of_all_its_sessions(tiny: Tiny, tmp_path: Path) -> None:
    """`kill -9` inside a collection, a training and an evaluation."""
    whole = tiny("whole")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    spent = [0.0]
    for phase in ("collect", "fit", "evaluate"):
        script = SCRIPT.replace("VALUES", repr(TINY))
        command = [sys.executable, "-c", script, phase, str(tmp_path / "killed")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        [state] = tmp_path.glob("killed/*/state/seconds-0.json")
        spent.append(json.loads(state.read_text())["training"])
    assert spent == sorted(set(spent))
    result = tiny("killed")
    assert same(result, whole)
    assert result.record.cost.sessions == 4
    assert (result.record.cost.training_seconds or 0) > spent[-1]
