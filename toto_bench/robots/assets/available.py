"""Which robot models are here, and getting those that are not."""

from dataclasses import dataclass
from pathlib import Path

from toto_bench.robots.assets.menagerie import MODELS
from toto_bench.robots.assets.package import ROOT, from_menagerie, menagerie_folder, menagerie_root
from toto_bench.robots.assets.resolver import SOURCES
from toto_bench.robots.assets.version import assets_version
from toto_bench.robots.errors import AssetsError


@dataclass(frozen=True)
class Availability:
    """Of one robot of one source."""

    source: str
    robot: str
    version: str | None
    """What enters the identity of results; None where the model is not here."""
    detail: str
    """Where it comes from, or what it needs."""

    @property
    def here(self) -> bool:
        """Whether it can be used without a download."""
        return self.version is not None


def available_assets() -> list[Availability]:
    """Every robot of every source; nothing is downloaded."""
    return [_look(source, robot) for source, robots in SOURCES.items() for robot in robots]


def prefetch_assets() -> dict[str, Path]:
    """Download the models of MuJoCo Menagerie that tasks use, unless they are here: folder of each robot.

    Raises:
        AssetsError: the package is not installed, or a model cannot be had.
    """
    return {robot: from_menagerie(model, lambda found: found.path()) for robot, (model, _) in MODELS.items()}


def _look(source: str, robot: str) -> Availability:
    if source != "menagerie":
        return Availability(source, robot, assets_version(source, robot), "built in")
    try:
        folder = menagerie_folder(MODELS[robot][0])
        if folder is not None:
            return Availability(source, robot, assets_version(source, robot), str(folder))
    except AssetsError as error:
        return Availability(source, robot, None, str(error))
    if root := menagerie_root():
        missing = f"{ROOT}={root} has no folder `{MODELS[robot][0]}`"
    else:
        missing = "not downloaded yet: `toto-bench simulate assets --prefetch`"
    return Availability(source, robot, None, missing)
