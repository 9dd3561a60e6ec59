"""The format is recognised, or what was looked for is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toto_bench.robots.demonstrations.conftest import LAYOUT
from toto_bench.robots.demonstrations import LeRobotWriter, WrongDemonstrationsError, open_demonstrations

Record = Callable[..., Path]


def refusal(path: Path) -> str:
    with pytest.raises(WrongDemonstrationsError) as caught:
        open_demonstrations(path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_folder_of_lerobot(record: Record) -> None:
    found = open_demonstrations(str(record(3, 4)))
    assert (found.source, found.steps) == ("LeRobot v3.0", 7)


def test_nothing_there(tmp_path: Path) -> None:
    assert "nothing is there" in refusal(tmp_path / "absent")


def test_something_else(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("hello")
    text = refusal(tmp_path)
    for word in ("meta/info.json", "*.hdf5", "*.pkl", "*.tfrecord*"):
        assert word in text
    assert "meta/info.json" in refusal(tmp_path / "readme.md")


def test_a_folder_around_one_leads_to_it(record: Record) -> None:
    folder = record(3)
    assert f"{folder} holds some: name it instead" in refusal(folder.parent)


def test_several_formats_at_once(record: Record) -> None:
    folder = record(3)
    (folder / "more.hdf5").write_bytes(b"")
    assert "LeRobot and robomimic" in refusal(folder)


def test_several_files_of_hdf5(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.hdf5").write_bytes(b"")
    assert "name the one to read" in refusal(tmp_path)


def test_a_set_without_episodes(tmp_path: Path) -> None:
    LeRobotWriter(tmp_path, LAYOUT).close()
    assert "holds no demonstration that can be used: it is empty" in refusal(tmp_path)
