"""Robots have the kinematics and masses of their data sheets."""

import importlib.util
import math

import mujoco
import numpy as np
import pytest

from toto_bench.robots.assets import SOURCES, RobotAssets
from toto_bench.robots.assets.kuka import SCALE
from toto_bench.robots.assets.links import quaternion
from toto_bench.robots.errors import AssetsError, AssetsNameError


def pose(name: str, joints: list[float]) -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = RobotAssets().robot(name).spec.compile()
    data = mujoco.MjData(model)
    data.qpos[: len(joints)] = joints
    mujoco.mj_kinematics(model, data)
    return model, data


def test_panda_reaches_where_its_manual_says() -> None:
    """In the ready pose of the manufacturer's examples the gripper's centre is at (0.3069, 0, 0.4869) m."""
    _, data = pose("franka", [0, -math.pi / 4, 0, -3 * math.pi / 4, 0, math.pi / 2, math.pi / 4])
    centre = data.body("hand").xpos + 0.1034 * data.body("hand").xmat.reshape(3, 3)[:, 2]
    np.testing.assert_allclose(centre, [0.3069, 0.0, 0.4869], atol=2e-4)
    np.testing.assert_allclose(data.body("hand").xmat.reshape(3, 3)[:, 2], [0, 0, -1], atol=1e-6)


def test_iiwa_stretched_up_is_as_high_as_its_links() -> None:
    """Base 0.34, upper arm 0.4, forearm 0.4, wrist 0.081 and flange 0.071 m, at PixMC's scale."""
    _, data = pose("kuka-allegro", [0.0] * 7)
    np.testing.assert_allclose(data.body("mount").xpos, [0, 0, SCALE * (0.34 + 0.4 + 0.4 + 0.152)], atol=1e-6)


def test_fingers_close_towards_the_palm_side() -> None:
    """The camera sits at +x of the mount, and there the bent fingers are."""
    model, data = pose("kuka-allegro", [0.0] * 23)
    straight = data.site("middle_tip").xpos.copy()
    data.qpos[[12, 13, 14]] = 0.8
    mujoco.mj_kinematics(model, data)
    bent = data.site("middle_tip").xpos - data.body("mount").xpos
    assert bent @ data.body("mount").xmat.reshape(3, 3)[:, 0] > 0.05
    assert np.linalg.norm(bent) < np.linalg.norm(straight - data.body("mount").xpos)


@pytest.mark.parametrize(("name", "joints", "mass"), [("franka", 9, 17.45), ("kuka-allegro", 23, 29.0)])
def test_joints_are_in_order_and_masses_are_those_of_the_links(name: str, joints: int, mass: float) -> None:
    robot = RobotAssets().robot(name)
    model = robot.spec.compile()
    assert tuple(model.joint(index).name for index in range(model.njnt)) == robot.joints
    assert len(robot.joints) == joints
    assert abs(model.body_subtreemass[1] - mass) < 0.2
    assert (model.jnt_range[:, 0] < model.jnt_range[:, 1]).all()


def test_panda_limits_are_in_radians_and_metres() -> None:
    model = RobotAssets().robot("franka").spec.compile()
    np.testing.assert_allclose(model.joint("joint4").range, [-3.0718, -0.0698])
    np.testing.assert_allclose(model.joint("finger_joint1").range, [0.0, 0.04])


def test_roll_comes_before_yaw() -> None:
    """As in URDF: a quarter roll, then a quarter yaw, sends z to x."""
    turned = np.zeros(3)
    mujoco.mju_rotVecQuat(turned, np.array([0.0, 0, 1]), np.array(quaternion((math.pi / 2, 0, math.pi / 2))))
    np.testing.assert_allclose(turned, [1, 0, 0], atol=1e-9)


def test_wrong_names_are_told() -> None:
    with pytest.raises(AssetsNameError, match="primitive, menagerie"):
        RobotAssets("primitives")
    with pytest.raises(AssetsNameError, match="only franka"):
        RobotAssets("menagerie").robot("kuka-allegro")
    assert set(SOURCES["primitive"]) == {"franka", "kuka-allegro"}


@pytest.mark.skipif(importlib.util.find_spec("mujoco_menagerie") is not None, reason="the extra is installed")
def test_a_missing_extra_is_named() -> None:
    with pytest.raises(AssetsError, match=r"toto-bench\[robot-assets\]"):
        RobotAssets("menagerie").robot("franka")
