"""Units and files."""

from pathlib import Path

from toto_bench.media.jpeg import write_jpeg
from toto_bench.samples.imagenet.scenes import CLASSES, build_scene
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
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
        for split, count in IMAGES.items():
            for number in range(int(batch) * count, (int(batch) + 1) * count):
                name = f"{kind}_{number:05d}.JPEG"
                rng = generator(making.seed, self.name, split, name)
                size = SIZES[int(rng.integers(len(SIZES)))]
                clip = play(
                    build_scene(kind, rng),
                    frames=1,
                    fps=30,
                    size=size,
                    backend=making.backend,
                    masks=False,
                    settle=_SETTLE,
                    oversample=2,
                )
                write_jpeg(folder / split / kind / name, clip.frames[0], quality=QUALITY)

    def finish(self, folder: Path, making: Making) -> None:
        """Nothing: the folders are the labels."""


RECIPE = ImagenetRecipe()
"""The one of the bundled sample."""
