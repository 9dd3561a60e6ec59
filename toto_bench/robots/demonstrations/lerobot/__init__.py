"""Demonstrations in LeRobot's layout: parquet and mp4, with pyarrow and PyAV alone."""

from toto_bench.robots.demonstrations.lerobot.convert import write_lerobot
from toto_bench.robots.demonstrations.lerobot.reader import read_lerobot
from toto_bench.robots.demonstrations.lerobot.writer import LeRobotWriter

__all__ = ["LeRobotWriter", "read_lerobot", "write_lerobot"]
