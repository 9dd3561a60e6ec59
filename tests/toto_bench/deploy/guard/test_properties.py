"""Whatever comes in, what goes out is within the limits, or the run has stopped."""

import contextlib
from typing import Any

import mujoco
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard import GuardSettings, SafetyGuard
from toto_bench.deploy.limits import OURS
from toto_bench.deploy.types import Command, Moment, RobotMode, RobotState, Sight
from toto_bench.robots.assets.panda import panda

ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)
MODEL = panda().spec.compile()
SETTINGS = GuardSettings(rate_hz=10, cameras=("wrist",), steps=12)
STEP = np.array(SETTINGS.largest_step)
MIDDLE = (np.array(OURS.position.lower) + np.array(OURS.position.upper)) / 2
AT_EDGE = np.where(np.arange(7) >= 4, OURS.position.upper, MIDDLE)
"""The wrist at the end of its range."""
JUNK = st.one_of(
    st.lists(ANY, max_size=9), st.text(max_size=3), st.none(), st.integers(), st.lists(st.text(max_size=2))
)


def around(centre: np.ndarray, scale: np.ndarray) -> st.SearchStrategy[np.ndarray]:
    """Rows of seven around a centre, mostly near."""
    unit = st.lists(
        st.one_of(st.floats(-1, 1), st.floats(-6, 6), st.sampled_from([1.0, -1.0, 4.0])),
        min_size=7,
        max_size=7,
    )
    return unit.map(lambda row: centre + scale * np.array(row))


def tips_of(q: np.ndarray) -> np.ndarray:
    """Where MuJoCo sees hand and fingertips of an open hand: [3, 3]."""
    data = mujoco.MjData(MODEL)
    for name, value in zip(panda().joints, [*q, 0.04, 0.04], strict=True):
        data.qpos[MODEL.joint(name).qposadr[0]] = value
    mujoco.mj_kinematics(MODEL, data)
    return np.stack([data.body("hand").xpos, data.site("left_tip").xpos, data.site("right_tip").xpos])


def assert_within_limits(command: Command, q: np.ndarray) -> None:
    """All that the guard promises, written down again without its code."""
    assert command.q.shape == (7,)
    assert np.isfinite(command.q).all()
    assert (np.abs(command.q - q) <= STEP + 1e-8).all()
    assert (command.q >= OURS.position.lower).all()
    assert (command.q <= OURS.position.upper).all()
    box = SETTINGS.workspace
    points = tips_of(command.q)
    assert (points >= np.array(box.lower) - 1e-9).all()
    assert (points <= np.array(box.upper) + 1e-9).all()
    assert command.gripper is None or 0 <= command.gripper <= 1


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_sequence_of_commands(data: st.DataObject) -> None:
    """An arm that goes where it is sent, and a policy that asks for anything."""
    guard, q, now = SafetyGuard(SETTINGS), data.draw(st.sampled_from([MIDDLE, AT_EDGE])), 100.0
    for tick in range(20):
        target = data.draw(
            st.one_of(around(q, STEP), around(q, STEP), st.lists(ANY, min_size=7, max_size=7), JUNK)
        )
        gripper = data.draw(st.one_of(st.none(), st.floats(-0.4, 1.4), ANY))
        state = RobotState(q, np.zeros(7), 1.0, clock=float(tick), received=now)
        moment = Moment(state, {"wrist": Sight(now, tick)})
        try:
            passed = guard.check(moment, Command(target, gripper), now)  # type: ignore[arg-type]
        except GuardTrip as trip:
            assert guard.trip is trip
            break
        assert_within_limits(passed.command, q)
        asked = np.asarray(target, dtype=np.float64)
        changed = set((np.flatnonzero(np.abs(passed.command.q - asked) > 1e-8) + 1).tolist())
        assert changed <= {*passed.shortened, *passed.edged}, "changed in silence"
        assert passed.gripper_held == (gripper is not None and passed.command.gripper != gripper)
        q, now = passed.command.q, now + 0.1
    else:
        raise AssertionError("the trial went on beyond its steps")


@settings(max_examples=100, deadline=None)
@given(
    q=st.one_of(around(MIDDLE, np.ones(7)), JUNK),
    dq=st.one_of(around(np.zeros(7), np.full(7, 0.3)), JUNK),
    clock=ANY,
    received=st.one_of(st.floats(99.8, 100.1), ANY),
    captured=st.one_of(st.floats(99.8, 100.1), ANY),
    mode=st.sampled_from(RobotMode),
    errors=st.sampled_from([(), ("joint_reflex",)]),
    now=st.one_of(st.just(100.0), ANY),
)
def test_any_reading(
    q: Any,
    dq: Any,
    clock: float,
    received: float,
    captured: float,
    mode: RobotMode,
    errors: tuple[str, ...],
    now: float,
) -> None:
    """A command to stay passes only for a robot that is fresh, slow, drivable and inside."""
    guard = SafetyGuard(SETTINGS)
    state = RobotState(q, dq, 1.0, clock, received, mode, errors)
    try:
        passed = guard.check(Moment(state, {"wrist": Sight(captured, 0)}), Command(MIDDLE, 0.5), now)
    except GuardTrip:
        assert guard.trip is not None
    else:
        assert_within_limits(passed.command, np.asarray(q))
        assert (np.abs(dq) <= 1.5 * 0.2 * np.array(OURS.velocity) + 1e-9).all()
        assert now - received <= 0.1
        assert now - captured <= 0.2
        assert mode in {RobotMode.IDLE, RobotMode.MOVE}
        assert not errors


def test_the_places_to_start_from_pass() -> None:
    """Else the properties above would hold of nothing."""
    for q in (MIDDLE, AT_EDGE):
        moment = Moment(RobotState(q, np.zeros(7), 1.0, 1.0, 100.0), {"wrist": Sight(100.0, 0)})
        passed = SafetyGuard(SETTINGS).check(moment, Command(q + 2 * STEP, 0.5), 100.0)
        assert_within_limits(passed.command, q)


@settings(max_examples=40, deadline=None)
@given(target=st.lists(ANY, min_size=7, max_size=7))
def test_nothing_passes_after_a_stop(target: list[float]) -> None:
    guard = SafetyGuard(SETTINGS)
    state = RobotState(MIDDLE, np.zeros(7), 1.0, 1.0, 100.0)
    moment = Moment(state, {"wrist": Sight(100.0, 0)})
    with contextlib.suppress(GuardTrip):
        guard.refuse(Reason.CAMERA_STALE, "Frozen.")
    try:
        guard.check(moment, Command(np.array(target)), 100.0)
    except GuardTrip as trip:
        assert trip.reason is Reason.LATCHED
    else:
        raise AssertionError("passed after a stop")
