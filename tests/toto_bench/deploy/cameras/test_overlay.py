"""The reference photo over the live picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from toto_bench.deploy.cameras.overlay import (
    blend,
    difference,
    overlay,
    read_photo,
    similarity,
    write_photo,
)
from toto_bench.errors import RequestError

CUBE = 14


def scene(cube: tuple[int, int] = (60, 90), *, noise: int = 0, light: float = 1.0) -> np.ndarray:
    """A table with a grain, and a red cube."""
    grain = np.random.default_rng(7).normal(0, 25, (120, 160, 3))
    picture = 120 + cv2.GaussianBlur(grain, (0, 0), 4) * 6
    row, column = cube
    picture[row : row + CUBE, column : column + CUBE] = (200, 30, 30)
    if noise:
        picture = picture + np.random.default_rng(noise).normal(0, 3, picture.shape)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def test_the_same_picture() -> None:
    found = similarity(scene(), scene())
    assert found.overall == pytest.approx(1)
    assert found.worst == pytest.approx(1)
    assert not difference(scene(), scene()).any()
    assert np.array_equal(blend(scene(), scene()), scene())


def test_noise_and_a_little_light_are_no_difference() -> None:
    assert similarity(scene(noise=1), scene(noise=2)).worst > 0.9
    assert similarity(scene(), scene(light=0.95)).worst > 0.9


def test_a_moved_cube_shows_where_it_is() -> None:
    found = similarity(scene(noise=1), scene((60, 96), noise=2))
    assert found.worst < 0.8
    row, column = found.place
    assert 45 <= row <= 90
    assert 75 <= column <= 120
    assert found.overall > 0.9, "most of the picture is as it was"


def test_nearer_is_more_alike() -> None:
    worst = [similarity(scene(noise=1), scene((60, 90 + off), noise=2)).worst for off in (0, 2, 6)]
    assert worst == sorted(worst, reverse=True)
    assert worst[0] - worst[1] > 0.05


def test_another_scene() -> None:
    blocks = np.random.default_rng(0).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    other = blocks.repeat(10, 0).repeat(10, 1)
    assert similarity(scene(), other).overall < 0.4


def test_pictures_of_an_overlay() -> None:
    reference, live = scene(), scene((30, 20))
    page = overlay(reference, live)
    assert page.shape == (120, 480, 3)
    assert np.array_equal(page[:, :160], live)
    middle = page[:, 160:320].astype(int)
    assert np.abs(middle - (reference.astype(int) + live) / 2).max() <= 1
    rest = page[:, 320:]
    assert rest[65, 95].max() > 100, "the cube was here"
    assert not rest[5:25, 100:].any()
    assert np.array_equal(blend(reference, live, 1.0), reference)


def test_photo_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "pose-01.png"
    write_photo(path, scene())
    assert np.array_equal(read_photo(path), scene())
    path.write_bytes(b"torn")
    with pytest.raises(RequestError, match=r"pose-01\.png cannot be read"):
        read_photo(path)
    with pytest.raises(RequestError, match="cannot be read"):
        read_photo(tmp_path / "none.png")


def test_another_size() -> None:
    for compare in (similarity, difference, overlay, blend):
        with pytest.raises(RequestError, match="160x120 pixels and the camera's picture 80x60"):
            compare(scene(), scene()[::2, ::2])
