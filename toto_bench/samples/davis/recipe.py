"""Sequences with a mask for every frame: JPEGImages, Annotations and the list of names."""

from pathlib import Path

from toto_bench.files import write_text
from toto_bench.media.jpeg import write_jpeg
from toto_bench.samples.davis.scenes import SCENES
from toto_bench.samples.davis.writing import write_mask
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator

SIZE = (480, 854)
FRAMES = 20
FPS = 12.0
QUALITY = 62
"""Of JPEG."""
_FOLDER = "480p"


class DavisRecipe:
    """Sequences at 854x480 with 1 to 4 objects."""

    name = "davis"

    def units(self, making: Making) -> list[str]:
        """One sequence of each kind; `KIND-1`, `KIND-2` ... are more of them in other looks and motions."""
        return [
            kind if round_ == 0 else f"{kind}-{round_}" for round_ in range(making.scale) for kind in SCENES
        ]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render one sequence."""
        kind = unit.partition("-")[0]
        scene = SCENES[kind](generator(making.seed, self.name, unit))
        clip = play(
            scene, frames=FRAMES, fps=FPS, size=SIZE, backend=making.backend, settle=0.0, oversample=2
        )
        for index, (frame, mask) in enumerate(zip(clip.frames, clip.masks, strict=True)):
            write_jpeg(folder / "JPEGImages" / _FOLDER / unit / f"{index:05d}.jpg", frame, quality=QUALITY)
            write_mask(folder / "Annotations" / _FOLDER / unit / f"{index:05d}.png", mask)

    def finish(self, folder: Path, making: Making) -> None:
        """Write the list of sequences."""
        names = "".join(f"{unit}\n" for unit in sorted(self.units(making)))
        write_text(folder / "ImageSets" / "2017" / "val.txt", names)


RECIPE = DavisRecipe()
"""The one of the bundled sample."""
