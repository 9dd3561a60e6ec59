"""Which numbers of a state are joints, and which is the gripper."""

from dataclasses import dataclass

import numpy as np

from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.model import Floats

GRIPPER = "gripper"
"""Part of the name of a number that is the opening of a gripper."""


@dataclass(frozen=True)
class StateLayout:
    """Which number of a state is the gripper, for files that do not name their numbers, or count otherwise."""

    gripper: int | None = None
    """Its place among the numbers of a state, from 0; negative from the end. None: the one that is called so."""
    closed: float = 0.0
    """The number of a closed gripper."""
    opened: float = 1.0
    """The number of an open one."""

    def split(self, state: Floats, names: tuple[str, ...]) -> tuple[Floats, Floats | None, tuple[str, ...]]:
        """Joints [T, J], opening [T] if there is one, and names of the joints, of states [T, J (+ 1)].

        Raises:
            RecordingError: there is no such number.
        """
        width = state.shape[1]
        if self.gripper is not None and not -width <= self.gripper < width:
            raise RecordingError(
                f"A state has {width} numbers, and number {self.gripper} was to be its gripper."
            )
        called = [place for place, name in enumerate(names) if GRIPPER in name.lower()]
        place = self.gripper % width if self.gripper is not None else called[0] if len(called) == 1 else None
        if place is None:
            return state, None, names
        opening = (state[:, place] - self.closed) / (self.opened - self.closed)
        return np.delete(state, place, 1), opening, names[:place] + names[place + 1 :]
