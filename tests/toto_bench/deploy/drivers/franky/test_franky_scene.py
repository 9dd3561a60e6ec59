"""franky-sim's scene is that of our own simulation."""

import types
from xml.etree import ElementTree

import mujoco
import numpy as np
import pytest

from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.testing.franky_sim.scene import add_surroundings


@pytest.fixture(scope="module")
def models():
    """Ours, and one that holds what was written for franky-sim."""
    root = ElementTree.fromstring(
        "<mujoco><option/><worldbody><geom name='own' size='1'/></worldbody></mujoco>"
    )
    scene = build_scene()
    add_surroundings(types.SimpleNamespace(worldbody=root.find("worldbody"), scene=root), scene)
    return scene.model, mujoco.MjModel.from_xml_string(ElementTree.tostring(root, encoding="unicode"))


@pytest.mark.parametrize("name", ["ground", "table", "cube"])
@pytest.mark.parametrize(
    "field",
    [
        "type",
        "pos",
        "size",
        "friction",
        "solref",
        "solimp",
        "condim",
        "contype",
        "conaffinity",
        "priority",
        "rgba",
    ],
)
def test_parts_are_equal(models, name, field):
    ours, theirs = (getattr(model.geom(name), field) for model in models)
    assert np.array_equal(ours, theirs)


def test_the_cube_is_as_heavy_and_lies_where_ours_does(models):
    ours, theirs = (model.body("cube") for model in models)
    for field in ("mass", "inertia", "pos", "quat"):
        assert np.allclose(getattr(ours, field), getattr(theirs, field))


def test_contacts_are_solved_alike(models):
    ours, theirs = models
    assert (theirs.opt.cone, theirs.opt.impratio) == (ours.opt.cone, ours.opt.impratio)


def test_its_own_ground_is_gone(models):
    assert models[1].ngeom == 3
