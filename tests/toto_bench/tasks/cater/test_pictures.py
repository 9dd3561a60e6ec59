"""Maps of errors, and strips of frames."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.bundle import BUNDLE
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater import strips
from toto_bench.tasks.cater.camera import official_camera, sample_camera
from toto_bench.tasks.cater.check import check
from toto_bench.tasks.cater.items import items_of, wrong_item
from toto_bench.tasks.cater.labels import corners_of
from toto_bench.tasks.cater.maps import confusion, distance_by_cell, draw_error_maps
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import ListedVideo, read_list
from toto_bench.tasks.cater.strips import camera_of, draw_strips

Protocol = Callable[..., CaterProtocol]


def items_for(labels: list[int], predictions: list[int], grid: int = 6) -> list[dict]:
    videos = [
        ListedVideo(f"v{index}.avi", label, Path("v"), Path("s"), index) for index, label in enumerate(labels)
    ]
    return items_of(videos, [[index] for index in range(len(labels))], np.eye(grid * grid)[predictions], grid)


def test_maps_count_what_happened() -> None:
    items = items_for([0, 0, 7, 35], [0, 2, 7, 28])
    counts = confusion(items, 6)
    assert counts.sum() == 4
    assert (counts[0, 0], counts[0, 2], counts[7, 7], counts[35, 28]) == (1, 1, 1, 1)
    means = distance_by_cell(items, 6)
    assert (means[0, 0], means[1, 1], means[5, 5]) == (1.0, 0.0, 2.0)
    assert np.isnan(means).sum() == 33


@pytest.mark.parametrize("grid", [4, 6, 8])
def test_maps_are_drawn_for_every_grid_and_without_predictions(tmp_path: Path, grid: int) -> None:
    last = grid * grid - 1
    items = items_for([0, 1, last, last + 1], [0, last, last, 0], grid)
    broken = wrong_item(ListedVideo("b.avi", 3, Path("v"), Path("s"), 1), grid)
    for name, shown in (("all", [*items, broken]), ("none", [broken])):
        draw_error_maps(tmp_path / f"{name}.png", shown, grid)
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.width > 2 * image.height
    assert (tmp_path / "all.png").read_bytes() != (tmp_path / "none.png").read_bytes()


@pytest.fixture
def sample(protocol: Protocol) -> DataReport:
    return check(BUNDLE / "cater", protocol(), thorough=False)


def items_of_sample(data: DataReport, protocol: CaterProtocol, off: int) -> list[dict]:
    videos = read_list(data.path, protocol, "val").videos
    scores = np.eye(36)[[(video.label + off) % 36 for video in videos]]
    return items_of(videos, [[index] for index in range(len(videos))], scores, 6)


def colours_at(image: Image.Image, cell: int) -> np.ndarray:
    """Mean colour on the outline of a cell in a picture."""
    corners = sample_camera().pixels([(*place, 0.0) for place in corners_of(cell)], image.height, image.width)
    steps = np.linspace(0, 1, 20)[:, None]
    points = np.concatenate(
        [a + steps * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    )
    pixels = np.asarray(image)[points[:, 1].round().astype(int), points[:, 0].round().astype(int)]
    return pixels.mean(axis=0)


def test_truth_and_prediction_are_drawn_where_they_are(sample: DataReport, protocol: Protocol) -> None:
    item = items_of_sample(sample, protocol(), off=1)[2]
    grey = Image.new("RGB", (240, 180), (128, 128, 128))
    drawn = strips._marked(grey, item, sample_camera(), 6)
    green, red = colours_at(drawn, item["label"]), colours_at(drawn, item["prediction"])
    assert green[1] > green[0] + 60
    assert red[0] > red[1] + 60
    assert np.abs(colours_at(drawn, (item["label"] + 12) % 36) - 128).max() < 60


def test_a_sheet_has_a_row_for_each_video(tmp_path: Path, sample: DataReport, protocol: Protocol) -> None:
    items = items_of_sample(sample, protocol(), off=0)
    heights = []
    for count in (1, 3, 5):
        draw_strips(tmp_path / "strips.png", items[:count], sample, protocol())
        with Image.open(tmp_path / "strips.png") as image:
            heights.append(image.height)
            assert image.width > strips.FRAMES * 200
    assert heights[1] - heights[0] == heights[2] - heights[1] > strips.HEIGHT


def test_a_moving_camera_gets_words_only(sample: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    moving = protocol(camera="moving")
    assert camera_of(sample, moving) is None
    item = items_of_sample(sample, moving, off=1)[0]
    frame = Image.new("RGB", (24, 18))
    assert strips._marked(frame, item, None, 6) is frame
    draw_strips(tmp_path / "strips.png", [item], sample, moving)
    assert (tmp_path / "strips.png").stat().st_size > 0


def test_the_camera_is_that_of_the_data(
    sample: DataReport, protocol: Protocol, make_cater: Callable[..., Path], tmp_path: Path
) -> None:
    np.testing.assert_array_equal(camera_of(sample, protocol()).matrix, sample_camera().matrix)
    other = check(make_cater(), protocol(), thorough=False)
    np.testing.assert_array_equal(camera_of(other, protocol()).matrix, official_camera().matrix)
    made = make_cater(name="cater")
    (made.parent / "manifest.json").write_bytes((BUNDLE / "manifest.json").read_bytes())
    data = check(made, protocol(), thorough=False)
    np.testing.assert_array_equal(camera_of(data, protocol()).matrix, sample_camera().matrix)
