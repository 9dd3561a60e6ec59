"""Videos, scene files and lists of classes.

The videos have 60 frames of 240x180 at 24 frames per second; those of the original have 300 of 320x240.
"""

from pathlib import Path

from toto_bench.files import write_text
from toto_bench.samples.cater.grid import GRIDS, cell_of, cell_to_end_in, place_in
from toto_bench.samples.cater.scene import FPS, build_scene
from toto_bench.samples.cater.script import STORIES, play_story
from toto_bench.samples.cater.writing import describe, write_scene, write_video
from toto_bench.samples.parts import read_parts, write_part
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator

SIZE = (180, 240)
FRAMES = 60
TRAIN, VAL = 10, 5
"""Videos in one round."""
_HELD_OUT = (3, 9)
"""Of each round's train videos, for choosing settings: a fifth, whose cells others of the round have too."""


class CaterRecipe:
    """Snitch localization, seen by a camera that does not move."""

    name = "cater"

    def units(self, making: Making) -> list[str]:
        """`CATER_new_000000` ...: in each round first those of train, then those of val."""
        return [f"CATER_new_{index:06d}" for index in range((TRAIN + VAL) * making.scale)]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render one video."""
        index = int(unit.rsplit("_", 1)[1])
        rng = generator(making.seed, self.name, unit)
        end = place_in(cell_to_end_in(making.seed, index, TRAIN, VAL), rng)
        tracks = play_story(STORIES[index % len(STORIES)], end, FRAMES, rng)
        clip = play(
            build_scene(tracks, rng),
            frames=FRAMES,
            fps=FPS,
            size=SIZE,
            backend=making.backend,
            masks=False,
            oversample=2,
        )
        video = f"{unit}.avi"
        write_video(folder / "videos" / video, clip.frames, FPS)
        scene = describe(tracks, video, index)
        write_scene(folder / "scenes" / f"{unit}.json", scene)
        part = {
            "video": video,
            "split": "train" if index % (TRAIN + VAL) < TRAIN else "val",
            "end": scene["objects"][0]["locations"][str(FRAMES)],
        }
        write_part(folder, unit, part)

    def finish(self, folder: Path, making: Making) -> None:
        """Write the lists of each grid."""
        parts = read_parts(folder, self.units(making))
        for name, side in GRIDS.items():
            lines = {
                split: [
                    f"{part['video']} {cell_of(part['end'][0], part['end'][1], side)}\n"
                    for part in parts
                    if part["split"] == split
                ]
                for split in ("train", "val")
            }
            subsets: dict[str, list[str]] = {"train_subsetT": [], "train_subsetV": []}
            for index, line in enumerate(lines["train"]):
                held_out = index % TRAIN in _HELD_OUT
                subsets["train_subsetV" if held_out else "train_subsetT"].append(line)
            for split, listed in (lines | subsets).items():
                write_text(folder / "lists" / name / f"{split}.txt", "".join(listed))


RECIPE = CaterRecipe()
"""The one of the bundled sample."""
