"""Units, files and lists."""

import base64
import csv
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

from toto_bench.files import write_text
from toto_bench.media.h264 import write_h264
from toto_bench.samples.kinetics400.motions import MOTIONS, SECONDS, build_scene
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator

SIZE = (120, 160)
FPS = 30
CLIPS = {"train": 8, "val": 4}
"""Of each class in the bundled sample."""
HEADER = ("label", "youtube_id", "time_start", "time_end", "split")
_CHARACTERS = 11


class Row(NamedTuple):
    """A line of the lists."""

    label: str
    youtube_id: str
    time_start: int
    time_end: int
    split: str

    @property
    def file(self) -> str:
        """Below the root."""
        return f"{self.split}/{self.youtube_id}_{self.time_start:06d}_{self.time_end:06d}.mp4"


class KineticsRecipe:
    """Clips of eight motions."""

    name = "kinetics400"

    def units(self, making: Making) -> list[str]:
        """`train-sliding_away-0`: a clip each."""
        return [
            f"{split}-{label.replace(' ', '_')}-{number}"
            for split, count in CLIPS.items()
            for number in range(count * making.scale)
            for label in MOTIONS
        ]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render one clip."""
        row = row_of(unit, making.seed)
        scene = build_scene(row.label, generator(making.seed, self.name, unit))
        height, width = SIZE
        clip = play(
            scene,
            frames=round(SECONDS * FPS),
            fps=FPS,
            size=(height, width),
            backend=making.backend,
            masks=False,
            oversample=2,
        )
        write_h264(folder / row.file, clip.frames, FPS, crf=27)

    def finish(self, folder: Path, making: Making) -> None:
        """Write the lists of the splits and of the classes."""
        rows = [row_of(unit, making.seed) for unit in self.units(making)]
        for split in CLIPS:
            listed = sorted(
                (row for row in rows if row.split == split), key=lambda row: (row.label, row.youtube_id)
            )
            write_text(folder / "annotations" / f"{split}.csv", _table(listed))
        write_text(folder / "annotations" / "classes.txt", "".join(f"{label}\n" for label in MOTIONS))


def row_of(unit: str, seed: int) -> Row:
    """What the lists say of a unit; every sixth identifier begins with `-`, every sixth with `_`."""
    split, slug, number = unit.split("-")
    label = slug.replace("_", " ")
    draw = hashlib.sha256(f"{seed} kinetics400 {unit}".encode()).digest()
    identifier = base64.urlsafe_b64encode(draw).decode()[:_CHARACTERS]
    place = int(number) * len(MOTIONS) + list(MOTIONS).index(label)
    first = {1: "-", 4: "_"}.get(place % 6, "")
    start = int(draw[-1])
    return Row(label, (first + identifier)[:_CHARACTERS], start, start + 3, split)


def _table(rows: list[Row]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return stream.getvalue()


RECIPE = KineticsRecipe()
"""The one of the bundled sample."""
