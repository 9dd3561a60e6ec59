"""Pictures come back nearly as they were, the better the higher the quality."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from toto_bench.media.jpeg import write_jpeg


def test_a_picture_comes_back(tmp_path: Path) -> None:
    """Red stays red; a higher quality is nearer and larger, and the same frame gives the same bytes."""
    small = np.random.default_rng(0).integers(0, 255, (6, 8, 3), np.uint8)
    frame = cv2.resize(small, (80, 60), interpolation=cv2.INTER_CUBIC)
    errors, sizes = [], []
    for quality in (30, 90):
        path = tmp_path / "pictures" / f"{quality}.jpg"
        for _ in range(2):
            write_jpeg(path, frame, quality=quality)
            sizes.append(path.stat().st_size)
        with Image.open(path) as image:
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (80, 60))
            errors.append(np.abs(np.asarray(image).astype(int) - frame).mean())
    assert errors[1] < errors[0] < 12
    assert sizes[0] == sizes[1] < sizes[2] == sizes[3]
