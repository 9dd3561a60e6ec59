"""The card of a policy that learns in simulation."""

from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.policy import ActionSpec, CameraSpec, Normalisation, PolicySpec, Readout
from toto_bench.robots.scenes import CAMERA
from toto_bench.robots.tasks import ManipulationTask

SMALLEST = 0.1
"""Below this a number counts as constant in the demonstrations, and is not blown up."""


def camera_of(task: ManipulationTask) -> CameraSpec:
    """The wrist camera, as the task draws what it sees."""
    side = task.spec.image_size
    return CameraSpec(name=CAMERA, height=side, width=side)


def spec_of(
    task: ManipulationTask,
    names: tuple[str, ...],
    first: Demonstrations,
    readout: Readout | None,
    *,
    embedding: int = 128,
    hidden: tuple[int, ...] = (256, 128, 64),
) -> PolicySpec:
    """What a policy for a task reads and does, its scales taken from the first demonstrations.

    Args:
        task: in which it acts.
        names: of what it reads beside features.
        first: what is learnt from first.
        readout: of the backbone; None: it looks at no picture.
        embedding: width of the learned linear layers.
        hidden: widths of the MLP.
    """
    joints = tuple(name.rpartition("/")[2] for name in task.robot.joints)
    return PolicySpec(
        cameras=() if readout is None else (camera_of(task),),
        readout=readout,
        proprio=names,
        proprio_statistics=Normalisation.of(first.proprio.numpy(), smallest=SMALLEST),
        action=ActionSpec(
            kind="joint-target-delta",
            names=joints,
            scale=tuple(task.reach.tolist()),
        ),
        rate_hz=task.spec.control_hz,
        embedding=embedding,
        hidden=hidden,
    )
