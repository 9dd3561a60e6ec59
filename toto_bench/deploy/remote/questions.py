"""Observations as messages and messages as actions, for both ends."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.remote.errors import RemoteProtocolError
from toto_bench.deploy.remote.identity import Acting
from toto_bench.deploy.remote.wire import HEADER_BYTES, Message
from toto_bench.robots.policy import Observation, PolicySpec
from toto_bench.robots.policy.check import checked_images, checked_proprio

IMAGE = "image/"
"""Before the name of a camera, in the name of an array."""


def arrays_of(spec: PolicySpec, observation: Observation) -> dict[str, NDArray[Any]]:
    """What is sent of an observation: the pictures that the policy looks at, and the proprioception.

    Raises:
        ObservationError: a camera is missing, or a size, a length or a value is wrong.
    """
    images = {name: np.asarray(picture)[None] for name, picture in observation.images.items()}
    pictures = checked_images(spec, images, 1)
    proprio = checked_proprio(spec, np.asarray(observation.proprio)[None])
    return {**{f"{IMAGE}{name}": picture[0] for name, picture in pictures.items()}, "proprio": proprio[0]}


def actions_of(spec: PolicySpec, answer: Message) -> NDArray[np.float32]:
    """The actions of an answer, float32 [K, A].

    Raises:
        RemoteProtocolError: it holds none, or they have another shape, or are not finite.
    """
    if answer.kind != "actions" or set(answer.arrays) != {"actions"}:
        raise RemoteProtocolError(f"The server answered `{answer.kind:.20}` to an observation.")
    actions, shape = answer.arrays["actions"], (spec.chunk, len(spec.action.names))
    if actions.shape != shape or actions.dtype != np.float32:
        raise RemoteProtocolError(
            f"The server answered {actions.dtype} {list(actions.shape)} instead of float32 {list(shape)}."
        )
    if not np.isfinite(actions).all():
        raise RemoteProtocolError("The server answered actions that are not finite.")
    return np.array(actions)


def request_bytes(spec: PolicySpec) -> int:
    """Of the longest request that a policy can be sent."""
    pictures = sum(camera.height * camera.width * 3 for camera in spec.cameras)
    return HEADER_BYTES + pictures + 4 * len(spec.proprio) + 64


def blank(spec: PolicySpec) -> Observation:
    """An observation of the right shape that shows nothing."""
    images = {camera.name: np.zeros((camera.height, camera.width, 3), np.uint8) for camera in spec.cameras}
    return Observation(images, np.zeros(len(spec.proprio), np.float32))


def _reset(policy: Acting, request: Message) -> Message:
    policy.reset()
    return Message("done", request.id)


def _act(policy: Acting, request: Message) -> Message:
    if "proprio" not in request.arrays:
        raise RemoteProtocolError("An observation came without proprioception.")
    pictures = {name: array for name, array in request.arrays.items() if name.startswith(IMAGE)}
    images = {name.removeprefix(IMAGE): array for name, array in pictures.items()}
    chunk = policy.act(Observation(images, request.arrays["proprio"]))
    with np.errstate(over="ignore"):
        actions = np.asarray(chunk.actions, dtype=np.float32)
    return Message("actions", request.id, arrays={"actions": actions})


ANSWERS: Mapping[str, Callable[[Acting, Message], Message]] = {"reset": _reset, "act": _act}
"""By the kind of question."""
