"""Forward kinematics against MuJoCo's, on the robot of the simulated tasks."""

import mujoco
import numpy as np
import pytest

from toto_bench.deploy.kinematics import OPENING, forward, jacobian
from toto_bench.deploy.limits import FER
from toto_bench.robots.assets.panda import panda


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return panda().spec.compile()


def place(model: mujoco.MjModel, q: np.ndarray) -> mujoco.MjData:
    """The arm at q, the hand open; joints are looked up by name."""
    data = mujoco.MjData(model)
    names = panda().joints
    for name, value in zip(names, [*q, OPENING / 2, OPENING / 2], strict=True):
        data.qpos[model.joint(name).qposadr[0]] = value
    mujoco.mj_kinematics(model, data)
    return data


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_mujoco(model: mujoco.MjModel, seed: int) -> None:
    """Every joint, the hand's pose and both fingertips, at random positions."""
    q = np.random.default_rng(seed).uniform(FER.position.lower, FER.position.upper)
    data, pose = place(model, q), forward(q)
    links = np.stack([data.body(f"link{number}").xpos for number in range(1, 8)])
    assert pose.joints == pytest.approx(links, abs=1e-9)
    assert pose.hand[:3, :3] == pytest.approx(data.body("hand").xmat.reshape(3, 3), abs=1e-9)
    assert pose.hand[:3, 3] == pytest.approx(data.body("hand").xpos, abs=1e-9)
    assert pose.tips[0] == pytest.approx(data.site("left_tip").xpos, abs=1e-9)
    assert pose.tips[1] == pytest.approx(data.site("right_tip").xpos, abs=1e-9)
    assert pose.tool == pytest.approx(pose.tips.mean(0), abs=1e-12)


def test_stretched_out_upwards() -> None:
    """With all joints at 0 the data sheet's lengths add up by hand."""
    pose = forward(np.zeros(7))
    assert pose.flange[:3, 3] == pytest.approx([0.088, 0, 0.333 + 0.316 + 0.384 - 0.107])
    assert pose.flange[:3, 2] == pytest.approx([0, 0, -1])


def test_fingers_close(model: mujoco.MjModel) -> None:
    closed = forward(np.zeros(7), opening=0.0)
    assert closed.tips[0] == pytest.approx(closed.tool)
    assert np.linalg.norm(np.subtract(*forward(np.zeros(7)).tips)) == pytest.approx(0.08)


@pytest.mark.parametrize("seed", range(5))
def test_jacobian_agrees_with_mujoco(model: mujoco.MjModel, seed: int) -> None:
    """Of the point between the fingertips, at random positions."""
    q = np.random.default_rng(seed).uniform(FER.position.lower, FER.position.upper)
    data, pose = place(model, q), forward(q)
    mujoco.mj_comPos(model, data)
    moves, turns = np.zeros((3, model.nv)), np.zeros((3, model.nv))
    mujoco.mj_jac(model, data, moves, turns, pose.tool, model.body("hand").id)
    columns = [model.joint(name).dofadr[0] for name in panda().joints[:7]]
    assert jacobian(pose) == pytest.approx(np.concatenate([moves, turns])[:, columns], abs=1e-9)
