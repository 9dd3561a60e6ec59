"""Reading image files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.errors import DataError
from toto_bench.tasks.images import image_problem, read_image


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Red on the left, blue on the right, 20 high and 40 wide."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0], pixels[:, 20:, 2] = 255, 255
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_colours_and_axes(picture: Path) -> None:
    """[H, W, 3], red first."""
    image = read_image(picture)
    assert (image.shape, image.dtype) == ((20, 40, 3), np.uint8)
    assert image[0, 0].tolist() == [255, 0, 0]
    assert image[0, 39].tolist() == [0, 0, 255]


def test_a_size_is_height_and_width(picture: Path) -> None:
    """Resized, left stays left."""
    image = read_image(picture, (10, 30))
    assert image.shape == (10, 30, 3)
    assert image[5, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_every_mode_becomes_rgb(mode: str, picture: Path, tmp_path: Path) -> None:
    """Grey, palette, transparency."""
    Image.open(picture).convert(mode).save(tmp_path / "other.png")
    assert read_image(tmp_path / "other.png").shape == (20, 40, 3)


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    """Also an empty file, and one that is not there."""
    for name, content in (("text.png", b"hello"), ("empty.png", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=name):
            read_image(tmp_path / name)
        assert name in str(image_problem(tmp_path / name, thorough=False))
    with pytest.raises(DataError, match=r"gone\.png"):
        read_image(tmp_path / "gone.png")


def test_a_torn_image_is_found_by_decoding(picture: Path) -> None:
    """Its header is whole, so only `thorough` finds it before the run does."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(picture)
    picture.write_bytes(picture.read_bytes()[:4000])
    assert image_problem(picture, thorough=False) is None
    assert "picture.png" in str(image_problem(picture, thorough=True))
