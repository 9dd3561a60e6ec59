"""What robomimic's files are made of (robomimic.github.io, dataset contents)."""

from pathlib import Path
from typing import Any

from toto_bench.errors import RequestError

JOINTS, VELOCITIES, FINGERS = "robot0_joint_pos", "robot0_joint_vel", "robot0_gripper_qpos"
WIDEST = 0.08
"""Opening of the Panda hand in m, whose two fingers robosuite counts in opposite directions."""
IMAGE = "_image"


def hdf5(path: Path) -> Any:
    """The package h5py.

    Raises:
        RequestError: it is missing.
    """
    try:
        import h5py  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        raise RequestError(
            f"To read or write {path}, the package `h5py` is needed: `pip install 'toto-bench[robot-data]'`."
        ) from error
    return h5py
