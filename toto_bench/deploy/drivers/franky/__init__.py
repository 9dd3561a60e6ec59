"""A Franka arm through franky-control (extra `franka`), which is imported when a robot is connected, not before."""

from toto_bench.deploy.drivers.franky.driver import FrankyDriver

__all__ = ["FrankyDriver"]
