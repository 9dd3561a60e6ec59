"""A task's scene as a compiled MuJoCo model: the robot with its servos, camera and sensors, and what it works on."""

from dataclasses import dataclass

import mujoco
import numpy as np

from toto_bench.robots.assets import RobotAssets, RobotModel
from toto_bench.robots.assets.links import OBJECT, ROBOT, SCENE, new_spec
from toto_bench.robots.scenes.cabinet import add_cabinet
from toto_bench.robots.scenes.pick import add_table_and_cube
from toto_bench.robots.spec import SceneSpec

CAMERA = "wrist"
FRONT = "front"
_PREFIX = "robot/"
_BASE = ([1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0])
"""The robot stands at x = 1 m and faces -x (PixMC, commit 5746656)."""
_AXES = {"franka": [0.0, 1, 0, 1, 0, 0], "kuka-allegro": [0.0, -1, 0, -1, 0, 0]}
"""Right and up of the wrist camera in the axes of the hand; it looks along the hand's +z."""


@dataclass(frozen=True)
class Scene:
    """A compiled scene and the robot in it."""

    model: mujoco.MjModel
    robot: RobotModel


def build(task: SceneSpec) -> Scene:
    """Compose and compile the scene of a task.

    Raises:
        AssetsNameError: no such robot, or no such source of models.
        AssetsError: the models are not there.
    """
    spec = new_spec()
    _set_options(spec, task)
    _add_surroundings(spec)
    robot = RobotAssets(task.assets).robot(task.robot)
    position, turn = _BASE
    frame = spec.worldbody.add_frame(pos=position, quat=turn)
    frame.attach_body(robot.spec.worldbody.first_body(), _PREFIX, "")
    robot = robot.renamed(_PREFIX)
    hand = spec.body(robot.hand)
    hand.add_camera(
        name=CAMERA, pos=task.camera_position, quat=_quat(_AXES[task.robot]), fovy=task.vertical_fov
    )
    _add_servos(spec, robot, task)
    for link in robot.arm_links:
        _add_contact_sensor(spec, link)
    if task.pick:
        add_table_and_cube(spec, task)
    else:
        add_cabinet(spec, task)
    return Scene(spec.compile(), robot)


def _set_options(spec: mujoco.MjSpec, task: SceneSpec) -> None:
    option = spec.option
    option.timestep = 1.0 / task.physics_hz
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0
    option.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
    spec.visual.quality.offsamples = 0
    spec.visual.map.znear, spec.visual.map.zfar = 0.005, 20.0
    spec.stat.extent, spec.stat.center = 1.5, [0.5, 0.0, 0.5]


def _add_surroundings(spec: mujoco.MjSpec) -> None:
    head = spec.visual.headlight
    head.ambient, head.diffuse, head.specular = [0.35] * 3, [0.25] * 3, [0.05] * 3
    spec.worldbody.add_light(
        pos=[0.8, 0.6, 2.5],
        dir=[-0.2, -0.3, -1.0],
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        diffuse=[0.6] * 3,
        castshadow=False,
    )
    spec.worldbody.add_geom(
        name="floor",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[4.0, 4.0, 0.1],
        rgba=[0.62, 0.60, 0.57, 1.0],
        contype=SCENE,
        conaffinity=ROBOT | OBJECT,
    )
    spec.worldbody.add_camera(
        name=FRONT, pos=[1.5, 1.4, 1.5], quat=_quat([-0.76, 0.65, 0, -0.36, -0.42, 0.83]), fovy=50
    )


def _add_servos(spec: mujoco.MjSpec, robot: RobotModel, task: SceneSpec) -> None:
    """Targets of joint positions: stiffness on the error, limited; damping in the joint, where it is implicit."""
    for index, name in enumerate(robot.joints):
        arm = index < robot.arm
        stiffness, damping = task.arm_gains if arm else task.finger_gains
        force = task.arm_effort if arm else task.finger_force
        joint = spec.joint(name)
        joint.damping = [damping, 0.0, 0.0]
        actuator = spec.add_actuator(
            name=name,
            target=name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            ctrlrange=joint.range,
            ctrllimited=mujoco.mjtLimited.mjLIMITED_TRUE,
            forcerange=[-force, force],
            forcelimited=mujoco.mjtLimited.mjLIMITED_TRUE,
        )
        actuator.set_to_position(kp=stiffness)


def _add_contact_sensor(spec: mujoco.MjSpec, link: str) -> None:
    """The net contact force on one link, in the axes of the world, N."""
    spec.add_sensor(
        name=f"{link}_contact",
        type=mujoco.mjtSensor.mjSENS_CONTACT,
        objtype=mujoco.mjtObj.mjOBJ_BODY,
        objname=link,
        intprm=[1 << mujoco.mjtConDataField.mjCONDATA_FORCE.value, 3, 1],
    )


def _quat(xyaxes: list[float]) -> list[float]:
    x = np.array(xyaxes[:3]) / np.linalg.norm(xyaxes[:3])
    y = np.array(xyaxes[3:]) - np.dot(x, xyaxes[3:]) * x
    y /= np.linalg.norm(y)
    quat = np.zeros(4)
    mujoco.mju_mat2Quat(quat, np.stack([x, y, np.cross(x, y)], axis=1).ravel())
    return [float(value) for value in quat]
