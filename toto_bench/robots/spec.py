"""What a simulated task is, as its card says it."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from toto_bench.cards import find_task
from toto_bench.errors import RequestError
from toto_bench.robots.errors import AssetsNameError

TASKS = ("franka-pick", "kuka-pick", "franka-cabinet", "kuka-cabinet")
Gains = tuple[float, float]
Range = tuple[float, float, float]


class SceneSpec(BaseModel):
    """The part of a card's protocol that the simulation reads; lengths in m, angles in rad, forces in N or N m.

    Values and their sources stand in the cards, nowhere else.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    name: str
    robot: str
    assets: str
    initial_joints: tuple[float, ...]
    initial_noise: float = Field(ge=0)
    arm_gains: Gains
    arm_effort: float = Field(gt=0)
    finger_gains: Gains
    finger_force: float = Field(gt=0)
    action_speed: Gains
    action_scale: float = Field(gt=0)
    camera_position: Range
    vertical_fov: float = Field(gt=0, lt=180)
    image_size: int = Field(ge=8)
    supersampling: int = Field(ge=1, le=4)
    control_hz: int = Field(gt=0)
    physics_hz: int = Field(gt=0)
    horizon: int = Field(gt=0)
    success_hold: int = Field(gt=0)
    contact_limit: float = Field(gt=0)

    object_size: float | None = None
    object_start: Range | None = None
    object_range: Range | None = None
    object_density: float = 1000.0
    object_friction: float = 2.0
    table: Range | None = None
    goal_height: float = 0.8
    goal_tolerance: float = 0.1
    drop_limit: float = 0.04

    cabinet_start: Range | None = None
    cabinet_range: Range | None = None
    drawer_travel: float = 0.4
    drawer_damping: float = 10.0
    props: int = Field(default=4, ge=0, le=4)
    goal_opening: float = 0.32
    fingertip_distance: float | None = None

    @property
    def substeps(self) -> int:
        """Physics steps of one control step."""
        return self.physics_hz // self.control_hz

    @property
    def pick(self) -> bool:
        """Whether there is a cube to lift; else there is a drawer to open."""
        return self.object_start is not None

    def expect_sound(self, joints: int) -> None:
        """Refuse values that do not go together.

        Args:
            joints: of the robot.

        Raises:
            RequestError: names two of them.
        """
        expect_multiple("physics_hz", self.physics_hz, "control_hz", self.control_hz)
        if len(self.initial_joints) != joints:
            raise RequestError(
                f"`initial_joints` names {len(self.initial_joints)} joints, and `robot = {self.robot}` has {joints}: "
                "give a start for each joint, in the order of the task's card."
            )

    @classmethod
    def from_card(cls, name: str, preset: str = "paper", **changes: Any) -> Self:
        """The task of that name.

        Args:
            name: of the card.
            preset: of the card.
            changes: values that replace the card's.

        Raises:
            AssetsNameError: it is not one of the simulated tasks, or has no such value.
        """
        if name not in TASKS:
            raise AssetsNameError(f"`{name}` is no simulated task: choose one of {', '.join(TASKS)}.")
        values = find_task(name).values(preset)
        if unknown := set(changes) - set(values):
            raise AssetsNameError(f"The card of `{name}` has no value `{min(unknown)}`.")
        return cls(name=name, **(values | changes))


def expect_multiple(name: str, value: int, of: str, part: int) -> None:
    """Refuse a number that another does not divide.

    Raises:
        RequestError: names both.
    """
    if value % part:
        raise RequestError(f"`{name}` = {value} is no multiple of `{of}` = {part}.")
