"""Drills of the driver on franky-sim: libfranka's real protocol, without a robot. One at a time."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from toto_bench.deploy.clock import MonotonicClock
from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky import FrankyDriver
from toto_bench.deploy.guard import GuardSettings, SafetyGuard
from toto_bench.deploy.limits import WorkingLimits
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.deploy.simulated.state import yaw_of
from toto_bench.deploy.simulated.world import READY
from toto_bench.deploy.types import Command, Moment, RobotMode
from toto_bench.testing.drivers import CHECKS, Rig, run_check
from toto_bench.testing.franky_sim import FrankySim

pytest.importorskip("franky")
pytest.importorskip("franky_sim")
pytestmark = pytest.mark.slow

CLIENT = Path(__file__).with_name("client.py")
RESTS = 0.03
"""rad/s, under which a joint stands; a little more than the driver's own."""


@pytest.fixture
def sim():
    """The simulated robot."""
    with FrankySim() as sim:
        yield sim


@pytest.fixture
def driver(sim):
    """Connected to it."""
    driver = FrankyDriver(sim.host, simulated=True)
    driver.connect()
    yield driver
    driver.close()


def until(holds, timeout=60.0):
    end = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


def moves(sim):
    return np.abs(sim.truth().dq).max() > 0.05


def rests(sim):
    return np.abs(sim.truth().dq).max() < RESTS


def set_off(driver, sim):
    """On the way to a target that takes seconds."""
    driver.act(Command(driver.observe().q + np.array([1.0, 0, 0, 0, 0, 0, 0])))
    until(lambda: moves(sim))


def expect_fault(call, match):
    with pytest.raises(RobotFault, match=match):
        until(lambda: call() is None and False)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_contract(check, sim):
    run_check(
        check,
        lambda: Rig(FrankyDriver(sim.host, simulated=True), MonotonicClock(), READY, sim.trigger_reflex),
    )


def test_limits_are_set_and_kept(sim):
    limits = WorkingLimits(speed_factor=0.1)
    driver = FrankyDriver(sim.host, simulated=True, limits=limits)
    driver.connect()
    truth = sim.truth()
    assert truth.collision == (*limits.collision.torque, *limits.collision.force)
    assert driver.limits.position == limits.position, "the description of an FR3 is wider than ours"
    robot = driver._link._robot
    assert np.allclose(robot.joint_velocity_limit.get(), limits.velocity)
    assert np.allclose(robot.joint_acceleration_limit.get(), limits.acceleration)
    assert np.allclose(robot.joint_jerk_limit.get(), limits.jerk)
    target = READY + np.array([0.3, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3])
    driver.act(Command(target))
    way = [sim.truth()]
    while np.abs(way[-1].scene.q - target).max() > 0.01:
        time.sleep(0.05)
        way.append(sim.truth())
    speeds = [
        np.abs(later.scene.q - truth.scene.q) / (later.time - truth.time) / limits.velocity
        for truth, later in itertools.combinations(way, 2)
        if later.time - truth.time > 0.5
    ]
    fastest = np.max(speeds)
    assert fastest > 0.7, "the arm is slower than it may be"
    assert fastest < 1.3, (
        "a busy computer loses packets and catches up; franky's own limits are ten times higher"
    )
    driver.close()


def test_a_smooth_stop(driver, sim):
    set_off(driver, sim)
    driver.stop("drill")
    assert driver.at_rest(30)
    assert rests(sim)
    until(lambda: not sim.truth().moving)
    driver.observe()


def test_a_hard_stop(driver, sim):
    set_off(driver, sim)
    driver.stop("drill")
    time.sleep(0.16)
    driver.stop("drill, insisting")
    assert driver.at_rest(30)
    driver.recover()
    driver.act(Command(driver.observe().q))
    driver.observe()


def test_a_frozen_robot(driver, sim):
    set_off(driver, sim)
    sim.freeze()
    begun = driver.observe()
    slowest = 0.0
    with pytest.raises(RobotFault, match=r"clock has stood still|connection"):
        while True:
            before = time.perf_counter()
            state = driver.observe()
            slowest = max(slowest, time.perf_counter() - before)
            assert state.clock - begun.clock < 0.2
            time.sleep(0.01)
    assert slowest < 0.5, "reading waited for the network"
    assert not driver.at_rest(0.2), "nobody can tell"
    until(lambda: driver._link.lost)
    sim.thaw()
    until(lambda: rests(sim))
    expect_fault(driver.observe, r"clock has stood still|connection")
    driver.recover()
    assert driver.observe().mode is RobotMode.IDLE
    set_off(driver, sim)


