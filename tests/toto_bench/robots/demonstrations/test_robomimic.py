"""robomimic files, written and read, and as others write them."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.toto_bench.robots.demonstrations.conftest import number_in, pattern
from toto_bench.errors import RequestError
from toto_bench.files import DiskError
from toto_bench.robots.demonstrations import (
    RecordingError,
    WrongDemonstrationsError,
    open_demonstrations,
    read_lerobot,
    write_robomimic,
)

h5py = pytest.importorskip("h5py")
Record = Callable[..., Path]


def test_what_is_written_is_read(record: Record, tmp_path: Path) -> None:
    given = read_lerobot(record(8, 5, 6))
    path = tmp_path / "set.hdf5"
    write_robomimic(
        given, path, splits={"train": ["episode-000000", "episode-000002"], "valid": ["episode-000001"]}
    )
    found = open_demonstrations(path)
    assert found.problems == {}
    assert (found.source, found.fps, found.joints, found.actions) == (
        "robomimic",
        10,
        given.joints,
        given.actions,
    )
    assert found.splits == {"train": ("demo_0", "demo_2"), "valid": ("demo_1",)}
    for one, two in zip(given, found, strict=True):
        for what in ("joints", "velocities", "actions", "timestamps"):
            assert (getattr(one, what) == getattr(two, what)).all(), what
        np.testing.assert_allclose(one.gripper, two.gripper, atol=1e-12)
        assert (one.task, one.success) == (two.task, two.success)
        assert (one.cameras["wrist"][:] == two.cameras["wrist"][:]).all()
        assert number_in(two.cameras["front"][-1]) == number_in(one.cameras["front"][-1])
    with h5py.File(path) as file:
        assert file["data"].attrs["total"] == 19
        assert file["data/demo_1"].attrs["num_samples"] == 5
        assert file["data/demo_1/obs/robot0_gripper_qpos"].shape == (5, 2)
        assert file["data/demo_1/obs/wrist_image"].dtype == np.uint8
        assert file["data/demo_0/dones"][()].tolist() == [0] * 7 + [1]


def test_a_file_of_robosuite(tmp_path: Path) -> None:
    path = tmp_path / "image.hdf5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "Lift", "env_kwargs": {"control_freq": 20}})
        for name, length in (("demo_10", 4), ("demo_2", 3), ("demo_1", 5)):
            group = data.create_group(name)
            group.attrs["num_samples"] = length
            group["actions"] = rng.normal(size=(length, 7))
            group["rewards"] = np.arange(length) == length - 1 if name != "demo_2" else np.zeros(length)
            group["obs/robot0_joint_pos"] = rng.normal(size=(length, 7))
            group["obs/robot0_gripper_qpos"] = np.tile([0.02, -0.02], (length, 1))
            group["obs/object"] = rng.normal(size=(length, 10))
            group["obs/agentview_image"] = np.stack([pattern(k) for k in range(length)])
    found = open_demonstrations(path)
    assert [episode.name for episode in found] == ["demo_1", "demo_2", "demo_10"]
    assert found.fps == 20
    assert [episode.success for episode in found] == [True, False, True]
    np.testing.assert_allclose(found[0].gripper, 0.5)
    assert found[0].velocities is None
    assert found[0].extras["object"].shape == (5, 10)
    assert len(found.extras["object"]) == 10
    assert (found[2].cameras["agentview"].read([3, 0]) == np.stack([pattern(3), pattern(0)])).all()


def test_damage_is_named(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "set.hdf5"
    write_robomimic(read_lerobot(record(5, 5, 5)), path)
    with h5py.File(path, "r+") as file:
        del file["data/demo_0/actions"]
        file["data/demo_1/obs/robot0_joint_pos"][2, 3] = np.nan
    found = open_demonstrations(path)
    assert [episode.name for episode in found] == ["demo_2"]
    assert "actions" in found.problems["demo_0"]
    assert "not finite at step 2" in found.problems["demo_1"]
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(WrongDemonstrationsError, match="cannot be read as a robomimic file"):
        open_demonstrations(path)


def test_wrong_requests(record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = read_lerobot(record(3))
    with pytest.raises(RecordingError, match="names `nobody`"):
        write_robomimic(given, tmp_path / "a.hdf5", splits={"train": ["nobody"]})
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError):
        write_robomimic(given, tmp_path / "file" / "a.hdf5")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(RequestError, match=r"pip install 'toto-bench\[robot-data\]'"):
        write_robomimic(given, tmp_path / "a.hdf5")
    assert not list(tmp_path.glob("*.hdf5"))
