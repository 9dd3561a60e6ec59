"""A scene in motion: physics, led items, and where camera and lights are."""

import mujoco
import numpy as np
from numpy.typing import NDArray

from toto_bench.samples.world.building import aim, build
from toto_bench.samples.world.contacts import ContactLog
from toto_bench.samples.world.paths import Path, Pose
from toto_bench.samples.world.scene import Item, Scene

Vectors = NDArray[np.float64]


class Stage:
    """Model and state of a scene; time 0 is the first frame."""

    def __init__(self, scene: Scene, timestep: float) -> None:
        self.model = build(scene, timestep)
        self.data = mujoco.MjData(self.model)
        self.contacts = ContactLog(self.model)
        self._scene = scene
        self._timestep = timestep
        self._steps = 0
        everything = (*scene.items, *scene.clutter)
        self._bodies = {item.name: self.model.body(item.name).id for item in everything}
        self._joints = {item.name: self._addresses(item) for item in everything if item.movable or item.path}
        self._led = [item for item in everything if item.path is not None]
        self.item_bodies = [self._bodies[item.name] for item in scene.items]
        self._lead(0.0)

    @property
    def time(self) -> float:
        """Seconds since the first frame."""
        return self._steps * self._timestep

    def settle(self, seconds: float) -> None:
        """Physics before time 0, with everything led where it is at time 0; then set things in motion."""
        for _ in range(round(seconds / self._timestep)):
            self._lead(0.0, moving=False)
            mujoco.mj_step(self.model, self.data)
        for item in (*self._scene.items, *self._scene.clutter):
            if item.name in self._joints:
                _, speed = self._joints[item.name]
                if any(item.velocity) or any(item.spin):
                    self.data.qvel[speed : speed + 6] = *item.velocity, *item.spin
        self._lead(0.0)
        mujoco.mj_forward(self.model, self.data)

    def advance(self, steps: int) -> None:
        """Physics, step by step."""
        for _ in range(steps):
            self._lead(self.time)
            mujoco.mj_step(self.model, self.data)
            self.contacts.note(self.data, self.time)
            self._steps += 1
        self._lead(self.time)

    def look(self) -> None:
        """Put camera and lights where they are now, and everything derived from the state up to date."""
        camera, model = self._scene.camera, self.model
        model.cam_pos[0], model.cam_quat[0] = aim(camera.position(self.time), camera.target(self.time))
        for index, light in enumerate(self._scene.lights):
            position, target = np.array(light.position(self.time)), np.array(light.target(self.time))
            model.light_pos[index] = position
            model.light_dir[index] = (target - position) / np.linalg.norm(target - position)
            model.light_diffuse[index] = np.array(light.colour) * light.brightness(self.time)
        mujoco.mj_kinematics(model, self.data)
        mujoco.mj_comPos(model, self.data)
        mujoco.mj_camlight(model, self.data)

    def positions(self) -> Vectors:
        """World positions of the items: [N, 3]."""
        return np.array(self.data.xpos[self.item_bodies])

    def rotations(self) -> Vectors:
        """Quaternions of the items: [N, 4]."""
        return np.array(self.data.xquat[self.item_bodies])

    def project(self, points: Vectors, size: tuple[int, int]) -> Vectors:
        """Pixel positions (x, y) of world points [N, 3] for a picture of (height, width); NaN behind the camera."""
        height, width = size
        axes = self.data.cam_xmat[0].reshape(3, 3)
        seen = (points - self.data.cam_xpos[0]) @ axes
        scale = height / 2 / np.tan(np.radians(self.model.cam_fovy[0]) / 2)
        depth = np.where(seen[:, 2] < 0, -seen[:, 2], np.nan)
        return np.stack(
            [width / 2 + scale * seen[:, 0] / depth, height / 2 - scale * seen[:, 1] / depth], axis=1
        )

    def _addresses(self, item: Item) -> tuple[int, int]:
        joint = self.model.joint(item.name)
        return int(joint.qposadr[0]), int(joint.dofadr[0])

    def _lead(self, time: float, *, moving: bool = True) -> None:
        """Put led items where their paths say, with the velocity that takes them to the next step's place."""
        for item in self._led:
            assert item.path is not None
            pose = item.path(time)
            if pose is None:
                continue
            place, speed = self._joints[item.name]
            self.data.qpos[place : place + 7] = *pose.position, *pose.rotation
            self.data.qvel[speed : speed + 6] = self._velocity(item.path, time, pose) if moving else 0.0

    def _velocity(self, path: Path, time: float, pose: Pose) -> Vectors:
        """Of the step from `time` on; at the end of the path, where the item is let go, of the step before."""
        after = path(time + self._timestep)
        before = pose if after else path(time - self._timestep)
        after = after or pose
        if before is None:
            return np.zeros(6)
        linear = (np.array(after.position) - np.array(before.position)) / self._timestep
        angular = np.zeros(3)
        mujoco.mju_subQuat(angular, np.array(after.rotation), np.array(before.rotation))
        return np.concatenate([linear, angular / self._timestep])
