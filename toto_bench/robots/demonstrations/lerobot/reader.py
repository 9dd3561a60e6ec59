"""Reading LeRobot's layouts v3.0, v2.1 and v2.0."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from toto_bench.media.videos import VideoError, VideoInfo, describe_video
from toto_bench.robots.demonstrations.errors import DemonstrationError
from toto_bench.robots.demonstrations.fingerprint import fingerprint_of
from toto_bench.robots.demonstrations.frames import Frames, encoded_frames, video_frames
from toto_bench.robots.demonstrations.lerobot.columns import matrix
from toto_bench.robots.demonstrations.lerobot.index import Entry, Info, read_entries, read_info, read_tasks
from toto_bench.robots.demonstrations.lerobot.layout import (
    ACTION,
    CAMERA,
    NUMBERS,
    STATE,
    SUCCESS,
    TAKEN,
    TIME,
    VELOCITY,
    names_of,
)
from toto_bench.robots.demonstrations.model import Demonstration, DemonstrationSet, of_one_kind
from toto_bench.robots.demonstrations.state import StateLayout

_KEPT = 4
"""Files of data in memory: sets of other programs have many episodes in one."""


def read_lerobot(folder: Path, *, state: StateLayout | None = None) -> DemonstrationSet:
    """A set; episodes that are damaged are left out and named in its `problems`. Pictures are decoded later.

    Args:
        folder: with `meta/info.json`.
        state: which number of `observation.state` is the gripper; None: the one that is called so.

    Raises:
        WrongDemonstrationsError: the description or the list of episodes is missing or damaged.
        RecordingError: the state has no such number.
    """
    info = read_info(folder)
    entries, problems = read_entries(folder, info)
    reader = _Reader(folder, info, state or StateLayout())
    episodes: list[Demonstration] = []
    for entry in entries:
        try:
            episodes.append(reader.episode(entry))
        except DemonstrationError as error:
            problems[name_of(entry)] = str(error)
    episodes = of_one_kind(episodes, problems)
    actions = info.features.get(ACTION)
    return DemonstrationSet(
        episodes=tuple(episodes),
        fps=info.fps,
        joints=reader.joints,
        actions=_names(actions, ACTION) if actions else (),
        source=f"LeRobot {info.version}",
        path=folder,
        fingerprint=fingerprint_of(folder, ("*.json", "*.jsonl", "*.parquet")),
        extras={name: _names(info.features[name], name) for name in reader.extras},
        problems=problems,
        robot=str(info.content.get("robot_type") or ""),
    )


def name_of(entry: Entry) -> str:
    """The name of an episode in its set."""
    return f"episode-{entry.number:06d}"


class _Reader:
    def __init__(self, folder: Path, info: Info, state: StateLayout) -> None:
        self._info, self._state = info, state
        self._tasks = read_tasks(folder)
        self._table = lru_cache(maxsize=_KEPT)(pq.read_table)
        self._video = lru_cache(maxsize=None)(describe_video)
        features = info.features
        self.extras = [
            name
            for name, each in features.items()
            if each.get("dtype") in NUMBERS and name not in TAKEN and _width(each)
        ]
        self._images = [name for name, each in features.items() if each.get("dtype") == "image"]
        width = _width(features.get(STATE, {}))
        self.joints = state.split(np.zeros((0, width)), names_of(features[STATE], width))[2] if width else ()
        if width and not self.joints:
            count = state.split(np.zeros((0, width)), ())[0].shape[1]
            self.joints = tuple(f"joint_{place}" for place in range(count))

    def episode(self, entry: Entry) -> Demonstration:
        """An episode.

        Raises:
            DemonstrationError: it is damaged.
        """
        rows = self._rows(entry)
        features, steps = self._info.features, len(rows)
        width = _width(features.get(STATE, {}))
        state = matrix(rows, STATE) if width else np.zeros((steps, 0))
        joints, gripper, _ = self._state.split(state, names_of(features[STATE], width) if width else ())
        columns = set(rows.column_names)
        actions = matrix(rows, ACTION).astype(np.float32) if ACTION in columns else None
        times = matrix(rows, TIME if TIME in columns else "timestamp")[:, 0]
        return Demonstration(
            name=name_of(entry),
            joints=joints,
            timestamps=times if TIME in columns else np.round(times * self._info.fps) / self._info.fps,
            gripper=gripper,
            velocities=matrix(rows, VELOCITY) if VELOCITY in columns else None,
            actions=actions,
            cameras=self._cameras(entry, rows),
            extras={name: matrix(rows, name) for name in self.extras},
            task=self._task(entry, rows),
            success=_success(entry, rows),
        )

    def _rows(self, entry: Entry) -> pa.Table:
        try:
            table = self._table(entry.data)
            found = table.filter(pc.equal(table["episode_index"], entry.number))
        except (OSError, pa.ArrowException, KeyError) as error:
            raise DemonstrationError(f"{entry.data} cannot be read: {error}.") from error
        if len(found) != entry.length:
            raise DemonstrationError(
                f"{entry.data} has {len(found)} of {entry.length} steps of episode {entry.number}."
            )
        return found.sort_by("frame_index") if "frame_index" in found.column_names else found

    def _cameras(self, entry: Entry, rows: pa.Table) -> Mapping[str, Frames]:
        found: dict[str, Frames] = {}
        for key, (path, start) in entry.videos.items():
            video, first = self._describe(path), round(start * self._info.fps)
            if video.frames < first + entry.length:
                raise DemonstrationError(
                    f"{path} has {video.frames} frames; episode {entry.number} needs {first + entry.length}."
                )
            found[key.removeprefix(CAMERA)] = video_frames(
                path, first, entry.length, video.height, video.width
            )
        for key in self._images:
            pictures = [bytes((row or {}).get("bytes") or b"") for row in rows[key].to_pylist()]
            found[key.removeprefix(CAMERA)] = encoded_frames(pictures, f"`{key}` of episode {entry.number}")
        return found

    def _describe(self, path: Path) -> VideoInfo:
        try:
            return self._video(path)
        except VideoError as error:
            raise DemonstrationError(f"{path} cannot be read: {error}.") from error

    def _task(self, entry: Entry, rows: pa.Table) -> str:
        if entry.tasks:
            return str(entry.tasks[0])
        return (
            self._tasks.get(int(rows["task_index"][0].as_py()), "")
            if "task_index" in rows.column_names
            else ""
        )


def _success(entry: Entry, rows: pa.Table) -> bool | None:
    if entry.success is not None or SUCCESS not in rows.column_names:
        return entry.success
    return bool(matrix(rows, SUCCESS).any())


def _width(feature: Mapping[str, Any]) -> int:
    """Numbers of a step in a column; 0 where it is no row of numbers."""
    shape = list(feature.get("shape") or ())
    return int(shape[0]) if len(shape) == 1 else 0


def _names(feature: dict[str, Any], name: str) -> tuple[str, ...]:
    width = _width(feature)
    return names_of(feature, width) or tuple(f"{name}_{place}" for place in range(width))
