"""Leading an arm by the velocity of a point on its hand: damped least squares on its own Jacobian."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.tasks import ManipulationTask

Floats = NDArray[np.float64]


class Arm:
    """The arm of one task: where its hand is, and the servo targets that move it."""

    def __init__(
        self,
        task: ManipulationTask,
        point: tuple[float, float, float],
        rest: tuple[float, ...],
        lift: float = 0.0,
    ) -> None:
        """Remember what is led.

        Args:
            task: the environments.
            point: what is led, in the axes of the hand, m.
            rest: joints [7] that are preferred where the hand leaves a choice, rad.
            lift: how much a high elbow is preferred as well.
        """
        self._task = task
        self._elbow, self._lift = task.model.body(task.robot.arm_links[4]).id, lift
        self._point, self._rest = np.array(point), np.array(rest)
        self._hand = task.model.body(task.robot.hand).id
        self._positions, self._turns = task.batch.bind("xpos"), task.batch.bind("xmat")
        self._columns = task.v_index[: task.robot.arm]
        stiffness, damping = task.spec.arm_gains
        self._lead = damping / stiffness
        task.batch.forward(stage=mujoco.mjtStage.mjSTAGE_POS.value)  # what was bound just now is empty before

    @property
    def turn(self) -> Floats:
        """Axes of the hand as columns, [N, 3, 3]."""
        return np.asarray(self._turns[:, self._hand].reshape(-1, 3, 3))

    @property
    def point(self) -> Floats:
        """The point that is led, in the world, [N, 3]."""
        return np.asarray(self._positions[:, self._hand] + self.turn @ self._point)

    def action(self, linear: Floats, angular: Floats, damping: float = 0.01) -> Floats:
        """Actions of the arm's joints [N, 7] for a velocity of the point and of the hand [N, 3] each, not clipped.

        A servo under way lags behind its target by damping / stiffness seconds, so the target leads by that time.
        """
        task = self._task
        velocity, turning = task.batch.jac(self._hand, self.point)
        jacobian = np.concatenate([velocity, turning], axis=1)[:, :, self._columns]
        wanted = np.concatenate([linear, angular], axis=1)[..., None]
        square = jacobian @ jacobian.transpose(0, 2, 1) + damping**2 * np.eye(6)
        inverse = jacobian.transpose(0, 2, 1) @ np.linalg.inv(square)
        joints = task.joints[:, : task.robot.arm]
        preferred = np.clip(0.5 * (self._rest - joints), -1, 1)[..., None]
        if self._lift:
            raising, _ = task.batch.jac(self._elbow, self._positions[:, self._elbow])
            preferred = preferred + self._lift * raising[:, 2, self._columns][..., None]
        free = np.eye(jacobian.shape[2]) - inverse @ jacobian
        speeds = (inverse @ wanted + free @ preferred)[..., 0]
        speeds = speeds * np.minimum(1, 2.0 / np.maximum(np.abs(speeds).max(1, keepdims=True), 1e-9))
        arm = slice(0, task.robot.arm)
        return np.asarray((joints + self._lead * speeds - task.targets[:, arm]) / task.reach[arm])


def velocity_to(error: Floats, gain: float, limit: float) -> Floats:
    """Velocity that closes an error [N, 3] at a rate, of at most a length."""
    velocity = gain * error
    length = np.linalg.norm(velocity, axis=1, keepdims=True)
    return np.asarray(velocity * np.minimum(1, limit / np.maximum(length, 1e-9)))


def turn_to(present: Floats, wanted: Floats) -> Floats:
    """The rotation vector in the world [N, 3] that leads from some axes to others [N, 3, 3]."""
    difference = wanted @ present.transpose(0, 2, 1)
    vectors = np.zeros((len(difference), 3))
    quaternion = np.zeros(4)
    for index, matrix in enumerate(difference):
        mujoco.mju_mat2Quat(quaternion, matrix.ravel())
        mujoco.mju_quat2Vel(vectors[index], quaternion, 1.0)
    return vectors


def axes(forward: Floats, side: Floats) -> Floats:
    """Axes [N, 3, 3] whose third column is `forward` and whose second is nearest to `side`, [N, 3] each."""
    z = forward / np.linalg.norm(forward, axis=1, keepdims=True)
    y = side - (side * z).sum(1, keepdims=True) * z
    y = y / np.maximum(np.linalg.norm(y, axis=1, keepdims=True), 1e-9)
    return np.stack([np.cross(y, z), y, z], axis=2)
