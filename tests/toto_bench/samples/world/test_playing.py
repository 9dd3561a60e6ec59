"""Scenes move as physics says, and their truth agrees with their pictures. Rendered with rays: needs no OpenGL."""

import numpy as np
import pytest

from toto_bench.samples.world.clip import Clip
from toto_bench.samples.world.paths import led, still, through
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.scene import Camera, Item, Look, Scene

SIZE = (60, 80)
BALL = (0.1, 0.1, 0.1)
RED, GREEN = Look(colour=(1.0, 0.0, 0.0)), Look(colour=(0.0, 1.0, 0.0))


def ball(name: str, x: float, y: float = 0.0, z: float = 0.1, **more) -> Item:
    return Item(name, "sphere", BALL, (x, y, z), **more)


def physics(*items: Item, frames: int = 13, **more) -> Clip:
    return play(Scene(items, **more), frames=frames, fps=12.0, size=SIZE, pictures=False, masks=False)


def test_the_same_scene_gives_the_same_clip() -> None:
    items = (ball("a", -0.3, velocity=(1.0, 0.0, 0.0), look=RED), ball("b", 0.0, look=GREEN))
    one, two = (play(Scene(items), frames=3, fps=6.0, size=SIZE, backend="ray") for _ in range(2))
    assert np.array_equal(one.frames, two.frames) and np.array_equal(one.masks, two.masks)
    assert np.array_equal(one.positions, two.positions) and one.contacts == two.contacts


def test_frames_are_exactly_at_their_times() -> None:
    """Free fall: half g t squared."""
    clip = physics(ball("a", 0.0, z=3.0), frames=5)
    fallen = 3.0 - clip.positions[:, 0, 2]
    assert fallen == pytest.approx(0.5 * 9.81 * (np.arange(5) / 12) ** 2, abs=0.01)


def test_a_ball_hits_another_and_the_time_is_known() -> None:
    """They are 0.2 m apart and it goes at 1 m/s, rolling."""
    clip = physics(
        ball("a", -0.4, velocity=(1.0, 0.0, 0.0), spin=(0.0, 10.0, 0.0)), ball("b", 0.0), frames=13
    )
    (contact,) = clip.touches("b", "a")
    assert contact.start == pytest.approx(0.2, abs=0.02)
    assert clip.positions[-1, 1, 0] > 0.1
    assert clip.touches("a", "table")


def test_something_bouncy_bounces_and_something_dull_does_not() -> None:
    heights = [
        physics(ball("a", 0.0, z=0.6, bounce=bounce), frames=24).positions[6:, 0, 2].max()
        for bounce in (0.0, 0.8)
    ]
    assert heights[0] < 0.15
    assert 0.3 < heights[1] < 0.55


def test_what_is_led_pushes_others_and_is_not_slowed() -> None:
    hand = Item(
        "hand",
        "box",
        (0.05, 0.1, 0.1),
        (-0.4, 0.0, 0.1),
        path=led(through((0.0, (-0.4, 0.0, 0.12)), (1.0, (0.2, 0.0, 0.12)))),
        movable=False,
    )
    clip = physics(hand, Item("box", "box", BALL, (0.0, 0.0, 0.1)))
    assert clip.positions[-1, 0] == pytest.approx((0.2, 0.0, 0.12), abs=1e-6)
    assert clip.positions[-1, 1, 0] == pytest.approx(0.35, abs=0.05)


def test_what_is_let_go_keeps_its_velocity() -> None:
    moving = led(lambda t: (t, 0.0, 2.0), until=0.5)
    clip = physics(ball("a", 0.0, path=moving), frames=9)
    assert clip.positions[-1, 0, 0] == pytest.approx(8 / 12, abs=0.01)
    assert clip.positions[-1, 0, 2] < 2.0


def test_a_cover_is_put_over_a_thing_and_carries_it_along() -> None:
    cover = Item(
        "cover",
        "cup",
        (0.15, 0.15, 0.14),
        (0.0, 0.0, 0.6),
        path=led(through((0.0, (0.0, 0.0, 0.6)), (0.8, (0.0, 0.0, 0.15)), (2.0, (0.3, 0.0, 0.15)))),
        movable=False,
    )
    clip = physics(Item("snitch", "sphere", (0.06,) * 3, (0.0, 0.0, 0.06)), cover, frames=26)
    assert np.hypot(*(clip.positions[-1, 0, :2] - clip.positions[-1, 1, :2])) < 0.1
    assert clip.positions[-1, 0, 0] > 0.2


