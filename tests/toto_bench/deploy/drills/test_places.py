"""Drills of group 8: out of the workspace, to the end of a joint, into the table; a gripper that fails, a lost cube."""

import numpy as np
import pytest

from toto_bench.deploy.errors import Reason
from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.limits.model import JointRange
from toto_bench.deploy.runner import Cause
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.workspace import Workspace

LONG = {"seconds": 60.0}


def towards(bench, joint: int | list[int], step: float, gripper: float = 0.0):
    """A policy that goes on and on in one direction."""

    def spoil(number, chunk):
        chunk.actions[:] = 0.0
        chunk.actions[0, joint] = step
        chunk.actions[0, 7] = gripper

    bench.policy.spoil = spoil
    return bench


def test_out_of_the_workspace(make_bench) -> None:
    bench = towards(make_bench(guard=LONG | {"workspace": Workspace(upper=(1.0, 0.15, 1.0))}), 0, 0.02)
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.WORKSPACE, "outside -0.4 to 0.15 m")
    pose = forward(bench.arm.scene_state().q)
    assert max(pose.tips[:, 1].max(), pose.hand[1, 3]) <= 0.15


def test_below_the_table(make_bench) -> None:
    """The hand goes straight down: its fingertips are the first to come near."""
    workspace = Workspace(lower=(0.1, -0.4, -0.3))
    bench = towards(make_bench(guard=LONG | {"workspace": workspace}), [1, 5], 0.02)
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.WORKSPACE, "below the floor")
    assert forward(bench.arm.scene_state().q).ends[:, 2].min() >= -1e-3
    assert bench.arm._world.error is None, "the arm did not touch the table"


def test_the_end_of_a_joint(make_bench) -> None:
    """The arm stays on the edge of the range; a policy that asks for more and more is not stopped for it."""
    edge = READY + np.array([0, 0, 0, 0, 0, 0, 0.1])
    limits = WorkingLimits()
    narrow = limits.narrowed(
        JointRange(lower=limits.position.lower, upper=(*limits.position.upper[:6], edge[6]))
    )
    bench = towards(make_bench(guard={"seconds": 4.0, "limits": narrow}), 6, 0.02)
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "")
    assert ending.guard["edged"] > 10
    assert max(tick.q[6] for tick in bench.ticks) <= edge[6] + 1e-3
    assert bench.arm.scene_state().q[6] == pytest.approx(edge[6], abs=5e-3)


def test_an_arm_that_starts_outside_its_range(make_bench) -> None:
    limits = WorkingLimits()
    narrow = limits.narrowed(JointRange(lower=limits.position.lower, upper=(*limits.position.upper[:6], 0.7)))
    bench = make_bench(guard={"limits": narrow})
    bench.connect()
    ending = bench.run()
    bench.expect(ending, "aborted", Reason.JOINT_RANGE, "guide it back by hand")
    assert ending.steps == 0


def test_a_gripper_that_never_closes(make_bench) -> None:
    """The trial ends with its time; asking again and again does no harm, and a held opening is sent only once."""
    bench = towards(make_bench(), 0, 0.0, gripper=-1.0)
    bench.connect()
    bench.clock.follow(lambda now: setattr(bench.arm._world, "_opening", 1.0))
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "has had its 4 s")
    assert min(tick.gripper for tick in bench.ticks if tick.gripper is not None) > 0.85


def test_a_cube_that_is_knocked_away(make_bench) -> None:
    """Nobody ever sees it lifted: the trial is completed by its time, and the simulation says that it failed."""
    bench = make_bench()
    bench.connect()
    bench.arm.place_cube(0.5, 0.0, 0.0)
    bench.clock.follow(
        lambda now: bench.arm._world._data.qvel.__setitem__(bench.scene.cube_v, [1, 0, 0.5, 0, 0, 0])
    )
    ending = bench.run(finished=lambda: bench.arm.succeeded)
    bench.expect(ending, "completed", Reason.TIME, "")
    assert not bench.arm.succeeded or bench.arm._world.cube_height > 0.05


def test_a_cube_that_is_lifted_ends_the_trial(make_bench) -> None:
    bench = make_bench()
    bench.connect()
    bench.arm.place_cube(0.5, 0.0, 0.0)

    def lift(now: float) -> None:
        data = bench.arm._world._data
        data.qpos[bench.scene.cube_q.start + 2], data.qvel[bench.scene.cube_v] = 0.2, 0.0

    bench.clock.follow(lift)
    ending = bench.run(finished=lambda: bench.arm.succeeded)
    bench.expect(ending, "completed", Cause.DONE, "")
    assert ending.seconds < 3
