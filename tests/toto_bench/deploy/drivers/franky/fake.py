"""A module `franky` without a robot, which behaves as the real one was seen to.

Errors of asynchronous motions are deferred to the next `poll_motion` or `move`; `poll_motion` says whether the motion
has ended; motions are used once; a wrong type, NaN, another kind of motion and limits above the maximum are refused;
a robot that died lets every reading block, and then raises bare RuntimeErrors.
"""

import threading
import time
import types
from enum import Enum

import numpy as np

BLOCKS = 0.3
"""s that a reading takes when nobody answers; 1 s in truth."""
SPEED = 1.0
"""Of the arm, as a share of its limits; it knows no acceleration."""
URDF = "".join(
    [
        '<robot name="fr3">',
        *(
            f'<joint name="joint{n}" type="revolute"><limit lower="{low}" upper="{high}"/></joint>'
            for n, (low, high) in enumerate(
                [(-2.9, 2.9), (-1.8, 1.8), (-2.9, 2.9), (-3.0, -0.2), (-2.8, 2.8), (0.5, 4.5), (-3.0, 3.0)], 1
            )
        ),
        '<joint name="joint8" type="fixed"/></robot>',
    ]
)


class ControlException(Exception):  # noqa: N818  franky's name
    pass


class NetworkException(Exception):  # noqa: N818  franky's name
    pass


class IncompatibleVersionException(Exception):  # noqa: N818  franky's name
    pass


class InvalidMotionTypeException(Exception):  # noqa: N818  franky's name
    pass


class MotionReuseException(Exception):  # noqa: N818  franky's name
    pass


class RealtimeConfig(Enum):
    Enforce = 0
    Ignore = 1


class RobotMode(Enum):
    Other = 0
    Idle = 1
    Move = 2
    Guiding = 3
    Reflex = 4
    UserStopped = 5


class Errors:
    joint_reflex = cartesian_reflex = False

    def __init__(self, *names):
        for name in names:
            setattr(self, name, True)


class Motion:
    kind = "joint position"

    def __init__(self):
        self.used = False


class JointMotion(Motion):
    def __init__(self, target, relative_dynamics_factor=1.0, return_when_finished=True):
        super().__init__()
        if any(isinstance(value, int) for value in target):
            raise TypeError("incompatible constructor arguments")
        self.target, self.factor, self.ends = np.array(target), relative_dynamics_factor, return_when_finished


class JointStopMotion(Motion):
    pass


class Limit:
    def __init__(self, robot, maximum):
        self.robot, self.max, self.value = robot, maximum, np.array(maximum)

    def get(self):
        return self.value

    def set(self, value):
        if self.robot.is_in_control:
            raise RuntimeError("cannot be set while in control")
        if np.any(np.asarray(value) > self.max):
            raise RuntimeError("above the maximum")
        if not self.robot.world.deaf:
            self.value = np.asarray(value, dtype=float)


class World:
    """What tests look at and do."""

    def __init__(self):
        self.while_recovering = lambda: None
        self.q = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
        self.width = 0.08
        self.calls = []
        self.threads = set()
        self.refuses = None
        self.hand_refuses = None
        self.deaf = self.sluggish = False
        self.frozen = self.dead = False
        self.mode, self.errors = RobotMode.Idle, ()
        self.urdf = URDF
        self.robot = None

    def sent(self, kind):
        return [call for call in self.calls if call[0] == kind]

    def reflex(self):
        self.mode, self.errors = RobotMode.Reflex, ("joint_reflex",)
        if self.robot.motion is not None:
            self.robot.end()
            text = 'libfranka: Move command aborted: motion aborted by reflex! ["joint_reflex"]'
            self.robot.deferred = ControlException(text)


