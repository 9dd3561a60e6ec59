"""The simulated arm and the cube, one step of physics after the other; knows no clock and no threads."""

import mujoco
import numpy as np

from toto_bench.deploy.kinematics import OPENING
from toto_bench.deploy.limits import Vector, WorkingLimits
from toto_bench.deploy.simulated.judge import LiftJudge
from toto_bench.deploy.simulated.profile import JointProfile
from toto_bench.deploy.simulated.scene import CubeScene
from toto_bench.deploy.simulated.state import SceneState

READY = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
"""Where a Franka begins (libfranka's examples), rad."""
_AT_REST = 0.005
"""rad/s, under which a joint counts as standing."""
_FINGERS_AT_REST = 1e-3
"""m/s."""
_SMOOTHING = 0.1
"""Weight of the newest step in the mean of the outer torques: 20 ms."""


class CubeWorld:
    """What happens in the scene. The arm follows a profile with stiff servos, as a Franka's own controller does."""

    def __init__(self, scene: CubeScene, limits: WorkingLimits, q: Vector = READY) -> None:
        """Everything at rest, the gripper open.

        Args:
            scene: compiled.
            limits: how fast the arm may be, and at which contact it stops by itself.
            q: positions of the joints, [7], rad.
        """
        self.scene, self.limits = scene, limits
        self._data = mujoco.MjData(scene.model)
        scene.write(self._data, SceneState(np.asarray(q), 1.0, scene.read(self._data).cube))
        mujoco.mj_forward(scene.model, self._data)
        self.profile = JointProfile(q, limits.velocity, limits.acceleration)
        self._gripper = self._opening = 1.0
        self._lead = np.array(scene.settings.damping) / np.array(scene.settings.stiffness)
        self._strain = np.zeros(len(q))
        self.judge = LiftJudge()
        self.judge.restart(self.cube_height)
        self.error: str | None = None
        """Why the arm stopped by itself."""

    @property
    def time(self) -> float:
        """s, of the simulation."""
        return float(self._data.time)

    @property
    def state(self) -> SceneState:
        """Where everything is."""
        return self.scene.read(self._data)

    @property
    def dq(self) -> Vector:
        """Velocities of the joints, float64 [7], rad/s."""
        return np.array(self._data.qvel[self.scene.arm_v])

    @property
    def cube_height(self) -> float:
        """Of its centre above the table, m."""
        return float(self._data.qpos[self.scene.cube_q][2])

    @property
    def is_at_rest(self) -> bool:
        """Whether the arm stands, and means to."""
        return not self.profile.dq.any() and bool(np.abs(self.dq).max() < _AT_REST)

    @property
    def has_arrived(self) -> bool:
        """Whether the arm is at its target and the fingers stand."""
        fingers = np.abs(self._data.qvel[self.scene.fingers_v]).max() < _FINGERS_AT_REST
        return self.is_at_rest and self.profile.is_done and bool(fingers) and self._opening == self._gripper

    def go(self, q: Vector, gripper: float | None) -> None:
        """Head for joint positions [7], rad, and an opening in [0, 1]."""
        self.profile.go(q)
        if gripper is not None:
            self._gripper = gripper

    def brake(self) -> None:
        """Bring the arm to rest; the gripper keeps what it holds."""
        self.profile.brake()

    def place_cube(self, x: float, y: float, yaw: float) -> None:
        """Lay the cube on the table (m, m, rad): a trial begins."""
        self.scene.place_cube(self._data, x, y, yaw)
        self.judge.restart(self.cube_height)

    def recover(self) -> None:
        """Stand where the arm is, and take targets again."""
        self.error = None
        self._strain[:] = 0.0
        self.profile.halt(self.state.q)

    def step(self) -> None:
        """One step of physics."""
        scene, data = self.scene, self._data
        seconds = float(scene.model.opt.timestep)
        self.profile.step(seconds)
        travel = scene.settings.finger_speed * seconds / (OPENING / 2)
        self._opening += float(np.clip(self._gripper - self._opening, -travel, travel))
        data.ctrl[:7] = self.profile.q + self._lead * self.profile.dq
        data.ctrl[7:] = self._opening * OPENING / 2
        mujoco.mj_step(scene.model, data)
        if self.error is None:
            self._feel()
        self.judge.see(self.time, self.cube_height)

    def _feel(self) -> None:
        """Stop by itself at contact, as the robot's collision thresholds would, and when numbers run away."""
        outer = np.abs(self._data.qfrc_constraint[self.scene.arm_v])
        self._strain += _SMOOTHING * (outer - self._strain)
        over = self._strain > np.array(self.limits.collision.torque)
        if not np.isfinite(self._data.qpos).all() or not np.isfinite(outer).all():
            self.error = "simulation_out_of_hand"
        elif over.any():
            self.error = f"joint_reflex (joint {int(over.argmax()) + 1}, {self._strain.max():.0f} N m)"
        if self.error is not None:
            self.profile.brake()
