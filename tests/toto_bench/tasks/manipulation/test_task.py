"""The simulated tasks as tasks: their data, protocols, numbers; a run with pictures and its repetition."""

from pathlib import Path

import pytest

import toto_bench
from tests.toto_bench.tasks.manipulation.conftest import TINY
from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError
from toto_bench.robots.policy import load_policy
from toto_bench.robots.spec import TASKS
from toto_bench.runner.data import find_data
from toto_bench.runner.execute import run
from toto_bench.runner.request import RunRequest
from toto_bench.runner.tasks import build_protocol, load_task


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
        ({"layer": [1, 9]}, "has layers 1 to 1"),
        ({"layer": []}, "names no layer"),
        ({"pooling": "cls"}, "no \\[CLS\\] token"),
        ({"physics_hz": 100}, "no multiple"),
        ({"expert_share": [1.5]}, "between 0 and 1"),
        ({"iterations": 3, "eval_every": 2}, "`iterations` = 3 is no multiple of `eval_every` = 2"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused(change: dict[str, object], message: str) -> None:
    task = load_task("franka-pick")
    with pytest.raises(RequestError, match=message):
        task.resolve(build_protocol(task, "sample", change), load_backbone("pixels"))


@pytest.mark.parametrize("change", [{"hidden": [0]}, {"hidden": []}, {"physics_hz": 0}], ids=str)
def test_numbers_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(RequestError, match=next(iter(change))):
        build_protocol(load_task("franka-pick"), "sample", change)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("half-depth", 3),
        ("last", 6),
        (2, 2),
        ("all", (1, 2, 3, 4, 5, 6)),
        ([4, 2, 4], (2, 4)),
        ([5], 5),
        ([0, 6], (0, 6)),
    ],
    ids=str,
)
def test_layers_and_side_are_the_backbones(layer: object, expected: object) -> None:
    task, nano = load_task("franka-pick"), load_backbone("toto-nano", random_init=True)
    found = task.resolve(build_protocol(task, "paper", {"layer": layer}), nano).model_dump()
    assert (found["layer"], found["resolution"]) == (expected, 128)


def test_all_layers_and_the_list_of_them_are_one_protocol() -> None:
    task, nano = load_task("franka-pick"), load_backbone("toto-nano", random_init=True)
    both = [
        task.resolve(build_protocol(task, "paper", {"layer": layer}), nano)
        for layer in ("all", [6, 5, 4, 3, 2, 1])
    ]
    assert both[0] == both[1]


@pytest.mark.slow
def test_run_leaves_a_policy_curves_and_videos_and_is_the_same_again(tmp_path: Path, home: Path) -> None:
    request = RunRequest("franka-pick", "pixels", preset="sample", values=TINY, out=tmp_path / "runs")
    result = run(request)
    record = result.record
    assert {"success", "success_mean", "steps_to_80", "success@state", "success@expert"} <= set(
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
