"""Which source robot models come from."""

from collections.abc import Callable

from toto_bench.cards import did_you_mean
from toto_bench.robots.assets.kuka import kuka_allegro
from toto_bench.robots.assets.menagerie import menagerie_panda
from toto_bench.robots.assets.model import RobotModel
from toto_bench.robots.assets.panda import panda
from toto_bench.robots.errors import AssetsNameError

SOURCES: dict[str, dict[str, Callable[[], RobotModel]]] = {
    "primitive": {"franka": panda, "kuka-allegro": kuka_allegro},
    "menagerie": {"franka": menagerie_panda},
}
"""Builders by source and robot. Images differ between sources, so numbers must not be compared across them."""


class RobotAssets:
    """Robot models of one source.

    ```python
    robot = RobotAssets("primitive").robot("franka")
    ```
    """

    def __init__(self, source: str = "primitive") -> None:
        """Choose a source.

        Raises:
            AssetsNameError: there is none of this name.
        """
        if source not in SOURCES:
            raise AssetsNameError(
                f"There are no robot models called `{source}`{did_you_mean(source, SOURCES)} "
                f"Choose one of {', '.join(SOURCES)}."
            )
        self.source = source

    def robot(self, name: str) -> RobotModel:
        """A fresh model of `franka` or `kuka-allegro`.

        Raises:
            AssetsNameError: this source does not have the robot.
            AssetsError: its files are not there.
        """
        robots = SOURCES[self.source]
        if name not in robots:
            raise AssetsNameError(
                f"The robot models of `{self.source}` have no `{name}`, only {', '.join(robots)}: "
                "use `assets=primitive`, which has every robot."
            )
        return robots[name]()
