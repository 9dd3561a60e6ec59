"""Lamps that move, dim and aim elsewhere change pictures before a camera that stands still. Drawn with rays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from toto_bench.samples.world.paths import evenly, still
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Item, Light, Look, Scene, Surroundings
from toto_bench.samples.world.stage import Stage

SIZE = (24, 32)
WHITE = Item("ball", "sphere", (0.2,) * 3, (0.0, 0.0, 0.2), Look(colour=(0.9, 0.9, 0.9)), movable=False)
BESIDE = (1.0, 0.0, 0.4)


def on_the_ball(light: Light) -> list[NDArray[np.float64]]:
    """Brightness of the ball's pixels [N] in two frames, half a second apart, with no other lamp."""
    scene = Scene((WHITE,), lights=(light,), surroundings=Surroundings(ambient=0.1))
    clip = play(scene, frames=2, fps=2.0, size=SIZE, backend="ray")
    assert np.array_equal(clip.masks[0], clip.masks[1])
    return [frame[clip.masks[0] == 1].mean(axis=1) for frame in clip.frames]


def test_a_lamp_that_stands_still_changes_nothing() -> None:
    first, then = on_the_ball(Light(still(BESIDE)))
    assert np.array_equal(first, then)


def test_a_lamp_that_passes_by_lights_the_other_side() -> None:
    """From the right to the left: what was dark is bright, and the other way round."""
    first, then = on_the_ball(Light(evenly(BESIDE, (-4.0, 0.0, 0.0))))
    assert np.abs(then - first).max() > 60
    assert then.mean() == pytest.approx(first.mean(), rel=0.05)


def test_a_lamp_that_dims_makes_the_picture_darker() -> None:
    """To a quarter; what is left is the light from everywhere."""
    first, then = on_the_ball(Light(still(BESIDE), brightness=lambda time: 1 - 1.5 * time))
    assert then.max() < 0.6 * first.max()
    assert (then <= first).all()


def test_the_model_has_lamps_where_they_are_now() -> None:
    """Also the direction, which rays do not see but OpenGL does."""
    light = Light(
        evenly((1.0, 0.0, 2.0), (2.0, 0.0, 0.0)),
        evenly((0.0, 0.0, 0.0), (2.0, 0.0, 0.0)),
        colour=(0.2, 0.4, 0.8),
        brightness=lambda time: 1 + time,
    )
    stage = Stage(Scene((WHITE,), lights=(Light(), light)), 0.002)
    stage.settle(0.0)
    stage.advance(250)
    stage.look()
    assert stage.data.light_xpos[1] == pytest.approx((2.0, 0.0, 2.0))
    assert stage.data.light_xdir[1] == pytest.approx(np.array((-1.0, 0.0, -2.0)) / np.sqrt(5))
    assert stage.model.light_diffuse[1] == pytest.approx((0.3, 0.6, 1.2))
