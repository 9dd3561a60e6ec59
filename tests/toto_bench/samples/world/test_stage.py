"""Led items: where they are put, and with which velocity they go on when they are let go."""

import numpy as np
import pytest

from toto_bench.samples.world.paths import Pose, led, still, turned
from toto_bench.samples.world.scene import Item, Scene
from toto_bench.samples.world.stage import Stage

STEP = 0.002
AXIS = (0.0, 0.0, 1.0)


def advance(scene: Stage, steps: int) -> None:
    """Physics, then everything derived from it."""
    scene.advance(steps)
    scene.look()


def stage(path, **more) -> Stage:
    """A ball high above the table."""
    item = Item("ball", "sphere", (0.1,) * 3, (0.0, 0.0, 2.0), path=path)
    return Stage(Scene((item,), **more), STEP)


@pytest.mark.parametrize("until", [0.1, 0.101, 0.1005, 0.1 + 1e-9, 0.1 - 1e-9])
def test_what_is_let_go_keeps_velocity_and_spin_whatever_the_time(until: float):
    """Also where the last step that leads it is not a whole one."""
    path = led(lambda time: (0.5 * time, 0.0, 2.0), lambda time: turned(AXIS, 3.0 * time), until)
    scene = stage(path, gravity=0.0)
    advance(scene, 100)
    assert scene.positions()[0] == pytest.approx((0.1, 0.0, 2.0), abs=1e-6)
    assert abs(scene.rotations()[0] @ turned(AXIS, 0.6)) == pytest.approx(1.0, abs=1e-6)


def test_what_is_held_and_let_go_falls_from_rest():
    scene = stage(led(still((0.0, 0.0, 2.0)), until=0.1), gravity=2.0)
    advance(scene, 40)
    assert np.abs(scene.data.qvel).max() == 0.0
    advance(scene, 110)
    assert scene.positions()[0] == pytest.approx((0.0, 0.0, 2.0 - 0.2**2), abs=2e-3)


def test_a_path_of_one_moment_gives_no_velocity():
    scene = stage(lambda time: Pose((0.0, 0.0, 2.0)) if time == 0 else None, gravity=0.0)
    advance(scene, 50)
    assert scene.positions()[0] == pytest.approx((0.0, 0.0, 2.0))


def test_settling_gives_nothing_a_velocity():
    scene = stage(led(lambda time: (0.5 * time, 0.0, 2.0)))
    scene.settle(0.1)
    scene.look()
    assert scene.positions()[0] == pytest.approx((0.0, 0.0, 2.0))
    assert scene.data.qvel[0] == pytest.approx(0.5)
    advance(scene, 50)
    assert scene.positions()[0] == pytest.approx((0.05, 0.0, 2.0))


def test_settling_lets_things_come_to_rest_before_time_0():
    """Dropped from a finger's breadth; the fall takes no time, and leaves no contacts."""
    item = Item("box", "box", (0.05, 0.05, 0.05), (0.0, 0.0, 0.06))
    heights = []
    for seconds in (0.0, 0.6):
        scene = Stage(Scene((item,)), STEP)
        scene.settle(seconds)
        scene.look()
        heights.append(scene.positions()[0, 2])
        assert scene.time == 0.0
        assert not scene.contacts.found()
    assert heights == pytest.approx([0.06, 0.05], abs=1e-3)
    assert abs(scene.data.qvel[2]) < 1e-3
