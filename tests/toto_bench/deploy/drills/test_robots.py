"""Drills of group 3: the robot fails in the middle of a trial."""

import numpy as np
import pytest

from toto_bench.deploy.drivers.faults import Fault, FaultKind
from toto_bench.deploy.errors import Reason
from toto_bench.deploy.runner import Cause

AT = 15


@pytest.mark.parametrize(
    ("kind", "on", "reason", "message"),
    [
        (FaultKind.REFLEX, "observe", Cause.ROBOT, "aborted by reflex"),
        (FaultKind.REFLEX, "act", Cause.ROBOT, "aborted by reflex"),
        (FaultKind.BARE_ERROR, "observe", Cause.ROBOT, "Net Exception"),
        (FaultKind.BARE_ERROR, "act", Cause.ROBOT, "Net Exception"),
        (FaultKind.FROZEN, "observe", Reason.ROBOT_STALE, "stood still"),
        (FaultKind.NOT_A_NUMBER, "observe", Reason.NOT_FINITE, "measured position is not finite (4: nan)"),
        (FaultKind.ERRORS, "observe", Reason.ROBOT_ERROR, "joint_position_limits_violation"),
        (FaultKind.USER_STOPPED, "observe", Reason.MODE, "user-stopped"),
        (FaultKind.BACKWARDS, "observe", Reason.ROBOT_STALE, "robot's clock went from"),
        (FaultKind.FAST, "observe", Reason.SPEED, "Joint 3 moves at 3.000 rad/s"),
    ],
)
def test_the_arm_stops(bench, kind: FaultKind, on: str, reason: str, message: str) -> None:
    bench.connect(Fault(kind, on, AT))
    ending = bench.run()
    bench.expect(ending, "aborted", reason, message)
    assert AT <= ending.steps <= AT + 1


@pytest.mark.parametrize("kind", [FaultKind.NOT_A_NUMBER, FaultKind.ERRORS, FaultKind.USER_STOPPED])
def test_a_policy_is_not_shown_a_bad_reading(bench, kind: FaultKind) -> None:
    """It would say that its input is wrong, or think about it for a while."""
    bench.connect(Fault(kind, "observe", AT))
    bench.run()
    assert bench.policy.asked == AT


def test_nothing_is_tried_again(bench) -> None:
    """One bad call is the end, however good the next one would be."""
    bench.connect(Fault(FaultKind.BARE_ERROR, "act", AT, count=1))
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.ROBOT, "Net Exception")
    assert ending.steps == AT


def test_the_arm_hits_something(make_bench, swaying) -> None:
    """A reflex of the simulated arm itself: it brakes on its own, and the next reading says so."""
    bench = make_bench()
    bench.connect()
    bench.clock.follow(lambda now: setattr(bench.arm._world, "error", "joint_reflex") if now > 2 else None)
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.ROBOT, "stopped by itself: joint_reflex")
    assert ending.steps == pytest.approx(20, abs=2)


def test_a_robot_that_answers_slowly_once(bench) -> None:
    """One late reading is a missed deadline, and nothing else."""
    bench.connect(Fault(FaultKind.SLOW, "observe", AT, count=1, seconds=0.15))
    ending = bench.run()
    bench.expect(ending, "completed", Reason.TIME, "")
    assert ending.latency["missed deadlines"] == 1
    assert ending.latency["observe p99"] > 0.05


def test_a_robot_that_stays_slow(bench) -> None:
    bench.connect(Fault(FaultKind.SLOW, "observe", AT, seconds=0.15))
    ending = bench.run()
    bench.expect(ending, "aborted", Cause.LATE, "3 deadlines in a row were missed")


def test_what_was_read_is_written_down(bench) -> None:
    """The log shows the fault as it was."""
    bench.connect(Fault(FaultKind.NOT_A_NUMBER, "observe", AT))
    bench.run()
    assert bench.ticks[-1].number == AT
    assert bench.ticks[-1].sent == ()
    assert not np.isnan(bench.ticks[-2].q).any()
