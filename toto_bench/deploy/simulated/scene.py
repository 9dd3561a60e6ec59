"""The scene of the simulated cube pick: a Franka Research 3 with its hand, a table, a cube and two cameras."""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.deploy.kinematics import OPENING
from toto_bench.deploy.limits import FR3, JOINTS
from toto_bench.deploy.simulated.settings import FRONT, WRIST, SceneSettings
from toto_bench.deploy.simulated.state import SceneState, cube_at
from toto_bench.deploy.simulated.surroundings import CUBE, add_cube, add_surroundings, camera_of
from toto_bench.robots.assets import RobotModel
from toto_bench.robots.assets.panda import panda


@dataclass(frozen=True)
class CubeScene:
    """The compiled scene, and where in its state the parts are. Several simulations and drawings may share it."""

    model: mujoco.MjModel
    settings: SceneSettings
    arm_q: NDArray[np.int64]
    """Places of the arm's joints in `qpos`, [7]; never taken for granted, since the cube has places there too."""
    arm_v: NDArray[np.int64]
    """In `qvel`, [7]."""
    fingers_q: NDArray[np.int64]
    """In `qpos`, [2]."""
    fingers_v: NDArray[np.int64]
    """In `qvel`, [2]."""
    cube_q: slice
    """In `qpos`, position and quaternion: [7]."""
    cube_v: slice
    """In `qvel`, [6]."""

    def write(self, data: mujoco.MjData, state: SceneState) -> None:
        """Put everything where a state says; velocities are left alone."""
        data.qpos[self.arm_q] = state.q
        data.qpos[self.fingers_q] = float(np.clip(state.gripper, 0, 1)) * OPENING / 2
        data.qpos[self.cube_q] = state.cube

    def read(self, data: mujoco.MjData) -> SceneState:
        """Where everything is."""
        opening = float(data.qpos[self.fingers_q].sum()) / OPENING
        return SceneState(data.qpos[self.arm_q].copy(), opening, data.qpos[self.cube_q].copy())

    def place_cube(self, data: mujoco.MjData, x: float, y: float, yaw: float) -> None:
        """Lay the cube on the table, at rest."""
        data.qpos[self.cube_q] = cube_at(x, y, yaw, self.settings.cube_side)
        data.qvel[self.cube_v] = 0.0


def build_scene(settings: SceneSettings | None = None) -> CubeScene:
    """Compose and compile it. The base of the arm is the origin: x forward, y to the left, z up, the table at z = 0."""
    settings = settings or SceneSettings()
    robot = panda()
    spec = robot.spec
    _set_options(spec, settings)
    add_surroundings(spec)
    _as_fr3(spec, robot)
    _add_servos(spec, robot, settings)
    add_cube(spec, settings)
    spec.worldbody.add_camera(name=FRONT, **camera_of(settings.front))
    spec.body(robot.hand).add_camera(name=WRIST, **camera_of(settings.wrist))
    model = spec.compile()
    joints = [model.joint(name) for name in robot.joints]
    places = np.array([joint.qposadr[0] for joint in joints])
    speeds = np.array([joint.dofadr[0] for joint in joints])
    cube = model.joint(CUBE)
    start, first = int(cube.qposadr[0]), int(cube.dofadr[0])
    return CubeScene(
        model,
        settings,
        places[:JOINTS],
        speeds[:JOINTS],
        places[JOINTS:],
        speeds[JOINTS:],
        slice(start, start + 7),
        slice(first, first + 6),
    )


def _set_options(spec: mujoco.MjSpec, settings: SceneSettings) -> None:
    option = spec.option
    option.timestep = settings.timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0
    option.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
    spec.visual.map.znear, spec.visual.map.zfar = 0.005, 20.0
    spec.stat.extent, spec.stat.center = 1.5, [0.4, 0.0, 0.2]


def _as_fr3(spec: mujoco.MjSpec, robot: RobotModel) -> None:
    """Both arms have the same kinematics; the ranges of their joints differ."""
    for name, low, high in zip(robot.joints, FR3.position.lower, FR3.position.upper, strict=False):
        spec.joint(name).range = [low, high]


def _add_servos(spec: mujoco.MjSpec, robot: RobotModel, settings: SceneSettings) -> None:
    """Position servos within the joints' own torque.

    Damping is the servo's: a joint's own would be friction, which 12 N m overcome at no more than 0.06 rad/s.
    """
    arm = zip(settings.stiffness, settings.damping, FR3.torque, strict=True)
    finger = (settings.finger_stiffness, settings.finger_damping, settings.finger_force)
    strengths = [*arm, *([finger] * (len(robot.joints) - JOINTS))]
    for name, (stiffness, damping, force) in zip(robot.joints, strengths, strict=True):
        servo = spec.add_actuator(
            name=name,
            target=name,
            trntype=mujoco.mjtTrn.mjTRN_JOINT,
            forcerange=[-force, force],
            forcelimited=mujoco.mjtLimited.mjLIMITED_TRUE,
        )
        servo.set_to_position(kp=stiffness, kv=damping)
