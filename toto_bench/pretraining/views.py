"""Random views of a file: starts in time, crops in space, drawn from the file's name alone."""

import zlib
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import DataError
from toto_bench.media.images import ImageError, decode_image
from toto_bench.pretraining.recipe import Kind

Pixels = NDArray[np.uint8]


class Viewing(NamedTuple):
    """How views are cut."""

    size: int
    """Side R of the crop: the shortest side of a frame is resized to it."""
    frames: int
    """Of a clip."""
    stride: int
    """Of a clip."""
    views: int
    """Per file."""
    seed: int
    """Of starts and crops."""
    zoom: float = 1.0
    """The shortest side of a view is R to `zoom` times R, drawn evenly on a logarithmic scale."""

    @property
    def largest(self) -> int:
        """The shortest side of a frame before it is made smaller for a view."""
        return round(self.size * self.zoom)


def views_of(root: Path, file: str, kind: Kind, viewing: Viewing) -> Pixels:
    """All views of a file: uint8 [V, T, R, R, 3] RGB; T is 1 for images and single frames.

    Raises:
        DataError: it cannot be decoded, or the video is too short for a clip.
    """
    rng = np.random.default_rng((viewing.seed, zlib.crc32(file.encode())))
    if kind == "images":
        frame = shortest_side_to(_read_image(root / file), viewing.largest)
        return np.stack([_view(frame[None], viewing, rng) for _ in range(viewing.views)])
    return _clips(root / file, viewing if kind == "videos" else viewing._replace(frames=1), rng)


def shortest_side_to(frame: Pixels, size: int) -> Pixels:
    """Resize uint8 [H, W, 3] so that its shortest side is `size`: by area downwards, bicubic upwards."""
    height, width = frame.shape[:2]
    short = min(height, width)
    if short == size:
        return frame
    target = (max(round(width * size / short), size), max(round(height * size / short), size))
    method = cv2.INTER_AREA if short > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, target, interpolation=method), dtype=np.uint8)


def _view(frames: Pixels, viewing: Viewing, rng: np.random.Generator) -> Pixels:
    """Frames [T, H, W, 3] zoomed and cropped alike: [T, R, R, 3]."""
    if viewing.zoom > 1:
        side = round(viewing.size * viewing.zoom ** rng.random())
        frames = np.stack([shortest_side_to(frame, side) for frame in frames])
    return _crop(frames, viewing.size, rng)


def _crop(frames: Pixels, size: int, rng: np.random.Generator) -> Pixels:
    """The same random square of every frame: [T, H, W, 3] to [T, size, size, 3]."""
    top, left = (int(rng.integers(0, side - size + 1)) for side in frames.shape[1:3])
    return frames[:, top : top + size, left : left + size]


def _clips(path: Path, viewing: Viewing, rng: np.random.Generator) -> Pixels:
    """Clips from random starts, in one pass through the video."""
    span = (viewing.frames - 1) * viewing.stride + 1
    try:
        total = _count_frames(path)
        if total < span:
            raise DataError(
                f"{path}: {total} frames are too few for {viewing.frames} frames at stride {viewing.stride}"
            )
        starts = sorted(int(start) for start in rng.integers(0, total - span + 1, viewing.views))
        wanted = {start + viewing.stride * t for start in starts for t in range(viewing.frames)}
        frames = _read_frames(path, wanted, viewing.largest)
    except (av.FFmpegError, IndexError, OSError) as error:
        raise DataError(f"{path} cannot be decoded as a video ({error})") from error
    if missing := wanted - frames.keys():
        raise DataError(f"{path} ends at frame {min(missing)}, before the {total} frames that it claims")
    clips = [
        np.stack([frames[start + viewing.stride * t] for t in range(viewing.frames)]) for start in starts
    ]
    return np.stack([_view(clip, viewing, rng) for clip in clips])


def _count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.frames or sum(packet.size > 0 for packet in container.demux(stream))


def _read_frames(path: Path, wanted: set[int], size: int) -> dict[int, Pixels]:
    found: dict[int, Pixels] = {}
    last = max(wanted)
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for index, frame in enumerate(container.decode(video=0)):
            if index in wanted:
                found[index] = shortest_side_to(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), size)
            if index >= last:
                break
    return found


def _read_image(path: Path) -> Pixels:
    try:
        return np.asarray(decode_image(path), dtype=np.uint8)
    except ImageError as error:
        raise DataError(f"{path} cannot be decoded as an image ({error})") from error
