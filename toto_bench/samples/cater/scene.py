"""A story as a scene of the sample world, seen by a camera that never moves."""

import numpy as np

from toto_bench.samples.cater.things import Thing
from toto_bench.samples.cater.tracks import Tracks
from toto_bench.samples.world.furnishing import random_lights, random_look
from toto_bench.samples.world.paths import Path, Pose, Quaternion, product, still, turned
from toto_bench.samples.world.scene import Camera, Item, Scene, Surroundings

METRES = 0.1
"""Of one unit of CATER."""
FPS = 24.0
CAMERA = Camera(still((0.75, -0.75, 0.75)), still((0.02, -0.02, 0.0)), field_of_view=32.0)
_SHAPES = {"cone": "cover", "sphere": "sphere", "cylinder": "cylinder", "cube": "box", "spl": "rings"}
_UP = (0.0, 0.0, 1.0)
_SMOOTH = ("plain", "clouds")
_DULL = (0.03, 0.25)


def build_scene(tracks: Tracks, rng: np.random.Generator) -> Scene:
    """Everything is led: nothing that is seen depends on physics."""
    items = tuple(_item(tracks, number) for number in range(len(tracks.things)))
    room = Surroundings(
        table=random_look(rng, _SMOOTH, size=256, repeat=1.0, saturation=_DULL),
        table_size=(0.5, 0.5),
        walls=random_look(rng, ("plain",), size=128, saturation=_DULL),
        floor=random_look(rng, ("plain",), size=128, saturation=_DULL),
        ambient=float(rng.uniform(0.3, 0.45)),
    )
    return Scene(items, camera=CAMERA, lights=random_lights(rng), surroundings=room)


def _item(tracks: Tracks, number: int) -> Item:
    thing = tracks.things[number]
    half = thing.half * METRES
    path = _path(tracks, number)
    pose = path(0.0)
    assert pose is not None
    return Item(
        thing.instance,
        _SHAPES[thing.shape],
        (half, half, half),
        pose.position,
        thing.look,
        pose.rotation,
        path=path,
        movable=False,
        solid=False,
    )


def _path(tracks: Tracks, number: int) -> Path:
    """From frame to frame in straight lines."""
    thing = tracks.things[number]
    rotations = [_rotation(thing, float(angle)) for angle in tracks.angles[number]]
    poses = np.concatenate([tracks.places[number] * METRES, rotations], axis=1).tolist()
    last = len(poses) - 1

    def path(time: float) -> Pose:
        frame = min(int(time * FPS), last)
        share = time * FPS - frame
        x, y, z, *q = (
            a + share * (b - a) for a, b in zip(poses[frame], poses[min(frame + 1, last)], strict=True)
        )
        return Pose((x, y, z), (q[0], q[1], q[2], q[3]))

    return path


def _rotation(thing: Thing, angle: float) -> Quaternion:
    """Turned about the upright axis, then tipped over by an angle."""
    level = (float(np.cos(thing.turn)), float(np.sin(thing.turn)), 0.0)
    return product(turned(level, angle), turned(_UP, thing.turn))
