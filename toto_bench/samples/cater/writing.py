"""Videos as Motion JPEG, scenes as CATER's JSON."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from toto_bench.files import write_text, write_with
from toto_bench.samples.cater.tracks import Tracks

_QUALITY = 17
"""Of Motion JPEG: 2 is best, 31 worst."""


def write_video(path: Path, frames: NDArray[np.uint8], fps: float) -> None:
    """Write uint8 [T, H, W, 3] RGB as an AVI of JPEG pictures."""

    def write(temporary: Path) -> None:
        with av.open(str(temporary), "w", format="avi") as container:
            stream = container.add_stream("mjpeg", rate=Fraction(fps).limit_denominator(1001))
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = "yuvj420p"
            stream.thread_count = 1
            stream.codec_context.qmin = stream.codec_context.qmax = _QUALITY
            for frame in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            container.mux(stream.encode())

    write_with(path, write)


def write_scene(path: Path, scene: dict[str, Any]) -> None:
    """Without spaces: places of every frame are many."""
    write_text(path, json.dumps(scene, separators=(",", ":")) + "\n")


def describe(tracks: Tracks, video: str, index: int) -> dict[str, Any]:
    """The scene file: places in CATER's units for every frame and one after the last, and who did what when."""
    return {
        "image_index": index,
        "image_filename": video,
        "objects": [
            {
                "shape": thing.shape,
                "instance": thing.instance,
                "size": thing.size,
                "sized": thing.sized,
                "color": thing.colour,
                "material": thing.material,
                "rotation": round(float(np.degrees(thing.turn)), 3),
                "locations": {
                    str(frame): [_short(value) for value in place]
                    for frame, place in enumerate(tracks.places[number])
                },
            }
            for number, thing in enumerate(tracks.things)
        ],
        "movements": {
            thing.instance: [list(move) for move in moves]
            for thing, moves in zip(tracks.things, tracks.moves, strict=True)
        },
    }


def _short(value: float) -> float:
    return round(float(value), 3)
