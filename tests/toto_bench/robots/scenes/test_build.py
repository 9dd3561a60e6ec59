"""Scenes stand still, hold what they should, and see as PixMC's cameras do."""

import mujoco
import numpy as np
import pytest

from toto_bench.robots.scenes import CAMERA, build
from toto_bench.robots.spec import TASKS, SceneSpec


def settled(name: str, steps: int) -> tuple[mujoco.MjModel, mujoco.MjData, np.ndarray]:
    """The scene after some steps with the servos at its first pose; also that pose."""
    task = SceneSpec.from_card(name)
    scene = build(task)
    model, data = scene.model, mujoco.MjData(scene.model)
    for joint, value in zip(scene.robot.joints, task.initial_joints, strict=True):
        data.joint(joint).qpos = data.actuator(joint).ctrl = np.clip(value, *model.joint(joint).range)
    before = data.qpos.copy()
    for _ in range(steps):
        mujoco.mj_step(model, data)
    return model, data, before


@pytest.mark.parametrize("name", TASKS)
def test_nothing_moves_without_actions(name: str) -> None:
    """Robots feel no gravity; cubes rest where they are put, to a few millimetres."""
    _, data, before = settled(name, 240)
    np.testing.assert_allclose(data.qpos, before, atol=5e-3)
    assert not data.warning.number.any()


@pytest.mark.parametrize(("name", "up"), [("franka-pick", [1, 0, 0]), ("kuka-cabinet", [-1, 0, 0])])
def test_wrist_camera_looks_along_the_hand(name: str, up: list[int]) -> None:
    model, data, _ = settled(name, 1)
    hand = data.body("robot/hand" if "franka" in name else "robot/mount").xmat.reshape(3, 3)
    camera = data.camera(CAMERA).xmat.reshape(3, 3)
    np.testing.assert_allclose(-camera[:, 2], hand[:, 2], atol=1e-6)
    np.testing.assert_allclose(camera[:, 1], hand @ up, atol=1e-6)
    assert model.camera(CAMERA).fovy[0] == pytest.approx(104.9)


def test_cube_has_pixmcs_mass() -> None:
    model, _, _ = settled("franka-pick", 1)
    assert model.body("cube").mass[0] == pytest.approx(0.045**3 * 1000)


def test_drawer_slides_over_its_travel_and_keeps_the_props() -> None:
    model, data, _ = settled("franka-cabinet", 1)
    assert tuple(model.joint("drawer").range) == (0.0, 0.4)
    assert model.body("prop3").mass[0] == pytest.approx(0.08**3 * 400)
    data.joint("robot/joint1").qpos = data.actuator("robot/joint1").ctrl = -1.5  # out of the way
    for _ in range(480):
        data.joint("drawer").qfrc_applied = 8.0
        mujoco.mj_step(model, data)
    assert data.joint("drawer").qpos[0] == pytest.approx(0.4, abs=0.01)
    offset = data.body("prop0").xpos - data.body("drawer").xpos
    assert (np.abs(offset) < [0.25, 0.35, 0.07]).all()


def test_links_do_not_meet_each_other() -> None:
    """Self-collision is off: a hand folded back into its own arm and fingers through the palm have no contact."""
    model, data, _ = settled("kuka-pick", 1)
    data.joint("robot/joint4").qpos = data.joint("robot/joint6").qpos = -2.0
    for number in (1, 2, 3):
        data.joint(f"robot/middle_joint{number}").qpos = 1.7
    mujoco.mj_forward(model, data)
    robot = [model.body(model.geom_bodyid[geom]).name.startswith("robot/") for geom in range(model.ngeom)]
    assert not [contact for contact in data.contact if all(robot[geom] for geom in contact.geom)]
    assert mujoco.mj_geomDistance(model, data, *_geoms(model, "robot/palm", "robot/middle3"), 1.0, None) < 0


def _geoms(model: mujoco.MjModel, *bodies: str) -> list[int]:
    """The first geom of each body."""
    return [int(model.body(name).geomadr[0]) for name in bodies]
