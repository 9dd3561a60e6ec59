"""From the ground to the picture and back."""

import numpy as np
import pytest

from toto_bench.samples.cater import recipe
from toto_bench.samples.cater.scene import FPS, METRES, build_scene
from toto_bench.samples.cater.script import play_story
from toto_bench.samples.world.playing import play
from toto_bench.samples.world.seeds import generator
from toto_bench.tasks.cater.camera import PLANE, GroundCamera, official_camera, sample_camera
from toto_bench.tasks.cater.labels import cell_of, corners_of


@pytest.mark.parametrize("grid", [4, 6, 8])
@pytest.mark.parametrize("camera", [official_camera(), sample_camera()], ids=["official", "sample"])
def test_the_way_back_leads_to_where_one_came_from(camera: GroundCamera, grid: int) -> None:
    for cell in range(grid * grid):
        x, y = np.mean(corners_of(cell, grid), axis=0)
        seen = camera.project([(x, y, PLANE)])[0]
        assert camera.place_at(*seen) == pytest.approx((x, y), abs=1e-6)
        assert camera.cell_at(*seen, grid) == cell_of(x, y, grid) == cell


@pytest.mark.parametrize("camera", [official_camera(), sample_camera()], ids=["official", "sample"])
def test_what_is_seen_beyond_the_ground_is_put_into_its_outermost_cells(camera: GroundCamera) -> None:
    for place, cell in (((-3.4, -3.4), 0), ((3.4, 3.4), 35), ((3.4, 0.5), 23)):
        assert camera.cell_at(*camera.project([(*place, PLANE)])[0]) == cell


@pytest.mark.parametrize("camera", [official_camera(), sample_camera()], ids=["official", "sample"])
def test_the_whole_ground_is_in_the_picture(camera: GroundCamera) -> None:
    seen = camera.pixels([(x, y, 0) for x in (-3, 3) for y in (-3, 3)], 240, 320)
    assert np.all((seen > 0) & (seen < (320, 240)))


def test_the_sample_is_seen_as_it_was_rendered() -> None:
    tracks = play_story("carried", (-1.4, 2.2), recipe.FRAMES, generator(0, "test", "seen"))
    scene = build_scene(tracks, np.random.default_rng(0))
    clip = play(scene, frames=4, fps=FPS, size=recipe.SIZE, pictures=False, masks=False)
    for frame in range(4):
        seen = sample_camera().pixels(clip.positions[frame] / METRES, *recipe.SIZE)
        np.testing.assert_allclose(seen, clip.projected[frame], atol=1e-3)
