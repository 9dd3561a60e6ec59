"""Boxes are exactly around the pixels of masks; x2 and y2 are one behind the last of them."""

import numpy as np

from toto_bench.samples.world.paths import still
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Camera, Item, Scene


def test_boxes_are_around_what_masks_show() -> None:
    """Of a ball, of one that is cut by the border, and of one that is out of sight."""
    items = tuple(
        Item(f"ball{i}", "sphere", (0.1,) * 3, (x, 0.0, 0.1), movable=False)
        for i, x in enumerate((0.05, 0.75, 3.0))
    )
    camera = Camera(still((0.0, -1.5, 0.5)), still((0.0, 0.0, 0.1)))
    clip = play(Scene(items, camera=camera), frames=1, fps=10.0, size=(60, 80), pictures=False)
    mask = clip.masks[0]
    for index in (0, 1):
        ys, xs = np.nonzero(mask == index + 1)
        x1, y1, x2, y2 = clip.boxes[0, index]
        assert (x1, x2 - 1) == (xs.min(), xs.max())
        assert (y1, y2 - 1) == (ys.min(), ys.max())
    assert clip.boxes[0, 1, 2] == mask.shape[1]
    assert np.isnan(clip.boxes[0, 2]).all()
