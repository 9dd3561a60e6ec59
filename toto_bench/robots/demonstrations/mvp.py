"""MVP's demonstrations of a real robot: a folder for each, a pickle for each frame (ir413/mvp, mvp/bc/dataset.py)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import DemonstrationError, WrongDemonstrationsError
from toto_bench.robots.demonstrations.fingerprint import fingerprint_of
from toto_bench.robots.demonstrations.frames import Frames
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet, of_one_kind
from toto_bench.robots.demonstrations.unpickle import ForbiddenPickleError, PickleError, unpickle

PICKLES = ("*.pkl", "*.pickle")
JOINTS, GRIPPER = "joint_positions", "gripper_open"
VELOCITIES = ("joint_velocities", "joint_velocites")
"""The second is how MVP's recorder spells it."""
PICTURE = "rgb"
"""Name of the only camera of older demonstrations; later ones have `rgb_ego` and `rgb_exo`."""


def read_mvp(folder: Path, *, fps: float) -> DemonstrationSet:
    """A set; episodes that are damaged are left out and named in its `problems`. Pictures are read later.

    Args:
        folder: of folders of pickles, or of pickles.
        fps: steps per second, which pickles do not say.

    Raises:
        WrongDemonstrationsError: there are no pickles.
        ForbiddenPickleError: a pickle names code; nothing of it was run.
    """
    found = {path: files for path in [folder, *sorted(folder.iterdir())] if (files := _pickles(path))}
    if not found:
        raise WrongDemonstrationsError(
            f"{folder} has no folders with pickles ({', '.join(PICKLES)}) in them."
        )
    episodes: list[Demonstration] = []
    problems: dict[str, str] = {}
    for path, files in found.items():
        try:
            episodes.append(_episode(path.name, files, fps))
        except DemonstrationError as error:
            problems[path.name] = str(error)
    episodes = of_one_kind(episodes, problems)
    width = episodes[0].joints.shape[1] if episodes else 0
    return DemonstrationSet(
        episodes=tuple(episodes),
        fps=fps,
        joints=tuple(f"joint_{place}" for place in range(width)),
        actions=(),
        source="MVP",
        path=folder,
        fingerprint=fingerprint_of(folder),
        problems=problems,
    )


def _pickles(path: Path) -> list[Path]:
    """The frames of an episode: 2.pkl comes before 10.pkl."""
    files = [file for pattern in PICKLES for file in path.glob(pattern)] if path.is_dir() else []
    return sorted(
        files, key=lambda file: [(int(part), "") if part.isdigit() else (-1, part) for part in _parts(file)]
    )


def _parts(file: Path) -> list[str]:
    return [part for part in re.split(r"(\d+)", file.stem) if part]


def _episode(name: str, files: Sequence[Path], fps: float) -> Demonstration:
    rows: dict[str, list[NDArray[np.float64]]] = {"joints": [], "velocities": [], "gripper": []}
    sizes: dict[str, tuple[int, int]] = {}
    for number, file in enumerate(files):
        frame = _frame(file)
        rows["joints"].append(_numbers(file, frame, JOINTS))
        for what, keys in (("velocities", VELOCITIES), ("gripper", (GRIPPER,))):
            rows[what] += [_numbers(file, frame, key) for key in keys if key in frame]
        if number == 0:
            sizes = {key: value.shape[:2] for key, value in frame.items() if _is_camera(key, value)}
    velocities, gripper = rows["velocities"], rows["gripper"]
    return Demonstration(
        name=name,
        joints=_stacked(name, JOINTS, rows["joints"]),
        timestamps=np.arange(len(files)) / fps,
        gripper=_stacked(name, GRIPPER, gripper)[:, 0] if gripper else None,
        velocities=_stacked(name, VELOCITIES[0], velocities) if velocities else None,
        cameras={
            key.removeprefix(f"{PICTURE}_"): Frames(len(files), *size, _pictures(files, key))
            for key, size in sizes.items()
        },
    )


def _frame(file: Path) -> dict[str, Any]:
    try:
        found = unpickle(file.read_bytes())
    except ForbiddenPickleError as error:
        raise ForbiddenPickleError(f"{file} {error}") from None
    except (PickleError, OSError) as error:
        raise DemonstrationError(f"{file} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise DemonstrationError(f"{file} holds a {type(found).__name__} instead of a dict of one frame.")
    return found


def _numbers(file: Path, frame: dict[str, Any], key: str) -> NDArray[np.float64]:
    if key not in frame:
        raise DemonstrationError(f"{file} has no `{key}`, only {', '.join(map(str, frame)) or 'nothing'}.")
    try:
        return np.atleast_1d(np.asarray(frame[key], dtype=np.float64)).ravel()
    except (TypeError, ValueError) as error:
        raise DemonstrationError(f"`{key}` of {file} is no row of numbers: {error}.") from error


def _stacked(name: str, what: str, rows: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    if len({len(row) for row in rows}) != 1:
        raise DemonstrationError(f"`{what}` of demonstration `{name}` is not of one length in all frames.")
    return np.stack(rows)


def _is_camera(key: object, value: Any) -> bool:
    named = isinstance(key, str) and (key == PICTURE or key.startswith(f"{PICTURE}_"))
    return named and isinstance(value, np.ndarray) and value.ndim == 3 and value.shape[2] == 3


def _pictures(files: Sequence[Path], key: str) -> Any:
    def read(numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        for number in numbers:
            picture = _frame(files[number]).get(key)
            if not isinstance(picture, np.ndarray):
                raise DemonstrationError(f"{files[number]} has no picture `{key}`.")
            yield picture

    return read