def test_a_killed_robot(driver, sim):
    set_off(driver, sim)
    sim.kill()
    expect_fault(driver.observe, r"clock has stood still|connection")
    with pytest.raises(RobotFault):
        driver.act(Command(READY))
    driver.stop("after it died")
    until(lambda: driver._link.lost)
    with pytest.raises(RobotFault, match="activate FCI in Desk"):
        driver.recover()
    driver.close()
    with pytest.raises(RobotFault, match="activate FCI in Desk"):
        driver.connect()


def test_a_reflex(driver, sim):
    set_off(driver, sim)
    sim.trigger_reflex()
    expect_fault(driver.observe, "reflex")
    assert driver.at_rest(30) and rests(sim)
    driver.recover()
    assert driver.observe().errors == ()
    set_off(driver, sim)


def test_the_gripper(driver, sim):
    driver.act(Command(driver.observe().q, 0.25))
    until(lambda: abs(driver.observe().gripper - 0.25) < 0.05)
    driver.act(Command(driver.observe().q, 1.0))
    until(lambda: driver.observe().gripper > 0.95)
    assert sim.truth().scene.gripper > 0.95


def test_a_hard_stop_while_the_gripper_moves(driver, sim):
    set_off(driver, sim)
    driver.act(Command(driver.observe().q + np.array([1.0, 0, 0, 0, 0, 0, 0]), 0.0))
    until(lambda: sim.truth().scene.gripper < 0.9)
    driver.stop("drill")
    time.sleep(0.16)
    driver.stop("drill, insisting")
    assert driver.at_rest(30)
    until(lambda: driver._hand.is_idle)
    assert sim.truth().scene.gripper > 0.05, "the fingers went on"
    driver.recover()
    driver.act(Command(driver.observe().q, 1.0))
    until(lambda: driver.observe().gripper > 0.95)


def test_a_reset_that_is_interrupted_on_the_way(driver, sim):
    start = READY + np.array([0.8, 0, 0, 0, 0, 0, 0])
    with pytest.raises(RobotFault, match="interrupted"):
        driver.reset(start, interrupted=lambda: moves(sim))
    assert driver.at_rest(30) and rests(sim)
    assert np.abs(sim.truth().scene.q - start).max() > 0.3


def test_the_expert_picks_the_cube_up(driver, sim):
    """Through the protocol and the safety guard, with friction alone."""
    driver.reset(READY, interrupted=lambda: False)
    sim.place_cube(0.5, 0.1, 0.4)
    expert, clock = PickExpert(), MonotonicClock()
    guard = SafetyGuard(
        GuardSettings(rate_hz=expert.rate_hz, limits=driver.limits, robot_age=0.5, seconds=600)
    )
    for _ in range(3000):
        robot, truth = driver.observe(), sim.truth()
        if truth.picked:
            break
        cube = np.array([*truth.scene.cube[:3], yaw_of(truth.scene.cube)])
        driver.act(guard.check(Moment(robot), expert(robot, cube), clock.now()).command)
        clock.sleep_until(clock.now() + 1 / expert.rate_hz)
    assert sim.succeeded
    assert sim.truth().scene.cube[2] > 0.07


@pytest.fixture
def client(sim):
    """A process of its own that drives the arm to and fro."""
    process = subprocess.Popen(
        [sys.executable, str(CLIENT), sim.host],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    until(lambda: moves(sim))
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name
)
def test_a_client_that_ends(client, sim, number):
    """Ctrl-C stops smoothly, and so does an orderly exit; a killed one leaves an arm that stops by itself."""
    where = sim.truth().scene.q
    client.send_signal(number)
    said = client.communicate(timeout=60)[0].decode()
    assert client.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[number], said
    until(lambda: rests(sim) and not sim.truth().connected)
    assert np.abs(sim.truth().scene.q - where).max() < 0.2
    assert ("at rest: True" in said) is (number != signal.SIGKILL)


def test_a_client_that_is_suspended(client, sim):
    """It can stop nothing; the arm ends at its last target, and does not go on."""
    client.send_signal(signal.SIGSTOP)
    until(lambda: rests(sim))
    target = sim.truth().scene.q
    time.sleep(1.0)
    assert np.abs(sim.truth().scene.q - target).max() < 1e-3
    client.send_signal(signal.SIGCONT)
    client.send_signal(signal.SIGINT)
    client.communicate(timeout=60)
    until(lambda: rests(sim))
