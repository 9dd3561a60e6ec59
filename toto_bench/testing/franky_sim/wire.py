"""What franky-sim leaves out and drills need: reflexes on the wire, and what a client told the robot."""

from typing import Any

from franky_sim.franka_gripper_protocol import GripperCommandStatus
from franky_sim.franka_gripper_server import FrankaGripperServer
from franky_sim.franka_robot_protocol import (
    AutomaticErrorRecoveryCommand,
    MoveCommand,
    MoveStatus,
    RobotCommand,
    RobotMode,
    SetCollisionBehaviorCommand,
)
from franky_sim.franka_robot_server import FrankaRobotServer
from franky_sim.franka_server import BaseCommand
from franky_sim.simulation_server import SimulationServer

ERRORS = 41
"""Flags of errors in a state on the wire."""
JOINT_REFLEX = 6


class ReflexServer(FrankaRobotServer):  # type: ignore[misc, unused-ignore]
    """A robot that can go into reflex, and remembers the contact thresholds that it was given."""

    reflex = False
    collision: list[float] | None = None

    def trigger_reflex(self) -> None:
        """Abort the motion as the robot does after a contact; recovery ends it."""
        motion = self.current_motion_id
        self.stop_motion(send_preemption_signal=False)
        self.reset_current_motion_id()
        self.reflex = True
        self.send_state()
        if motion:
            BaseCommand.send_response(self._tcp_socket, RobotCommand.kMove, motion, MoveStatus.kReflexAborted)

    @property
    def robot_state(self) -> Any:
        """As it goes over the wire."""
        state = super().robot_state
        if not self.reflex:
            return state
        flags = tuple(flag == JOINT_REFLEX for flag in range(ERRORS))
        return state.replace(robot_mode=RobotMode.kReflex, errors=flags, reflex_reason=flags)


class ReflexSimulation(SimulationServer):  # type: ignore[misc, unused-ignore]
    """The servers of such robots."""

    def init(self) -> None:
        """Bind them, then start the simulation."""
        for robot in self.sim.robots:
            server = ReflexServer(robot, self._remaining_hostname_candidates)
            server.init()
            self.robot_servers.append(server)
        self.sim.start()


def serve(sim: Any) -> ReflexSimulation:
    """A server for a simulator, whose robots take no motions in reflex, and recover from it."""
    recover, collide = AutomaticErrorRecoveryCommand.handle, SetCollisionBehaviorCommand.handle
    move, hold = MoveCommand.handle, FrankaGripperServer.stop

    def held(gripper: Any, command: int, client: Any) -> None:
        """A real gripper also answers the command that it breaks off; the client waits for it."""
        if gripper._pending_command_id is not None:
            BaseCommand.send_response(
                gripper._pending_tcp_socket,
                gripper._pending_command_type,
                gripper._pending_command_id,
                GripperCommandStatus.kFail,
                command_type_struct="H",
            )
        hold(gripper, command, client)

    def moved(command: Any, server: Any) -> None:
        if server.reflex:
            command.reply(MoveStatus.kCommandNotPossibleRejected)
        else:
            move(command, server)

    def recovered(command: Any, server: Any) -> None:
        server.reflex = False
        recover(command, server)

    def collided(command: Any, server: Any) -> None:
        torque, force = command.upper_torque_thresholds_nominal, command.upper_force_thresholds_nominal
        server.collision = [*torque, *force]
        collide(command, server)

    MoveCommand.handle = moved
    FrankaGripperServer.stop = held
    AutomaticErrorRecoveryCommand.handle = recovered
    SetCollisionBehaviorCommand.handle = collided
    return ReflexSimulation(sim)
