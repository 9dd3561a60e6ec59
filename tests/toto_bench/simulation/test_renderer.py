"""Images and geom ids, of OpenGL where there is one and of rays everywhere."""

import os

import mujoco
import numpy as np
import pytest

from toto_bench.progress import Silent
from toto_bench.simulation.backends import choose_backend
from toto_bench.simulation.errors import RenderingError
from toto_bench.simulation.gl import bound_backend, make_context
from toto_bench.simulation.renderer import FrameRenderer

XML = """
<mujoco><visual><headlight ambient=".3 .3 .3"/></visual><worldbody>
<camera name="front" pos="0 -2 1" xyaxes="1 0 0 0 .45 .9"/>
<light pos="1 -1 3" dir="-1 1 -3"/>
<geom type="plane" size="1 1 .1" rgba=".5 .5 .8 1"/>
<geom type="sphere" pos="-.3 0 .3" size=".3" rgba="1 0 0 1"/>
<geom type="box" pos="-.3 -.5 .3" size=".1 .1 .3" rgba="0 1 0 1"/>
</worldbody></mujoco>
"""
SPHERE, BOX = 1, 2


@pytest.fixture
def world() -> tuple[mujoco.MjModel, mujoco.MjData]:
    model = mujoco.MjModel.from_xml_string(XML)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


@pytest.fixture(params=["ray", "gl"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "ray":
        return "ray"
    found = choose_backend("auto", Silent())
    if found == "ray":
        pytest.skip("neither EGL nor OSMesa works here")
    return found


def test_things_have_their_colours_where_their_ids_are(world, backend: str) -> None:
    model, data = world
    with FrameRenderer(model, 96, 128, backend) as renderer:
        image, ids = renderer.image(data, "front"), renderer.segmentation(data, "front")
    assert image.shape == (96, 128, 3) and image.dtype == np.uint8
    assert ids.shape == (96, 128) and ids.dtype == np.int32
    assert set(np.unique(ids)) == {-1, 0, SPHERE, BOX}
    assert image[ids == SPHERE].mean(0).argmax() == 0
    assert image[ids == BOX].mean(0).argmax() == 1
    assert image[ids == -1].max() == 0


def test_an_item_alone_is_hidden_by_nothing(world, backend: str) -> None:
    model, data = world
    groups = model.geom_group.copy()
    with FrameRenderer(model, 96, 128, backend) as renderer:
        seen, alone = renderer.segmentation(data), renderer.segmentation(data, only=[SPHERE])
        again = renderer.segmentation(data)
    assert set(np.unique(alone)) == {-1, SPHERE}
    assert (alone == SPHERE).sum() > (seen == SPHERE).sum()
    assert np.array_equal(seen, again) and np.array_equal(model.geom_group, groups)


def test_all_backends_see_the_same_things(world, backend: str) -> None:
    """But for pixels on outlines."""
    model, data = world
    with FrameRenderer(model, 96, 128, backend) as one, FrameRenderer(model, 96, 128, "ray") as other:
        assert (one.segmentation(data) != other.segmentation(data)).mean() < 0.01


def test_rendering_leaves_model_and_environment_alone(world, backend: str) -> None:
    model, data = world
    before, samples = dict(os.environ), model.vis.quality.offsamples
    with FrameRenderer(model, 900, 1300, backend) as renderer:
        renderer.segmentation(data)
    assert dict(os.environ) == before
    assert (model.vis.quality.offsamples, model.vis.global_.offwidth) == (samples, 640)


def test_two_renderers_do_not_disturb_each_other(world, backend: str) -> None:
    model, data = world
    with FrameRenderer(model, 60, 80, backend) as small:
        first = small.image(data)
        with FrameRenderer(model, 120, 160, backend) as large:
            large.image(data)
            assert np.array_equal(small.image(data), first)
        assert np.array_equal(small.image(data), first)


def test_a_closed_renderer_says_so(world, backend: str) -> None:
    model, data = world
    renderer = FrameRenderer(model, 60, 80, backend)
    renderer.close()
    renderer.close()
    with pytest.raises(ValueError, match="closed"):
        renderer.image(data)


def test_an_unknown_camera_is_named(world) -> None:
    model, data = world
    with FrameRenderer(model, 60, 80, "ray") as renderer, pytest.raises(ValueError, match="`back`"):
        renderer.image(data, "back")


def test_a_second_platform_in_a_process_is_refused(backend: str, world) -> None:
    if backend == "ray":
        pytest.skip("rays bind to nothing")
    model, _ = world
    FrameRenderer(model, 8, 8, backend).close()
    assert bound_backend() == backend
    other = "osmesa" if backend == "egl" else "egl"
    with pytest.raises(RenderingError, match=f"already uses OpenGL through `{backend}`"):
        make_context(other, 8, 8)
