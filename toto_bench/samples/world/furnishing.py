"""Random looks, rooms, lights and places, so that every scene is another one."""

import colorsys

import numpy as np

from toto_bench.samples.world.paths import Point, evenly, orbit, still
from toto_bench.samples.world.scene import Light, Look, Surroundings
from toto_bench.samples.world.textures import KINDS, Colour, texture

_TRIES = 100
_CONTRAST = 0.4
_DULL = (0.05, 0.5)


def random_colour(rng: np.random.Generator, saturation: tuple[float, float] = (0.3, 0.95)) -> Colour:
    """Any hue, seldom very dark."""
    return colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(0.35, 0.95))


def random_look(
    rng: np.random.Generator,
    kinds: tuple[str, ...] = KINDS,
    size: int = 64,
    repeat: float = 1.0,
    saturation: tuple[float, float] = (0.3, 0.95),
) -> Look:
    """Two colours in a pattern.

    Args:
        rng: of everything.
        kinds: patterns to choose from.
        size: side of the texture in pixels.
        repeat: of a table or wall.
        saturation: lowest and highest of its colours; 0 is grey.
    """
    first, second = random_colour(rng, saturation), random_colour(rng, saturation)
    while sum(abs(a - b) for a, b in zip(first, second, strict=True)) < _CONTRAST:
        second = random_colour(rng, saturation)
    picture = texture(str(rng.choice(kinds)), (first, second), rng, size)
    return Look(picture, shine=float(rng.uniform(0, 0.6)), repeat=repeat)


def similar_look(look: Look, rng: np.random.Generator, change: float = 0.06) -> Look:
    """The same pattern in slightly other colours, shifted: for look-alikes."""
    if look.texture is None:
        colour = tuple(float(np.clip(value + rng.uniform(-change, change), 0, 1)) for value in look.colour)
        return Look(None, (colour[0], colour[1], colour[2]), look.shine, look.repeat)
    shift = rng.uniform(-change, change, 3) * 255
    picture = np.clip(look.texture + shift, 0, 255).astype(np.uint8)
    moved = np.roll(picture, tuple(rng.integers(0, len(picture), 2)), axis=(0, 1))
    return Look(moved, look.colour, look.shine, look.repeat)


def random_surroundings(rng: np.random.Generator) -> Surroundings:
    """A table, walls and a floor with textures of their own."""
    return Surroundings(
        table=random_look(rng, size=256, repeat=float(rng.uniform(1, 3)), saturation=_DULL),
        walls=random_look(rng, size=256, repeat=float(rng.uniform(1, 4)), saturation=_DULL),
        floor=random_look(rng, size=128, repeat=float(rng.uniform(2, 5)), saturation=_DULL),
        ambient=float(rng.uniform(0.25, 0.45)),
    )


def random_lights(rng: np.random.Generator, moving: bool = True) -> tuple[Light, ...]:
    """One or two lamps of warm or cold white; some go around, move along or flicker slowly."""
    return tuple(_random_light(rng, moving) for _ in range(int(rng.integers(1, 3))))


def _random_light(rng: np.random.Generator, moving: bool) -> Light:
    angle, radius, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 1.5), rng.uniform(1.2, 2.2)
    start: Point = (float(radius * np.cos(angle)), float(radius * np.sin(angle)), float(height))
    warmth = rng.uniform(-0.12, 0.12)
    level = rng.uniform(0.55, 0.8)
    colour = (float(level + warmth), float(level), float(level - warmth))
    if not moving:
        return Light(still(start), colour=colour)
    curve = (
        orbit((0.0, 0.0, 0.0), float(radius), float(height), float(angle), float(rng.uniform(-0.8, 0.8)))
        if rng.random() < 0.5
        else evenly(start, (float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.5, 0.5)), 0.0))
    )
    rate, phase, depth = rng.uniform(1.0, 4.0), rng.uniform(0, 2 * np.pi), rng.uniform(0.15, 0.45)
    return Light(curve, colour=colour, brightness=lambda t: 1 + float(depth * np.sin(rate * t + phase)))


def scatter(
    rng: np.random.Generator,
    radii: list[float],
    extent: tuple[float, float] = (0.5, 0.35),
    taken: tuple[tuple[float, float, float], ...] = (),
) -> list[tuple[float, float]]:
    """Places (x, y) on the table for things of these radii that do not touch each other.

    Args:
        rng: of the places.
        radii: in metres; placed in this order.
        extent: half sizes of the area.
        taken: (x, y, radius) of what stands there already.

    Raises:
        ValueError: there is no room for one of them.
    """
    for _ in range(_TRIES):
        placed = _placed(rng, radii, extent, list(taken))
        if placed is not None:
            return [(x, y) for x, y, _ in placed[len(taken) :]]
    raise ValueError(f"No room for {len(radii)} things in {2 * extent[0]:.2f} m x {2 * extent[1]:.2f} m.")


def _placed(
    rng: np.random.Generator,
    radii: list[float],
    extent: tuple[float, float],
    placed: list[tuple[float, float, float]],
) -> list[tuple[float, float, float]] | None:
    """One attempt: `placed` and, behind them, a circle for each radius; None where the last ones found no room."""
    for radius in radii:
        for _ in range(_TRIES):
            x, y = float(rng.uniform(-extent[0], extent[0])), float(rng.uniform(-extent[1], extent[1]))
            if all(np.hypot(x - a, y - b) > radius + c for a, b, c in placed):
                placed.append((x, y, radius))
                break
        else:
            return None
    return placed
