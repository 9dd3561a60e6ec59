"""Which source each sequence comes from: the ratios hold exactly in every block of sequences."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK = 1000
"""Sequences of a block; ratios are rounded to one part in so many."""


class Place(NamedTuple):
    """Where a sequence comes from."""

    source: str
    """Name of the source."""
    number: int
    """The how-manieth sequence of this source it is, 0.. without end."""


class Mixture:
    """Sources of an endless order of sequences. It has no state: a position is all there is."""

    def __init__(self, ratios: Mapping[str, float], seed: int) -> None:
        self.names = list(ratios)
        self.counts = _apportion(np.array([ratios[name] for name in self.names], np.float64))
        self.seed = seed
        self._block = lru_cache(maxsize=4)(self._draw)

    def place(self, position: int) -> Place:
        """The sequence at a position 0.."""
        block, offset = divmod(position, BLOCK)
        sources, numbers = self._block(block)
        source = int(sources[offset])
        return Place(self.names[source], block * int(self.counts[source]) + int(numbers[offset]))

    def _draw(self, block: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        sources = np.repeat(np.arange(len(self.names)), self.counts)
        np.random.default_rng((self.seed, block)).shuffle(sources)
        numbers = np.empty_like(sources)
        for source in range(len(self.names)):
            chosen = sources == source
            numbers[chosen] = np.arange(chosen.sum())
        return sources, numbers


def _apportion(ratios: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers of a block in these ratios: by largest remainder, and one at least."""
    shares = ratios / ratios.sum() * BLOCK
    counts: NDArray[np.int64] = np.maximum(np.floor(shares).astype(np.int64), 1)
    order = np.argsort(-(shares - counts), kind="stable")
    for index in range(BLOCK - int(counts.sum())):
        counts[order[index % len(order)]] += 1
    while counts.sum() > BLOCK:
        counts[counts.argmax()] -= 1
    return counts
