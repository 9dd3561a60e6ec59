"""Episodes of RLDS: an example each, the steps of every feature one after another."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toto_bench.media.images import ImageError, decode_image, image_header
from toto_bench.media.sources import Source
from toto_bench.robots.demonstrations.errors import DemonstrationError, WrongDemonstrationsError
from toto_bench.robots.demonstrations.fingerprint import fingerprint_of
from toto_bench.robots.demonstrations.frames import Frames
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet, of_one_kind
from toto_bench.robots.demonstrations.rlds.records import content_of, records_of
from toto_bench.robots.demonstrations.rlds.wire import Feature, parse_example
from toto_bench.robots.demonstrations.state import StateLayout

NAME = "*.tfrecord*"
_SEEN = "steps/observation/"
_JOINTS = ("joint_position", "joint_positions", "joint_pos")
_VELOCITIES = ("joint_velocity", "joint_velocities", "joint_vel")
_GRIPPER = ("gripper_position", "gripper_open")
_STATE, _ACTION, _REWARD = "state", "steps/action", "steps/reward"
_TASKS = ("steps/language_instruction", f"{_SEEN}natural_language_instruction")
_MARKS = ("steps/is_last", "steps/is_first", "steps/is_terminal")
"""Features with one number for each step."""


def read_rlds(path: Path, *, fps: float, state: StateLayout | None = None) -> DemonstrationSet:
    """A set; episodes that are damaged are left out and named in its `problems`. Pictures are decoded later.

    Joints come from `observation/joint_position`. What `observation/state` holds differs from set to set, so it is one
    of the extras unless `state` says which of its numbers is the gripper, the others then being joints.

    Args:
        path: a file, or the folder of a data set's version.
        fps: steps per second, which RLDS does not say.
        state: of `observation/state`; closed and opened also hold for `observation/gripper_position`.

    Raises:
        WrongDemonstrationsError: there are no such files.
        RecordingError: the state has no such number.
    """
    files = sorted(path.glob(NAME)) if path.is_dir() else [path]
    if not files:
        raise WrongDemonstrationsError(f"{path} has no files {NAME}.")
    episodes: list[Demonstration] = []
    problems: dict[str, str] = {}
    for file in files:
        split = re.split(r"[-.]tfrecord", file.name)[0]
        shard = f"{split}-{files.index(file):05d}" if len(files) > 1 else split
        number = 0
        try:
            for number, record in enumerate(records_of(file)):
                name = f"{shard}-{number:05d}"
                try:
                    episodes.append(_episode(name, record, fps, state))
                except DemonstrationError as error:
                    problems[name] = str(error)
        except DemonstrationError as error:
            problems[f"{shard} after record {number}"] = str(error)
    episodes = of_one_kind(episodes, problems)
    first = episodes[0] if episodes else None
    shared = set.intersection(*(set(episode.extras) for episode in episodes)) if episodes else set()
    return DemonstrationSet(
        episodes=tuple(episodes),
        fps=fps,
        joints=_numbered("joint", first.joints) if first else (),
        actions=_numbered("action", first.actions) if first and first.actions is not None else (),
        source="RLDS",
        path=path,
        fingerprint=fingerprint_of(path),
        extras={name: _numbered(name, first.extras[name]) for name in sorted(shared)} if first else {},
        problems=problems,
    )


def _numbered(name: str, values: NDArray[np.floating]) -> tuple[str, ...]:
    return tuple(f"{name}_{place}" for place in range(values.shape[1]))


def _episode(name: str, record: Source, fps: float, state: StateLayout | None) -> Demonstration:
    features = parse_example(content_of(record))
    steps = next((len(features[mark]) for mark in _MARKS if mark in features), 0)
    if not steps:
        raise DemonstrationError(f"Record {name} is no episode of RLDS: it has none of {', '.join(_MARKS)}.")
    seen = {key.removeprefix(_SEEN): value for key, value in features.items() if key.startswith(_SEEN)}
    tables = {key: _table(key, value, steps) for key, value in seen.items() if isinstance(value, np.ndarray)}
    joints = next((tables.pop(key) for key in _JOINTS if key in tables), np.zeros((steps, 0)))
    gripper = next((tables.pop(key)[:, 0] for key in _GRIPPER if key in tables), None)
    if state is not None and gripper is not None:
        gripper = (gripper - state.closed) / (state.opened - state.closed)
    if state is not None and state.gripper is not None and _STATE in tables:
        joints, gripper, _ = state.split(tables.pop(_STATE), ())
    action = features.get(_ACTION)
    rewards = features.get(_REWARD)
    return Demonstration(
        name=name,
        joints=joints,
        timestamps=np.arange(steps) / fps,
        gripper=gripper,
        velocities=next((tables.pop(key) for key in _VELOCITIES if key in tables), None),
        actions=_table(_ACTION, action, steps).astype(np.float32) if isinstance(action, np.ndarray) else None,
        cameras=dict(_cameras(record, seen, steps)),
        extras={key.replace("/", "."): table for key, table in tables.items()},
        task=_task(features),
        success=bool(rewards[-1] >= 1) if isinstance(rewards, np.ndarray) and rewards.any() else None,
    )


def _table(name: str, values: Feature, steps: int) -> NDArray[np.float64]:
    if len(values) % steps:
        raise DemonstrationError(
            f"`{name}` has {len(values)} numbers, which is no row for each of {steps} steps."
        )
    return np.asarray(values, dtype=np.float64).reshape(steps, -1)


def _task(features: dict[str, Feature]) -> str:
    for name in _TASKS:
        texts = features.get(name)
        if isinstance(texts, list) and texts:
            return texts[0].decode("utf-8", errors="replace")
    return ""


def _cameras(record: Source, seen: dict[str, Feature], steps: int) -> Iterator[tuple[str, Frames]]:
    """Features that hold a picture for each step."""
    for key, value in seen.items():
        if not isinstance(value, list) or len(value) != steps:
            continue
        try:
            height, width = image_header(value[0])
        except ImageError:
            continue  # a text
        yield key.replace("/", "."), Frames(steps, height, width, _Pictures(record, key))


class _Pictures:
    """Decodes pictures of one camera of a record, which is read again when it was not the last."""

    def __init__(self, record: Source, key: str) -> None:
        self._record, self._key = record, key

    def __call__(self, numbers: Sequence[int]) -> Iterator[NDArray[np.uint8]]:
        pictures = _features(self._record)[_SEEN + self._key]
        for number in numbers:
            try:
                yield np.asarray(decode_image(bytes(pictures[number])), dtype=np.uint8)
            except ImageError as error:
                raise DemonstrationError(
                    f"{self._record}: picture {number} of `{self._key}` cannot be decoded: {error}."
                ) from error


@lru_cache(maxsize=2)
def _features(record: Source) -> dict[str, Feature]:
    return parse_example(content_of(record))
