"""Sizes and crops, against torchvision's own transforms."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, RandomResizedCrop, Resize
from torchvision.transforms.functional import InterpolationMode

from toto_bench.tasks.imagenet.transforms import center_crop, random_box, resize_short_side

SIZES = [(200, 300), (301, 200), (256, 256), (257, 500), (90, 71), (64, 1000)]


def noise(height: int, width: int) -> Image.Image:
    """A picture."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize("method", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", SIZES)
def test_scored_images_are_those_of_torchvision(size: tuple[int, int], method: str) -> None:
    """Pixel by pixel."""
    image = noise(*size)
    official = Compose([Resize(64, InterpolationMode(method)), CenterCrop(56)])(image)
    assert np.array_equal(center_crop(resize_short_side(image, 64, method), 56), official)


@pytest.mark.parametrize("size", [*SIZES, (1000, 20), (20, 1000)])
def test_random_parts_are_distributed_as_torchvisions(size: tuple[int, int]) -> None:
    """Share of the area, shape, and place: equal within what 2,000 draws tell."""
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    ours = [random_box(*size, (0.08, 1.0), rng) for _ in range(2000)]
    official = [RandomResizedCrop.get_params(noise(*size), [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(2000)]
    for number in range(4):
        for power in (1, 2):
            own, other = (
                np.array([box[number] for box in boxes], float) ** power for boxes in (ours, official)
            )
            error = math.sqrt(own.var() / 2000 + other.var() / 2000)
            assert abs(own.mean() - other.mean()) <= 4.5 * error


def test_a_long_image_gives_its_middle() -> None:
    """No part of the allowed shapes is as large as asked for."""
    box = random_box(10, 1000, (0.9, 1.0), np.random.default_rng(0))
    assert box == (0, 493, 10, 13)
    assert random_box(1000, 10, (0.9, 1.0), np.random.default_rng(0)) == (493, 0, 13, 10)
