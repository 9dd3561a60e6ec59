"""The simulated tasks as tasks: their data, protocols, numbers; a run with pictures and its repetition."""

from pathlib import Path

import pytest

import toto_bench
from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError
from toto_bench.robots.learning import Round
from toto_bench.robots.learning.evaluate import Episode
from toto_bench.robots.policy import load_policy
from toto_bench.robots.spec import TASKS
from toto_bench.runner.data import find_data
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.manipulation.outcome import curve_of, metrics_of
from toto_bench.tasks.manipulation.plots import plot_curves

TINY = {
    "image_size": 24,
    "resolution": 24,
    "horizon": 12,
    "train_steps": 24,
    "iterations": 2,
    "fit_steps": 10,
    "envs": 2,
    "eval_episodes": 5,
}


def episodes(wins: int, count: int = 10) -> tuple[Episode, ...]:
    return tuple(Episode(number, number < wins, 5, "time", (0.0, 0.0, 0.0)) for number in range(count))


ROUNDS = [Round(0, 100, 1.0, episodes(0)), Round(1, 200, 0.5, ()), Round(2, 300, 0.2, episodes(6))]


@pytest.mark.parametrize("name", TASKS)
def test_card_and_protocol_agree_and_the_scene_compiles(name: str) -> None:
    task = load_task(name)
    assert set(task.protocol.model_fields) == set(task.card.protocol)
    for preset in task.card.presets:
        protocol = build_protocol(task, preset, {})
        report = task.check(find_data(task, None), protocol)
        assert len(report.listed) == protocol.model_dump()["eval_episodes"]
    other = build_protocol(task, "sample", {"horizon": 99})
    assert task.check(find_data(task, None), other).fingerprint != report.fingerprint


def test_no_data_are_needed_and_none_are_taken(home: Path) -> None:
    task = toto_bench.load_task("franka-pick")
    assert find_data(task, None) == find_data(task, "sample")
    with pytest.raises(RequestError, match="reads no files"):
        find_data(task, "somewhere")
    assert not list(home.iterdir())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layer": 9}, "has layers 1 to 1"),
        ({"pooling": "cls"}, "no \\[CLS\\] token"),
        ({"physics_hz": 100}, "no multiple"),
        ({"expert_share": [1.5]}, "between 0 and 1"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(change: dict[str, object], message: str) -> None:
    task = load_task("franka-pick")
    with pytest.raises(RequestError, match=message):
        task.resolve(build_protocol(task, "sample", change), load_backbone("pixels"))


def test_layer_and_side_are_the_backbones() -> None:
    task, nano = load_task("franka-pick"), load_backbone("toto-nano", random_init=True)
    for layer, expected in (("half-depth", 3), ("last", 6), (2, 2)):
        found = task.resolve(build_protocol(task, "paper", {"layer": layer}), nano).model_dump()
        assert (found["layer"], found["resolution"]) == (expected, 128)


def test_metrics_of_known_rounds() -> None:
    references = {"expert": list(episodes(10)), "zero": list(episodes(0))}
    found = metrics_of({"camera": ROUNDS, "state": ROUNDS[:1]}, references, main="camera", seed=0)
    values = {name: metric.value for name, metric in found.items()}
    assert values == {
        "success": 0.6,
        "success@state": 0.0,
        "success@expert": 1.0,
        "success@zero": 0.0,
        "success_mean": pytest.approx(0.3),
        "steps_to_half": 300.0,
    }
    assert found["success"].low == pytest.approx(0.3127, abs=1e-4)
    assert found["success"].high == pytest.approx(0.8318, abs=1e-4)
    never = metrics_of({"camera": ROUNDS[:1]}, {}, main="camera", seed=0)
    assert never["steps_to_half"].value is None


def test_curve_has_a_row_for_each_iteration_and_is_drawn(tmp_path: Path) -> None:
    rows = curve_of(ROUNDS)
    assert [row["success"] for row in rows] == [0.0, None, 0.6]
    plot_curves(
        tmp_path / "curve.png", {"camera": rows}, [{"actor": "expert", "success": 1.0}], "Franka Pick"
    )
    assert (tmp_path / "curve.png").stat().st_size > 10_000


@pytest.mark.slow
def test_run_leaves_a_policy_curves_and_videos_and_is_the_same_again(tmp_path: Path, home: Path) -> None:
    request = RunRequest("franka-pick", "pixels", preset="sample", values=TINY, out=tmp_path / "runs")
    result = run(request)
    record = result.record
    assert {"success", "success_mean", "steps_to_half", "success@state", "success@expert"} <= set(
        record.metrics
    )
    assert record.metrics["success"].n == 5
    for path in record.artifacts.values():
        assert (result.path / path).stat().st_size > 0
    assert sum(path.endswith(".mp4") for path in record.artifacts.values()) == 3
    policy = load_policy(result.path / "artifacts" / "policy" / "camera", load_backbone("pixels"))
    assert policy.spec.rate_hz == 60
    again = run(RunRequest(**{**vars(request), "again": True})).record
    assert (again.metrics, again.items_sha256) == (record.metrics, record.items_sha256)
    assert run(request).reused
