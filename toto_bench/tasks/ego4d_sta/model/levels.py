"""Which layers of a backbone make the pyramid, and the levels that they become."""

import math

STRIDES = (4, 8, 16, 32, 64)
"""Pixels of the still plane from one cell of a level to the next."""
NAMES = ("0", "1", "2", "3", "pool")
"""Of the levels, as torchvision has them; boxes are read from the first four."""
TOP = NAMES[-1]
"""The coarsest level, whose mean stands for the whole picture."""


def pyramid_layers(depth: int, count: int) -> tuple[int, ...]:
    """Layers for the levels, from the finest to the coarsest.

    The Toto paper (arXiv 2501.05453, 4.4) takes five layers without naming them. Evenly spaced, they are the blocks
    floor(k x depth / count): 3, 6, 9, 12 and 16 of 16. A backbone with fewer layers than levels gives some of them
    twice, ceil(k x depth / count): the four stages of a CNN, whose strides are those of the first four levels, each
    make their own, and the last one also makes the fifth; a single layer makes all.

    Args:
        depth: number of layers.
        count: number of levels.

    Returns:
        Numbers in 1..depth, in rising order.
    """
    if depth < count:
        return tuple(math.ceil(k * depth / count) for k in range(1, count + 1))
    return tuple(k * depth // count for k in range(1, count + 1))
