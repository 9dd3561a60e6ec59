"""Videos from first to last frame, with the true and the predicted cell drawn on the ground."""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from toto_bench.files import write_bytes
from toto_bench.samples.bundle import bundled
from toto_bench.samples.manifest import read_manifest
from toto_bench.samples.show.sheet import Cell, Page, Row, draw_page, font, spread
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater.camera import GroundCamera, official_camera, sample_camera
from toto_bench.tasks.cater.labels import HALF, corners_of, row_and_column
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import ListedVideo, read_list
from toto_bench.tasks.cater.videos import BrokenVideoError, count_frames, read_frames

VIDEOS, FRAMES, HEIGHT = 8, 6, 180
"""Of a sheet: rows, pictures in each, and their height in pixels."""
_TRUTH, _WRONG = (60, 220, 90), (255, 90, 60)


def draw_strips(
    path: Path, items: Sequence[Mapping[str, Any]], data: DataReport, protocol: CaterProtocol
) -> None:
    """One PNG: some videos, from the nearest to the farthest prediction, their frames from left to right.

    Args:
        path: of the PNG.
        items: rows of `score_predictions`; those without a prediction are left out.
        data: where the videos are.
        protocol: which list and grid, and whether the camera moves: then cells are told in words only.
    """
    videos = {video.name: video for video in read_list(data.path, protocol, protocol.split).videos}
    camera = camera_of(data, protocol)
    there = [
        item for item in items if item["prediction"] is not None and videos[item["video"]].path.is_file()
    ]
    ordered = sorted(there, key=lambda item: (item["l1"], item["video"]))
    rows = [
        _row(videos[ordered[index]["video"]], ordered[index], camera, protocol.grid)
        for index in spread(len(ordered), VIDEOS)
    ]
    words = (
        "Green: the cell in which the snitch ends. Red: the predicted one, where it is another."
        if camera
        else "The camera is not known, so that cells are told in words."
    )
    page = Page("CATER: truth and prediction, from the nearest to the farthest", words, rows, HEIGHT)
    stream = io.BytesIO()
    draw_page(page).save(stream, "PNG")
    write_bytes(path, stream.getvalue())


def camera_of(data: DataReport, protocol: CaterProtocol) -> GroundCamera | None:
    """The camera of the data: toto-bench's own, the official one, or None where it moves."""
    if protocol.camera == "moving":
        return None
    return sample_camera() if _is_sample(data.path) else official_camera()


def _is_sample(root: Path) -> bool:
    """Whether `toto-bench data make-sample` wrote a folder."""
    shipped = bundled("cater")
    if shipped and root.resolve() == shipped.resolve():
        return True
    try:
        return root.name in read_manifest(root.resolve().parent).tasks
    except (OSError, ValueError):
        return False


def _row(video: ListedVideo, item: Mapping[str, Any], camera: GroundCamera | None, grid: int) -> Row:
    """Those of the frames that can be decoded: damage inside a file may have spared the frames that were scored."""
    cells = []
    indices = spread(count_frames(video.path), FRAMES)
    for index in indices:
        with suppress(BrokenVideoError):
            [frame] = read_frames(video.path, np.array([index]))
            cells.append(Cell(_marked(Image.fromarray(frame), item, camera, grid), f"frame {index}"))
    off = item["l1"]
    verdict = f"{off} {'cell' if off == 1 else 'cells'} off" if off else "right"
    truth, prediction = _words(item["label"], grid), _words(item["prediction"], grid)
    damage = f"; {len(indices) - len(cells)} frames are damaged" if len(cells) < len(indices) else ""
    return Row(f"{video.name}: truth {truth}, prediction {prediction}, {verdict}{damage}", cells)


def _words(cell: int, grid: int) -> str:
    row, column = row_and_column(cell, grid)
    return f"{cell} (row {row}, column {column})"


def _marked(
    image: Image.Image, item: Mapping[str, Any], camera: GroundCamera | None, grid: int
) -> Image.Image:
    """The frame at twice its size, with the grid on the ground and both cells."""
    if camera is None:
        return image
    large = image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(large, "RGBA")
    for line in range(grid + 1):
        at = 2 * HALF * line / grid - HALF
        for ends in (((at, -HALF), (at, HALF)), ((-HALF, at), (HALF, at))):
            draw.line(_on_floor(camera, ends, large), fill=(255, 255, 255, 70), width=1)
    marks = {item["prediction"]: _WRONG, item["label"]: _TRUTH}
    for cell, colour in marks.items():
        corners = _on_floor(camera, corners_of(cell, grid), large)
        draw.polygon(corners, fill=(*colour, 80))
        draw.line([*corners, corners[0]], fill=(*colour, 255), width=3)
        middle = np.mean(corners, axis=0)
        draw.text((middle[0], middle[1]), str(cell), fill=(255, 255, 255, 255), font=font(22), anchor="mm")
    return large


def _on_floor(
    camera: GroundCamera, places: Sequence[tuple[float, float]], image: Image.Image
) -> list[tuple[float, float]]:
    """Places on the floor as pixels of a picture."""
    found = camera.pixels([(x, y, 0.0) for x, y in places], image.height, image.width)
    return [(float(x), float(y)) for x, y in found]
