"""Robot models: shapes of our own by default, MuJoCo Menagerie's meshes by extra."""

from toto_bench.robots.assets.model import RobotModel
from toto_bench.robots.assets.resolver import SOURCES, RobotAssets
from toto_bench.robots.assets.version import assets_version

__all__ = ["SOURCES", "RobotAssets", "RobotModel", "assets_version"]
