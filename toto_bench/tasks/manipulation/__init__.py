"""Franka and Kuka, pick and cabinet: policies learnt in simulation on frozen features."""

from toto_bench.tasks.manipulation.task import Cabinet, FrankaCabinet, Pick

__all__ = ["Cabinet", "FrankaCabinet", "Pick"]