def test_what_is_fixed_stays() -> None:
    wall = Item("wall", "box", (0.05, 0.3, 0.2), (0.2, 0.0, 0.5), movable=False)
    clip = physics(wall, ball("a", 0.0, z=0.5, velocity=(2.0, 0.0, 0.0)))
    assert np.ptp(clip.positions[:, 0], axis=0).max() == 0
    assert clip.touches("a", "wall")


def test_masks_agree_with_pictures_boxes_and_projections() -> None:
    items = (ball("red", -0.2, look=RED), ball("green", 0.2, look=GREEN))
    camera = Camera(still((0.0, -1.5, 0.5)), still((0.0, 0.0, 0.1)))
    clip = play(Scene(items, camera=camera), frames=1, fps=12.0, size=SIZE, backend="ray", whole=True)
    for index, channel in ((0, 0), (1, 1)):
        seen = clip.masks[0] == index + 1
        assert clip.frames[0][seen].mean(0).argmax() == channel
        x1, y1, x2, y2 = clip.boxes[0, index]
        centre = clip.projected[0, index]
        assert np.abs(centre - ((x1 + x2) / 2, (y1 + y2) / 2)).max() < 1.0
    assert clip.visible[0] == pytest.approx((1.0, 1.0))


def test_masks_of_some_frames_are_those_of_all() -> None:
    """In the order of time, whatever the order of asking; boxes and visible shares go with them."""
    items = (ball("a", -0.3, velocity=(1.0, 0.0, 0.0)), ball("b", 0.1, y=0.3))
    more = {"frames": 5, "fps": 6.0, "size": SIZE, "pictures": False, "whole": True}
    every, some = play(Scene(items), **more), play(Scene(items), masks=[4, 1], **more)
    assert every.masked == (0, 1, 2, 3, 4)
    assert some.masked == (1, 4)
    assert np.array_equal(some.masks, every.masks[[1, 4]])
    assert np.array_equal(some.boxes, every.boxes[[1, 4]])
    assert np.array_equal(some.visible, every.visible[[1, 4]])
    assert not np.array_equal(some.masks[0], some.masks[1])
    assert some.positions.shape == (5, 2, 3)


def test_a_mask_where_there_is_no_frame_is_refused() -> None:
    """As is the share that is seen, where what is hidden was not counted."""
    scene = Scene((ball("a", 0.0),))
    with pytest.raises(ValueError, match="frames 0 to 1"):
        play(scene, frames=2, fps=1.0, size=SIZE, pictures=False, masks=[0, 7])
    clip = play(scene, frames=2, fps=1.0, size=SIZE, pictures=False, masks=[1, 1])
    assert clip.masked == (1,)
    with pytest.raises(ValueError, match="whole=True"):
        _ = clip.visible
    assert play(scene, frames=2, fps=1.0, size=SIZE, pictures=False, masks=False).areas.shape == (
        0,
        1,
    )


def test_visible_shares_tell_what_is_hidden() -> None:
    items = (ball("front", 0.02, y=-0.3), ball("back", 0.0, y=0.1))
    camera = Camera(still((0.0, -1.5, 0.15)), still((0.0, 0.0, 0.1)))
    clip = play(
        Scene(items, camera=camera), frames=1, fps=12.0, size=SIZE, backend="ray", pictures=False, whole=True
    )
    assert clip.visible[0, 0] == 1.0
    assert clip.visible[0, 1] < 0.4


def test_clutter_is_seen_and_touched_but_has_no_mask() -> None:
    scene = Scene((ball("a", -0.2, velocity=(1.0, 0.0, 0.0)),), clutter=(ball("b", 0.05),))
    clip = play(scene, frames=7, fps=12.0, size=SIZE, backend="ray", pictures=False)
    assert clip.masks.max() == 1
    assert clip.touches("a", "b")


def test_moving_cameras_and_lights_change_the_picture() -> None:
    camera = Camera(through((0.0, (0.0, -1.3, 0.8)), (1.0, (0.8, -1.0, 0.8))))
    clip = play(Scene((ball("a", 0.0),), camera=camera), frames=2, fps=1.0, size=SIZE, backend="ray")
    assert not np.array_equal(clip.masks[0], clip.masks[1])
    assert clip.positions[0] == pytest.approx(clip.positions[1], abs=1e-2)
