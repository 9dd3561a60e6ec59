"""Playing a scene: physics, pictures, masks and the truth, frame by frame."""

import math
from contextlib import nullcontext

import numpy as np

from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.film import Film
from toto_bench.samples.world.scene import Scene
from toto_bench.samples.world.stage import Stage

_TIMESTEP = 0.002


def play(
    scene: Scene,
    *,
    frames: int,
    fps: float,
    size: tuple[int, int],
    backend: str = "auto",
    pictures: bool = True,
    masks: bool = True,
    whole: bool = False,
    settle: float = 0.0,
    oversample: int = 1,
) -> Clip:
    """Simulate and render a scene.

    Args:
        scene: what is in it.
        frames: how many; frame i shows the time i / fps.
        fps: frames per second.
        size: (height, width) in pixels.
        backend: `egl`, `osmesa`, `ray`, or `auto`.
        pictures: render them; without pictures, masks and `whole` only physics is run, and no graphics are needed.
        masks: render them.
        whole: also count the pixels each item would cover alone (one more rendering per item and frame).
        settle: seconds of physics before time 0, with everything led held still; velocities are set after it.
        oversample: pictures are rendered this many times larger and averaged, against jagged edges.

    Returns:
        The clip; the same scene gives the same geometry and contacts, bit for bit on one machine.

    Raises:
        RenderingError: the backend does not work here.
    """
    per_frame = max(math.ceil(1 / (fps * _TIMESTEP) - 1e-9), 1)
    stage = Stage(scene, 1 / (fps * per_frame))
    film = Film(stage, size, backend, oversample=oversample) if pictures or masks or whole else None
    count = len(scene.items)
    seen = np.empty((frames if pictures else 0, *size, 3), np.uint8)
    labels = np.empty((frames if masks else 0, *size), np.uint8)
    covered = np.empty((frames if whole else 0, count), np.int64)
    positions, rotations, projected = (np.empty((frames, count, width)) for width in (3, 4, 2))
    with film or nullcontext():
        stage.settle(settle)
        for index in range(frames):
            stage.advance(per_frame if index else 0)
            stage.look()
            positions[index], rotations[index] = stage.positions(), stage.rotations()
            projected[index] = stage.project(positions[index], size)
            if film and pictures:
                seen[index] = film.picture()
            if film and masks:
                labels[index] = film.mask()
            if film and whole:
                covered[index] = film.whole()
    names = tuple(item.name for item in scene.items)
    return Clip(fps, names, seen, labels, covered, positions, rotations, projected, stage.contacts.found())
