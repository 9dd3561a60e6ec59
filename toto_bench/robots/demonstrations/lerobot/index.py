"""The list of episodes of a set, from the files of v3.0 and of v2.0 and v2.1."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toto_bench.robots.demonstrations.errors import WrongDemonstrationsError
from toto_bench.robots.demonstrations.lerobot.layout import (
    DATA_PATH,
    EPISODES_FOLDER,
    INFO,
    TASKS,
    VIDEO_PATH,
)

_FAULTS = (OSError, pa.ArrowException, ValueError, KeyError, IndexError, TypeError, AttributeError)
"""What goes wrong in files that are damaged, or written by other hands."""


@dataclass(frozen=True)
class Entry:
    """Where an episode lies."""

    number: int
    length: int
    data: Path
    videos: Mapping[str, tuple[Path, float]]
    """File and second of its first frame, by key."""
    tasks: tuple[str, ...] = ()
    success: bool | None = None


@dataclass(frozen=True)
class Info:
    """What `meta/info.json` says."""

    content: dict[str, Any]
    version: str
    fps: float
    features: dict[str, dict[str, Any]]

    @property
    def videos(self) -> list[str]:
        """Keys of cameras whose pictures are videos."""
        return [key for key, feature in self.features.items() if feature.get("dtype") == "video"]


def read_info(folder: Path) -> Info:
    """The description of a set.

    Raises:
        WrongDemonstrationsError: it is not there, damaged, or of a version that is not known.
    """
    path = folder / INFO
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = Info(
            content, str(content["codebase_version"]), float(content["fps"]), dict(content["features"])
        )
        if not found.fps > 0 or not all(isinstance(each, dict) for each in found.features.values()):
            raise ValueError("fps and features are not as they should be")
    except _FAULTS as error:
        raise WrongDemonstrationsError(
            f"{path} cannot be read as the description of a LeRobot set ({error}). Take another copy of the "
            "whole folder."
        ) from error
    if not found.version.startswith(("v3.", "v2.")):
        raise WrongDemonstrationsError(
            f"{folder} is a LeRobot set of version {found.version}; v3.0, v2.1 and v2.0 are read. Convert it with "
            "LeRobot's own tools."
        )
    return found


def read_entries(folder: Path, info: Info) -> tuple[list[Entry], dict[str, str]]:
    """Every episode that is listed, in order, and what is wrong with the lists.

    Raises:
        WrongDemonstrationsError: there is no list.
    """
    if info.version.startswith("v2."):
        return _old_entries(folder, info), {}
    files = sorted((folder / EPISODES_FOLDER).glob("*/*.parquet"))
    if not files and info.content.get("total_episodes", 0):
        raise WrongDemonstrationsError(
            f"{folder / EPISODES_FOLDER} has no list of the {info.content['total_episodes']} episodes that {INFO} "
            "promises. Take another copy of the whole folder."
        )
    found: list[Entry] = []
    problems: dict[str, str] = {}
    for file in files:
        try:
            found += _entries(folder, info, file)
        except _FAULTS as error:
            problems[file.relative_to(folder).as_posix()] = f"its list of episodes cannot be read ({error})"
    return sorted(found, key=lambda entry: entry.number), problems


def read_tasks(folder: Path) -> dict[int, str]:
    """Texts of the tasks by number; empty where the file is not there, or damaged."""
    try:
        if (folder / TASKS).is_file():
            rows = pq.read_table(folder / TASKS).to_pylist()
            texts = {row.pop("task_index"): row for row in rows}
            return {int(number): str(next(iter(row.values()))) for number, row in texts.items()}
        lines = list(_lines(folder / "meta/tasks.jsonl"))
        return {int(row["task_index"]): str(row["task"]) for row in lines}
    except (*_FAULTS, StopIteration):
        return {}


def _entries(folder: Path, info: Info, file: Path) -> Iterator[Entry]:
    data = info.content.get("data_path") or DATA_PATH
    video = info.content.get("video_path") or VIDEO_PATH
    names = [name for name in pq.read_schema(file).names if not name.startswith("stats/")]
    for row in pq.read_table(file, columns=names).to_pylist():
        videos = {}
        for key in info.videos:
            chunk, number = row[f"videos/{key}/chunk_index"], row[f"videos/{key}/file_index"]
            path = folder / video.format(video_key=key, chunk_index=chunk, file_index=number)
            videos[key] = (path, float(row[f"videos/{key}/from_timestamp"]))
        place = {"chunk_index": row["data/chunk_index"], "file_index": row["data/file_index"]}
        yield Entry(
            number=int(row["episode_index"]),
            length=int(row["length"]),
            data=folder / data.format(**place),
            videos=videos,
            tasks=tuple(row.get("tasks") or ()),
            success=row.get("success"),
        )


def _old_entries(folder: Path, info: Info) -> list[Entry]:
    path = folder / "meta/episodes.jsonl"
    try:
        size, found = int(info.content.get("chunks_size", 1000)), []
        for row in _lines(path):
            number = int(row["episode_index"])
            place = {"episode_chunk": number // size, "episode_index": number}
            videos = {
                key: (folder / info.content["video_path"].format(video_key=key, **place), 0.0)
                for key in info.videos
            }
            data = folder / info.content["data_path"].format(**place)
            found.append(Entry(number, int(row["length"]), data, videos, tuple(row.get("tasks") or ())))
    except _FAULTS as error:
        raise WrongDemonstrationsError(
            f"{path} cannot be read as the list of episodes of a LeRobot set of version {info.version} ({error}). Take "
            "another copy of the whole folder."
        ) from error
    return sorted(found, key=lambda entry: entry.number)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)
