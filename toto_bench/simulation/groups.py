"""Drawing some geoms as if the others were not there."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import mujoco
import numpy as np
from numpy.typing import NDArray

_HIDDEN = 5
"""The last of MuJoCo's six geom groups; not drawn unless asked for."""


@contextmanager
def only_these(
    model: mujoco.MjModel, only: Collection[int] | None, groups: NDArray[np.uint8]
) -> Iterator[None]:
    """Put all other geoms into a group that is not drawn (None: hide nothing).

    Args:
        model: changed inside the block, as before afterwards.
        only: ids of geoms.
        groups: uint8 [6], which groups are drawn; changed inside the block.
    """
    if only is None:
        yield
        return
    before, drawn = model.geom_group.copy(), groups.copy()
    kept = np.isin(np.arange(model.ngeom), list(only))
    model.geom_group[~kept] = _HIDDEN
    groups[_HIDDEN] = 0
    try:
        yield
    finally:
        model.geom_group[:] = before
        groups[:] = drawn
