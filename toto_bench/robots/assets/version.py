"""Which robot models exactly: a hash of their content, for the identity of results."""

import hashlib

from toto_bench.robots.assets.menagerie import MODELS
from toto_bench.robots.assets.package import from_menagerie
from toto_bench.robots.assets.resolver import RobotAssets

_LENGTH = 16


def assets_version(source: str, robot: str) -> str:
    """The source and a hash of a robot's model: of its MJCF, or of its files where it is Menagerie's.

    It changes when a shape, a mass or a limit does, whatever the number of a package.

    Args:
        source: `primitive` or `menagerie`.
        robot: `franka` or `kuka-allegro`.

    Raises:
        AssetsNameError: no such source, or it does not have the robot.
        AssetsError: the model is not there and cannot be had.
    """
    spec = RobotAssets(source).robot(robot).spec
    if source == "menagerie":
        return f"{source}-{_files(robot)}"
    spec.compile()
    return f"{source}-{hashlib.sha256(spec.to_xml().encode()).hexdigest()[:_LENGTH]}"


def _files(robot: str) -> str:
    """Hash of the names and bytes of all files that make a model."""
    model, entry = MODELS[robot]
    total = hashlib.sha256()
    root = from_menagerie(model, lambda found: found.path(progress=None)).resolve()
    for path in from_menagerie(model, lambda found: found.files(entry)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()[:_LENGTH]
