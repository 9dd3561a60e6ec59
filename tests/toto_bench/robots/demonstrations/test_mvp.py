"""MVP's pickles: what they hold is read, what they would run is refused."""

import collections
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.toto_bench.robots.demonstrations.conftest import number_in, pattern
from toto_bench.robots.demonstrations import (
    ForbiddenPickleError,
    WrongDemonstrationsError,
    open_demonstrations,
)
from toto_bench.robots.demonstrations.unpickle import PickleError, unpickle

VALUES: dict[str, Any] = {
    "dict": {"a": [1, 2.5, None, True, "é", b"\x00\xff"], ("t", 1): {3, 4}},
    "floats": np.linspace(-1, 1, 7),
    "picture": np.arange(60, dtype=np.uint8).reshape(4, 5, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)),
    "big endian": np.arange(5, dtype=">f4"),
    "bools": np.array([True, False]),
    "nothing": np.zeros((0, 7)),
    "point": np.array(3.5),
    "scalar": np.float32(2.5),
    "ordered": collections.OrderedDict(a=1, b=2),
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", VALUES)
def test_arrays_and_plain_containers_come_back(name: str, protocol: int) -> None:
    value = VALUES[name]
    found = unpickle(pickle.dumps(value, protocol))
    if isinstance(value, np.ndarray | np.generic):
        assert found.dtype == value.dtype.newbyteorder("=")
        assert found.shape == value.shape
        np.testing.assert_array_equal(found, value)
    else:
        assert found == value


def test_names_of_older_and_newer_numpy_are_known() -> None:
    content = pickle.dumps(np.arange(3.0), 2)
    assert b"numpy._core" in content or b"numpy.core" in content
    older = content.replace(b"numpy._core.", b"numpy.core.")
    newer = content.replace(b"numpy.core.", b"numpy._core.")
    assert unpickle(older).tolist() == unpickle(newer).tolist() == [0, 1, 2]


class Shell:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def evil(path: Path) -> dict[str, bytes]:
    deep = {"joint_positions": np.zeros(7), "more": [{"x": Shell(path)}]}
    objects = np.empty(1, dtype=object)
    objects[0] = Shell(path)
    return {
        "a command": pickle.dumps(Shell(path)),
        "deep inside": pickle.dumps(deep),
        "an array of objects": pickle.dumps(objects),
        "eval": b'cbuiltins\neval\n(S\'open("%s", "w")\'\ntR.' % str(path).encode(),
        "getattr": b"cbuiltins\ngetattr\n.",
        "a class": pickle.dumps(Path("x")),
        "numpy's loader": b"cnumpy\nload\n(S'x'\ntR.",
        "an old instance": b"(S'touch %s'\nios\nsystem\n." % str(path).encode(),
    }


@pytest.mark.parametrize("name", evil(Path("x")))
def test_whatever_else_a_pickle_names_is_refused_and_not_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / "pwned"
    with pytest.raises(ForbiddenPickleError, match="asks for"):
        unpickle(evil(path)[name])
    assert not path.exists()
    folder = tmp_path / "set" / "demo"
    folder.mkdir(parents=True)
    (folder / "0.pkl").write_bytes(evil(path)[name])
    with pytest.raises(ForbiddenPickleError, match=r"0\.pkl asks for `"):
        open_demonstrations(tmp_path / "set")
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no pickle",
        pickle.dumps(np.arange(100))[:-50],
        pickle.dumps(np.array([object()], dtype=object).astype("S")),
        pickle.dumps(np.array(["2020-01-01"], dtype="datetime64[D]")),
        b"cnumpy\ndtype\n(S'f8'\ntR.",
        b"cnumpy\nndarray\n.",
        b"cnumpy._core.multiarray\n_reconstruct\n(tR(I1\n(I9\nI9\ntNI00\nS'x'\ntb.",
        b"Pelsewhere\n.",
    ],
    ids=range(9),
)
def test_damage_is_an_error_of_its_own(content: bytes) -> None:
    with pytest.raises(PickleError):
        unpickle(content)


def demonstrations(folder: Path, change: Callable[[dict[str, Any], int], None] = lambda *_: None) -> Path:
    """Two demonstrations of twelve and three frames."""
    for demo, count in enumerate((12, 3)):
        (folder / f"demo{demo}").mkdir(parents=True)
        for k in range(count):
            frame: dict[str, Any] = {
                "joint_positions": np.full(7, 0.01 * k),
                "joint_velocites": np.full(7, 0.1),
                "gripper_open": np.array([k < 5]),
                "rgb_ego": pattern(100 * demo + k),
                "rgb_exo": pattern(100 * demo + k + 50, (32, 40)),
                "note": "not looked at",
            }
            change(frame, k)
            (folder / f"demo{demo}" / f"{k}.pkl").write_bytes(pickle.dumps(frame))
    return folder


def test_a_set_is_read(tmp_path: Path) -> None:
    found = open_demonstrations(demonstrations(tmp_path / "set"), fps=5)
    assert (found.source, found.fps, found.problems) == ("MVP", 5, {})
    assert found.cameras == {"ego": (48, 64), "exo": (32, 40)}
    first, second = found
    assert (first.name, len(first), len(second)) == ("demo0", 12, 3)
    np.testing.assert_allclose(first.joints[:, 2], 0.01 * np.arange(12))
    assert first.gripper.tolist() == [1] * 5 + [0] * 7
    assert first.velocities.shape == (12, 7)
    assert [number_in(each) for each in first.cameras["ego"][:]] == list(range(12))
    assert number_in(second.cameras["exo"][2]) == 152
    np.testing.assert_allclose(np.diff(first.timestamps), 0.2)


def test_older_frames_have_one_picture_and_maybe_no_gripper(tmp_path: Path) -> None:
    def older(frame: dict[str, Any], _: int) -> None:
        frame["rgb"] = frame.pop("rgb_ego")
        for key in ("rgb_exo", "gripper_open"):
            del frame[key]
        frame["joint_velocities"] = frame.pop("joint_velocites")

    found = open_demonstrations(demonstrations(tmp_path / "set", older))
    assert found.cameras == {"rgb": (48, 64)}
    assert found[0].gripper is None
    assert found[0].velocities.shape == (12, 7)


def test_damaged_demonstrations_are_named(tmp_path: Path) -> None:
    folder = demonstrations(tmp_path / "set")
    stream = io.BytesIO()
    pickle.dump({"joint_position": np.zeros(7)}, stream)
    (folder / "demo0" / "3.pkl").write_bytes(stream.getvalue())
    found = open_demonstrations(folder)
    assert [episode.name for episode in found] == ["demo1"]
    assert "3.pkl has no `joint_positions`, only joint_position" in found.problems["demo0"]
    (folder / "demo1" / "1.pkl").write_bytes(b"\x80\x04half")
    with pytest.raises(WrongDemonstrationsError, match="the first of 2 that are damaged is demo0"):
        open_demonstrations(folder)


def test_a_demonstration_of_another_robot_is_named(tmp_path: Path) -> None:
    folder = demonstrations(tmp_path / "set")
    (folder / "odd").mkdir()
    frame = {"joint_positions": np.zeros(6), "gripper_open": 1, "rgb": pattern(0)}
    (folder / "odd" / "0.pkl").write_bytes(pickle.dumps(frame))
    found = open_demonstrations(folder)
    assert [episode.name for episode in found] == ["demo0", "demo1"]
    assert found.problems["odd"].startswith("it has 6 joints")
