"""Decoding of image files of any kind to RGB."""

import io
import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

_FAULTS = (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError)
"""What Pillow raises about files that it cannot decode."""

# Cameras write such blocks by the thousand; no pixel depends on them.
warnings.filterwarnings("ignore", ".*[Cc]orrupt EXIF data", UserWarning, "PIL")


class ImageError(ValueError):
    """Something cannot be decoded as an image; the message says why, its caller says of what."""


def decode_image(content: Path | bytes) -> Image.Image:
    """An image as RGB, whatever its file is called and whatever its colours are.

    The kind is read from the content (one JPEG of ImageNet is a PNG); CMYK, grey, palette and transparent images
    become RGB as Pillow converts them. Pixels stay as they are stored: an EXIF orientation is not applied, as
    torchvision and the official evaluations do not apply it.

    Args:
        content: a file, or its bytes.

    Raises:
        ImageError: it cannot be decoded, or is cut off.
    """
    try:
        with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content) as image:
            return image.convert("RGB")
    except _FAULTS as error:
        raise ImageError(str(error)) from error


def image_header(content: Path | bytes) -> tuple[int, int]:
    """Height and width, without decoding pixels.

    Raises:
        ImageError: it is not an image.
    """
    try:
        with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content) as image:
            return image.height, image.width
    except _FAULTS as error:
        raise ImageError(str(error)) from error
