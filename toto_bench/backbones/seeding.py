"""Random initialisation that depends on the seed alone, and that nobody else notices."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw CPU random numbers from `seed` inside the block; every generator is as before after it."""
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed: that would also reseed the accelerators, which fork_rng leaves out here.
        torch.default_generator.manual_seed(seed)
        yield
