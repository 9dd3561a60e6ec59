"""What is written down about every tick of a trial."""

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from toto_bench.deploy.errors import JournalError
from toto_bench.deploy.guard import Passed
from toto_bench.deploy.types import Command, Moment, RobotState


class Tick(BaseModel):
    """A line of the log. Numbers may be NaN or infinite: a fault is written down as it was."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")

    number: int
    """From 0."""
    time: float
    """When it began, s of the trial's clock."""
    clock: float | None = None
    """The robot's own, s; None where the robot could not be read."""
    received: float | None = None
    """When its state arrived, s."""
    mode: str = ""
    errors: tuple[str, ...] = ()
    q: tuple[float, ...] = ()
    """Measured, rad."""
    dq: tuple[float, ...] = ()
    """rad/s."""
    gripper: float | None = None
    sights: dict[str, tuple[float, int]] = {}
    """When each picture was taken, and its number."""
    action: tuple[float, ...] = ()
    """The policy's numbers for this tick; none where it had none in time."""
    asked: tuple[float, ...] = ()
    """Joints that they ask for, rad."""
    asked_gripper: float | None = None
    sent: tuple[float, ...] = ()
    """Joints that the guard let pass and the driver took, rad; none where the last target was held."""
    sent_gripper: float | None = None
    shortened: tuple[int, ...] = ()
    edged: tuple[int, ...] = ()
    """As in `guard.Passed`."""
    seconds: dict[str, float] = {}
    """Of each stage."""
    missed: bool = False
    """The deadline was missed."""

    @property
    def command(self) -> Command | None:
        """What was sent."""
        return None if not self.sent else Command(np.array(self.sent), self.sent_gripper)


def of_moment(moment: Moment) -> dict[str, Any]:
    """Fields of a tick."""
    robot: RobotState = moment.robot
    return {
        "clock": _number(robot.clock),
        "received": _number(robot.received),
        "mode": str(robot.mode),
        "errors": tuple(map(str, robot.errors)),
        "q": _numbers(robot.q),
        "dq": _numbers(robot.dq),
        "gripper": _number(robot.gripper),
        "sights": {name: (sight.captured, sight.sequence) for name, sight in moment.sights.items()},
    }


def of_passed(passed: Passed) -> dict[str, Any]:
    """Fields of a tick."""
    return {
        "sent": _numbers(passed.command.q),
        "sent_gripper": passed.command.gripper,
        "shortened": passed.shortened,
        "edged": passed.edged,
    }


def of_command(command: Command) -> dict[str, Any]:
    """Fields of a tick: what the policy asks for."""
    return {"asked": _numbers(command.q), "asked_gripper": command.gripper}


def of_action(action: Any) -> dict[str, Any]:
    """Fields of a tick; none for what are no numbers."""
    return {"action": _numbers(action)}


def read_ticks(path: Path) -> list[Tick]:
    """The log of a trial; a torn last line, of a process that was killed, is left out.

    Raises:
        JournalError: it cannot be read, or another line than the last is damaged.
    """
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise JournalError(f"{path}: the log cannot be read: {error.strerror or error}.") from error
    ticks = []
    for number, line in enumerate(lines, 1):
        try:
            ticks.append(Tick.model_validate_json(line))
        except ValidationError as error:
            if number == len(lines):
                break
            raise JournalError(
                f"{path}: line {number} of the log is damaged ({error.errors()[0]['msg']}). Take another copy."
            ) from error
    return ticks


def _number(value: Any) -> float | None:
    numbers = _numbers(value)
    return numbers[0] if len(numbers) == 1 else None


def _numbers(values: Any) -> tuple[float, ...]:
    try:
        return () if values is None else tuple(np.asarray(values, dtype=np.float64).ravel().tolist())
    except (TypeError, ValueError, OverflowError):
        return ()
