"""The gripper, which is slow; on a fake one."""

import gc
import time
import weakref

import numpy as np
import pytest

from tests.toto_bench.deploy.drivers.franky.fake import NetworkException
from tests.toto_bench.deploy.drivers.franky.test_franky_driver import until
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.types import Command


def commands(world):
    return [call for call in world.calls if call[0] in {"open", "grasp", "home"}]


def test_closing_grasps_and_opening_moves(driver, world):
    driver.act(Command(world.q, 0.25))
    until(lambda: driver.observe().gripper == pytest.approx(0.25))
    driver.act(Command(world.q, 1.0))
    until(lambda: driver.observe().gripper == pytest.approx(1.0))
    assert [(kind, pytest.approx(width)) for kind, width, *_ in commands(world)] == [
        ("grasp", 0.02),
        ("open", 0.08),
    ]


def test_small_changes_are_not_sent(driver, world):
    for opening in (0.5, 0.52, 0.49, 0.5):
        driver.act(Command(world.q, opening))
        time.sleep(0.02)
    until(lambda: driver.observe().gripper == pytest.approx(0.5))
    driver.act(Command(world.q, None))
    time.sleep(0.1)
    assert len(commands(world)) == 1


def test_the_newest_opening_wins_and_a_command_is_let_end(driver, world):
    world.gripper.takes = 0.3
    for opening in (0.0, 1.0, 0.5):
        driver.act(Command(world.q, opening))
        time.sleep(0.05)
    until(lambda: driver.observe().gripper == pytest.approx(0.5))
    assert [call[0] for call in commands(world)] == ["grasp", "open"]
    assert not world.gripper.overlapped, "franky lets all of Python wait for the earlier command"


def test_the_arm_is_driven_while_the_gripper_works(driver, world):
    world.gripper.takes = 60.0
    driver.act(Command(world.q, 0.0))
    until(lambda: world.sent("grasp"))
    target = world.q + 0.01
    driver.act(Command(target, 0.0))
    until(lambda: np.array_equal(world.sent("move")[-1][1], target))
    assert driver.observe().gripper == 1.0
    until(lambda: np.allclose(driver.observe().q, target))


@pytest.mark.parametrize(
    "answer", [False, NetworkException("UDP receive: Timeout"), RuntimeError("Net Exception")]
)
def test_a_gripper_that_fails_stops_the_arm(driver, world, answer):
    world.gripper.answer = answer
    driver.act(Command(world.q + 0.5, 0.0))
    with pytest.raises(RobotFault, match=r"gripper|connection"):
        until(lambda: driver.observe() is None)
    until(lambda: world.robot is None or world.robot.motion is None)


def test_a_gripper_that_hangs_is_told(driver, world, monkeypatch):
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.order._ANSWER", 0.2)
    world.gripper.takes = 60.0
    driver.act(Command(world.q, 0.0))
    with pytest.raises(RobotFault, match="hangs"):
        until(lambda: driver.observe() is None)


def test_after_a_gripper_fault_a_new_connection_is_made(driver, world):
    world.gripper.answer = False
    driver.act(Command(world.q, 0.0))
    with pytest.raises(RobotFault, match="gripper"):
        until(lambda: driver.observe() is None)
    driver.recover()
    driver.act(Command(world.q, 0.0))
    until(lambda: len(world.sent("grasp")) == 2)
    assert len(world.sent("robot")) == 2


def test_a_stop_keeps_what_is_held(driver, world):
    driver.act(Command(world.q, 0.0))
    until(lambda: driver.observe().gripper == 0.0)
    driver.act(Command(world.q, 1.0))
    driver.stop("now")
    time.sleep(0.1)
    assert not world.sent("hand stop")
    assert driver.at_rest(2.0)
    begun = len(commands(world))
    driver._hand.go(0.5)
    time.sleep(0.1)
    assert len(commands(world)) == begun, "a late command of another thread"
    driver.recover()
    driver.act(Command(world.q, 0.5))
    until(lambda: len(commands(world)) == begun + 1)


def test_a_hard_stop_breaks_fingers_off(driver, world):
    world.gripper.takes = 5.0
    world.sluggish = True
    driver.act(Command(world.q + 0.5, 0.0))
    until(lambda: world.sent("grasp") and world.robot.motion is not None)
    driver.stop("first")
    time.sleep(0.2)
    driver.stop("second")
    until(lambda: world.sent("hand stop"))


def test_a_gripper_whose_command_did_not_end_is_never_let_go(driver, world, monkeypatch):
    """franky's destructor would wait for it, and all of Python with it."""
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.hand._ENDING", 0.1)
    world.gripper.takes = 1e6
    driver.act(Command(world.q, 0.0))
    until(lambda: world.sent("grasp"))
    kept = weakref.ref(world.gripper)
    driver.close()
    world.gripper = None
    gc.collect()
    assert kept() is not None
    assert not kept().overlapped


def test_a_gripper_at_rest_is_let_go(driver, world):
    kept = weakref.ref(world.gripper)
    driver.close()
    world.gripper = None
    gc.collect()
    assert kept() is None
