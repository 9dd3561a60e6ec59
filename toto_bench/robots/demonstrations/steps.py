"""An episode step by step."""

from collections.abc import Iterator

from toto_bench.robots.demonstrations.layout import Step, StepLayout
from toto_bench.robots.demonstrations.model import Demonstration

_AT_ONCE = 32


def steps_of(episode: Demonstration, layout: StepLayout) -> Iterator[Step]:
    """The steps of an episode; few pictures are in memory at a time.

    Raises:
        DemonstrationError: a picture cannot be decoded.
    """
    for first in range(0, len(episode), _AT_ONCE):
        last = min(first + _AT_ONCE, len(episode))
        pictures = {camera: episode.cameras[camera][first:last] for camera in layout.cameras}
        for step in range(first, last):
            yield Step(
                joints=episode.joints[step],
                pictures={camera: some[step - first] for camera, some in pictures.items()},
                gripper=None if episode.gripper is None else float(episode.gripper[step]),
                velocities=None if episode.velocities is None else episode.velocities[step],
                action=None if episode.actions is None else episode.actions[step],
                time=float(episode.timestamps[step]),
                extras={name: episode.extras[name][step] for name in layout.extras},
            )
