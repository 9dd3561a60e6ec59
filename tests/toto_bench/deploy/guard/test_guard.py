"""Each check of the guard: what passes, what is changed and said, what stops."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.limits import OURS, WorkingLimits
from toto_bench.deploy.limits.model import JointRange
from toto_bench.deploy.types import Command, Moment, RobotMode, Sight
from toto_bench.deploy.workspace import Workspace
from toto_bench.robots.policy.spec import ActionSpec, CameraSpec, PolicySpec, Readout

READY = np.array([0.0, -math.pi / 4, 0.0, -3 * math.pi / 4, 0.0, math.pi / 2, math.pi / 4])


def trips(bench: Any, reason: Reason, command: Any = None, moment: Any = None) -> str:
    """The message of a refusal of this reason."""
    with pytest.raises(GuardTrip) as caught:
        bench.check(command, moment)
    assert caught.value.reason is reason, caught.value
    return str(caught.value)


def test_a_command_within_everything_passes_unchanged(bench: Any) -> None:
    target = READY + 0.9 * bench.step
    passed = bench.check(Command(target, 1.0))
    assert (passed.command.q == target).all()
    assert passed.command.gripper == 1.0
    assert (passed.shortened, passed.edged, passed.gripper_held) == ((), (), False)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_numbers_have_to_be_finite(make_bench: Any, bad: float) -> None:
    q = READY.copy()
    q[3] = bad
    assert "4: " in trips(make_bench(), Reason.NOT_FINITE, Command(q))
    trips(make_bench(), Reason.NOT_FINITE, Command(READY, bad))
    bench = make_bench()
    trips(bench, Reason.NOT_FINITE, Command(READY), bench.moment(q=q))
    trips(bench := make_bench(), Reason.NOT_FINITE, Command(READY), bench.moment(dq=np.full(7, bad)))


def test_an_overflow_of_half_precision_is_infinite(bench: Any) -> None:
    with np.errstate(over="ignore"):
        trips(bench, Reason.NOT_FINITE, Command(np.full(7, 70000.0).astype(np.float16)))


@pytest.mark.parametrize(
    "q", [np.zeros(6), np.zeros(8), np.zeros((1, 7)), np.zeros(0), 0.0, "home", [[1], [1, 2]], {}, [1j] * 7]
)
def test_commands_have_seven_numbers(bench: Any, q: Any) -> None:
    trips(bench, Reason.SHAPE, Command(q))


def test_a_robot_whose_clock_stands_still_is_stale(bench: Any) -> None:
    """Readings go on arriving, all with the same stamp of the robot."""
    bench.check()
    message = trips(bench, Reason.ROBOT_STALE, moment=bench.moment(clock=5.0))
    assert "0.110 s, more than 0.1 s" in message


def test_a_robot_whose_clock_runs_back_is_stale(bench: Any) -> None:
    bench.check()
    trips(bench, Reason.ROBOT_STALE, moment=bench.moment(clock=4.9))


def test_a_slow_robot_clock_is_not_stale(bench: Any) -> None:
    """A simulator behind real time still ticks."""
    for tick in range(20):
        bench.check(moment=bench.moment(clock=5.0 + tick * 0.02))


def test_an_old_reading_is_stale(bench: Any) -> None:
    trips(bench, Reason.ROBOT_STALE, moment=bench.moment(received=bench.now - 0.1))


def test_pictures_have_to_be_there_fresh_and_of_the_moment(make_bench: Any) -> None:
    def seen(bench: Any, **sights: Sight) -> Moment:
        return replace(bench.moment(), sights=sights)

    bench = make_bench()
    trips(bench, Reason.CAMERA_STALE, moment=seen(bench))
    bench = make_bench()
    trips(bench, Reason.CAMERA_STALE, moment=seen(bench, wrist=Sight(bench.now - 0.2, 1)))
    bench = make_bench()
    trips(bench, Reason.SKEW, moment=seen(bench, wrist=Sight(bench.now - 0.11, 1)))
    bench = make_bench()
    trips(bench, Reason.CAMERA_STALE, moment=seen(bench, wrist=Sight(math.nan, 1)))
    bench = make_bench()
    trips(bench, Reason.CLOCK, moment=seen(bench, wrist=Sight(bench.now + 1, 1)))


@pytest.mark.parametrize("now", [999.0, math.nan, math.inf])
def test_time_never_runs_back(bench: Any, now: float) -> None:
    bench.check()
    with pytest.raises(GuardTrip) as caught:
        bench.guard.check(bench.moment(), Command(READY), now)
    assert caught.value.reason is Reason.CLOCK


def test_modes_and_errors(make_bench: Any) -> None:
    for mode in RobotMode:
        bench = make_bench()
        if mode in {RobotMode.IDLE, RobotMode.MOVE}:
            bench.check(moment=bench.moment(mode=mode))
        else:
            assert mode in trips(bench, Reason.MODE, moment=bench.moment(mode=mode))
    bench = make_bench()
    assert "cartesian_reflex" in trips(
        bench, Reason.ROBOT_ERROR, moment=bench.moment(errors=("cartesian_reflex",))
    )


def test_a_far_target_is_shortened_and_said(bench: Any) -> None:
    passed = bench.check(Command(READY + 3 * bench.step * np.eye(7)[4]))
    assert passed.command.q == pytest.approx(READY + bench.step * np.eye(7)[4])
    assert passed.shortened == (5,)
    assert bench.guard.counts.shortened == 1


def test_a_jump_stops(bench: Any) -> None:
    assert "joint 3" in trips(bench, Reason.JUMP, Command(READY + 4.1 * bench.step * np.eye(7)[2]))


def test_alternating_extremes_stop_at_the_fifth(bench: Any) -> None:
    for tick in range(4):
        bench.check(Command(READY + 2 * bench.step * (-1) ** tick))
    trips(bench, Reason.CLIPPING, Command(READY + 2 * bench.step))


def test_one_good_target_starts_the_count_anew(bench: Any) -> None:
    for tick in range(20):
        bench.check(Command(READY + (0.5 if tick % 5 == 4 else 2.0) * bench.step))
    assert bench.guard.counts.shortened == 16


EDGE = np.array(OURS.position.upper)


def test_a_target_just_outside_goes_to_the_edge_and_is_said(make_bench: Any) -> None:
    q = READY.copy()
    q[6] = EDGE[6] - 0.01
    bench = make_bench()
    passed = bench.check(Command(q + 0.02 * np.eye(7)[6]), bench.moment(q=q))
    assert passed.command.q[6] == EDGE[6]
    assert passed.edged == (7,)


def test_an_arm_outside_its_range_stops(make_bench: Any) -> None:
    """Putting the target on the edge would be more than a step; far outside it is refused at once."""
    for beyond, words in ((0.08, "guide it back"), (0.3, "outside its range")):
        q = READY.copy()
        q[6] = EDGE[6] + beyond
        bench = make_bench()
        assert words in trips(bench, Reason.JOINT_RANGE, Command(q), bench.moment(q=q))


def test_a_target_far_outside_stops_even_within_a_step(make_bench: Any) -> None:
    """At few commands per second a step is larger than the slack."""
    settings = GuardSettings(rate_hz=2, limits=WorkingLimits(speed_factor=1))
    q = READY.copy()
    q[6] = EDGE[6]
    bench = make_bench(settings)
    assert bench.check(Command(q + 0.09 * np.eye(7)[6]), bench.moment(q=q)).edged == (7,)
    bench = make_bench(settings)
    target = Command(q + 0.11 * np.eye(7)[6])
    assert "more than 0.1 rad" in trips(bench, Reason.JOINT_RANGE, target, bench.moment(q=q))


def test_the_users_range_holds(make_bench: Any) -> None:
    own = JointRange(lower=OURS.position.lower, upper=(0.005, *OURS.position.upper[1:]))
    bench = make_bench(GuardSettings(rate_hz=10, limits=WorkingLimits().narrowed(own)))
    assert bench.check(Command(READY + 0.02 * np.eye(7)[0])).command.q[0] == 0.005


def test_the_way_of_a_large_step_stays_inside_too(make_bench: Any) -> None:
    """At a command per second the hand swings out of the box between two places that are both inside."""
    turn = 0.45 * np.eye(7)[0]
    tips = [forward(READY + side * turn).ends[:, 0].max() for side in (-1, 1)]
    box = Workspace(upper=(float(max(tips)) + 0.001, 0.4, 1.0))
    bench = make_bench(GuardSettings(rate_hz=1, workspace=box, limits=WorkingLimits(speed_factor=1)))
    assert box.violation(READY - turn) is None and box.violation(READY + turn) is None
    target, moment = Command(READY + turn), bench.moment(q=READY - turn)
    assert "outside" in trips(bench, Reason.WORKSPACE, target, moment)


@pytest.mark.parametrize("rate", [0.5, 0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_at_which_the_arm_would_be_let_go_far(rate: float) -> None:
    with pytest.raises(ValueError, match="rate_hz"):
        GuardSettings(rate_hz=rate)


def test_leaving_the_workspace_stops_and_is_never_moved(make_bench: Any) -> None:
    bench = make_bench(GuardSettings(rate_hz=10, workspace=Workspace(lower=(0.304, -0.4, 0.0))))
    bench.check(Command(READY))
    assert "hand" in trips(bench, Reason.WORKSPACE, Command(READY - 0.9 * bench.step * np.eye(7)[1]))


def test_the_gripper_stays_in_its_range(make_bench: Any) -> None:
    passed = make_bench().check(Command(READY, 1.2))
    assert (passed.command.gripper, passed.gripper_held) == (1.0, True)
    trips(make_bench(), Reason.GRIPPER, Command(READY, 1.6))
    trips(make_bench(), Reason.GRIPPER, Command(READY, -0.6))


def test_the_gripper_is_not_hurried(bench: Any) -> None:
    """Changes come half a second apart; small ones not at all."""
    sent = [bench.check(Command(READY, float(tick % 2))).command.gripper for tick in range(12)]
    assert sent == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0]
    bench.now += 10
    assert bench.check(Command(READY, 0.04)).command.gripper == 0
    assert bench.check(Command(READY)).command.gripper is None


def test_an_arm_that_runs_away_stops(bench: Any) -> None:
    """1.5 times the working velocity; direction does not matter."""
    fastest = np.array(bench.settings.fastest)
    bench.check(moment=bench.moment(dq=-fastest))
    assert "Joint 2" in trips(
        bench, Reason.SPEED, moment=bench.moment(dq=-fastest * (1 + 0.01 * np.eye(7)[1]))
    )


def test_the_margin_never_exceeds_the_table() -> None:
    assert GuardSettings(rate_hz=10, limits=WorkingLimits(speed_factor=1)).fastest == OURS.velocity


def test_steps_and_time_run_out(make_bench: Any) -> None:
    bench = make_bench(GuardSettings(rate_hz=10, steps=3))
    for _ in range(3):
        bench.check()
    trips(bench, Reason.STEPS)
    assert bench.guard.trip.is_limit
    bench = make_bench(GuardSettings(rate_hz=10, seconds=0.45))
    for _ in range(5):
        bench.check()
    trips(bench, Reason.TIME)


def test_a_stop_is_final(bench: Any) -> None:
    trips(bench, Reason.JUMP, Command(READY + 1))
    assert "joint" in trips(bench, Reason.LATCHED)
    assert bench.guard.trip.reason is Reason.JUMP
    assert bench.guard.counts.passed == 0


def test_others_may_stop_it(bench: Any) -> None:
    with pytest.raises(GuardTrip):
        bench.guard.refuse(Reason.CAMERA_STALE, "Camera `wrist` repeats one picture.")
    assert "repeats" in trips(bench, Reason.LATCHED)


def test_what_cannot_be_judged_stops(bench: Any) -> None:
    trips(bench, Reason.BROKEN, Command(READY), bench.moment(clock="late"))
    trips(bench, Reason.LATCHED)


def test_checks_come_in_order(bench: Any) -> None:
    """Everything is wrong; each reason shows when those before it are mended."""
    wrong = {"mode": RobotMode.REFLEX, "dq": np.full(7, 9.0)}
    tries: list[tuple[Reason, Command, dict[str, Any], float]] = [
        (Reason.NOT_FINITE, Command(np.full(7, np.nan), 9.0), {**wrong, "received": bench.now - 1}, 10),
        (Reason.ROBOT_STALE, Command(READY + 3, 9.0), {**wrong, "received": bench.now - 1}, 10),
        (Reason.MODE, Command(READY + 3, 9.0), wrong, 10),
        (Reason.JUMP, Command(READY + 3, 9.0), {"dq": np.full(7, 9.0)}, 10),
        (Reason.JOINT_RANGE, Command(EDGE + 0.3, 9.0), {"q": EDGE + 0.3, "dq": np.full(7, 9.0)}, 10),
        (Reason.WORKSPACE, Command(READY, 9.0), {"dq": np.full(7, 9.0)}, 0.1),
        (Reason.GRIPPER, Command(READY, 9.0), {"dq": np.full(7, 9.0)}, 10),
        (Reason.SPEED, Command(READY, 1.0), {"dq": np.full(7, 9.0)}, 10),
    ]
    for reason, command, changes, high in tries:
        other = type(bench)(GuardSettings(rate_hz=10, workspace=Workspace(upper=(1.0, 0.4, high))))
        trips(other, reason, command, other.moment(**changes))


def test_settings_of_a_policy() -> None:
    readout = Readout(
        backbone="pixels",
        weights="none",
        state="0",
        architecture="0",
        preprocessing="0",
        layer=0,
        resolution=8,
        width=4,
    )
    spec = PolicySpec(
        cameras=(CameraSpec(name="wrist", height=8, width=8),),
        readout=readout,
        proprio=("joint1",),
        action=ActionSpec(kind="joint-delta", names=("joint1",)),
        rate_hz=15,
    )
    settings = GuardSettings.for_policy(spec, steps=3)
    assert (settings.rate_hz, settings.cameras, settings.steps) == (15, ("wrist",), 3)
    assert settings.largest_step == pytest.approx([0.2 * velocity / 15 for velocity in OURS.velocity])


def test_settings_refuse_nonsense() -> None:
    for changes in (
        {"rate_hz": 0},
        {"rate_hz": math.nan},
        {"jump": 0.5},
        {"cameras": ("a", "a")},
        {"speed": 1},
    ):
        with pytest.raises(ValidationError):
            GuardSettings(**{"rate_hz": 10, **changes})


def test_the_step_is_never_more_than_half_a_period_at_full_velocity() -> None:
    fast = GuardSettings(rate_hz=10, limits=WorkingLimits(speed_factor=1))
    assert fast.largest_step == pytest.approx([0.05 * velocity for velocity in OURS.velocity])
