"""What a set says of itself: `meta/info.json`, `meta/stats.json` and the list of tasks."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from toto_bench.files import replacing, write_with
from toto_bench.robots.demonstrations.layout import StepLayout
from toto_bench.robots.demonstrations.lerobot.layout import (
    CHUNK,
    DATA_PATH,
    INFO,
    STATISTICS,
    TASKS,
    VERSION,
    VIDEO_PATH,
    features_of,
)
from toto_bench.robots.demonstrations.lerobot.statistics import Moments


def describe(layout: StepLayout, *, episodes: int, steps: int, tasks: int) -> dict[str, Any]:
    """The content of `meta/info.json`.

    Args:
        layout: of every step.
        episodes: in the set.
        steps: of all episodes together.
        tasks: different ones.
    """
    whole = float(layout.fps).is_integer()
    return {
        "codebase_version": VERSION,
        "robot_type": layout.robot or None,
        "total_episodes": episodes,
        "total_frames": steps,
        "total_tasks": tasks,
        "chunks_size": CHUNK,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": int(layout.fps) if whole else layout.fps,
        "splits": {"train": f"0:{episodes}"},
        "data_path": DATA_PATH,
        "video_path": VIDEO_PATH if layout.cameras else None,
        "features": features_of(layout),
    }


@contextlib.contextmanager
def described(
    folder: Path, info: Mapping[str, Any], statistics: Mapping[str, Moments], cameras: set[str]
) -> Iterator[None]:
    """Both files, written before the block and put in place after it, if it ends well: a full disk is met before.

    Raises:
        DiskError: the operating system refused.
    """
    stats = {name: moments.json(picture=name in cameras) for name, moments in statistics.items()}
    with replacing(folder / STATISTICS) as second, replacing(folder / INFO) as first:
        first.write_text(json.dumps(info, indent=1), encoding="utf-8")
        second.write_text(json.dumps(stats, indent=1), encoding="utf-8")
        yield


def write_tasks(folder: Path, tasks: Mapping[str, int]) -> None:
    """The list of tasks, as LeRobot's own reader (pandas) expects it: the texts are the index.

    Raises:
        DiskError: the operating system refused.
    """
    table = pd.DataFrame({"task_index": list(tasks.values())}, index=pd.Index(list(tasks), name="task"))
    write_with(folder / TASKS, table.to_parquet)
