"""Videos are the same for the same frames, and hold every one of them."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from toto_bench.media.h264 import write_h264


def moving(height: int, width: int, count: int = 40) -> list[np.ndarray]:
    """A textured picture that moves."""
    small = np.random.default_rng(0).integers(0, 255, (3, 4, 3), np.uint8)
    picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return [np.roll(picture, (2 * index, 3 * index), axis=(0, 1)) for index in range(count)]


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    """Sides that are no multiples of 16, as those of Kinetics; whatever the memory held before."""
    frames = moving(120, 160)
    files = set()
    for number in range(15):
        write_h264(tmp_path / f"{number}.mp4", frames, 30, crf=27)
        files.add((tmp_path / f"{number}.mp4").read_bytes())
    assert len(files) == 1


def test_more_options_leave_the_bytes_repeatable(tmp_path: Path) -> None:
    """Parameters of x264 come in beside those that make it so, and do not replace them; a file tells its parameters."""
    frames = moving(120, 160)
    files = set()
    for number in range(15):
        path = tmp_path / f"{number}.mp4"
        write_h264(path, frames, 30, crf=27, coding={"x264-params": "keyint=7:threads=2"})
        files.add(path.read_bytes())
    (content,) = files
    assert b" keyint=7 " in content
    assert b" threads=1 " in content


def test_every_frame_is_in_it_and_odd_sides_are_filled(tmp_path: Path) -> None:
    """45 x 61 becomes 46 x 62; colours come back nearly as they were."""
    frames = moving(45, 61, count=7)
    write_h264(tmp_path / "a.mp4", iter(frames), 12.5, crf=10)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.streams.video[0].average_rate == 12.5
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert [frame.shape for frame in decoded] == [(46, 62, 3)] * 7
    for before, after in zip(frames, decoded, strict=True):
        assert np.abs(before.astype(int) - after[:45, :61]).mean() < 6


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """Neither a part of the video nor a temporary file."""

    def frames():
        yield from moving(32, 32, count=2)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_h264(tmp_path / "a.mp4", frames(), 10, crf=20)
    assert not list(tmp_path.iterdir())
