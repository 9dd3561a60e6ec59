"""A policy for a real arm, cloned from demonstrations on frozen features."""

from toto_bench.tasks.cube_pick.task import CubePick

__all__ = ["CubePick"]
