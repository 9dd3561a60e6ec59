"""Reading robomimic's HDF5: `data/demo_N/{actions,obs/...}` and `mask/`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.errors import DemonstrationError, WrongDemonstrationsError
from toto_bench.robots.demonstrations.fingerprint import fingerprint_of
from toto_bench.robots.demonstrations.frames import Frames
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet, of_one_kind
from toto_bench.robots.demonstrations.robomimic.layout import FINGERS, IMAGE, JOINTS, VELOCITIES, WIDEST, hdf5

_FAULTS = (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError)
"""What h5py raises about files that are damaged, or laid out otherwise."""


def read_robomimic(path: Path, *, fps: float) -> DemonstrationSet:
    """A file; episodes that are damaged are left out and named in its `problems`. Pictures are read later.

    Args:
        path: of the file.
        fps: steps per second, for files that do not say it.

    Raises:
        WrongDemonstrationsError: it is no such file.
        RequestError: h5py is missing.
    """
    try:
        with hdf5(path).File(path, "r") as file:
            data = file["data"]
            about, rate = dict(data.attrs), _rate(data.attrs, fps)
            names = sorted(data, key=lambda name: (len(name), name))
            splits = {split: _strings(file["mask"][split][()]) for split in file.get("mask", {})}
            episodes: list[Demonstration] = []
            problems: dict[str, str] = {}
            for name in names:
                try:
                    episodes.append(_episode(path, name, data[name], rate))
                except (DemonstrationError, *_FAULTS) as error:
                    problems[name] = f"it cannot be read: {error}"
    except _FAULTS as error:
        raise WrongDemonstrationsError(
            f"{path} cannot be read as a robomimic file, which holds demonstrations as `data/demo_0`, `data/demo_1` "
            f"and so on ({error}). Take another copy of it."
        ) from error
    episodes = of_one_kind(episodes, problems)
    width = episodes[0].joints.shape[1] if episodes else 0
    actions = episodes[0].actions if episodes else None
    return DemonstrationSet(
        episodes=tuple(episodes),
        fps=rate,
        joints=tuple(json.loads(about.get("joint_names", "[]"))) or tuple(f"joint_{k}" for k in range(width)),
        actions=() if actions is None else _action_names(about, actions.shape[1]),
        source="robomimic",
        path=path,
        fingerprint=fingerprint_of(path),
        extras=_extra_names(episodes),
        problems=problems,
        robot=str(about.get("robot", "")),
        splits=splits,
    )


def _episode(path: Path, name: str, group: Any, fps: float) -> Demonstration:
    actions = np.asarray(group["actions"][()], dtype=np.float32)
    steps, seen = len(actions), group["obs"]
    numbers = {key: np.asarray(seen[key][()], np.float64) for key in seen if _is_numbers(seen[key])}
    images = {key: seen[key] for key in seen if seen[key].ndim == 4 and seen[key].shape[-1] == 3}
    fingers = numbers.pop(FINGERS, None)
    return Demonstration(
        name=name,
        joints=numbers.pop(JOINTS, np.zeros((steps, 0))),
        timestamps=group["timestamps"][()] if "timestamps" in group else np.arange(steps) / fps,
        gripper=None
        if fingers is None or fingers.shape[1] != 2
        else (fingers[:, 0] - fingers[:, 1]) / WIDEST,
        velocities=numbers.pop(VELOCITIES, None),
        actions=actions,
        cameras={key.removesuffix(IMAGE): _frames(path, image) for key, image in images.items()},
        extras={key: values.reshape(steps, -1) for key, values in numbers.items()},
        task=str(group.attrs.get("task", "")),
        success=_success(group),
    )


def _frames(path: Path, dataset: Any) -> Frames:
    place, (count, height, width, _) = dataset.name, dataset.shape

    def read(numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        try:
            with hdf5(path).File(path, "r") as file:
                for number in numbers:
                    yield np.asarray(file[place][number])
        except _FAULTS as error:
            raise DemonstrationError(f"{path}: pictures of `{place}` cannot be read: {error}.") from error

    return Frames(count, height, width, read)


def _is_numbers(dataset: Any) -> bool:
    return dataset.ndim in (1, 2) and dataset.dtype.kind in "biuf"


def _success(group: Any) -> bool | None:
    return bool(np.max(group["rewards"][()]) >= 1) if "rewards" in group and len(group["rewards"]) else None


def _rate(about: Mapping[str, Any], fps: float) -> float:
    """Steps per second, as robosuite's description of the environment has them."""
    found = json.loads(about.get("env_args", "{}")).get("env_kwargs", {}).get("control_freq", fps)
    if not float(found) > 0:
        raise ValueError(f"{found} steps per second")
    return float(found)


def _strings(values: NDArray[Any]) -> tuple[str, ...]:
    return tuple(value.decode() if isinstance(value, bytes) else str(value) for value in values)


def _action_names(about: Mapping[str, Any], width: int) -> tuple[str, ...]:
    names = tuple(json.loads(about.get("action_names", "[]")))
    return names if len(names) == width else tuple(f"action_{place}" for place in range(width))


def _extra_names(episodes: Sequence[Demonstration]) -> dict[str, tuple[str, ...]]:
    shared = set.intersection(*(set(episode.extras) for episode in episodes)) if episodes else set()
    widths = {name: episodes[0].extras[name].shape[1] for name in sorted(shared)}
    return {name: tuple(f"{name}_{place}" for place in range(width)) for name, width in widths.items()}
