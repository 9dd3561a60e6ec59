"""What is recorded is read: every number, and every picture at its step; and the files are as LeRobot's are."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.toto_bench.robots.demonstrations.conftest import JOINTS, LAYOUT, number_in, pattern, steps
from toto_bench.robots.demonstrations import (
    LeRobotWriter,
    RecordingError,
    Step,
    StepLayout,
    read_lerobot,
    write_lerobot,
)

Record = Callable[..., Path]


def test_numbers_come_back(record: Record) -> None:
    found = read_lerobot(record(12, 5, 9))
    assert found.problems == {}
    assert [len(episode) for episode in found] == [12, 5, 9]
    assert (found.fps, found.robot, found.joints, found.actions) == (10, "fr3", JOINTS, (*JOINTS, "gripper"))
    assert found.cameras == {"wrist": (48, 64), "front": (48, 64)}
    assert [episode.success for episode in found] == [True, False, True]
    assert [episode.task for episode in found] == ["pick up the cube", "put it down", "pick up the cube"]
    for seed, episode in enumerate(found):
        given = steps(len(episode), seed)
        np.testing.assert_allclose(episode.joints, [step.joints for step in given], atol=1e-7)
        np.testing.assert_allclose(episode.velocities, [step.velocities for step in given], atol=1e-7)
        np.testing.assert_allclose(episode.actions, [step.action for step in given], atol=1e-6)
        assert episode.gripper.tolist() == [step.gripper for step in given]
        assert episode.timestamps.tolist() == [step.time for step in given]


def test_every_picture_is_that_of_its_step(record: Record) -> None:
    found = read_lerobot(record(30, 17))
    for seed, episode in enumerate(found):
        for camera, offset in (("wrist", 0), ("front", 7)):
            numbers = [number_in(picture) for picture in episode.cameras[camera][:]]
            assert numbers == [100 * seed + offset + k for k in range(len(episode))]
    frames = found[0].cameras["wrist"]
    assert [number_in(frames[k]) for k in (29, 3, 16, -1)] == [29, 3, 16, 29]
    assert [number_in(each) for each in frames.read([20, 4, 4])] == [20, 4, 4]
    assert [number_in(each) for each in frames.take([5, 28, 7])[1:]] == [28, 7]
    assert [len(each) for each in frames.chunks(13)] == [13, 13, 4]


def test_pictures_hardly_differ(record: Record) -> None:
    frames = read_lerobot(record(20))[0].cameras["wrist"]
    error = [np.abs(frames[k].astype(int) - pattern(k)) for k in range(20)]
    assert np.mean(error) < 3
    inside = [each[30:, :, :] for each in error]  # away from the edges of the bits, whose colours are shared
    assert np.max(inside) <= 6


def test_files_are_laid_out_as_lerobot_lays_them_out(record: Record) -> None:
    folder = record(12, 5)
    info = json.loads((folder / "meta/info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (2, 17, 2)
    assert (info["fps"], info["splits"]) == (10, {"train": "0:2"})
    assert info["features"]["observation.state"]["names"] == [*JOINTS, "gripper"]
    assert info["features"]["observation.images.wrist"]["shape"] == [48, 64, 3]
    tasks = pd.read_parquet(folder / "meta/tasks.parquet")
    assert tasks.index.tolist() == ["pick up the cube", "put it down"]
    assert tasks["task_index"].tolist() == [0, 1]
    rows = pd.read_parquet(folder / "meta/episodes/chunk-000/file-000.parquet")
    assert rows["dataset_from_index"].tolist() == [0, 12]
    assert rows["dataset_to_index"].tolist() == [12, 17]
    for number, row in rows.iterrows():
        place = info["data_path"].format(
            chunk_index=row["data/chunk_index"], file_index=row["data/file_index"]
        )
        data = pq.read_table(folder / place).to_pandas()
        assert len(data) == row["length"]
        assert data["index"].tolist() == list(range(row["dataset_from_index"], row["dataset_to_index"]))
        assert data["episode_index"].unique().tolist() == [number]
        np.testing.assert_allclose(data["timestamp"], np.arange(len(data)) / 10, atol=1e-6)
        key = "observation.images.wrist"
        video = info["video_path"].format(
            video_key=key,
            chunk_index=row[f"videos/{key}/chunk_index"],
            file_index=row[f"videos/{key}/file_index"],
        )
        assert (folder / video).is_file()
        assert row[f"videos/{key}/to_timestamp"] - row[f"videos/{key}/from_timestamp"] == len(data) / 10


def test_statistics_are_those_of_all_rows(record: Record) -> None:
    folder = record(12, 5, 9)
    found = json.loads((folder / "meta/stats.json").read_text())
    episodes = read_lerobot(folder).episodes
    joints = np.concatenate([episode.joints for episode in episodes])
    state = found["observation.state"]
    np.testing.assert_allclose(state["mean"][:7], joints.mean(0), atol=1e-6)
    np.testing.assert_allclose(state["std"][:7], joints.std(0), atol=1e-6)
    np.testing.assert_allclose(state["max"][:7], joints.max(0), atol=1e-6)
    assert state["count"] == [26]
    assert np.shape(found["observation.images.wrist"]["mean"]) == (3, 1, 1)
    assert 0 < np.min(found["observation.images.wrist"]["mean"]) < 1


def test_a_set_is_continued(record: Record) -> None:
    folder = record(6)
    with LeRobotWriter(folder, LAYOUT) as writer:
        assert writer.kept == 1
        writer.begin(task="put it down")
        for step in steps(4, 1):
            writer.add(step)
        assert writer.keep() == 1
    found = read_lerobot(folder)
    assert [len(episode) for episode in found] == [6, 4]
    assert found[1].success is None
    assert number_in(found[1].cameras["wrist"][3]) == 103
    once = record(6, 4, folder="at-once")
    for name in ("meta/tasks.parquet", "data/chunk-000/file-001.parquet"):
        assert pq.read_table(folder / name).equals(pq.read_table(once / name))
    assert json.loads((folder / "meta/info.json").read_text()) == json.loads(
        (once / "meta/info.json").read_text()
    )


def test_what_is_dropped_leaves_nothing(record: Record) -> None:
    folder = record(6)
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    with LeRobotWriter(folder, LAYOUT) as writer:
        writer.begin(task="put it down")
        for step in steps(4, 1):
            writer.add(step)
        writer.drop()
        assert sorted(path for path in folder.rglob("*") if path.is_file()) == before
        writer.begin(task="put it down")
        writer.add(steps(4, 1)[0])  # and leaves without a word
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before
    assert len(read_lerobot(folder)) == 1


def test_joints_of_any_number_and_no_pictures(tmp_path: Path) -> None:
    layout = StepLayout(
        fps=60, joints=tuple(f"j{k}" for k in range(23)), extras={"observation.environment_state": ("z",)}
    )
    with LeRobotWriter(tmp_path, layout) as writer:
        writer.begin(task="open")
        for k in range(5):
            writer.add(
                Step(joints=np.full(23, k / 8), extras={"observation.environment_state": np.array([k])})
            )
        writer.keep()
    [episode] = read_lerobot(tmp_path).episodes
    assert episode.joints.shape == (5, 23)
    assert episode.gripper is episode.velocities is episode.actions is None
    assert episode.extras["observation.environment_state"].tolist() == [[0], [1], [2], [3], [4]]
    np.testing.assert_allclose(np.diff(episode.timestamps), 1 / 60, atol=1e-9)
    assert episode.cameras == {}


def test_a_set_is_rewritten_from_memory(record: Record, tmp_path: Path) -> None:
    first = read_lerobot(record(8, 5))
    write_lerobot(first, tmp_path / "copy")
    second = read_lerobot(tmp_path / "copy")
    for one, two in zip(first, second, strict=True):
        assert (one.joints == two.joints).all()
        assert (one.timestamps == two.timestamps).all()
        assert (one.task, one.success) == (two.task, two.success)
        assert [number_in(each) for each in two.cameras["front"][:]] == [
            number_in(each) for each in one.cameras["front"][:]
        ]
    assert first.fingerprint != second.fingerprint
    assert first.fingerprint == read_lerobot(first.path).fingerprint


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"joints": np.zeros(6)}, r"`joints` of a step has shape \[6\]; it was declared as \[7\]"),
        ({"velocities": np.array([0, 0, np.nan, 0, 0, 0, 0])}, "`velocities` of a step is not finite"),
        ({"gripper": None}, "no `gripper`"),
        ({"pictures": {"wrist": pattern(1)}}, "no picture of camera `front`"),
        (
            {"pictures": {"wrist": pattern(1), "front": pattern(1, (32, 32))}},
            r"\[32, 32, 3\]; it was declared",
        ),
        ({"time": 1.0}, "not after that of the step before"),
    ],
)
def test_a_step_that_is_not_as_declared_is_refused_and_the_episode_goes_on(
    change: dict[str, object], words: str, tmp_path: Path
) -> None:
    first, second, third = steps(3)
    with LeRobotWriter(tmp_path, LAYOUT) as writer:
        writer.begin(task="pick")
        writer.add(first)
        with pytest.raises(RecordingError, match=words):
            writer.add(Step(**{**second.__dict__, **change}))
        writer.add(third)
        writer.keep()
    [episode] = read_lerobot(tmp_path).episodes
    assert [number_in(each) for each in episode.cameras["wrist"][:]] == [0, 2]


def test_calls_in_another_order_are_refused(tmp_path: Path) -> None:
    with LeRobotWriter(tmp_path, LAYOUT) as writer:
        with pytest.raises(RecordingError, match="No episode has begun"):
            writer.add(steps(1)[0])
        with pytest.raises(RecordingError, match="no step to keep"):
            writer.keep()
        with pytest.raises(RecordingError, match="words of its task"):
            writer.begin(task=" ")
        writer.begin(task="pick")
        with pytest.raises(RecordingError, match="`keep` or `drop`"):
            writer.begin(task="pick")
        with pytest.raises(RecordingError, match="no step to keep"):
            writer.keep()
        with pytest.raises(RecordingError, match="another process is recording"):
            LeRobotWriter(tmp_path, LAYOUT)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, record: Record) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("years of work")
    with pytest.raises(RecordingError, match=r"thesis\.tex"):
        LeRobotWriter(tmp_path / "other", LAYOUT)
    assert (tmp_path / "other" / "thesis.tex").read_text() == "years of work"
    folder = record(3)
    with pytest.raises(RecordingError, match=r"recorded otherwise \(observation.velocity"):
        LeRobotWriter(folder, StepLayout(fps=10, joints=JOINTS, gripper=True))
    assert len(read_lerobot(folder)) == 1


def test_odd_pictures_are_refused_before_anything_is_recorded() -> None:
    with pytest.raises(RecordingError, match="even sides"):
        StepLayout(fps=10, joints=JOINTS, cameras={"wrist": (225, 224)})


def test_an_episode_of_one_step(tmp_path: Path) -> None:
    with LeRobotWriter(tmp_path, LAYOUT) as writer:
        writer.begin(task="pick")
        writer.add(steps(1, 3)[0])
        writer.keep()
    [episode] = read_lerobot(tmp_path).episodes
    assert [number_in(each) for each in episode.cameras["wrist"][:]] == [300]


@pytest.mark.parametrize("name", ["action", "next.done", "index", "a/b", "observation.images.x"])
def test_names_that_are_taken_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be the name of one of the extras"):
        LeRobotWriter(tmp_path / "set", StepLayout(fps=10, joints=JOINTS, extras={name: ("x",)}))
