"""MVP's preparation: which steps stay, what is done in them, what is looked at, what is held out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.toto_bench.robots.demonstrations.conftest import JOINTS, number_in, pattern
from toto_bench.deploy.commands import command_of
from toto_bench.deploy.types import RobotState
from toto_bench.errors import RequestError
from toto_bench.robots.demonstrations import (
    Demonstration,
    DemonstrationSet,
    Preparation,
    WrongDemonstrationsError,
    frames_of,
    open_demonstrations,
    prepare,
)
from toto_bench.robots.demonstrations.frames import array_frames
from toto_bench.robots.demonstrations.prepare import lower_centre

Record = Callable[..., Path]
JOINT = np.array([0, 0.003, 0.005, 0.008, 0.012, 0.012, 0.012, 0.3])
"""Of the first joint: step 1 is too near to 0, step 3 too near to 2, 5 and 6 to 4."""
GRIPPER = np.array([1, 1, 1, 1, 1, 1, 0.0, 0])


def episode(
    name: str = "one", *, gripper: bool = True, success: bool | None = None, still: bool = False
) -> Demonstration:
    joints = np.zeros((8, 7))
    joints[:, 0] = 0 if still else JOINT
    return Demonstration(
        name=name,
        joints=joints,
        timestamps=np.arange(8) / 10,
        gripper=(np.ones(8) if still else GRIPPER) if gripper else None,
        cameras={"wrist": array_frames(np.stack([pattern(k, (480, 640)) for k in range(8)]))},
        success=success,
    )


def collected(*episodes: Demonstration) -> DemonstrationSet:
    return DemonstrationSet(episodes, 10, JOINTS, (), "test", Path("demos"), "0")


def test_steps_in_which_the_robot_stands_still_are_left_out() -> None:
    [found] = prepare(collected(episode())).train
    assert found.steps.tolist() == [0, 2, 4, 6]  # 7 is only arrived at
    np.testing.assert_allclose(found.state[:, 0], [0, 0.005, 0.012, 0.012])
    assert found.state[:, 7].tolist() == [1, 1, 1, 0]
    np.testing.assert_allclose(found.actions[:, 0], [0.005, 0.007, 0, 0.288], atol=1e-7)
    np.testing.assert_allclose(found.actions[:, 7], [0, 0, -0.2, 0])
    assert [number_in(each) for each in found.cameras["wrist"][:]] == [0, 2, 4, 6]


def test_what_is_measured_and_trembles_does_not_count_as_a_move_of_the_gripper() -> None:
    trembling = episode(still=True)
    trembling.gripper[:] = 0.5 + 0.01 * (np.arange(8) % 2)
    found = prepare(collected(episode(), trembling), Preparation(held_out=0))
    assert len(found.train) == 1
    assert found.left_out == {"one": "the robot does not move in it"}


def test_actions_lead_a_robot_through_the_recorded_states() -> None:
    found = prepare(collected(episode()))
    [rows] = found.train
    assert found.action.kind == "joint-delta"
    for row in range(3):
        robot = RobotState(
            q=rows.state[row, :7].astype(float),
            dq=np.zeros(7),
            gripper=float(rows.state[row, 7]),
            clock=0,
            received=0,
        )
        command = command_of(rows.actions[row], found.action, robot)
        np.testing.assert_allclose(command.q, rows.state[row + 1, :7], atol=1e-6)
        np.testing.assert_allclose(command.gripper, rows.state[row + 1, 7], atol=1e-6)


def test_the_picture_is_cropped_at_the_middle_of_its_lower_edge() -> None:
    [camera] = prepare(collected(episode())).cameras
    assert (camera.name, camera.height, camera.width) == ("wrist", 480, 640)
    assert camera.crop.model_dump() == {"top": 32, "left": 96, "height": 448, "width": 448}
    assert lower_centre(480, 641, 448).left == 97
    assert lower_centre(100, 120, 448).model_dump() == {"top": 0, "left": 10, "height": 100, "width": 100}
    assert prepare(collected(episode()), Preparation(crop=None)).cameras[0].crop is None


def test_whole_episodes_are_held_out_by_a_seed() -> None:
    given = collected(*(episode(f"e{k}") for k in range(10)))
    one, two, other = (prepare(given, Preparation(seed=seed)) for seed in (0, 0, 1))
    names = [each.name for each in one.held_out]
    assert (len(one.train), len(one.held_out)) == (8, 2)
    assert names == [each.name for each in two.held_out] != [each.name for each in other.held_out]
    assert not set(names) & {each.name for each in one.train}
    assert one.index().shape == (32, 2)
    assert one.index(held_out=True).tolist() == [[e, r] for e in range(2) for r in range(4)]


def test_failures_are_left_out_unless_wanted() -> None:
    given = collected(episode("good", success=True), episode("bad", success=False), episode("unknown"))
    found = prepare(given, Preparation(held_out=0))
    assert [each.name for each in found.train] == ["good", "unknown"]
    assert found.left_out == {"bad": "it failed"}
    assert len(prepare(given, Preparation(held_out=0, failures=True)).train) == 3


def test_a_robot_without_a_gripper() -> None:
    found = prepare(collected(episode(gripper=False)))
    assert found.names == JOINTS
    assert found.train[0].actions.shape == (3, 7)


def test_wrong_requests_are_one_paragraph() -> None:
    for given, settings, words in (
        (
            collected(episode()),
            Preparation(cameras=("exo",)),
            "no camera `exo` in every episode: it has `wrist`",
        ),
        (collected(episode(still=True)), Preparation(), "none to learn from: the robot does not move in it"),
        (DemonstrationSet((), 10, (), (), "RLDS", Path("d"), "0"), Preparation(), "no joint positions"),
    ):
        with pytest.raises(WrongDemonstrationsError, match=words):
            prepare(given, settings)
    with pytest.raises(RequestError, match="a smaller share"):
        prepare(collected(episode()), Preparation(held_out=0.9))


def test_what_is_recorded_becomes_frames_of_a_policy(record: Record) -> None:
    found = prepare(
        open_demonstrations(record(12, 9, 10, 8)), Preparation(held_out=0.25, cameras=("front", "wrist"))
    )
    looked: list[int] = []

    def features(pictures: np.ndarray) -> torch.Tensor:
        looked.extend(number_in(each) for each in pictures)
        return torch.tensor([[number_in(each), 1] for each in pictures]).half()

    data = frames_of(found.train, found.cameras, {"wrist": features, "front": features})
    rows = found.index()
    assert len(data) == len(rows) >= 20
    assert len(looked) == 2 * len(rows)
    for (number, row), seen, proprio in zip(rows.tolist(), data.seen, data.proprio, strict=True):
        step = int(found.train[number].steps[row])
        seed = int(found.train[number].name[-1])
        assert seen.tolist() == [100 * seed + step + 7, 1, 100 * seed + step, 1]
        np.testing.assert_allclose(proprio, found.train[number].state[row])
    assert data.seen.dtype == torch.float16
    spec = found.policy_spec(None)
    assert (len(spec.proprio), len(spec.action.names), spec.rate_hz) == (8, 8, 10)


def commanded(record: Callable[..., Path], *, far: float = 0.0) -> DemonstrationSet:
    """Two walks whose targets lie 0.01 rad ahead, the gripper half open."""
    found = open_demonstrations(record(20, 20))
    episodes = []
    for each in found:
        assert each.actions is not None
        actions = each.actions.copy()
        actions[0, 0] += far
        episodes.append(replace(each, actions=actions, success=True))
    return replace(found, episodes=tuple(episodes))


def test_commands_are_learnt_where_they_were_recorded(record: Callable[..., Path]) -> None:
    """Of joints the way to the target, of the gripper the opening itself."""
    found = prepare(commanded(record), Preparation(targets="commanded", held_out=0))
    assert (found.action.kind, found.action.gripper, found.action.scale) == (
        "joint-delta",
        "opening",
        (1.0,) * 8,
    )
    for episode in found.train:
        np.testing.assert_allclose(episode.actions[:, :7], 0.01, atol=1e-6)
        np.testing.assert_allclose(episode.actions[:, 7], 0.5)
    measured = prepare(commanded(record), Preparation(held_out=0))
    assert measured.action.gripper == "as-joints"


def test_without_commands_ways_are_measured(record: Callable[..., Path]) -> None:
    """By a hand that guides the arm nothing is commanded."""
    found = commanded(record)
    guided = replace(found, actions=(), episodes=tuple(replace(each, actions=None) for each in found))
    by_hand = prepare(guided, Preparation(targets="commanded", held_out=0))
    assert by_hand.action.gripper == "as-joints"
    expected = prepare(guided, Preparation(held_out=0))
    np.testing.assert_array_equal(by_hand.train[0].actions, expected.train[0].actions)


def test_actions_that_are_no_targets_are_told(record: Callable[..., Path]) -> None:
    with pytest.raises(WrongDemonstrationsError, match="targets=measured"):
        prepare(commanded(record, far=2.0), Preparation(targets="commanded"))
