"""Sets that other programs wrote: several episodes in a file, version 2.1, pictures in the table, other names."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tests.toto_bench.robots.demonstrations.conftest import number_in, pattern
from toto_bench.media.h264 import write_h264
from toto_bench.robots.demonstrations import RecordingError, StateLayout, read_lerobot

LENGTHS = (6, 9, 4)
STARTS = (0, 6, 15)
KEY = "observation.images.top"
NUMBERS = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}


def info(version: str, **more: Any) -> dict[str, Any]:
    features: dict[str, Any] = {
        "observation.state": {"dtype": "float32", "shape": [8], "names": None},
        "action": {"dtype": "float32", "shape": [8], "names": {"motors": [f"m{k}" for k in range(8)]}},
        "observation.force": {"dtype": "float32", "shape": [1], "names": None},
        "next.success": {"dtype": "bool", "shape": [1], "names": None},
        KEY: {"dtype": "video", "shape": [48, 64, 3], "names": ["height", "width", "channel"]},
    }
    features |= {name: {"dtype": kind, "shape": [1], "names": None} for name, kind in NUMBERS.items()}
    return {
        "codebase_version": version,
        "robot_type": "franka",
        "fps": 15,
        "total_episodes": 3,
        "features": features,
        **more,
    }


def rows(episode: int) -> dict[str, Any]:
    first, length = STARTS[episode], LENGTHS[episode]
    count = np.arange(length)
    return {
        "observation.state": [
            np.append(np.full(7, (first + k) / 50, np.float32), np.float32(k * 8)) for k in count
        ],
        "action": [np.full(8, first + k, np.float32) for k in count],
        "observation.force": np.float32(count),
        "next.success": (count == length - 1) & (episode != 2),
        "timestamp": (count / 15).astype(np.float32),
        "frame_index": count,
        "episode_index": np.full(length, episode),
        "index": count + first,
        "task_index": np.full(length, episode % 2),
    }


def joined(folder: Path) -> Path:
    """Version 3.0 with all episodes in one file of data and one video."""
    (folder / "meta/episodes/chunk-000").mkdir(parents=True)
    (folder / "data/chunk-000").mkdir(parents=True)
    paths = {"data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"}
    paths["video_path"] = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    (folder / "meta/info.json").write_text(json.dumps(info("v3.0", **paths)))
    data = pd.concat([pd.DataFrame(rows(episode)) for episode in range(3)])
    data.to_parquet(folder / "data/chunk-000/file-000.parquet", index=False)
    write_h264(folder / f"videos/{KEY}/chunk-000/file-000.mp4", map(pattern, range(19)), 15, crf=15)
    listed = [
        {
            "episode_index": episode,
            "tasks": ["lift", "lower"][episode % 2 : episode % 2 + 1],
            "length": LENGTHS[episode],
            "data/chunk_index": 0,
            "data/file_index": 0,
            f"videos/{KEY}/chunk_index": 0,
            f"videos/{KEY}/file_index": 0,
            f"videos/{KEY}/from_timestamp": STARTS[episode] / 15,
            "stats/action/mean": [0.0],
        }
        for episode in (2, 0, 1)
    ]
    pd.DataFrame(listed).to_parquet(folder / "meta/episodes/chunk-000/file-000.parquet")
    return folder


def apart(folder: Path) -> Path:
    """Version 2.1: a file of data and a video for each episode, lists in lines of JSON."""
    (folder / "meta").mkdir(parents=True)
    (folder / "data/chunk-000").mkdir(parents=True)
    paths = {
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "chunks_size": 1000,
    }
    paths["video_path"] = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    (folder / "meta/info.json").write_text(json.dumps(info("v2.1", **paths)))
    for episode in range(3):
        frame = pd.DataFrame(rows(episode))
        frame.to_parquet(folder / f"data/chunk-000/episode_{episode:06d}.parquet", index=False)
        pictures = map(pattern, range(STARTS[episode], STARTS[episode] + LENGTHS[episode]))
        write_h264(folder / f"videos/chunk-000/{KEY}/episode_{episode:06d}.mp4", pictures, 15, crf=15)
    lines = [
        {"episode_index": k, "tasks": [["lift", "lower"][k % 2]], "length": LENGTHS[k]} for k in range(3)
    ]
    (folder / "meta/episodes.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.mark.parametrize("make", [joined, apart])
def test_sets_of_other_programs(make: Any, tmp_path: Path) -> None:
    found = read_lerobot(make(tmp_path / "set"), state=StateLayout(gripper=-1, closed=64, opened=0))
    assert found.problems == {}
    assert (found.robot, found.fps) == ("franka", 15)
    assert found.joints == tuple(f"joint_{k}" for k in range(7))
    assert found.actions == tuple(f"m{k}" for k in range(8))
    assert [episode.success for episode in found] == [True, True, False]
    assert [episode.task for episode in found] == ["lift", "lower", "lift"]
    for number, episode in enumerate(found):
        steps = STARTS[number] + np.arange(LENGTHS[number])
        assert [number_in(each) for each in episode.cameras["top"][:]] == steps.tolist()
        np.testing.assert_allclose(episode.joints[:, 0], steps / 50, atol=1e-6)
        np.testing.assert_allclose(episode.gripper, 1 - np.arange(LENGTHS[number]) / 8, atol=1e-6)
        assert episode.actions[:, 3].tolist() == steps.tolist()
        assert episode.extras["observation.force"][:, 0].tolist() == list(range(LENGTHS[number]))
        np.testing.assert_allclose(episode.timestamps, np.arange(LENGTHS[number]) / 15)


def test_a_state_that_names_no_gripper_is_joints(tmp_path: Path) -> None:
    found = read_lerobot(joined(tmp_path / "set"))
    assert found[0].joints.shape == (6, 8)
    assert found[0].gripper is None
    with pytest.raises(RecordingError, match="8 numbers, and number 9"):
        read_lerobot(tmp_path / "set", state=StateLayout(gripper=9))


def test_openings_in_another_unit_are_named(tmp_path: Path) -> None:
    found = read_lerobot(joined(tmp_path / "set"), state=StateLayout(gripper=7))
    assert len(found) == 0
    assert "run from 0 to 64" in found.problems["episode-000001"]


def test_pictures_in_the_table(tmp_path: Path) -> None:
    folder = apart(tmp_path / "set")
    content = json.loads((folder / "meta/info.json").read_text())
    content["features"][KEY]["dtype"] = "image"
    (folder / "meta/info.json").write_text(json.dumps(content))
    for episode in range(3):
        path = folder / f"data/chunk-000/episode_{episode:06d}.parquet"
        pictures = []
        for number in range(STARTS[episode], STARTS[episode] + LENGTHS[episode]):
            stream = io.BytesIO()
            Image.fromarray(pattern(number)).save(stream, "PNG")
            pictures.append({"bytes": stream.getvalue(), "path": None})
        pq.write_table(pq.read_table(path).append_column(KEY, pa.array(pictures)), path)
    found = read_lerobot(folder)
    assert found.problems == {}
    assert (found[1].cameras["top"][:] == np.stack([pattern(k) for k in range(6, 15)])).all()


def test_a_video_that_is_too_short_is_named(tmp_path: Path) -> None:
    folder = joined(tmp_path / "set")
    write_h264(folder / f"videos/{KEY}/chunk-000/file-000.mp4", map(pattern, range(17)), 15, crf=15)
    found = read_lerobot(folder)
    assert [episode.name for episode in found] == ["episode-000000", "episode-000001"]
    assert "has 17 frames; episode 2 needs 19" in found.problems["episode-000002"]
