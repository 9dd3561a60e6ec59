"""A simulated Franka Research 3 that speaks libfranka's real protocol (package `franky-sim`), with the cube scene.

It runs in a process of its own, as the real robot does, so that it can be frozen and killed.
"""

from toto_bench.testing.franky_sim.process import FrankySim
from toto_bench.testing.franky_sim.truth import Truth

__all__ = ["FrankySim", "Truth"]
