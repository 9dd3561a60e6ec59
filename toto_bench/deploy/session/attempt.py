"""One demonstration: the object is placed, the arm goes to its start, somebody acts, and every step is recorded."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from toto_bench.deploy.guard import GuardSettings, SafetyGuard
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.session.demonstrators import Demonstrator
from toto_bench.deploy.session.operator import Operator
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.trials import Region
from toto_bench.deploy.types import Moment, Sight
from toto_bench.deploy.way import go_to_start
from toto_bench.robots.demonstrations import LeRobotWriter, Step, StepLayout

JOINT_NAMES = tuple(f"joint_{number}" for number in range(1, JOINTS + 1))
NUMBERS = (*JOINT_NAMES, "gripper")
"""Of an action: targets of the joints in rad, and of the opening."""


@dataclass(frozen=True)
class Recording:
    """What is recorded."""

    count: int
    """Demonstrations that the set has at the end."""
    start: Vector
    """Where each begins, float64 [7], rad."""
    guard: GuardSettings
    """Its rate is that of the steps, its seconds are the longest demonstration."""
    task: str = "pick up the cube"
    """In words."""
    region: Region = field(default_factory=Region)
    """Where the object may lie."""
    start_noise: float = 0.0
    """rad, plus or minus, of each joint of the start."""
    noise: float = 0.0
    """Of a script's commands, as a share of the largest step; they are recorded without it."""
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Cast:
    """Everything that takes part; the station is open."""

    station: Station
    writer: LeRobotWriter
    demonstrator: Demonstrator
    operator: Operator


def layout_for(station: Station, rate_hz: float, *, by_hand: bool) -> StepLayout:
    """What every step of a recording holds; cameras have to be open.

    Raises:
        RecordingError: pictures cannot be recorded at their size.
        CameraFault: a camera gives none.
    """
    sizes = {name: camera.latest().rgb.shape for name, camera in station.cameras.items()}
    return StepLayout(
        fps=rate_hz,
        joints=JOINT_NAMES,
        cameras={name: (shape[0], shape[1]) for name, shape in sizes.items()},
        gripper=True,
        velocities=True,
        actions=() if by_hand else NUMBERS,
        times=True,
        robot=f"franka {station.driver.info().arm}",
    )


def begin_at_start(
    cast: Cast, recording: Recording, random: np.random.Generator, interrupted: Callable[[], bool]
) -> None:
    """Bring the arm to its start.

    Raises:
        GuardTrip: the start, or the way to it, is not allowed.
        RobotFault: the arm did not arrive, or was interrupted.
    """
    position = recording.guard.limits.position
    noise = random.uniform(-recording.start_noise, recording.start_noise, JOINTS)
    start = np.clip(recording.start + noise, position.lower, position.upper)
    go_to_start(cast.station.driver, recording.guard, start, interrupted)


def place(cast: Cast, recording: Recording, random: np.random.Generator) -> None:
    """Bring the object to a place of the region, or ask for it.

    Raises:
        KeyboardInterrupt: the operator stops.
    """
    region, scene = recording.region, cast.station.scene
    x, y, yaw = (float(random.uniform(*ends)) for ends in (region.x, region.y, region.yaw))
    if scene is not None:
        scene.place_cube(x, y, yaw)
        return
    cast.operator.say(f"Put the object {where(x, y, yaw)}; then step back.")
    cast.operator.ask("Enter begins the demonstration.")


def where(x: float, y: float, yaw: float) -> str:
    """A place on the table in words for a person with a ruler; x and y in m, yaw in rad."""
    side = "left" if y >= 0 else "right"
    return (
        f"{100 * x:.0f} cm before the arm's base and {100 * abs(y):.0f} cm to its {side}, turned by "
        f"{np.degrees(yaw):.0f} degrees"
    )


def act(
    cast: Cast, recording: Recording, random: np.random.Generator, interrupted: Callable[[], bool]
) -> int:
    """Record steps until it is done, or time is up.

    Returns:
        How many there were.

    Raises:
        GuardTrip, RobotFault, CameraFault: something is wrong; nothing was stopped yet.
        KeyboardInterrupt: it was interrupted.
        DiskError: the operating system refused.
    """
    clock, guard = cast.station.clock, SafetyGuard(recording.guard)
    period = 1 / recording.guard.rate_hz
    cast.demonstrator.begin(random)
    begin = due = clock.now()
    steps = 0
    while not cast.demonstrator.is_done() and clock.now() < begin + recording.guard.seconds:
        if interrupted():
            raise KeyboardInterrupt
        _step(cast, guard)
        steps += 1
        due = max(due + period, clock.now())
        clock.sleep_until(due)
    cast.demonstrator.end()
    return steps


def _step(cast: Cast, guard: SafetyGuard) -> None:
    station = cast.station
    state = station.driver.observe()
    frames = {name: camera.latest() for name, camera in station.cameras.items()}
    command = cast.demonstrator.command(state)
    sent = None
    if command is not None:
        sights = {name: Sight(frame.captured, frame.sequence) for name, frame in frames.items()}
        disturbed = cast.demonstrator.disturbed(state, command)
        sent = guard.check(Moment(state, sights), disturbed, station.clock.now()).command
    cast.writer.add(
        Step(
            joints=state.q,
            pictures={name: frame.rgb for name, frame in frames.items()},
            gripper=state.gripper,
            velocities=state.dq,
            action=None if command is None else np.array([*command.q, command.gripper]),
            time=state.received,
        )
    )
    if sent is not None:
        station.driver.act(sent)
