"""The guard: all checks in their order, a memory, and a latch."""

from dataclasses import dataclass, replace
from typing import NoReturn

from toto_bench.deploy.errors import GuardTrip, Reason
from toto_bench.deploy.guard.memory import Memory
from toto_bench.deploy.guard.readings import calm, drivable, finite, fresh, within_caps
from toto_bench.deploy.guard.settings import GuardSettings
from toto_bench.deploy.guard.targets import in_range, in_workspace, near, opening
from toto_bench.deploy.types import Command, Moment


@dataclass(frozen=True, eq=False)
class Passed:
    """A command that may be sent, and everything in which it differs from what was asked."""

    command: Command
    shortened: tuple[int, ...] = ()
    """Joints (from 1) whose target was more than a step away."""
    edged: tuple[int, ...] = ()
    """Joints whose target was put on the edge of its range."""
    gripper_held: bool = False
    """The gripper gets another opening than was asked for."""


@dataclass(frozen=True)
class Counts:
    """How often a trial's commands were changed; for its record."""

    passed: int = 0
    shortened: int = 0
    edged: int = 0
    gripper_held: int = 0


class SafetyGuard:
    """Checks one trial's commands; after the first refusal nothing passes any more.

    It reads no clock and touches no device: the same calls give the same answers. What passes is finite, at most one
    step from the measured position, within the joints' ranges and the workspace, with an opening in [0, 1] or none.
    """

    def __init__(self, settings: GuardSettings) -> None:
        self.settings = settings
        self.counts = Counts()
        self.trip: GuardTrip | None = None
        """The refusal that stopped the trial."""
        self._memory = Memory()

    def check(self, moment: Moment, command: Command, now: float) -> Passed:
        """The command as it may be sent.

        Args:
            moment: robot state and pictures that the command was decided on.
            command: what the policy asks for.
            now: `time.monotonic()`.

        Raises:
            GuardTrip: it may not, and the arm has to be stopped; every later call raises as well.
        """
        if self.trip is not None:
            raise GuardTrip(Reason.LATCHED, f"The guard has stopped this trial: {self.trip}")
        try:
            return self._check(moment, command, now)
        except GuardTrip as trip:
            self.trip = trip
            raise
        except Exception as error:
            self.trip = GuardTrip(Reason.BROKEN, f"The guard could not judge a command: {error!r}.")
            raise self.trip from error

    def refuse(self, reason: Reason, message: str) -> NoReturn:
        """Stop the trial for something that was seen elsewhere, such as a watchdog.

        Raises:
            GuardTrip: always.
        """
        self.trip = self.trip or GuardTrip(reason, message)
        raise self.trip

    def _check(self, moment: Moment, command: Command, now: float) -> Passed:
        settings, robot = self.settings, moment.robot
        asked = finite("The target", command.q)
        gripper = (
            None if command.gripper is None else float(finite("The gripper", [command.gripper], count=1)[0])
        )
        q, dq = finite("The measured position", robot.q), finite("The measured velocity", robot.dq)
        memory = fresh(settings, self._memory, moment, now)
        drivable(robot)
        shortened = near(settings, memory, q, asked)
        edged = in_range(settings, q, shortened.q)
        in_workspace(settings, q, edged.q)
        hand = opening(settings, memory, gripper, now)
        calm(settings, dq)
        within_caps(settings, memory, now)
        self._memory = replace(
            memory,
            steps=memory.steps + 1,
            started=now if memory.started is None else memory.started,
            clips=memory.clips + 1 if shortened.joints else 0,
            gripper=hand.value if hand.new else memory.gripper,
            gripper_changed=now if hand.new else memory.gripper_changed,
        )
        passed = Passed(Command(edged.q, hand.value), shortened.joints, edged.joints, hand.held)
        self._count(passed)
        return passed

    def _count(self, passed: Passed) -> None:
        before = self.counts
        self.counts = Counts(
            passed=before.passed + 1,
            shortened=before.shortened + bool(passed.shortened),
            edged=before.edged + bool(passed.edged),
            gripper_held=before.gripper_held + passed.gripper_held,
        )
