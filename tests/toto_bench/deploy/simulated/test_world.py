"""The simulated arm keeps its limits, can pick the cube up, and stops when it runs into something."""

import numpy as np
import pytest

from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.simulated.judge import LiftJudge
from toto_bench.deploy.simulated.profile import JointProfile
from toto_bench.deploy.simulated.scene import CubeScene, build_scene
from toto_bench.deploy.simulated.world import READY, CubeWorld

LIMITS = WorkingLimits()
DT = 0.002


@pytest.fixture(scope="module")
def scene() -> CubeScene:
    return build_scene()


def test_a_profile_keeps_its_limits_and_arrives() -> None:
    """Also when the target changes on the way, and when it is braked."""
    profile = JointProfile(np.zeros(7), LIMITS.velocity, LIMITS.acceleration)
    generator = np.random.default_rng(0)
    target = np.zeros(7)
    for number in range(3000):
        if number % 50 == 0:
            target = generator.uniform(-0.3, 0.3, 7)
            profile.go(target)
        before = profile.dq
        profile.step(DT)
        assert (np.abs(profile.dq) <= np.array(LIMITS.velocity) + 1e-9).all()
        assert (np.abs(profile.dq - before) <= 1.001 * np.array(LIMITS.acceleration) * DT).all()
    for _ in range(3000):
        profile.step(DT)
    assert profile.is_done and profile.q == pytest.approx(target, abs=0)


def test_a_braked_profile_stands() -> None:
    profile = JointProfile(np.zeros(7), LIMITS.velocity, LIMITS.acceleration)
    profile.go(np.ones(7))
    for _ in range(200):
        profile.step(DT)
    assert profile.dq.all()
    profile.brake()
    for _ in range(200):
        profile.step(DT)
    assert not profile.dq.any() and (profile.q < 1).all() and profile.is_done


def test_the_arm_follows(scene: CubeScene) -> None:
    """To a target half a radian away, never faster than its limits, and there it stands."""
    world = CubeWorld(scene, LIMITS)
    world.go(READY + 0.2, 0.0)
    for _ in range(2000):
        world.step()
        assert (np.abs(world.dq) <= 1.05 * np.array(LIMITS.velocity)).all()
    assert world.has_arrived and world.error is None
    assert world.state.q == pytest.approx(READY + 0.2, abs=2e-3)
    assert world.state.gripper == pytest.approx(0.0, abs=0.01)


def test_an_arm_that_is_left_alone_stays(scene: CubeScene) -> None:
    world = CubeWorld(scene, LIMITS)
    world.place_cube(0.5, 0.1, 0.5)
    for _ in range(1000):
        world.step()
    assert world.state.q == pytest.approx(READY, abs=1e-6)
    assert world.state.cube[:2] == pytest.approx([0.5, 0.1], abs=1e-3)
    assert world.cube_height == pytest.approx(scene.settings.cube_side / 2, abs=1e-3)


def test_running_into_the_table_stops_the_arm(scene: CubeScene) -> None:
    """The reflex of a real one: it brakes before the target, and says which joint felt it."""
    world = CubeWorld(scene, LIMITS)
    world.place_cube(0.4, 0.3, 0.0)
    world.go(np.array([0.0, 1.2, 0.0, -1.5, 0.0, 1.571, 0.785]), None)
    for _ in range(10_000):
        world.step()
        if world.error is not None:
            break
    assert "joint_reflex" in str(world.error)
    for _ in range(500):
        world.step()
    assert world.is_at_rest


@pytest.mark.parametrize(
    ("heights", "success"),
    [
        ([0.0, 0.06, 0.06, 0.06], False),
        ([0.0, *[0.06] * 6], True),
        ([0.0, *[0.06] * 3, 0.02, *[0.06] * 3], False),
        ([0.0, *[0.06] * 6, 0.0], True),
        ([0.0, *[0.049] * 20], False),
        ([0.0, *[float("nan")] * 20], False),
    ],
    ids=["too short", "held", "dropped between", "dropped after", "too low", "lost"],
)
def test_picked_up_is_five_centimetres_for_a_second(heights: list[float], success: bool) -> None:
    """One height every 0.2 s."""
    judge = LiftJudge()
    judge.restart(0.0)
    for number, height in enumerate(heights):
        judge.see(0.2 * number, height)
    assert judge.success is success
