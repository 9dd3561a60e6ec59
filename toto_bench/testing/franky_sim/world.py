"""franky-sim with the table and the cube of our own simulation. All of it belongs to one thread."""

from typing import Any

from franky_sim.mujoco_simulator import MujocoSimulator

from toto_bench.deploy.kinematics import OPENING
from toto_bench.deploy.simulated.judge import LiftJudge
from toto_bench.deploy.simulated.scene import build_scene
from toto_bench.deploy.simulated.surroundings import CUBE
from toto_bench.testing.franky_sim.scene import add_surroundings
from toto_bench.testing.franky_sim.wire import ReflexServer, serve

_DAMPING = (100.0, 100.0, 80.0, 80.0, 40.0, 40.0, 40.0)
"""N m s/rad. franky-sim's own, 4.5 times as much, lets the arm lag by 0.1 s behind what is commanded."""


class FrankyWorld:
    """The simulated robot, its servers, and what only a simulation knows."""

    def __init__(self, q: list[float], opening: float) -> None:
        """Everything at rest, with the servers listening.

        Args:
            q: positions of the joints, [7], rad.
            opening: of the gripper, m.
        """
        self._sim = MujocoSimulator()
        self._robot = self._sim.add_robot(initial_q=q, initial_hand_width=opening, kv=_DAMPING)
        add_surroundings(self._sim, build_scene())
        self._sim.init()
        self._server = serve(self._sim)
        self._server.init()
        self._wire: ReflexServer = self._server.robot_servers[0]
        cube = self._sim.model.joint(CUBE)
        place, speed = int(cube.qposadr[0]), int(cube.dofadr[0])
        self._place, self._speed = slice(place, place + 7), slice(speed, speed + 6)
        self._judge = LiftJudge()
        self._judge.restart(self._height)

    @property
    def host(self) -> str:
        """Address that it listens at."""
        return str(self._wire.hostname)

    @property
    def _height(self) -> float:
        return float(self._sim.data.qpos[self._place][2])

    def step(self) -> None:
        """One millisecond of the robot's time; longer in ours where the machine is slow."""
        self._server.run_once()
        self._judge.see(float(self._sim.data.time), self._height)

    def obey(self, order: dict[str, Any]) -> None:
        """Lay the cube (`cube`, [7]), or go into reflex (`reflex`)."""
        if "cube" in order:
            self._sim.data.qpos[self._place] = order["cube"]
            self._sim.data.qvel[self._speed] = 0.0
            self._judge.restart(self._height)
        if order.get("reflex"):
            self._wire.trigger_reflex()

    def truth(self) -> dict[str, Any]:
        """Where everything is; see `Truth`."""
        state = self._robot.inner_state
        return {
            "q": list(state.q),
            "dq": list(state.dq),
            "gripper": self._robot.hand_width / OPENING,
            "cube": self._sim.data.qpos[self._place].tolist(),
            "time": float(self._sim.data.time),
            "picked": self._judge.success,
            "moving": self._wire.current_motion_id > 0,
            "connected": bool(self._wire.tcp_connected),
            "collision": self._wire.collision,
        }

    def close(self) -> None:
        """End the servers."""
        self._server.cleanup()
