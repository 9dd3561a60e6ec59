"""The masks that the sample of DAVIS writes are those of its pictures, frame by frame and object by object."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toto_bench.samples.davis import RECIPE, recipe
from toto_bench.samples.recipe import Making
from toto_bench.samples.world.paths import evenly, led, still
from toto_bench.samples.world.scene import Camera, Item, Light, Look, Scene, Surroundings

FRAMES = 4
COLOURS = {1: 0, 2: 1}
"""Label to the channel of its object."""


def red_and_green(_: np.random.Generator) -> Scene:
    """A red ball and a green one in grey surroundings; from frame to frame they go farther than they are wide."""
    balls = tuple(
        Item(
            name,
            "sphere",
            (0.08,) * 3,
            path=led(evenly(start, (2.4 * side, 0.0, 0.0))),
            position=start,
            look=Look(colour=colour),
            movable=False,
        )
        for name, colour, start, side in (
            ("red", (1.0, 0.0, 0.0), (-0.35, -0.15, 0.1), 1),
            ("green", (0.0, 1.0, 0.0), (0.35, 0.15, 0.1), -1),
        )
    )
    grey = Look(colour=(0.4, 0.4, 0.4))
    return Scene(
        balls,
        camera=Camera(still((0.0, -1.0, 0.9)), still((0.0, 0.0, 0.05))),
        lights=(Light(still((0.0, -1.0, 2.0))),),
        surroundings=Surroundings(table=grey, walls=grey, floor=grey, ambient=0.5),
    )


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sequence of four small frames."""
    monkeypatch.setattr(recipe, "SCENES", {"test": red_and_green})
    monkeypatch.setattr(recipe, "FRAMES", FRAMES)
    monkeypatch.setattr(recipe, "SIZE", (60, 106))
    RECIPE.make("test", tmp_path, Making(backend="ray"))
    return tmp_path


def test_a_mask_shows_where_each_object_is_in_the_frame_of_its_number(written: Path) -> None:
    """Under a label are the colours of its object, and nowhere else; in other frames it is elsewhere."""
    pictures, masks = (
        [np.asarray(Image.open(path)) for path in sorted((written / folder / "480p/test").iterdir())]
        for folder in ("JPEGImages", "Annotations")
    )
    assert len(pictures) == len(masks) == FRAMES
    for picture, mask in zip(pictures, masks, strict=True):
        assert set(np.unique(mask)) == {0, *COLOURS}
        values = picture.astype(int)
        for label, channel in COLOURS.items():
            coloured = values[..., channel] > 1.5 * values[..., [c for c in range(3) if c != channel]].max(-1)
            both = (coloured & (mask == label)).sum() / (coloured | (mask == label)).sum()
            assert both > 0.6
    for one, other in pairwise(masks):
        assert not any(((one == label) & (other == label)).any() for label in COLOURS)


def test_files_are_numbered_from_0_with_five_digits(written: Path) -> None:
    for folder, ending in (("JPEGImages", "jpg"), ("Annotations", "png")):
        names = sorted(path.name for path in (written / folder / "480p/test").iterdir())
        assert names == [f"{index:05d}.{ending}" for index in range(FRAMES)]
