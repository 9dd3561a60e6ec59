"""The Panda of MuJoCo Menagerie, with our names and our bits of contact, behind the extra `robot-assets`."""

import mujoco

from toto_bench.robots.assets.links import OBJECT, ROBOT, SCENE
from toto_bench.robots.assets.model import RobotModel
from toto_bench.robots.assets.package import from_menagerie

MODELS = {"franka": ("franka_emika_panda", "panda")}
"""Folder and entry point in Menagerie, of each robot."""
_TIPS = {"left_tip": "left_finger", "right_tip": "right_finger"}


def menagerie_panda() -> RobotModel:
    """Seven joints and two fingers, as `panda` of the primitive source, with meshes.

    Raises:
        AssetsError: the extra is not installed, or the model cannot be had.
    """
    model, entry = MODELS["franka"]
    spec: mujoco.MjSpec = from_menagerie(model, lambda found: found.spec(entry))
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST  # the scene's, or MuJoCo warns of two
    for kind in (spec.actuators, spec.equalities, spec.tendons, spec.keys, spec.lights):
        for element in list(kind):
            spec.delete(element)
    for geom in spec.geoms:
        if int(geom.contype) or int(geom.conaffinity):
            geom.contype, geom.conaffinity = ROBOT, SCENE | OBJECT
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
    for site, finger in _TIPS.items():
        spec.body(finger).add_site(name=site, pos=[0, 0, 0.045], group=4)
    for joint in spec.joints:
        joint.damping = [0.0, 0.0, 0.0]
    return RobotModel(
        spec=spec,
        joints=(*(f"joint{number}" for number in range(1, 8)), "finger_joint1", "finger_joint2"),
        arm=7,
        arm_links=tuple(f"link{number}" for number in range(8)),
        hand="hand",
        tips=tuple(_TIPS),
    )
