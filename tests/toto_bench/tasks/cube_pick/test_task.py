"""Cloning: what a record says, what stays after an interruption, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from tests.toto_bench.tasks.cube_pick.conftest import SIZE, Clone
from toto_bench.backbones.load import load_backbone
from toto_bench.deploy.commands import command_of, expect_drivable
from toto_bench.deploy.types import RobotState
from toto_bench.errors import RequestError
from toto_bench.leaderboard import build
from toto_bench.results.items import read_items
from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.policy import Observation, load_policy
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.cube_pick.protocol import CubePickProtocol


def test_card_and_code_name_the_same_values() -> None:
    task = load_task("franka-cube-pick")
    assert set(task.card.protocol) == set(CubePickProtocol.model_fields)
    for preset in task.card.presets:
        build_protocol(task, preset, {})


def test_the_policy_goes_where_the_picture_says(clone: Clone) -> None:
    """It is on disk, the real arm takes its actions, and held-out demonstrations are nearly repeated."""
    result = clone()
    error = result.record.metrics["action_error"]
    assert error.value is not None and error.value < 0.1 and error.n == 2
    policy = load_policy(result.path / "artifacts" / "policy", load_backbone("pixels"))
    expect_drivable(policy.spec.action)
    for brightness, sign in ((220, 1), (30, -1)):
        robot = RobotState(np.zeros(7), np.zeros(7), 1.0, 0.0, 0.0)
        seen = {"wrist": np.full((*SIZE, 3), brightness, dtype=np.uint8)}
        chunk = policy.act(Observation(seen, np.append(robot.q, robot.gripper)))
        asked = command_of(chunk.actions[0], policy.spec.action, robot)
        assert sign * asked.q[0] > 0.01


def test_a_gripper_that_holds_something_is_told_to_close(clone: Clone) -> None:
    """The commanded opening is learnt, not the measured one, which stays where the cube is."""
    result = clone()
    policy = load_policy(result.path / "artifacts" / "policy", load_backbone("pixels"))
    robot = RobotState(np.array([0.2, 0, 0, 0, 0, 0, 0]), np.zeros(7), 0.5, 0.0, 0.0)
    seen = {"wrist": np.full((*SIZE, 3), 220, dtype=np.uint8)}
    chunk = policy.act(Observation(seen, np.append(robot.q, robot.gripper)))
    asked = command_of(chunk.actions[0], policy.spec.action, robot)
    assert asked.gripper is not None and asked.gripper < 0.25


def test_success_is_not_known_and_stands_in_no_table(clone: Clone) -> None:
    result = clone()
    record = result.record
    assert record.metrics["success"].value is None and "trials" in str(record.metrics["success"].method)
    assert any("Success is unknown" in warning for warning in record.warnings)
    assert not record.data.comparable
    [table] = build((result.path.parent,), "franka-cube-pick").tables
    ours = [row for row in table.rows if row.provenance is not None]
    assert [row.numbers["success"].value for row in ours if "success" in row.numbers] in ([], [None])


def test_items_are_the_held_out_demonstrations(clone: Clone) -> None:
    result = clone()
    rows = read_items(result.path)
    assert len(rows) == 2 and all(row["frames"] == 11 for row in rows)
    assert result.record.coverage.scored == result.record.coverage.listed == 10


def test_a_stopped_run_goes_on_and_ends_the_same(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while features are read: those that are on disk are not read again."""
    whole = clone("whole")
    save, saved = Demonstrations.save, []

    def stop_after_three(self: Demonstrations, path: Path) -> None:
        if len(saved) == 3:
            raise KeyboardInterrupt
        save(self, path)
        saved.append(path)

    with monkeypatch.context() as patch:
        patch.setattr(Demonstrations, "save", stop_after_three)
        with pytest.raises(KeyboardInterrupt):
            clone("stopped")
    read: list[Path] = []
    monkeypatch.setattr(Demonstrations, "save", lambda self, path: (read.append(path), save(self, path))[-1])
    again = clone("stopped")
    assert len(read) == 7 and not set(read) & set(saved)
    assert again.record.metrics == whole.record.metrics
    assert again.record.items_sha256 == whole.record.items_sha256
    assert clone("stopped").reused


def test_stopped_after_an_item(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, commit = clone("whole"), RunContext.commit

    def commit_and_stop(context: RunContext, identifier: str, row: object) -> None:
        commit(context, identifier, row)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunContext, "commit", commit_and_stop)
        with pytest.raises(KeyboardInterrupt):
            clone("stopped")
    assert clone("stopped").record.items_sha256 == whole.record.items_sha256


def test_limit_takes_the_first_demonstrations_and_says_so(clone: Clone) -> None:
    coverage = clone(limit=4).record.coverage
    assert (coverage.scored, coverage.listed) == (4, 10)
    assert set(coverage.missing.values()) == {"beyond --limit"}
    with pytest.raises(RequestError, match="--limit 2"):
        clone(limit=1)


def test_another_rate_is_refused(clone: Clone) -> None:
    with pytest.raises(RequestError, match="control_hz=10"):
        clone(values={"control_hz": 20.0})


def test_a_camera_that_is_not_there_is_refused(clone: Clone) -> None:
    with pytest.raises(RequestError, match="`wrist`"):
        clone(values={"camera": "front"})


def test_no_demonstrations_is_one_paragraph(clone: Clone, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(RequestError, match="which is empty"):
        clone(data=empty)
    (empty / "notes.txt").write_text("nothing")
    with pytest.raises(RequestError, match="holds no demonstrations"):
        clone(data=empty)
