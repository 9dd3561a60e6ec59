"""Rows of an episode, and of the list of episodes, as parquet."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from toto_bench.robots.demonstrations.layout import StepLayout
from toto_bench.robots.demonstrations.lerobot.layout import ACTION, STATE, TIME, VELOCITY
from toto_bench.robots.demonstrations.lerobot.statistics import Moments

Columns = dict[str, NDArray[Any]]
"""[T, D] by name."""


def columns_of(rows: list[dict[str, NDArray[np.float64]]], layout: StepLayout) -> Columns:
    """The columns of an episode from the numbers of its steps."""
    table = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    state = [table["joints"], table["gripper"]] if layout.gripper else [table["joints"]]
    found: Columns = {STATE: np.concatenate(state, 1).astype(np.float32)}
    if layout.velocities:
        found[VELOCITY] = table["velocities"].astype(np.float32)
    if layout.actions:
        found[ACTION] = table["action"].astype(np.float32)
    found |= {name: table[name].astype(np.float32) for name in layout.extras}
    if layout.times:
        found[TIME] = table["time"]
    return found


def counters(steps: int, *, episode: int, first: int, task: int, fps: float) -> Columns:
    """The columns that every set has.

    Args:
        steps: of the episode.
        episode: its number.
        first: number of its first step in the set.
        task: number of its task.
        fps: steps per second.
    """
    count = np.arange(steps, dtype=np.int64)[:, None]
    return {
        "timestamp": (count / fps).astype(np.float32),
        "frame_index": count,
        "episode_index": np.full_like(count, episode),
        "index": count + first,
        "task_index": np.full_like(count, task),
    }


def table_of(columns: Columns) -> pa.Table:
    """A table: single numbers as they are, several as lists of fixed length."""
    arrays = {}
    for name, values in columns.items():
        flat = pa.array(np.ascontiguousarray(values).ravel())
        width = values.shape[1]
        arrays[name] = flat if width == 1 else pa.FixedSizeListArray.from_arrays(flat, width)
    return pa.table(arrays)


def episode_row(
    *,
    number: int,
    task: str,
    length: int,
    first: int,
    place: tuple[int, int],
    videos: dict[str, float],
    success: bool | None,
) -> dict[str, Any]:
    """What the list of episodes says of one.

    Args:
        number: of the episode.
        task: in words.
        length: in steps.
        first: number of its first step in the set.
        place: numbers of the folder and the file of its data and of its videos.
        videos: seconds of each video, by key.
        success: whether the task was done; None: nobody said.
    """
    chunk, file = place
    row: dict[str, Any] = {
        "episode_index": number,
        "tasks": [task],
        "length": length,
        "data/chunk_index": chunk,
        "data/file_index": file,
        "dataset_from_index": first,
        "dataset_to_index": first + length,
        "success": success,
    }
    for key, seconds in videos.items():
        row |= {f"videos/{key}/chunk_index": chunk, f"videos/{key}/file_index": file}
        row |= {f"videos/{key}/from_timestamp": 0.0, f"videos/{key}/to_timestamp": seconds}
    return row


def episodes_table(row: dict[str, Any], statistics: dict[str, Moments], cameras: set[str]) -> pa.Table:
    """One row of the list of episodes, with the statistics of its columns."""
    arrays = {name: _typed(value) for name, value in row.items()}
    for name, moments in statistics.items():
        for what, values in moments.json(picture=name in cameras).items():
            arrays[f"stats/{name}/{what}"] = pa.array([values])
    return pa.table(arrays)


def moments_of(table: pa.Table) -> Iterator[dict[str, Moments]]:
    """The statistics of each row of a list of episodes, by column."""
    names = sorted({name.split("/")[1] for name in table.column_names if name.startswith("stats/")})
    for row in table.to_pylist():
        yield {
            name: Moments.read(
                {what: row[f"stats/{name}/{what}"] for what in ("min", "max", "mean", "std", "count")}
            )
            for name in names
        }


def _typed(value: Any) -> pa.Array:
    return pa.array([value], pa.bool_()) if value is None else pa.array([value])
