"""Which example comes at which position: a fresh seeded permutation for each epoch, without end."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


class Sampler:
    """Order of a set of examples, epoch after epoch. It has no state: a position in the endless order is all there is.

    So a training resumes in the middle of an epoch by its position, and ranks take slices of the same order.
    """

    def __init__(self, length: int, seed: int) -> None:
        if length < 1:
            raise ValueError("a sampler needs examples")
        self.length, self.seed = length, seed
        self._permutation = lru_cache(maxsize=2)(self._draw)

    def indices(self, positions: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Examples (0..length-1) at these positions (0..)."""
        where = np.asarray(positions, np.int64)
        epochs, offsets = np.divmod(where, self.length)
        found = np.empty_like(where)
        for epoch in np.unique(epochs):
            chosen = epochs == epoch
            found[chosen] = self._permutation(int(epoch))[offsets[chosen]]
        return found

    def _draw(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((self.seed, epoch)).permutation(self.length)


def and_later(positions: range, length: int) -> Iterator[range]:
    """These positions, then as many that follow, and so on, until a whole epoch of `length` examples is among them.

    For a micro-batch of which no example can be decoded: the next ones take its place.
    """
    for later in range(0, 2 * length, len(positions)):
        yield range(positions.start + later, positions.stop + later)
