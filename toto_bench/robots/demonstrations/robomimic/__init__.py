"""Demonstrations in robomimic's HDF5, with h5py."""

from toto_bench.robots.demonstrations.robomimic.reader import read_robomimic
from toto_bench.robots.demonstrations.robomimic.writer import write_robomimic

__all__ = ["read_robomimic", "write_robomimic"]
