"""Scenes in which the hand touches the thing that is meant first, in sight of a camera that goes along."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.samples.ego4d_sta.hand import TOUCHING, gripper
from toto_bench.samples.ego4d_sta.motion import Motion, move
from toto_bench.samples.ego4d_sta.things import Thing, some_things
from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.furnishing import random_lights, random_look
from toto_bench.samples.world.paths import Curve, Point, swaying
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Camera, Look, Scene, Surroundings

SIZE = (240, 320)
FRAMES = 90
FPS = 30.0
_TOUCH = (1.5, 2.75)
"""Seconds; so wide that the number of a frame does not tell how long it is until the touch."""
_FIRST_TOUCH = 1.4
_EYE = np.array([0.0, -0.6, 0.56])
_GAZE = np.array([0.0, 0.03, 0.02])
_HAND = np.array([0.0, -0.29, 0.16])
_BODY, _HEAD = 0.35, 0.45
"""How much of the hand's way the camera goes along, and how much of it its gaze does."""
_MARGIN = 0.08
_ATTEMPTS = 200
_KINDS = ("plain", "clouds", "wood", "marble", "spots")


class Approach(NamedTuple):
    """A scene, and what is exactly known of it."""

    scene: Scene
    target: tuple[str, ...]
    """Names of the items that make up the thing that is touched."""
    contact: float
    """When a part of the hand first touches it, in seconds."""


def build_approach(noun: str, verb: str, rng: np.random.Generator) -> Approach:
    """The first of many random scenes in which everything goes as intended.

    Raises:
        RuntimeError: there was none.
    """
    for _ in range(_ATTEMPTS):
        things = some_things(noun, rng)
        scene = _scene(things, move(verb, things[0], float(rng.uniform(*_TOUCH)), rng), rng)
        if any(_hides(other, things[0]) for other in things[1:]):
            continue
        clip = play(scene, frames=FRAMES, fps=FPS, size=SIZE, pictures=False, masks=False)
        names = tuple(item.name for item in things[0].parts)
        contact = _first_touch(clip, names)
        if contact is not None and _in_sight(clip, names[0], contact):
            return Approach(scene, names, contact)
    raise RuntimeError(f"no scene was found in which a hand can {verb} a {noun}")


def _scene(things: list[Thing], motion: Motion, rng: np.random.Generator) -> Scene:
    items = [
        replace(item, path=motion.path) if item.name == motion.item else item
        for thing in things
        for item in thing.parts
    ]
    hand = gripper(motion.tips, motion.grip, (_metal(rng), _metal(rng)))
    camera = Camera(
        swaying(_along(_EYE, motion.tips, _BODY), 0.03, rng),
        swaying(_along(_GAZE, motion.tips, _HEAD), 0.04, rng),
        field_of_view=48.0,
    )
    return Scene(tuple(items), hand, camera, random_lights(rng), _room(rng))


def _along(point: NDArray[np.float64], tips: Curve, share: float) -> Curve:
    """A point that follows the hand a bit."""

    def curve(time: float) -> Point:
        x, y, z = (float(value) for value in point + share * (np.array(tips(time)) - _HAND) * (1, 0.5, 0.3))
        return x, y, z

    return curve


def _metal(rng: np.random.Generator) -> Look:
    grey = float(rng.uniform(0.2, 0.6))
    warmth = float(rng.uniform(-0.05, 0.05))
    return Look(None, (grey + warmth, grey, grey - warmth), shine=0.7)


def _room(rng: np.random.Generator) -> Surroundings:
    table = random_look(rng, _KINDS, size=256, repeat=float(rng.uniform(1, 2)), saturation=(0.05, 0.5))
    walls, floor = (random_look(rng, ("plain", "clouds"), size=64, saturation=(0.05, 0.5)) for _ in range(2))
    return Surroundings(table, (0.6, 0.5), walls, floor, ambient=float(rng.uniform(0.3, 0.45)))


def _hides(other: Thing, target: Thing) -> bool:
    """Whether one thing stands between the camera and another."""
    ahead = np.array(target.place) - _EYE[:2]
    distance = float(np.linalg.norm(ahead))
    along, across = np.array(other.place) @ np.array([ahead, (-ahead[1], ahead[0])]).T / distance - (
        np.array([ahead, (-ahead[1], ahead[0])]) @ _EYE[:2] / distance
    )
    near = distance - 1.3 * other.height - other.radius - target.radius < along < distance
    return bool(near and abs(across) < 0.9 * (other.radius + target.radius))


def _first_touch(clip: Clip, target: tuple[str, ...]) -> float | None:
    """When the hand touches the target; None where it touches something else before, or comes too early."""
    hand = [
        contact
        for contact in clip.contacts
        if {contact.first, contact.second} & set(TOUCHING)
        and not {contact.first, contact.second} <= set(TOUCHING)
    ]
    if not hand or not {hand[0].first, hand[0].second} & set(target):
        return None
    start = hand[0].start
    return start if _FIRST_TOUCH <= start < (FRAMES - 5) / FPS else None


def _in_sight(clip: Clip, target: str, contact: float) -> bool:
    """Whether its middle is in the picture until the contact."""
    share = clip.projected[: int(contact * FPS) + 1, clip.items.index(target)] / np.array(SIZE[::-1])
    return bool(np.all((share > _MARGIN) & (share < 1 - _MARGIN)))
