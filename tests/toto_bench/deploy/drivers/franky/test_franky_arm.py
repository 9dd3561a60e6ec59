"""Connecting: limits that are ours, the robot's own description, and what goes wrong; on a fake robot."""

import sys
import time

import numpy as np
import pytest

from tests.toto_bench.deploy.drivers.franky.fake import (
    URDF,
    ControlException,
    IncompatibleVersionException,
    NetworkException,
    RealtimeConfig,
)
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky import FrankyDriver
from toto_bench.deploy.drivers.franky.faults import fault_of
from toto_bench.deploy.limits import FER, FR3, OURS, WorkingLimits
from toto_bench.errors import RequestError


def connected(**options):
    driver = FrankyDriver("127.0.0.1", simulated=True, **options)
    driver.connect()
    return driver


def test_limits_are_set_and_within_either_robots(world):
    limits = WorkingLimits(speed_factor=0.5)
    driver = connected(limits=limits)
    robot = world.robot
    assert np.allclose(robot.joint_velocity_limit.get(), limits.velocity)
    assert np.allclose(robot.joint_acceleration_limit.get(), limits.acceleration)
    assert np.allclose(robot.joint_jerk_limit.get(), limits.jerk)
    assert robot.translation_velocity_limit.get() == pytest.approx(0.5 * OURS.cartesian.speed)
    assert robot.rotation_jerk_limit.get() == pytest.approx(0.5 * OURS.cartesian.turning_jerk)
    for table in (FER, FR3):
        assert (robot.joint_acceleration_limit.get() <= np.array(table.acceleration)).all()
    assert world.sent("collision") == [
        ("collision", list(limits.collision.torque), list(limits.collision.force))
    ]
    driver.close()


def test_a_robot_that_does_not_take_limits_is_not_driven(world):
    world.deaf = True
    with pytest.raises(RobotFault, match="joint_velocity_limit"):
        connected()


def test_ranges_are_narrowed_by_the_robots_description(world):
    world.urdf = URDF.replace('lower="-2.9" upper="2.9"', 'lower="-1.0" upper="1.5"', 1)
    driver = connected()
    assert driver.limits.position.lower[0] == -1.0 and driver.limits.position.upper[0] == 1.5
    assert driver.limits.position.upper[1:] == OURS.position.upper[1:]
    driver.close()


@pytest.mark.parametrize("urdf", ['<robot name="fr3"/>', URDF.replace('lower="0.5" upper="4.5"', "")])
def test_a_description_that_does_not_fit_is_refused(world, urdf):
    world.urdf = urdf
    with pytest.raises(RobotFault, match="description does not fit"):
        connected()


def test_another_arm_is_refused(world):
    with pytest.raises(RobotFault, match="not an arm of kind `fer`"):
        connected(arm="fer")


def test_an_old_system_has_no_description(world):
    world.urdf = ""
    driver = connected()
    assert driver.limits == WorkingLimits()
    driver.close()


def test_real_time_is_enforced_on_a_real_arm(world):
    driver = FrankyDriver("172.16.0.2")
    driver.connect()
    assert world.sent("robot")[0][2] is RealtimeConfig.Enforce
    assert not driver.info().simulated
    driver.close()


def test_only_this_computer_is_simulated():
    with pytest.raises(RequestError, match="not this computer"):
        FrankyDriver("172.16.0.2", simulated=True)


def test_without_franky_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "franky", None)
    with pytest.raises(RequestError, match=r"toto-bench\[franka\]"):
        FrankyDriver("127.0.0.1").connect()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (IncompatibleVersionException("server 5, library 10"), "by-robot-server-version/5/"),
        (type("RealtimeException", (Exception,), {})("no"), "PREEMPT_RT"),
        (NetworkException("Connection to FCI refused."), "activate FCI in Desk"),
        (NetworkException("UDP receive: Timeout"), "network cable"),
        (RuntimeError("Net Exception"), "network cable"),
        (ControlException("motion aborted by reflex!"), "free it"),
        (ControlException("Move command preempted!"), "broken off"),
        (ValueError("whatever"), "ValueError: whatever"),
    ],
)
def test_faults_say_what_to_do(world, error, says):
    world.refuses = error
    driver = FrankyDriver("127.0.0.1", simulated=True)
    with pytest.raises(RobotFault) as caught:
        driver.connect()
    assert says in str(caught.value)
    assert type(error).__name__ in str(caught.value)
    world.refuses = None
    driver.connect()
    driver.close()


def test_a_gripper_that_cannot_be_reached_is_told(world):
    world.hand_refuses = NetworkException("Connection refused")
    with pytest.raises(RobotFault, match="refuses the connection"):
        connected()


def test_a_robot_that_never_answers_is_told(world, monkeypatch):
    monkeypatch.setattr("toto_bench.deploy.drivers.franky.patience._ANSWER", 0.05)
    monkeypatch.setattr(sys.modules["franky"], "Robot", lambda *args, **options: time.sleep(0.3))
    with pytest.raises(RobotFault, match="End other programs"):
        connected()


def test_a_fault_stays_itself():
    fault = RobotFault("as it is")
    assert fault_of(fault) is fault
