"""Who moves the arm in a demonstration."""

from typing import Protocol

import numpy as np

from toto_bench.deploy.session.operator import Enter, Operator
from toto_bench.deploy.session.station import Scene
from toto_bench.deploy.simulated.expert import PickExpert
from toto_bench.deploy.simulated.state import yaw_of
from toto_bench.deploy.types import Command, RobotState


class Demonstrator(Protocol):
    """Moves the arm, and knows when it is done."""

    @property
    def by_hand(self) -> bool:
        """Nothing is sent to the arm: somebody moves it."""
        ...

    def begin(self) -> None:
        """A demonstration begins."""
        ...

    def command(self, state: RobotState) -> Command | None:
        """The next command; None by hand."""
        ...

    def is_done(self) -> bool:
        """Whether the demonstration is over."""
        ...

    def end(self) -> None:
        """It is over, or time is up."""
        ...


class Expert:
    """The script that picks the cube up in a simulation: it knows where the cube is."""

    by_hand = False

    def __init__(self, scene: Scene, expert: PickExpert) -> None:
        self._scene, self._expert = scene, expert

    def begin(self) -> None:
        """It remembers nothing."""

    def command(self, state: RobotState) -> Command:
        """Towards the cube, or up with it."""
        cube = self._scene.scene_state().cube
        return self._expert(state, np.array([*cube[:3], yaw_of(cube)]))

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

    def begin(self) -> None:
        """Wait for Enter beside the recording."""
        self._enter.begin()

    def command(self, state: RobotState) -> None:
        """Nothing is sent."""
        del state

    def is_done(self) -> bool:
        """Enter was pressed."""
        return self._enter.pressed()

    def end(self) -> None:
        """The question is answered, or has to be now."""
        self._enter.end()
