"""The table and the cube of our own simulation, in the XML of franky-sim."""

from typing import Any
from xml.etree import ElementTree

import mujoco

from toto_bench.deploy.simulated.scene import CubeScene
from toto_bench.deploy.simulated.surroundings import CUBE

_PARTS = ("ground", "table")


def add_surroundings(sim: Any, scene: CubeScene) -> None:
    """Put all of a compiled scene but the arm into franky-sim's, with equal sizes and contacts.

    Args:
        sim: a `MujocoSimulator` with its robot, before its start.
        scene: what is copied.
    """
    model, world, option = scene.model, sim.worldbody, sim.scene.find("option")
    option.set("cone", mujoco.mjtCone(model.opt.cone).name.removeprefix("mjCONE_").lower())
    option.set("impratio", repr(float(model.opt.impratio)))
    for geom in world.findall("geom"):
        world.remove(geom)
    for name in _PARTS:
        _add_geom(world, model, name)
    cube = model.body(CUBE)
    body = ElementTree.SubElement(world, "body", name=CUBE, pos=_row(cube.pos), quat=_row(cube.quat))
    ElementTree.SubElement(body, "freejoint", name=CUBE)
    _add_geom(body, model, CUBE, mass=_row(cube.mass))


def _add_geom(parent: ElementTree.Element, model: mujoco.MjModel, name: str, **more: str) -> None:
    geom = model.geom(name)
    kind = mujoco.mjtGeom(int(geom.type[0])).name.removeprefix("mjGEOM_").lower()
    numbers = {
        "size": geom.size,
        "pos": geom.pos,
        "rgba": geom.rgba,
        "friction": geom.friction,
        "solref": geom.solref,
        "solimp": geom.solimp,
    }
    whole = {key: getattr(geom, key) for key in ("condim", "contype", "conaffinity", "priority")}
    attributes = {key: _row(value) for key, value in numbers.items()}
    attributes |= {key: str(int(value[0])) for key, value in whole.items()}
    attributes |= {"name": name, "type": kind}
    ElementTree.SubElement(parent, "geom", attrib=attributes | more)


def _row(values: object) -> str:
    return " ".join(repr(float(value)) for value in values)  # type: ignore[attr-defined]
