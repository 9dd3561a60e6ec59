"""Sizes, places and strengths of the simulated scene. All of them are our choice unless a source stands beside them."""

from typing import Annotated, Literal

from pydantic import Field

from toto_bench.deploy.limits.model import Finite, Positive, PositiveJoints

Place = tuple[float, float, float]
Colour = tuple[float, float, float]


class View(Finite):
    """A camera of the scene."""

    position: Place
    """m; of the camera `wrist` in the axes of the hand, else in the frame of the arm's base."""
    right: Place
    up: Place
    """Directions in the picture, in the same axes; the camera looks along -(right x up)."""
    vertical_fov: Annotated[float, Field(gt=0, lt=180)]
    """Degrees."""


Pace = Literal["realtime", "fast"]
"""Beside `time.monotonic()` in a thread of its own, or as fast as it can in the time of a `VirtualClock`."""
FRONT, WRIST = "front", "wrist"
"""Names of the cameras: opposite the arm, and on its hand."""


class SceneSettings(Finite):
    """Picking up a cube from a table that is level with the arm's base."""

    cube_side: Positive = 0.045
    """m."""
    cube_mass: Positive = 0.05
    """kg."""
    cube_friction: Positive = 1.5
    cube_colour: Colour = (0.82, 0.12, 0.1)
    cube_start: tuple[float, float, float] = (0.5, 0.0, 0.0)
    """Where it lies before anybody places it: x and y in m, yaw in rad."""
    front: View = View(position=(1.05, 0.0, 0.62), right=(0, 1, 0), up=(-0.6, 0, 0.8), vertical_fov=45.0)
    wrist: View = View(position=(0.07, 0.0, 0.03), right=(0, 1, 0), up=(1, 0, 0.35), vertical_fov=75.0)
    stiffness: PositiveJoints = (4500.0, 4500.0, 3500.0, 3500.0, 2000.0, 2000.0, 2000.0)
    """Of the joints' servos, N m/rad."""
    damping: PositiveJoints = (450.0, 450.0, 350.0, 350.0, 200.0, 200.0, 200.0)
    """N m s/rad."""
    finger_stiffness: Positive = 1e4
    """N/m."""
    finger_damping: Positive = 1e2
    """N s/m."""
    finger_force: Positive = 30.0
    """N; a Franka Hand grasps with up to 70 N (data sheet)."""
    finger_speed: Positive = 0.05
    """m/s of each finger (data sheet of the Franka Hand)."""
    timestep: Positive = 0.002
    """s of the physics."""
