"""Names and places of LeRobot's layout v3.0 (huggingface/lerobot, src/lerobot/datasets/utils.py)."""

from typing import Any

from toto_bench.robots.demonstrations.errors import RecordingError
from toto_bench.robots.demonstrations.layout import StepLayout
from toto_bench.robots.demonstrations.state import GRIPPER

VERSION = "v3.0"
INFO, STATISTICS, TASKS = "meta/info.json", "meta/stats.json", "meta/tasks.parquet"
EPISODES_FOLDER = "meta/episodes"
PLACE = "chunk-{chunk_index:03d}/file-{file_index:03d}"
EPISODES_PATH = f"{EPISODES_FOLDER}/{PLACE}.parquet"
DATA_PATH = f"data/{PLACE}.parquet"
VIDEO_PATH = f"videos/{{video_key}}/{PLACE}.mp4"
CHUNK = 1000
"""Files of a folder."""

STATE, VELOCITY, ACTION, TIME = "observation.state", "observation.velocity", "action", "time"
CAMERA = "observation.images."
SUCCESS, DONE = "next.success", "next.done"
COUNTERS = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}
"""Columns that every set has."""
TAKEN = (STATE, VELOCITY, ACTION, TIME, SUCCESS, DONE, *COUNTERS)
"""Columns that have a place of their own in a demonstration."""
NUMBERS = ("float32", "float64", "int64", "int32", "int16", "uint8", "bool")
"""Types of columns that are numbers."""


def features_of(layout: StepLayout) -> dict[str, dict[str, Any]]:
    """What `meta/info.json` says of each column and each video of a recording.

    Raises:
        RecordingError: one of the extras has a name that columns cannot have, or that is taken.
    """
    for name in layout.extras:
        if "/" in name or name in TAKEN or name.startswith(CAMERA):
            raise RecordingError(f"`{name}` cannot be the name of one of the extras: call it otherwise.")
    state = [*layout.joints, *([GRIPPER] if layout.gripper else [])]
    found = {STATE: _numbers(state)}
    if layout.velocities:
        found[VELOCITY] = _numbers(layout.joints)
    if layout.actions:
        found[ACTION] = _numbers(layout.actions)
    found |= {name: _numbers(names) for name, names in layout.extras.items()}
    if layout.times:
        found[TIME] = _numbers(("seconds",), "float64")
    for camera, (height, width) in layout.cameras.items():
        found[CAMERA + camera] = _video(height, width, layout.fps)
    return found | {name: {"dtype": kind, "shape": [1], "names": None} for name, kind in COUNTERS.items()}


def names_of(feature: dict[str, Any], width: int) -> tuple[str, ...]:
    """Names of the numbers of a column; empty where the file does not name them."""
    names = feature.get("names")
    if isinstance(names, dict):  # older sets group them: {"motors": [...]}
        names = [name for group in names.values() if isinstance(group, list) for name in group]
    return tuple(map(str, names)) if isinstance(names, list) and len(names) == width else ()


def _numbers(names: tuple[str, ...] | list[str], kind: str = "float32") -> dict[str, Any]:
    return {"dtype": kind, "shape": [len(names)], "names": list(names)}


def _video(height: int, width: int, fps: float) -> dict[str, Any]:
    about = {
        "video.height": height,
        "video.width": width,
        "video.codec": "h264",
        "video.pix_fmt": "yuv420p",
        "video.is_depth_map": False,
        "video.fps": fps,
        "video.channels": 3,
        "has_audio": False,
    }
    return {
        "dtype": "video",
        "shape": [height, width, 3],
        "names": ["height", "width", "channels"],
        "info": about,
    }
