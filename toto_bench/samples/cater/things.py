"""What is on the ground: the snitch, cones that can cover things, and others."""

import colorsys
from dataclasses import dataclass

import numpy as np

from toto_bench.samples.world.furnishing import scatter
from toto_bench.samples.world.scene import Look
from toto_bench.samples.world.textures import Colour, texture

SNITCH = "spl"
SMALL = 0.3
_SIZES = {"small": SMALL, "medium": 0.48, "large": 0.62}
_COLOURS: dict[str, Colour] = {
    "gray": (0.45, 0.45, 0.45),
    "red": (0.75, 0.16, 0.16),
    "blue": (0.18, 0.32, 0.85),
    "green": (0.13, 0.5, 0.15),
    "brown": (0.5, 0.3, 0.14),
    "purple": (0.5, 0.18, 0.75),
    "cyan": (0.16, 0.7, 0.72),
    "yellow": (0.95, 0.85, 0.2),
}
_GOLD: Colour = (0.95, 0.72, 0.1)
_PATTERNS = ("plain", "stripes", "checks", "dots", "clouds")
_NAMES = {"cone": "Cone", "sphere": "Sphere", "cylinder": "Cylinder", "cube": "Cube", SNITCH: "Spl"}
_EXTENT = (2.6, 2.6)
_GAP = 0.08


@dataclass(frozen=True)
class Thing:
    """One of them, in CATER's words and units."""

    instance: str
    shape: str
    """`spl` (the snitch), `cone`, `sphere`, `cylinder` or `cube`."""
    size: str
    sized: float
    """Half its width; of a cube half its diagonal."""
    colour: str
    material: str
    place: tuple[float, float]
    """At the beginning."""
    turn: float
    """About the upright axis, in radians."""
    look: Look

    @property
    def half(self) -> float:
        """Half its height."""
        return self.sized / 2**0.5 if self.shape == "cube" else self.sized

    @property
    def covers(self) -> bool:
        """Whether small things fit below it."""
        return self.shape == "cone" and self.sized > SMALL


def some_things(rng: np.random.Generator) -> list[Thing]:
    """The snitch first, three or four cones that cover, and three to five others; none touches another."""
    kinds = [(SNITCH, "small")]
    kinds += [("cone", str(size)) for size in rng.choice(["medium", "large"], int(rng.integers(3, 5)))]
    kinds.append((str(rng.choice(["sphere", "cone"])), "small"))
    for _ in range(int(rng.integers(2, 5))):
        kinds.append((str(rng.choice(["sphere", "cylinder", "cube"])), str(rng.choice(list(_SIZES)))))
    places = scatter(rng, [_SIZES[size] + _GAP for _, size in kinds], _EXTENT)
    return [
        _thing(number, *kind, place, rng)
        for number, (kind, place) in enumerate(zip(kinds, places, strict=True))
    ]


def _thing(number: int, shape: str, size: str, place: tuple[float, float], rng: np.random.Generator) -> Thing:
    colour, material = str(rng.choice(list(_COLOURS))), str(rng.choice(["rubber", "metal"]))
    look = _look(_COLOURS[colour], material, rng)
    if shape == SNITCH:
        colour, material, look = "gold", "metal", Look(None, _GOLD, shine=0.8)
    turn = float(rng.uniform(0, np.pi / 2))
    return Thing(f"{_NAMES[shape]}_{number}", shape, size, _SIZES[size], colour, material, place, turn, look)


def _look(colour: Colour, material: str, rng: np.random.Generator) -> Look:
    """A pattern of two shades of a colour, of which no two things have the same."""
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    shades = [
        colorsys.hsv_to_rgb(
            (hue + rng.uniform(-0.02, 0.02)) % 1,
            saturation * rng.uniform(0.7, 1),
            min(value * (factor + rng.uniform(-0.1, 0.1)), 1.0),
        )
        for factor in (0.75, 1.15)
    ]
    picture = texture(str(rng.choice(_PATTERNS)), (shades[0], shades[1]), rng)
    return Look(picture, shine=0.8 if material == "metal" else 0.1)
