"""Procedural textures: pictures of our own, drawn from random numbers."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Texture = NDArray[np.uint8]
"""uint8 [S, S, 3]."""
Colour = tuple[float, float, float]
"""Red, green, blue in [0, 1]."""
_Field = NDArray[np.float64]


def texture(kind: str, colours: tuple[Colour, Colour], rng: np.random.Generator, size: int = 64) -> Texture:
    """A square picture that mixes two colours in a pattern; some noise is in all of them.

    Args:
        kind: one of `KINDS`.
        colours: where the pattern is 0, and where it is 1.
        rng: of everything that is random in it: counts, angles, places.
        size: side in pixels.
    """
    mix = np.clip(PATTERNS[kind](rng, size), 0, 1)[..., None]
    low, high = np.array(colours[0]), np.array(colours[1])
    picture = (1 - mix) * low + mix * high + 0.05 * (noise(rng, size, 5)[..., None] - 0.5)
    return np.asarray((np.clip(picture, 0, 1) * 255).round(), dtype=np.uint8)


def noise(rng: np.random.Generator, size: int, octaves: int) -> _Field:
    """Smooth random values in [0, 1], [S, S]: sums of ever finer random grids."""
    total = np.zeros((size, size))
    for octave in range(octaves):
        cells = min(2 ** (octave + 2), size)
        grid = rng.random((cells, cells)).astype(np.float32)
        total += cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC) / 2**octave
    low, high = total.min(), total.max()
    return np.asarray((total - low) / max(high - low, 1e-9))


def _axes(rng: np.random.Generator, size: int) -> tuple[_Field, _Field]:
    """Turned coordinates in about [-1, 1]."""
    y, x = np.mgrid[:size, :size] / size * 2 - 1
    angle = rng.uniform(0, np.pi)
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _plain(rng: np.random.Generator, size: int) -> _Field:
    return 0.3 * noise(rng, size, 2)


def _checks(rng: np.random.Generator, size: int) -> _Field:
    count = int(rng.integers(2, 6))
    y, x = np.mgrid[:size, :size] * count * 2 // size
    return np.asarray((x + y) % 2, dtype=np.float64)


def _stripes(rng: np.random.Generator, size: int) -> _Field:
    x, _ = _axes(rng, size)
    return (np.sin(x * np.pi * rng.integers(3, 8)) > rng.uniform(-0.4, 0.4)).astype(np.float64)


def _dots(rng: np.random.Generator, size: int) -> _Field:
    field = np.zeros((size, size), np.float32)
    for _ in range(int(rng.integers(8, 20))):
        centre = (int(rng.integers(size)), int(rng.integers(size)))
        radius = int(rng.integers(max(size // 20, 1), size // 8 + 1))
        cv2.circle(field, centre, radius, 1.0, -1)
    return field.astype(np.float64)


def _clouds(rng: np.random.Generator, size: int) -> _Field:
    return noise(rng, size, 5)


def _spots(rng: np.random.Generator, size: int) -> _Field:
    return (noise(rng, size, 3) > 0.55).astype(np.float64)


def _wood(rng: np.random.Generator, size: int) -> _Field:
    x, y = _axes(rng, size)
    warp = noise(rng, size, 3)
    return 0.5 + 0.4 * np.sin(2 * np.pi * (x * rng.uniform(4, 8) + warp * 1.5 + 0.3 * y)) * (0.6 + 0.4 * warp)


def _marble(rng: np.random.Generator, size: int) -> _Field:
    x, _ = _axes(rng, size)
    return np.abs(np.sin(x * rng.uniform(2, 5) + 4 * noise(rng, size, 5))) ** 0.5


def _bricks(rng: np.random.Generator, size: int) -> _Field:
    rows = int(rng.integers(4, 9))
    y, x = np.mgrid[:size, :size] / size * rows
    shifted = x / 2 + 0.5 * (np.floor(y) % 2)
    mortar = (y % 1 < 0.12) | (shifted % 1 < 0.06)
    return np.where(mortar, 1.0, 0.3 * noise(rng, size, 4))


def _rings(rng: np.random.Generator, size: int) -> _Field:
    x, y = _axes(rng, size)
    return (np.sin(np.hypot(x - rng.uniform(-0.5, 0.5), y) * rng.uniform(10, 25)) > 0).astype(np.float64)


def _zigzag(rng: np.random.Generator, size: int) -> _Field:
    x, y = _axes(rng, size)
    count = rng.integers(3, 6)
    wave = np.abs((x * count) % 1 - 0.5)
    return (((y * count + wave) % 1) > 0.5).astype(np.float64)


PATTERNS: dict[str, Callable[[np.random.Generator, int], _Field]] = {
    "plain": _plain,
    "checks": _checks,
    "stripes": _stripes,
    "dots": _dots,
    "clouds": _clouds,
    "spots": _spots,
    "wood": _wood,
    "marble": _marble,
    "bricks": _bricks,
    "rings": _rings,
    "zigzag": _zigzag,
}
KINDS = tuple(PATTERNS)
"""Names of the patterns."""
