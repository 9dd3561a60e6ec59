"""Playing a scene: physics, pictures, masks and the truth, frame by frame."""

import math
from collections.abc import Sequence

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
    masks: bool | Sequence[int] = True,
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
        backend: of the pictures: `egl`, `osmesa`, `ray`, or `auto`.
        pictures: render them; without, no graphics are needed.
        masks: of all frames, of none, or of these. Rays are cast for them whatever the backend is, since OpenGL
            implementations differ along edges.
        whole: at the frames of the masks, also count the pixels each item would cover alone (rays again, per item).
        settle: seconds of physics before time 0, with everything led held still; velocities are set after it.
        oversample: pictures are rendered this many times larger and averaged, against jagged edges.

    Returns:
        The clip; the same scene gives the same geometry, contacts and masks with every backend, bit for bit on one
        machine.

    Raises:
        RenderingError: the backend does not work here.
        ValueError: a mask is asked for at a frame that is not there.
    """
    per_frame = max(math.ceil(1 / (fps * _TIMESTEP) - 1e-9), 1)
    stage = Stage(scene, 1 / (fps * per_frame))
    masked = tuple(range(frames) if masks is True else sorted(set(masks or ())))
    if masked and not 0 <= masked[0] <= masked[-1] < frames:
        raise ValueError(f"Masks are asked for at {masked}, but there are frames 0 to {frames - 1} alone.")
    film = Film(stage, size, backend, oversample=oversample)
    count = len(scene.items)
    seen = np.empty((frames if pictures else 0, *size, 3), np.uint8)
    labels = np.empty((len(masked), *size), np.uint8)
    covered = np.empty((len(masked) if whole else 0, count), np.int64)
    positions, rotations, projected = (np.empty((frames, count, width)) for width in (3, 4, 2))
    with film:
        stage.settle(settle)
        for index in range(frames):
            stage.advance(per_frame if index else 0)
            stage.look()
            positions[index], rotations[index] = stage.positions(), stage.rotations()
            projected[index] = stage.project(positions[index], size)
            if pictures:
                seen[index] = film.picture()
            if index in masked:
                labels[masked.index(index)] = film.mask()
                if whole:
                    covered[masked.index(index)] = film.whole()
    names = tuple(item.name for item in scene.items)
    return Clip(
        fps, names, seen, masked, labels, covered, positions, rotations, projected, stage.contacts.found()
    )
