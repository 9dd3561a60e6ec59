"""Decoding of images of any kind."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.media.images import ImageError, decode_image, image_header


@pytest.fixture
def red() -> Image.Image:
    """12 high, 20 wide."""
    return Image.new("RGB", (20, 12), (200, 30, 40))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """An image as a file's bytes."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def test_cmyk_becomes_rgb(red: Image.Image) -> None:
    """Not inverted: red stays red."""
    pixel = np.asarray(decode_image(encoded(red.convert("CMYK"), "JPEG", quality=95)))[6, 10].astype(int)
    assert abs(pixel - (200, 30, 40)).max() < 12


def test_a_png_may_be_called_jpeg(red: Image.Image, tmp_path: Path) -> None:
    """One image of ImageNet is; the content tells."""
    path = tmp_path / "n02105855_2933.JPEG"
    path.write_bytes(encoded(red, "PNG"))
    assert np.asarray(decode_image(path))[0, 0].tolist() == [200, 30, 40]


def test_noise_in_exif_is_nothing_to_speak_of(red: Image.Image) -> None:
    """No error, no warning, and an orientation is not applied."""
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(red, "JPEG", exif=exif)
    torn = encoded(red, "JPEG", exif=exif.tobytes()[:20])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", ".*[Cc]orrupt EXIF data", UserWarning, "PIL")
        assert {decode_image(content).size for content in (whole, torn)} == {(20, 12)}


def test_header_gives_height_and_width(red: Image.Image) -> None:
    """In this order, as arrays have them."""
    assert image_header(encoded(red, "PNG")) == (12, 20)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff\xe0 torn"])
def test_what_is_no_image_is_an_error(content: bytes) -> None:
    """With the header already."""
    for read in (decode_image, image_header):
        with pytest.raises(ImageError):
            read(content)


def test_a_cut_off_image_is_an_error() -> None:
    """Its lower half is not made up."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    with pytest.raises(ImageError, match="truncated"):
        decode_image(encoded(noise, "JPEG")[:1500])


def test_a_bomb_is_an_error(red: Image.Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's error is none of its usual ones."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ImageError, match="pixels"):
        decode_image(encoded(red, "PNG"))
