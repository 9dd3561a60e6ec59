"""What moves, and how, in a clip of each class; that places at one time do not tell it. No pictures are rendered."""

import numpy as np
import pytest
from numpy.typing import NDArray

from toto_bench.samples.kinetics400.motions import MOTIONS, build_scene
from toto_bench.samples.kinetics400.recipe import FPS
from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Scene
from toto_bench.samples.world.seeds import generator

NUMBERS = range(3)
PLAYERS = {"colliding": {"actor", "twin"}, "covering": {"cover"}, "uncovering": {"cover"}}
"""What moves in a class; in the others only the actor does."""


def scene_of(label: str, number: int) -> Scene:
    return build_scene(label, generator(0, "test", label, str(number)))


def physics(label: str, number: int) -> Clip:
    """A clip without pictures."""
    scene = scene_of(label, number)
    return play(scene, frames=75, fps=FPS, size=(120, 160), pictures=False, masks=False)


def way(clip: Clip, name: str) -> NDArray[np.float64]:
    """Positions [T, 3]."""
    return clip.positions[:, clip.items.index(name)]


def turns(clip: Clip, name: str) -> NDArray[np.float64]:
    """Quaternions [T, 4]."""
    return clip.rotations[:, clip.items.index(name)]


@pytest.mark.parametrize("label", MOTIONS)
def test_the_same_random_numbers_give_the_same_clip_and_only_what_plays_moves(label: str):
    one, two = physics(label, 0), physics(label, 0)
    assert np.array_equal(one.positions, two.positions) and np.array_equal(one.rotations, two.rotations)
    assert one.contacts == two.contacts
    moving = {name for name in one.items if np.ptp(way(one, name), axis=0).max() > 0.02}
    assert moving == PLAYERS.get(label, {"actor"})
    assert {"actor", "twin", "third", "fourth", "cover"} <= set(one.items)


@pytest.mark.parametrize("number", NUMBERS)
def test_slides_go_their_way_without_turning(number: int):
    for label, sign in (("sliding away", 1), ("sliding nearer", -1)):
        clip = physics(label, number)
        assert sign * np.diff(way(clip, "actor")[:, 1]).sum() > 0.15
        assert (sign * np.diff(way(clip, "actor")[:, 1])).min() > -1e-9
        assert np.ptp(turns(clip, "actor"), axis=0).max() < 1e-9


@pytest.mark.parametrize("number", NUMBERS)
def test_what_rolls_turns_by_its_way_over_its_radius(number: int):
    clip = physics("rolling", number)
    places = way(clip, "actor")
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    cosines = np.abs((turns(clip, "actor")[1:] * turns(clip, "actor")[:-1]).sum(1))
    angles = 2 * np.arccos(np.clip(cosines, 0, 1))
    assert steps.sum() > 0.2
    assert angles.sum() == pytest.approx(steps.sum() / places[0, 2], rel=0.01)


@pytest.mark.parametrize("number", NUMBERS)
def test_only_what_bounces_comes_up_again(number: int):
    fall, bounces = (way(physics(label, number), "actor")[:, 2] for label in ("falling", "bouncing"))
    assert fall[0] - fall[-1] > 0.15
    assert np.diff(fall).max() < 0.01
    lowest = int(np.argmin(bounces[:45]))
    assert bounces[lowest:].max() - bounces[lowest] > 0.06


@pytest.mark.parametrize("number", range(12))
def test_what_is_hit_lay_still_and_goes_some_way_but_not_far(number: int):
    clip = physics("colliding", number)
    (first, *_) = clip.touches("actor", "twin")
    before = int(first.start * FPS)
    twin, actor = way(clip, "twin"), way(clip, "actor")
    assert np.abs(twin[:before] - twin[0]).max() < 0.005
    assert 0.04 < np.linalg.norm(twin[-1] - twin[0]) < 0.3
    assert np.linalg.norm(actor[-1] - actor[0]) < 0.3
    assert np.abs(twin[:, 2] - twin[0, 2]).max() < 0.02
    projected = clip.projected[:, clip.items.index("twin")]
    assert np.all((projected > 0) & (projected < (160, 120)))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("label", ["covering", "uncovering"])
def test_a_cover_hides_the_actor_at_the_end_or_at_the_beginning(label: str, number: int):
    clip = physics(label, number)
    cover = next(item for item in scene_of(label, number).items if item.name == "cover")
    apart = (way(clip, "cover") - way(clip, "actor"))[:: -1 if label == "uncovering" else 1]
    assert np.hypot(*apart[-1, :2]) < 1e-6
    assert way(clip, "cover")[0 if label == "uncovering" else -1, 2] == pytest.approx(cover.size[2])
    hidden = (np.hypot(*apart[:, :2].T) < cover.size[0]) & (apart[:, 2] < 0.1)
    assert hidden[-1] and not hidden[0]
    assert way(clip, "cover")[:, 2].max() > cover.size[2] + 0.15


def test_where_things_are_at_first_hardly_tells_the_class():
    """Nearest class mean on what can be seen of the places, without knowing which thing will move; chance is 0.125."""

    def seen(label: str, number: int) -> list[float]:
        scene = scene_of(label, number)
        places = {item.name: np.array(item.position) for item in scene.items}
        cover = places.pop("cover")
        things = [places[name] for name in ("actor", "twin", "third", "fourth")]
        in_air = sum(place[2] > 0.15 for place in things)
        below = min(np.hypot(*(place - cover)[:2]) for place in things)
        return [in_air, 5 * cover[2], 3 * below, *(3 * np.mean(things, axis=0)[:2])]

    drawn = np.array([[seen(label, number) for number in range(24)] for label in MOTIONS])
    means = drawn[:, :16].mean(1)
    guesses = ((drawn[:, 16:, None] - means) ** 2).sum(-1).argmin(-1)
    assert np.mean(guesses == np.arange(len(MOTIONS))[:, None]) < 0.3
