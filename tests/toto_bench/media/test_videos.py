"""Frames of videos, numbered by their place."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from toto_bench.media.h264 import write_h264
from toto_bench.media.videos import VideoError, VideoInfo, describe_video, gather_frames, probe_video

COUNT = 40


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Frame t is grey of the value 6 t; a key frame in twelve, B-frames between."""
    path = tmp_path / "video.mp4"
    frames = (np.full((48, 64, 3), 6 * t, np.uint8) for t in range(COUNT))
    write_h264(path, frames, 25, crf=1, preset="medium", coding={"g": "12", "bf": "2"})
    return path


def grey(frame: np.ndarray) -> int:
    """Which frame it is."""
    return round(float(frame.mean()) / 6)


def write(path: Path, codec: str, pixels: str) -> Path:
    """The same frames in another format."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.bit_rate = 4_000_000
        for t in range(COUNT):
            picture = np.full((48, 64, 3), 6 * t, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def test_what_a_video_has(video: Path) -> None:
    """Without decoding."""
    assert describe_video(video) == probe_video(video) == VideoInfo(COUNT, 25.0, 48, 64)


@pytest.mark.parametrize("wanted", [{0}, {39}, {11, 12, 13}, {25, 38}, set(range(COUNT)), {0, 39}, set()])
def test_frames_are_those_of_their_numbers(video: Path, wanted: set[int]) -> None:
    """Wherever decoding begins, before, at and after key frames."""
    _, found = gather_frames(video, lambda _: wanted, grey)
    assert found == {number: number for number in wanted}


@pytest.mark.parametrize(
    "name", ["mpeg4.avi", "mjpeg.avi", "mpeg4.mkv", "mpeg4.mov", "mpeg4.ts", "mpeg2video.mpg", "wmv2.wmv"]
)
def test_formats(name: str, tmp_path: Path) -> None:
    """Those without times of display are counted from the first frame."""
    codec = name.split(".", maxsplit=1)[0]
    path = write(tmp_path / name, codec, pixels="yuvj420p" if codec == "mjpeg" else "yuv420p")
    info, found = gather_frames(path, lambda info: {3, 20, info.frames - 1}, grey)
    assert info.frames == COUNT
    assert found == {3: 3, 20: 20, 39: 39}


def test_only_wanted_frames_are_converted(video: Path) -> None:
    """The others cost their decoding, and nothing else."""
    seen: list[int] = []
    gather_frames(video, lambda _: {5, 9}, lambda frame: seen.append(grey(frame)))
    assert seen == [5, 9]


def test_a_frame_that_is_not_there(video: Path) -> None:
    """Asked for by mistake."""
    with pytest.raises(VideoError, match="it has 40 frames, but number 40"):
        gather_frames(video, lambda _: {40}, grey)


def cut(video: Path) -> None:
    """The last third is missing; the header is whole, because it is at the beginning."""
    video.write_bytes(video.read_bytes()[: video.stat().st_size * 2 // 3])


def without_header(video: Path) -> None:
    """`moov atom not found`, as of aborted downloads."""
    content = video.read_bytes()
    video.write_bytes(content.replace(b"moov", b"none", 1))


def empty(video: Path) -> None:
    """No byte."""
    video.write_bytes(b"")


def text(video: Path) -> None:
    """An error page."""
    video.write_text("<html>404</html>" * 50)


def folder(video: Path) -> None:
    """No file at all."""
    video.unlink()
    video.mkdir()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut, "cut off: .* of 40 frames"),
        (without_header, "Invalid data|moov"),
        (empty, "Invalid data|End of file"),
        (text, "Invalid data"),
        (folder, "directory|Permission"),
    ],
)
def test_damage_is_told(video: Path, damage: Callable[[Path], None], words: str) -> None:
    """Before anything is decoded."""
    damage(video)
    for read in (describe_video, probe_video):
        with pytest.raises(VideoError, match=words):
            read(video)


def test_a_sound_has_no_frames(tmp_path: Path) -> None:
    """A file of sound alone."""
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(VideoError, match="no video, only other streams"):
        describe_video(tmp_path / "sound.wav")
