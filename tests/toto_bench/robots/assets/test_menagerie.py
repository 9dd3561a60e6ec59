"""Menagerie's Panda is stripped to what scenes expect; its package is played by a fake with the same names."""

import sys
from types import SimpleNamespace

import mujoco
import numpy as np
import pytest

from toto_bench.robots.assets import RobotAssets
from toto_bench.robots.assets.panda import panda
from toto_bench.robots.errors import AssetsError
from toto_bench.robots.tasks import make_task


class MenagerieError(Exception):
    """As the package's own."""


def model_like_menageries() -> mujoco.MjSpec:
    """Bodies and joints of the same names, with actuators, an equality, a keyframe, a light, other contact bits."""
    spec = panda().spec
    for site in list(spec.sites):
        spec.delete(site)
    for geom in spec.geoms:
        geom.contype, geom.conaffinity = 1, 1
    spec.geoms[0].contype = spec.geoms[0].conaffinity = 0
    for body in spec.bodies[1:]:
        body.gravcomp = 0
    spec.add_actuator(name="actuator1", target="joint1", trntype=mujoco.mjtTrn.mjTRN_JOINT)
    spec.add_equality(
        name1="finger_joint1",
        name2="finger_joint2",
        type=mujoco.mjtEq.mjEQ_JOINT,
        objtype=mujoco.mjtObj.mjOBJ_JOINT,
    )
    spec.add_key(name="home", qpos=[0.0] * 9, ctrl=[0.0])
    spec.worldbody.add_light(name="top", pos=[0, 0, 2])
    spec.joint("joint1").damping = [1.0, 0.0, 0.0]
    return spec


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    def get(name: str) -> SimpleNamespace:
        assert name == "franka_emika_panda"
        return SimpleNamespace(spec=lambda entry: model_like_menageries())

    module = SimpleNamespace(get=get, MenagerieError=MenagerieError)
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", module)
    return module


def test_it_is_stripped_and_named_as_the_primitive_one(fake: SimpleNamespace) -> None:
    robot = RobotAssets("menagerie").robot("franka")
    model = robot.spec.compile()
    assert (model.nu, model.neq, model.nkey, model.nlight) == (0, 0, 0, 0)
    assert robot.joints == panda().joints
    assert robot.tips == panda().tips
    assert not model.dof_damping.any()
    np.testing.assert_array_equal(model.body_gravcomp[1:], 1.0)
    assert model.geom_contype[0] == 0
    assert set(model.geom_conaffinity[1:]) == {6}


def test_a_scene_can_be_made_of_it(fake: SimpleNamespace) -> None:
    task = make_task("franka-pick", 1, assets="menagerie")
    task.reset(np.ones(1, dtype=bool), [np.random.default_rng(0)])
    assert task.step(np.zeros((1, 9))).ending.tolist() == [""]


def test_a_failed_download_says_what_else_there_is(fake: SimpleNamespace) -> None:
    def fail(name: str) -> None:
        raise MenagerieError("no network")

    fake.get = fail
    with pytest.raises(AssetsError, match=r"no network.*MENAGERIE_ROOT.*assets=primitive"):
        RobotAssets("menagerie").robot("franka")
