"""Clips without labels for pre-training: things thrown together before a camera that goes around them.

Nothing in them is in the bundled sample: they have random numbers of their own, surfaces that mix two patterns where
all others have one, and things that are free to fall and fly. They are not bundled: `make-sample --tasks video` makes
them.

- `clips/clip-<number:06d>.mp4`, and `clips.txt` with their paths.
"""

from pathlib import Path

import numpy as np

from toto_bench.files import write_text
from toto_bench.media.h264 import write_h264
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.furnishing import random_lights, random_look, random_surroundings, scatter
from toto_bench.samples.world.paths import orbit, still, swaying, turned
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Camera, Item, Look, Scene, Surroundings
from toto_bench.samples.world.seeds import generator
from toto_bench.samples.world.shapes import SHAPES

SIZE = (160, 160)
FPS = 30
FRAMES = 90
CLIPS = 64
"""At scale 1."""
_HIGHEST = 0.4


class VideoRecipe:
    """A folder of clips, and a list of them."""

    name = "video"

    def units(self, making: Making) -> list[str]:
        """A clip each."""
        return [f"clip-{number:06d}" for number in range(CLIPS * making.scale)]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render one clip."""
        scene = build_scene(generator(making.seed, self.name, unit))
        clip = play(
            scene,
            frames=FRAMES,
            fps=FPS,
            size=SIZE,
            backend=making.backend,
            masks=False,
            oversample=2,
        )
        write_h264(folder / "clips" / f"{unit}.mp4", clip.frames, FPS, crf=27)

    def finish(self, folder: Path, making: Making) -> None:
        """Write `clips.txt`: a path below the root in each line."""
        write_text(folder / "clips.txt", "".join(f"clips/{unit}.mp4\n" for unit in self.units(making)))


def build_scene(rng: np.random.Generator) -> Scene:
    """Three to seven things of any shape; some fall, some are thrown towards the middle."""
    count = int(rng.integers(3, 8))
    sizes = [float(size) for size in rng.uniform(0.04, 0.09, count)]
    places = scatter(rng, [1.3 * size for size in sizes], (0.45, 0.35))
    items = tuple(
        _thing(rng, f"thing{index}", size, place)
        for index, (size, place) in enumerate(zip(sizes, places, strict=True))
    )
    room = random_surroundings(rng)
    return Scene(
        items=items,
        camera=_camera(rng),
        lights=random_lights(rng),
        surroundings=Surroundings(
            table=_mixed(rng, room.table),
            walls=_mixed(rng, room.walls),
            floor=_mixed(rng, room.floor),
            ambient=room.ambient,
        ),
        gravity=float(rng.uniform(3.0, 9.81)),
    )


def _thing(rng: np.random.Generator, name: str, size: float, place: tuple[float, float]) -> Item:
    flat = size * float(rng.uniform(0.4, 1.0))
    axis = rng.normal(size=3)
    speed = float(rng.uniform(0, 0.9))
    away = max(float(np.hypot(*place)), 0.05)
    return Item(
        name,
        str(rng.choice(list(SHAPES))),
        (size, size, max(flat, 0.6 * size)),
        (*place, 1.5 * size + float(rng.choice((0.0, rng.uniform(0, _HIGHEST))))),
        look=_mixed(rng, random_look(rng)),
        rotation=turned((float(axis[0]), float(axis[1]), float(axis[2])), float(rng.uniform(0, np.pi))),
        velocity=(-place[0] / away * speed, -place[1] / away * speed, 0.0),
        spin=(float(rng.normal()) * 3, float(rng.normal()) * 3, float(rng.normal()) * 3),
        friction=float(rng.uniform(0.1, 0.9)),
        bounce=float(rng.choice((0.0, 0.5, 0.8))),
    )


def _camera(rng: np.random.Generator) -> Camera:
    """Around the table at a walking pace, held by hand."""
    path = orbit(
        (0.0, 0.0, 0.0),
        float(rng.uniform(0.8, 1.2)),
        float(rng.uniform(0.35, 1.0)),
        float(rng.uniform(0, 2 * np.pi)),
        float(rng.uniform(-0.35, 0.35)),
    )
    return Camera(
        swaying(path, 0.03, rng), swaying(still((0.0, 0.0, 0.06)), 0.03, rng), float(rng.uniform(38, 50))
    )


def _mixed(rng: np.random.Generator, look: Look) -> Look:
    """The look with a second pattern laid over it."""
    assert look.texture is not None
    over = random_look(rng, size=len(look.texture)).texture
    assert over is not None
    share = float(rng.uniform(0.3, 0.6))
    mixed = (1 - share) * look.texture + share * over
    return Look(mixed.round().astype(np.uint8), look.colour, look.shine, look.repeat)


RECIPE = VideoRecipe()
"""The one that `make-sample` knows."""
