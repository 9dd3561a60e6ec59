"""Who moves the arm in a demonstration."""

from typing import Protocol

import numpy as np

from toto_bench.deploy.kinematics import forward
from toto_bench.deploy.limits import JOINTS, Vector
from toto_bench.deploy.session.operator import Enter, Operator
from toto_bench.deploy.session.station import Scene
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.deploy.simulated.state import yaw_of
from toto_bench.deploy.types import Command, RobotState

_LASTING = 0.9
"""Share of the noise that is left after a step."""
_LOW, _HIGH = 0.06, 0.16
"""m above the table: no noise, and all of it."""


class Demonstrator(Protocol):
    """Moves the arm, and knows when it is done."""

    @property
    def by_hand(self) -> bool:
        """Nothing is sent to the arm: somebody moves it."""
        ...

    def begin(self, random: np.random.Generator) -> None:
        """A demonstration begins."""
        ...

    def command(self, state: RobotState) -> Command | None:
        """The next command, as it is recorded; None by hand."""
        ...

    def disturbed(self, state: RobotState, command: Command) -> Command:
        """What is sent in its place."""
        ...

    def is_done(self) -> bool:
        """Whether the demonstration is over."""
        ...

    def end(self) -> None:
        """It is over, or time is up."""
        ...


class Expert:
    """The script that picks the cube up in a simulation: it knows where the cube is.

    With noise the arm strays and the script brings it back; what the script meant is recorded, without the noise. So a
    policy sees what to do beside the best way, too (arXiv 1703.09327).
    """

    by_hand = False

    def __init__(
        self, scene: Scene, expert: PickExpert, *, noise: float = 0.0, largest: Vector | None = None
    ) -> None:
        """Put them together.

        Args:
            scene: knows where the cube is.
            expert: the script.
            noise: spread of what is added to commands until the gripper closes, as a share of the largest step.
            largest: step that the guard lets pass, [7], rad; needed for noise.
        """
        self._scene, self._expert, self._noise = scene, expert, noise
        self._largest = np.zeros(JOINTS) if largest is None else 0.99 * np.asarray(largest)

    def begin(self, random: np.random.Generator) -> None:
        """Noise of its own."""
        self._random, self._push = random, np.zeros(JOINTS)

    def command(self, state: RobotState) -> Command:
        """Towards the cube, or up with it."""
        cube = self._scene.scene_state().cube
        return self._expert(state, np.array([*cube[:3], yaw_of(cube)]))

    def disturbed(self, state: RobotState, command: Command) -> Command:
        """With noise that lasts for about a second and fades above the table, at most a step from where the arm is."""
        if not self._noise or not command.gripper:
            return command
        fresh = self._random.normal(size=JOINTS)
        self._push = _LASTING * self._push + np.sqrt(1 - _LASTING**2) * fresh
        share = self._noise * float(np.clip((forward(state.q).tool[2] - _LOW) / (_HIGH - _LOW), 0.0, 1.0))
        target = command.q + share * self._largest * self._push
        return Command(np.clip(target, state.q - self._largest, state.q + self._largest), command.gripper)

    def is_done(self) -> bool:
        """The cube is lifted, and was held there."""
        return self._scene.succeeded

    def end(self) -> None:
        """Nothing to do."""


class Hand:
    """A person who guides the arm with their hand, and presses Enter at the end."""

    by_hand = True

    def __init__(self, operator: Operator) -> None:
        self._enter = Enter(operator, "Guide the arm now; Enter ends the demonstration.")

    def begin(self, random: np.random.Generator) -> None:
        """Wait for Enter beside the recording."""
        del random
        self._enter.begin()

    def command(self, state: RobotState) -> None:
        """Nothing is sent."""
        del state

    def disturbed(self, state: RobotState, command: Command) -> Command:
        """Nothing is sent."""
        del state
        return command

    def is_done(self) -> bool:
        """Enter was pressed."""
        return self._enter.pressed()

    def end(self) -> None:
        """The question is answered, or has to be now."""
        self._enter.end()
