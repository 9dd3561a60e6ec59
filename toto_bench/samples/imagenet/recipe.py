"""Units and files."""

from pathlib import Path

import cv2
from PIL import Image

from toto_bench.files import write_json, write_with
from toto_bench.samples.imagenet.scenes import CLASSES, build_scene
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Scene
from toto_bench.samples.world.seeds import generator

IMAGES = {"train": 24, "val": 10}
"""Of each class in one unit."""
SIZES = ((128, 160), (144, 144), (160, 128))
"""(height, width) of a picture."""
QUALITY = 75
_SETTLE = 0.6
"""Seconds in which things come to rest."""


class ImagenetRecipe:
    """Class folders of train and val."""

    name = "imagenet"

    def units(self, making: Making) -> list[str]:
        """`CLASS-0`, `CLASS-1` ...: pictures of one class for both splits."""
        return [f"{kind}-{batch}" for batch in range(making.scale) for kind in CLASSES]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render the pictures of a unit."""
        kind, batch = unit.split("-")
        parts = []
        for split, count in IMAGES.items():
            for number in range(int(batch) * count, (int(batch) + 1) * count):
                name = f"{kind}_{number:05d}.JPEG"
                rng = generator(making.seed, self.name, split, name)
                size = SIZES[int(rng.integers(len(SIZES)))]
                scene = build_scene(kind, rng)
                position = _render(scene, size, folder / split / kind / name, making.backend)
                parts.append({"split": split, "class": kind, "name": name, "position": position})
        write_json(folder / ".parts" / f"{unit}.json", parts)

    def finish(self, folder: Path, making: Making) -> None:
        """Nothing: the folders are the labels."""


def _render(scene: Scene, size: tuple[int, int], path: Path, backend: str) -> list[float]:
    """Write the picture as a JPEG, rendered twice as large against jagged edges; the place of the thing."""
    height, width = size
    clip = play(
        scene, frames=1, fps=30, size=(2 * height, 2 * width), backend=backend, masks=False, settle=_SETTLE
    )
    image = Image.fromarray(cv2.resize(clip.frames[0], (width, height), interpolation=cv2.INTER_AREA))
    write_with(path, lambda file: image.save(file, "JPEG", quality=QUALITY, optimize=True))
    return [round(float(value), 6) for value in clip.positions[0, 0]]


RECIPE = ImagenetRecipe()
"""The one of the bundled sample."""
