"""Protocol of the simulated manipulation tasks. Values and their sources stand in the cards."""

from typing import Annotated, Literal

from pydantic import Field

from toto_bench.tasks.base import ProtocolModel

Pair = tuple[float, float]
Place = tuple[float, float, float]
Share = float


class ManipulationProtocol(ProtocolModel):
    """What robot, episode, camera, policy and learning have in common in all four tasks."""

    robot: Literal["franka", "kuka-allegro"]
    """Which robot."""
    initial_joints: tuple[float, ...]
    """Where joints start, rad (fingers of the Franka: m)."""
    arm_gains: Pair
    """Stiffness and damping of the arm's servos."""
    arm_effort: float = Field(gt=0)
    """Largest torque of the arm's servos, N m."""
    finger_gains: Pair
    """Stiffness and damping of the fingers' servos."""
    finger_force: float = Field(gt=0)
    """Largest force of a finger's servo, N (Allegro: N m)."""
    action_speed: Pair
    """Speed of arm and fingers."""
    camera_position: Place
    """Of the wrist camera on the hand, m."""

    initial_noise: float = Field(ge=0)
    """Uniform, plus or minus, of each joint at the start."""
    action_scale: float = Field(gt=0)
    """Targets move by speed x time x this x action."""
    control_hz: int = Field(ge=1)
    """Actions per second."""
    physics_hz: int = Field(ge=1)
    """Physics steps per second; a multiple of `control_hz`."""
    horizon: int = Field(ge=1)
    """Longest episode, in control steps."""
    success_hold: int = Field(ge=1)
    """Control steps for which the goal has to be held."""
    contact_limit: float = Field(gt=0)
    """An episode ends when an arm link feels more, N."""
    assets: Literal["primitive", "menagerie"]
    """Where the robot's shapes come from."""

    image_size: int = Field(ge=8, le=1024)
    """Side of the pictures, in pixels."""
    vertical_fov: float = Field(gt=0, lt=180)
    """Of the wrist camera, degrees."""
    supersampling: int = Field(ge=1, le=4)
    """Pictures are drawn this many times larger, then reduced."""
    shadows: Literal[False]
    """Whether things cast shadows; the renderer draws none."""

    resolution: Literal["backbone"] | int
    """Side to which pictures are resized; `backbone`: its native one."""
    frames: Literal[1]
    """Pictures that the policy sees at each step."""
    layer: Literal["half-depth", "last", "all"] | int | tuple[int, ...]
    """Whose tokens are read; of several layers, each has a policy of its own, and the best is labelled best on val."""
    pooling: Literal["mean", "cls"]
    """How tokens become one vector."""
    embedding: int = Field(ge=1)
    """Width of the learned linear layers on features and on proprioception."""
    hidden: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1)
    """Widths of the policy's MLP."""

    expert: Literal["scripted"]
    """Who is asked."""
    train_steps: int = Field(ge=1)
    """Environment steps of all iterations together."""
    iterations: int = Field(ge=1)
    """Equal shares of the steps."""
    expert_share: tuple[Share, ...] = Field(min_length=1)
    """Of the steps of each iteration in which the expert acts; the last holds for all later ones."""
    fit_steps: int = Field(ge=1)
    """Gradient steps after each iteration."""
    loss: Literal["mse"]
    """On actions in [-1, 1]."""
    optimizer: Literal["adamw"]
    """Of the policy's head."""
    lr: float = Field(gt=0)
    """Peak; a cosine to zero after each iteration."""
    weight_decay: float = Field(ge=0)
    """Of AdamW."""
    batch: int = Field(ge=1)
    """Frames of a gradient step."""
    envs: int = Field(ge=1)
    """Environments that are stepped together."""
    eval_every: int = Field(ge=1)
    """Iterations between evaluations; a divisor of `iterations`."""
    eval_episodes: int = Field(ge=1)
    """Of each evaluation."""


class PickProtocol(ManipulationProtocol):
    """A cube is lifted."""

    object_size: float = Field(gt=0)
    """Side of the cube, m."""
    object_start: Place
    """Where its centre starts, m."""
    object_range: Place
    """Uniform, plus or minus, of the start, m."""
    object_density: float = Field(gt=0)
    """kg per cubic metre."""
    object_friction: float = Field(gt=0)
    """Sliding friction."""
    table: Place
    """Size, m."""
    goal_height: float
    """Of the cube's centre, m."""
    goal_tolerance: float = Field(ge=0)
    """m."""
    drop_limit: float = Field(gt=0)
    """An episode ends when the cube is this far below its start, m."""


class CabinetProtocol(ManipulationProtocol):
    """A drawer is pulled open."""

    cabinet_start: Place
    """Where the cabinet stands, m."""
    cabinet_range: Place
    """Uniform, plus or minus, m."""
    drawer_travel: float = Field(gt=0)
    """How far the drawer goes, m."""
    drawer_damping: float = Field(ge=0)
    """Of its slide."""
    props: int = Field(ge=0, le=4)
    """Cubes in the drawer."""
    handle: Literal["box"]
    """Shape of the bar."""
    goal_opening: float = Field(gt=0)
    """m of travel."""


class FrankaCabinetProtocol(CabinetProtocol):
    """The drawer counts as open only with both fingertips at its bar."""

    fingertip_distance: float = Field(gt=0)
    """m."""
