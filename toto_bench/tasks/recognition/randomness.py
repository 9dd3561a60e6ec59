"""Random numbers of a view: those of an item and a view are the same in every run, process and order."""

import hashlib

import numpy as np


def view_generator(seed: int, item: str, view: int) -> np.random.Generator:
    """The generator from which a training view is drawn.

    Args:
        seed: of the run.
        item: name of the example.
        view: number of the fixed view, or of the epoch where views are drawn anew.
    """
    name = int.from_bytes(hashlib.blake2b(item.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng((seed, name, view))
