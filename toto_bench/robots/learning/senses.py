"""What a policy reads of the environments: proprioception and camera features, or the state without any picture."""

from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.robots.learning.features import FrameFeatures
from toto_bench.robots.tasks import ManipulationTask
from toto_bench.robots.things import thing_of
from toto_bench.robots.views import Views

Ids = NDArray[np.int64]
WAYS = "ways"
"""From each fingertip to the thing."""


class Sensed(NamedTuple):
    """Of some environments, on the CPU."""

    seen: Tensor
    """float16 [n, F], pooled features; F = 0 where no picture is looked at."""
    proprio: NDArray[np.float32]
    """[n, P]."""


class Senses(Protocol):
    """Reads the present state of environments of one task."""

    names: tuple[str, ...]
    """Of the P numbers beside the features."""

    def __call__(self, ids: Ids) -> Sensed:
        """What a policy reads of these environments."""
        ...


class CameraSenses:
    """The wrist camera through a frozen backbone, and proprioception."""

    def __init__(self, task: ManipulationTask, features: FrameFeatures, views: Views) -> None:
        """Look through the camera of a task.

        Args:
            task: the environments.
            features: of pictures.
            views: draws the pictures; it belongs to the thread that looks.
        """
        self._task, self._features, self._views = task, features, views
        self.names = proprio_names(task)

    def __call__(self, ids: Ids) -> Sensed:
        """Features of the present pictures, and joints.

        Raises:
            RenderingError: nothing renders here.
            FeatureError: the backbone's features are not finite.
        """
        return Sensed(self._features(self._views.draw(ids.tolist())), self._task.proprio()[ids])


class StateSenses:
    """Proprioception and what an oracle sees. A policy that reads these is an upper anchor for those that look."""

    def __init__(self, task: ManipulationTask) -> None:
        self._task = task
        parts = [f"{name}_{index}" for name, width in self._widths() for index in range(width)]
        self.names = (*proprio_names(task), *parts)

    def __call__(self, ids: Ids) -> Sensed:
        """Joints, fingertips, servo targets, things, and the way from each fingertip to the thing."""
        flat = [values.reshape(len(values), -1) for values in self._state().values()]
        state = np.concatenate([self._task.proprio(), *flat], axis=1)[ids]
        proprio = np.nan_to_num(state).astype(np.float32)
        return Sensed(torch.empty(len(ids), 0, dtype=torch.float16), proprio)

    def _state(self) -> dict[str, NDArray[np.floating]]:
        state = self._task.privileged()
        thing = thing_of(self._task)
        return {name: state[name] for name in sorted(state)} | {WAYS: thing[:, None] - state["tips"]}

    def _widths(self) -> list[tuple[str, int]]:
        return [(name, int(np.prod(values.shape[1:]))) for name, values in self._state().items()]


def proprio_names(task: ManipulationTask) -> tuple[str, ...]:
    """Names of the 2 A numbers of `ManipulationTask.proprio`."""
    joints = [name.rpartition("/")[2] for name in task.robot.joints]
    return (*(f"{name}_position" for name in joints), *(f"{name}_speed" for name in joints))
