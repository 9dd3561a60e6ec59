"""Menagerie's Panda is stripped to what scenes expect."""

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from toto_bench.robots.assets import RobotAssets
from toto_bench.robots.assets.panda import panda
from toto_bench.robots.errors import AssetsError
from toto_bench.robots.tasks import make_task


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
    """Without a warning about options that the scene sets too."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        task = make_task("franka-pick", 1, assets="menagerie")
    task.reset(np.ones(1, dtype=bool), [np.random.default_rng(0)])
    assert task.step(np.zeros((1, 9))).ending.tolist() == [""]


def test_a_failed_download_says_what_else_there_is(fake: SimpleNamespace) -> None:
    fake.network = False
    with pytest.raises(
        AssetsError, match=r"no network.*MENAGERIE_ROOT.*`franka_emika_panda`.*assets=primitive"
    ):
        RobotAssets("menagerie").robot("franka")


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mujoco_menagerie", None)
    with pytest.raises(AssetsError, match=r"pip install toto-bench\[robot-assets\]"):
        RobotAssets("menagerie").robot("franka")


def test_the_real_package_knows_the_names(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Where it is installed: its registry, without its files."""
    package = pytest.importorskip("mujoco_menagerie")
    assert "panda" in package.get("franka_emika_panda").entry_names
    monkeypatch.setenv("MENAGERIE_ROOT", str(tmp_path))
    with pytest.raises(AssetsError, match="not found under MENAGERIE_ROOT"):
        RobotAssets("menagerie").robot("franka")
