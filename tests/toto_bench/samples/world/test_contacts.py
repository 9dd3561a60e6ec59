"""Contacts are known to the physics step: tasks measure times to them. A step is 2 ms here."""

import numpy as np
import pytest

from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.paths import Path, Point, led
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Item, Scene

STEP, FPS, SPEED = 0.002, 10.0, 0.5
EXACT = 1e-9


def led_against_a_wall(path: Path) -> Clip:
    """The wall's side is at x = 0.3, the box's half a decimetre before its centre."""
    box = Item("box", "box", (0.05,) * 3, (0.0, 0.0, 0.3), path=path, movable=False)
    wall = Item("wall", "box", (0.1, 0.2, 0.2), (0.4, 0.0, 0.3), movable=False)
    return play(Scene((box, wall)), frames=9, fps=FPS, size=(8, 8), pictures=False, masks=False)


def there_and_back(time: float) -> Point:
    """At 0.5 m/s; it turns around at 0.45 s."""
    return 0.0495 + SPEED * (0.45 - abs(time - 0.45)), 0.0, 0.3


def test_a_contact_starts_at_the_first_step_that_touches_and_ends_at_the_last() -> None:
    """0.2005 m away at 0.5 m/s: 0.401 s, and as long before the end of the way back."""
    (contact,) = led_against_a_wall(led(there_and_back)).touches("wall", "box")
    assert (contact.first, contact.second) == ("box", "wall")
    assert contact.start == pytest.approx(0.402, abs=EXACT)
    assert contact.end == pytest.approx(0.498, abs=EXACT)


def test_what_is_led_is_where_its_path_says_at_the_time_of_each_frame() -> None:
    """Frame i shows the time i / fps, not the step before or after it."""
    clip = led_against_a_wall(led(there_and_back))
    assert clip.positions[:, 0] == pytest.approx(
        np.array([there_and_back(i / FPS) for i in range(9)]), abs=EXACT
    )


@pytest.mark.parametrize(("apart", "count"), [(0.04, 1), (0.06, 2)])
def test_touches_that_are_less_than_50_ms_apart_are_one(apart: float, count: int) -> None:
    def twice(time: float) -> Point:
        return (0.24 if 0.3 < time < 0.3 + apart + STEP / 2 else 0.2505), 0.0, 0.3

    contacts = led_against_a_wall(led(twice)).touches("wall", "box")
    assert len(contacts) == count
    assert contacts[0].start == 0
