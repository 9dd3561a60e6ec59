"""Demonstrations in the layout of RLDS, as TensorFlow Datasets stores them, read without TensorFlow."""

from toto_bench.robots.demonstrations.rlds.reader import read_rlds

__all__ = ["read_rlds"]
