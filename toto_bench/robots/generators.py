"""A random generator for each environment, and masks of some of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class Generators:
    """One generator of each environment, so that an episode depends on its own seed alone."""

    def __init__(self, count: int) -> None:
        pairs = [seeding.np_random() for _ in range(count)]
        self.each = [pair[0] for pair in pairs]
        """The generators."""
        self.seeds = [pair[1] for pair in pairs]
        """What each was last seeded with."""

    def seed(self, seed: int | Sequence[int | None] | None, mask: Mask) -> None:
        """Seed those of a mask anew.

        Args:
            seed: of the first environment, the next ones counting up; or one of each. None leaves a generator as it is.
            mask: bool [N].

        Raises:
            ValueError: the list has another length.
        """
        if seed is None:
            return
        count = len(self.each)
        seeds = [seed + index for index in range(count)] if isinstance(seed, int | np.integer) else list(seed)
        if len(seeds) != count:
            raise ValueError(f"There are {len(seeds)} seeds for {count} environments.")
        for index in np.flatnonzero(mask):
            if (one := seeds[index]) is not None:
                self.each[index], self.seeds[index] = seeding.np_random(int(one))


def mask_of(options: dict[str, Any] | None, count: int) -> Mask:
    """Which environments `options["reset_mask"]` names: bool [N]; all if it is not there.

    Raises:
        ValueError: it is no such mask, or names none.
    """
    if options is None or options.get("reset_mask") is None:
        return np.ones(count, dtype=bool)
    mask = np.asarray(options["reset_mask"])
    if mask.shape != (count,) or mask.dtype != bool or not mask.any():
        raise ValueError(f"`reset_mask` has to be {count} booleans, at least one of them true.")
    return mask
