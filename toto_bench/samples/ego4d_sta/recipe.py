"""Videos of 3 s at 320x240 and 30 frames per second, pictures of annotated frames, and annotation files."""

from pathlib import Path

from toto_bench.files import write_json
from toto_bench.media.h264 import write_h264
from toto_bench.media.jpeg import write_jpeg
from toto_bench.samples.ego4d_sta.annotating import annotate, annotation_file, choose_frames, uid_of
from toto_bench.samples.ego4d_sta.scene import FPS, FRAMES, SIZE, build_approach
from toto_bench.samples.ego4d_sta.things import KINDS
from toto_bench.samples.parts import read_parts, write_part
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator

VIDEOS = {"train": 16, "val": 8}
"""Of each split in one round."""
QUALITY = 75
"""Of JPEG."""


class Ego4dStaRecipe:
    """A hand comes near one of several things: which, what for, and when does it touch it?"""

    name = "ego4d_sta"

    def units(self, making: Making) -> list[str]:
        """`train-0` ... and `val-0` ...: one video each."""
        return [
            f"{split}-{number}" for split, count in VIDEOS.items() for number in range(count * making.scale)
        ]

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Render one video and annotate some of its frames."""
        rng = generator(making.seed, self.name, unit)
        noun, verb = _task(unit, making)
        approach = build_approach(noun, verb, rng)
        chosen = choose_frames(approach.contact, rng)
        clip = play(
            approach.scene,
            frames=FRAMES,
            fps=FPS,
            size=SIZE,
            backend=making.backend,
            masks=chosen,
            oversample=2,
        )
        video = uid_of(self.name, str(making.seed), unit)
        annotations = annotate(video, clip, approach, (noun, verb), chosen)
        write_h264(
            folder / "full_scale" / f"{video}.mp4", clip.frames, FPS, crf=30, coding={"g": "30", "bf": "2"}
        )
        for frame in (annotation["frame"] for annotation in annotations):
            picture = folder / "object_frames" / f"{video}_{frame:07d}.jpg"
            write_jpeg(picture, clip.frames[frame], quality=QUALITY)
        part = {
            "split": unit.split("-", maxsplit=1)[0],
            "video": video,
            "annotations": annotations,
        }
        write_part(folder, unit, part)

    def finish(self, folder: Path, making: Making) -> None:
        """Write the annotation files."""
        parts = read_parts(folder, self.units(making))
        for split in VIDEOS:
            content = annotation_file(split, [part for part in parts if part["split"] == split])
            write_json(folder / "annotations" / f"fho_sta_{split}.json", content)


def _task(unit: str, making: Making) -> tuple[str, str]:
    """Noun and verb of a video: in train all pairs in turn; in val every noun once a round, and every verb twice."""
    split, number = unit.split("-")
    pairs = [(noun, verb) for noun, kind in KINDS.items() for verb in kind.verbs]
    if split == "val":
        turn, place = divmod(int(number), len(KINDS))
        return pairs[2 * place + turn % 2]
    order = generator(making.seed, "ego4d_sta", "pairs").permutation(len(pairs))
    return pairs[int(order[int(number) % len(pairs)])]


RECIPE = Ego4dStaRecipe()
"""The one of the bundled sample."""
