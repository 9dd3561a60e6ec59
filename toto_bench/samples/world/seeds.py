"""Random numbers of a unit of work: they depend on its name and the seed, never on what was made before it."""

import hashlib

import numpy as np


def generator(seed: int, *names: str) -> np.random.Generator:
    """The random numbers of one purpose, for example `generator(making.seed, "davis", unit)`."""
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(np.frombuffer(digest, dtype=np.uint32).tolist()))
