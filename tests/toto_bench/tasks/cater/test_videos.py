"""Whole and damaged files, and reading some frames only."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.media.h264 import write_h264
from toto_bench.samples.cater.writing import write_video
from toto_bench.tasks.cater.videos import BrokenVideoError, count_frames, probe_video, read_frames

from .conftest import FRAMES, SIZE, frames_of


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "CATER_new_000000.avi"
    write_video(path, frames_of(0), 24)
    return path


def all_frames(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def place_of_frame(path: Path, number: int) -> tuple[int, int]:
    """Where a frame's picture lies in the file, and its size."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        content = bytes(packets[number])
    return path.read_bytes().index(content), len(content)


@pytest.mark.parametrize("indices", [[0], [FRAMES - 1], [3, 9, 17], [9, 3, 9, 0], list(range(FRAMES))])
def test_frames_are_those_of_the_whole_video(video: Path, indices: list[int]) -> None:
    np.testing.assert_array_equal(read_frames(video, np.array(indices)), all_frames(video)[indices])


def test_videos_whose_frames_lean_on_others_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_h264(path, frames_of(0), 24, crf=20)
    np.testing.assert_array_equal(read_frames(path, np.array([20, 5])), all_frames(path)[[20, 5]])
    assert probe_video(path, thorough=True) == (FRAMES, None)


def test_the_whole_frame_is_squashed_into_the_square(video: Path) -> None:
    (frame,) = read_frames(video, np.array([4]))
    (small,) = read_frames(video, np.array([4]), 16)
    assert frame.shape == (*SIZE, 3)
    np.testing.assert_allclose(small, frame.reshape(16, 3, 16, 4, 3).mean(axis=(1, 3)), atol=0.51)
    assert read_frames(video, np.array([4]), 128).shape == (1, 128, 128, 3)


def test_frames_that_are_not_needed_are_not_decoded(video: Path) -> None:
    start, length = place_of_frame(video, 10)
    expected = all_frames(video)[[3, 20]]
    content = bytearray(video.read_bytes())
    content[start : start + length] = bytes(length)
    video.write_bytes(content)
    np.testing.assert_array_equal(read_frames(video, np.array([3, 20])), expected)
    with pytest.raises(BrokenVideoError):
        read_frames(video, np.array([3, 10]))
    assert probe_video(video).problem is None
    assert probe_video(video, thorough=True).problem


def test_a_whole_video_has_its_frames_counted(video: Path) -> None:
    assert probe_video(video) == probe_video(video, thorough=True) == (FRAMES, None)
    assert count_frames(video) == FRAMES


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_index(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_index(path: Path) -> None:
    content = path.read_bytes()
    place = content.rindex(b"idx1")
    path.write_bytes(content[:4] + (place - 8).to_bytes(4, "little") + content[8:place])


def text(path: Path) -> None:
    path.write_text("not a video\n" * 40)


def header_only(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def locked(path: Path) -> None:
    path.with_name(f"{path.name}.lock").touch()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "cut off"),
        (cut_index, "cut off"),
        (empty, "empty"),
        (no_index, "without an index"),
        (text, "cannot be opened"),
        (header_only, "cut off"),
        (locked, "lock"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_damaged_files_are_noticed_without_decoding(
    video: Path, damage: Callable[[Path], None], words: str
) -> None:
    damage(video)
    frames, problem = probe_video(video)
    assert frames == 0
    assert problem and words in problem
    with pytest.raises(BrokenVideoError, match=r"CATER_new_000000\.avi"):
        count_frames(video)


def test_a_frame_beyond_the_end_is_an_error_that_names_the_file(video: Path) -> None:
    with pytest.raises(BrokenVideoError, match=rf"avi has no frame {FRAMES}"):
        read_frames(video, np.array([0, FRAMES]))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BrokenVideoError, match=r"nowhere\.avi"):
        read_frames(tmp_path / "nowhere.avi", np.array([0]))
