"""Actions are looked at once, where they enter the environments."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.errors import ActionError


def checked_actions(actions: Any, num_envs: int, num_actions: int) -> NDArray[np.float64]:
    """Actions as float64 [N, A]; values beyond [-1, 1] are left for the task to clip.

    Raises:
        ActionError: no array of real numbers, wrong shape, or not finite.
    """
    expected = (num_envs, num_actions)
    array = _array(actions, expected)
    if array.shape != expected:
        raise ActionError(
            f"Actions have shape {array.shape}; {num_envs} environments with {num_actions} joints need {expected}."
        )
    if not (finite := np.isfinite(array)).all():
        wrong = np.flatnonzero(~finite.all(1))
        raise ActionError(
            f"The action of environment {int(wrong[0])} is not finite: the policy that made it has diverged."
        )
    return array


def _array(actions: Any, expected: tuple[int, int]) -> NDArray[np.float64]:
    try:
        array = np.asarray(actions)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists; tensors with gradients or on a GPU
        raise ActionError(
            f"Actions have to be one array of numbers {expected}, which what was given cannot become: {error}."
        ) from error
    if array.dtype.kind not in "fiu":
        raise ActionError(f"Actions have to be numbers in [-1, 1], not of the type `{array.dtype}`.")
    return array.astype(np.float64)
