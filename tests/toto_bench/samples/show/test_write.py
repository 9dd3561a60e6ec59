"""From a folder to pictures: one data set, several, or the bundled sample."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from toto_bench.samples.errors import UnknownLayoutError
from toto_bench.samples.show import show_data


def test_one_data_set(video: Path, tmp_path: Path) -> None:
    """A picture named after the task."""
    [path] = show_data(video, None, tmp_path / "sheets")
    assert path == tmp_path / "sheets" / "video.png"
    assert Image.open(path).width > 500


def test_a_folder_of_several(video: Path, cater: Path, tmp_path: Path) -> None:
    """As `make-sample` writes it; `task` takes one of them."""
    folder = tmp_path / "world"
    shutil.copytree(video, folder / "video")
    shutil.copytree(cater, folder / "cater")
    assert {path.name for path in show_data(folder, None, tmp_path / "a")} == {"video.png", "cater.png"}
    assert [path.name for path in show_data(folder, "cater", tmp_path / "b")] == ["cater.png"]


def test_the_task_can_be_said(kinetics400: Path, tmp_path: Path) -> None:
    """Videos of any data set are clips."""
    assert show_data(kinetics400, "video", tmp_path)[0].name == "video.png"


@pytest.mark.parametrize(
    ("folder", "task", "words"),
    [
        ("empty", None, "has not the layout of `davis` or"),
        ("empty", "cater", "has not the layout of `cater`"),
        ("nowhere", None, "is not a folder"),
        ("empty", "catr", "Did you mean `cater`"),
    ],
)
def test_what_cannot_be_shown_is_said(folder: str, task: str | None, words: str, tmp_path: Path) -> None:
    """With the ways out."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnknownLayoutError, match=words):
        show_data(tmp_path / folder, task, tmp_path)


def test_the_bundled_sample(video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none, how to make one."""
    monkeypatch.setattr("toto_bench.samples.bundle.BUNDLE", tmp_path / "data")
    with pytest.raises(UnknownLayoutError, match="data make-sample --out DIR"):
        show_data(None, None, tmp_path)
    shutil.copytree(video, tmp_path / "data" / "video")
    assert [path.name for path in show_data(None, None, tmp_path / "sheets")] == ["video.png"]


def test_tests_show_the_small_sample(small_bundle: Path, tmp_path: Path) -> None:
    """The stand-in for the bundle reaches the sheets too."""
    show_data(None, "davis", tmp_path / "stand-in")
    show_data(small_bundle, "davis", tmp_path / "itself")
    drawn, expected = (Image.open(tmp_path / name / "davis.png") for name in ("stand-in", "itself"))
    assert drawn.tobytes() == expected.tobytes()