class Robot:
    def __init__(self, world, host, relative_dynamics_factor, realtime_config):
        if world.refuses is not None:
            raise world.refuses
        self.world, self.realtime_config = world, realtime_config
        world.robot = self
        world.calls.append(("robot", host, realtime_config))
        self.relative_dynamics_factor = types.SimpleNamespace(
            velocity=relative_dynamics_factor, acceleration=1.0, jerk=1.0, max_dynamics=False
        )
        self.model_urdf = world.urdf
        self.motion = self.deferred = None
        self.speed = np.zeros(7)
        self.clock, self.seen = 0.0, time.monotonic()
        self.lock = threading.RLock()
        maxima = {
            "joint_velocity_limit": [2.175] * 4 + [2.61] * 3,
            "joint_acceleration_limit": [15, 7.5, 10, 12.5, 15, 20, 20],
            "joint_jerk_limit": [7500, 3750, 5000, 6250, 7500, 10000, 10000],
            "translation_velocity_limit": 1.7,
            "translation_acceleration_limit": 13,
            "translation_jerk_limit": 6500,
            "rotation_velocity_limit": 2.5,
            "rotation_acceleration_limit": 25,
            "rotation_jerk_limit": 12500,
        }
        for name, maximum in maxima.items():
            setattr(self, name, Limit(self, np.array(maximum, dtype=float)))

    def end(self):
        self.motion, self.speed = None, np.zeros(7)

    def live(self):
        """Let time pass up to now."""
        now = time.monotonic()
        seconds, self.seen = now - self.seen, now
        if self.world.frozen or self.world.dead:
            return
        self.clock += seconds
        if isinstance(self.motion, JointMotion):
            step = SPEED * seconds * self.motion.factor * self.joint_velocity_limit.get()
            way = np.clip(self.motion.target - self.world.q, -step, step)
            self.world.q = self.world.q + way
            self.speed = way / max(seconds, 1e-6) * (np.abs(way) > 1e-9)
            if self.motion.ends and not way.any():
                self.end()
        elif isinstance(self.motion, JointStopMotion) and not self.world.sluggish:
            self.end()

    @property
    def is_in_control(self):
        with self.lock:
            self.live()
            return self.motion is not None

    @property
    def has_errors(self):
        return bool(self.world.errors)

    @property
    def state(self):
        self.world.threads.add(threading.current_thread().name)
        with self.lock:
            self.live()
            silent = self.world.dead or (self.world.frozen and self.motion is None)
        if silent:
            time.sleep(BLOCKS)
            raise (
                RuntimeError("Net Exception") if self.world.dead else NetworkException("UDP receive: Timeout")
            )
        with self.lock:
            mode = RobotMode.Move if self.motion is not None else self.world.mode
            clock = round(self.clock, 3)
            return types.SimpleNamespace(
                q=self.world.q.copy(),
                dq=self.speed.copy(),
                robot_mode=mode,
                current_errors=Errors(*self.world.errors),
                time=types.SimpleNamespace(to_sec=lambda: clock),
            )

    def poll_motion(self):
        with self.lock:
            error, self.deferred = self.deferred, None
            if error is not None:
                raise error
            self.live()
            return self.motion is None

    def move(self, motion, asynchronous=False):
        self.world.threads.add(threading.current_thread().name)
        assert asynchronous, "nothing may block"
        self.poll_motion()
        with self.lock:
            if motion.used:
                raise MotionReuseException
            motion.used = True
            if self.world.mode is not RobotMode.Idle:
                self.deferred = ControlException("libfranka: Move command rejected: command not possible")
                return
            if self.motion is not None and self.motion.kind != motion.kind:
                raise InvalidMotionTypeException("The control mode must not change")
            if isinstance(motion, JointMotion):
                self.world.calls.append(("move", motion.target, motion.factor, motion.ends, time.monotonic()))
                if not np.isfinite(motion.target).all():
                    self.deferred = RuntimeError("Motion planner failed with error code -100")
                    self.end()
                    return
            else:
                self.world.calls.append(("brake",))
            self.motion = motion

    def stop(self):
        self.world.calls.append(("stop",))
        with self.lock:
            if self.motion is not None:
                self.end()
                self.deferred = ControlException("libfranka: Move command preempted!")

    def recover_from_errors(self):
        self.world.calls.append(("recover",))
        self.world.while_recovering()
        if self.world.mode is RobotMode.Reflex:
            self.world.mode, self.world.errors = RobotMode.Idle, ()
        return False

    def set_collision_behavior(self, torque, force):
        self.world.calls.append(("collision", torque, force))


class Future:
    def __init__(self, world, target, seconds, *, answer=True):
        self.world, self.target, self.answer = world, target, answer
        self.due = time.monotonic() + seconds

    def wait(self, timeout):
        time.sleep(max(0.0, min(timeout, self.due - time.monotonic())))
        done = time.monotonic() >= self.due
        if done and self.target is not None and self.answer is True:
            self.world.width = self.target
        return done

    def get(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Gripper:
    server_version = 3
    takes = 0.05

    def __init__(self, world, host):
        if world.hand_refuses is not None:
            raise world.hand_refuses
        self.world = world
        self.answer = True
        self.busy, self.overlapped = 0.0, False
        world.gripper = self

    @property
    def state(self):
        if self.world.dead:
            time.sleep(BLOCKS)
            raise RuntimeError("Net Exception")
        return types.SimpleNamespace(width=self.world.width)

    def _begin(self, call, target):
        self.overlapped = self.overlapped or time.monotonic() < self.busy
        self.busy = time.monotonic() + self.takes
        self.world.calls.append(call)
        return Future(self.world, target, self.takes, answer=self.answer)

    def homing_async(self):
        return self._begin(("home",), None)

    def move_async(self, width, speed):
        return self._begin(("open", width), width)

    def grasp_async(self, width, speed, force, inner, outer):
        return self._begin(("grasp", width, force), width)

    def stop(self):
        self.world.calls.append(("hand stop",))
        return True


def module(world):
    """What `import franky` gives."""
    return types.SimpleNamespace(
        Robot=lambda host, **options: Robot(world, host, **options),
        Gripper=lambda host: Gripper(world, host),
        RealtimeConfig=RealtimeConfig,
        JointMotion=JointMotion,
        JointStopMotion=JointStopMotion,
    )
