"""Pictures out of videos."""

from pathlib import Path
from typing import NamedTuple

import av
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.samples.show.sheet import Cell, spread

SUFFIXES = frozenset({".mp4", ".avi", ".mkv", ".webm", ".mov"})


class Clip(NamedTuple):
    """Some frames of a video."""

    frames: int
    """It has."""
    rate: float
    """Frames per second; 0 where the file does not say."""
    cells: list[Cell]
    """Of the frames asked for, with their numbers."""


def read_clip(path: Path, count: int) -> Clip:
    """Up to `count` frames, evenly over the whole video.

    Raises:
        DataError: it cannot be decoded.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            total = stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
            rate = float(stream.average_rate or 0)
        wanted = set(spread(total, count))
        with av.open(str(path)) as container:
            decoded = enumerate(container.decode(video=0))
            cells = [Cell(_image(frame), f"frame {i}") for i, frame in decoded if i in wanted]
    except (av.FFmpegError, IndexError) as error:
        raise _unreadable(path, error) from error
    if not cells:
        raise _unreadable(path, "it has no frames")
    return Clip(total, rate, cells)


def read_frame(path: Path, index: int) -> Image.Image:
    """One frame, without decoding what lies before its key frame.

    Raises:
        DataError: it cannot be decoded, or has no such frame.
    """
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            if stream.average_rate is None or stream.time_base is None:
                raise _unreadable(path, "its frame rate is not known")
            wanted = round(index / stream.average_rate / stream.time_base) + (stream.start_time or 0)
            container.seek(wanted, stream=stream)
            for frame in container.decode(stream):
                if frame.pts is not None and frame.pts >= wanted:
                    return _image(frame)
    except (av.FFmpegError, IndexError) as error:
        raise _unreadable(path, error) from error
    raise _unreadable(path, f"it has no frame {index}")


def videos_below(folder: Path) -> list[Path]:
    """Every video below a folder, in order."""
    return sorted(path for path in folder.rglob("[!.]*") if path.suffix.lower() in SUFFIXES)


def _image(frame: av.VideoFrame) -> Image.Image:
    return Image.fromarray(frame.to_ndarray(format="rgb24"))


def _unreadable(path: Path, reason: object) -> DataError:
    return DataError(f"{path} cannot be decoded as a video ({reason}). Restore the file, or remove it.")
