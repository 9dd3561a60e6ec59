"""What the cameras see. Drawing with EGL is a slow drill."""

import numpy as np
import pytest

from toto_bench.robots.scenes import FRONT
from toto_bench.robots.tasks import make_task
from toto_bench.robots.views import Views

BLUE = np.array([0, 0.447, 0.741])


def blue(picture: np.ndarray) -> np.ndarray:
    """Where a picture is as blue as the cube: bool [H, W]."""
    colours = picture.astype(float)
    return (colours[..., 2] > 1.4 * colours[..., 0] + 10) & (colours[..., 2] > colours[..., 1] + 10)


@pytest.fixture
def task():
    task = make_task("franka-pick", 2)
    task.reset(np.ones(2, dtype=bool), [np.random.default_rng(index) for index in range(2)])
    return task


def test_each_environment_shows_its_own_cube(task) -> None:
    views = Views(task, 48, "ray")
    pictures = views.draw([0, 1], FRONT)
    seen = [np.argwhere(blue(picture)).mean(0) for picture in pictures]
    assert np.linalg.norm(seen[0] - seen[1]) > 1
    np.testing.assert_array_equal(views.draw([1], FRONT)[0], pictures[1])
    views.close()


def test_supersampling_keeps_the_size() -> None:
    task = make_task("franka-pick", 1, supersampling=2)
    task.reset(np.ones(1, dtype=bool), [np.random.default_rng(0)])
    assert Views(task, 16, "ray").draw([0]).shape == (1, 16, 16, 3)


def test_a_state_that_is_not_finite_is_black(task) -> None:
    task.batch.bind("qpos")[0, 0] = np.nan
    pictures = Views(task, 16, "ray").draw([0, 1])
    assert not pictures[0].any()
    assert pictures[1].any()


@pytest.mark.slow
def test_opengl_draws_the_same_things(task) -> None:
    ray, gl = Views(task, 64, "ray"), Views(task, 64)
    try:
        overlap = blue(ray.draw([0], FRONT)[0]) & blue(gl.draw([0], FRONT)[0])
        assert overlap.sum() >= 0.6 * blue(ray.draw([0], FRONT)[0]).sum() > 0
    finally:
        gl.close()
