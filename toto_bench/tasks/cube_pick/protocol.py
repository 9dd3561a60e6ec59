"""Protocol of behaviour cloning for the real arm. Values and their sources stand in the card."""

from typing import Literal

from pydantic import Field

from toto_bench.robots.demonstrations import Preparation
from toto_bench.tasks.base import ProtocolModel
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training


class CubePickProtocol(ProtocolModel):
    """What is learnt from, what the policy reads, how it is trained, and how it is judged."""

    demonstrations: int = Field(ge=2)
    """The first so many; those that are held out are among them."""
    held_out: float = Field(gt=0, lt=1)
    """Share of the demonstrations that is not learnt from."""
    still_threshold: float = Field(ge=0)
    """Steps in which no joint moves further and the gripper rests are dropped, rad."""
    action: Literal["joint-delta"]
    """A way from where the joints are."""
    targets: Literal["commanded", "measured"]
    """What an action leads to: what was commanded, where that was recorded, or the next state that is kept."""
    gripper_scale: float = Field(gt=0)
    """Factor on the gripper's part of an action, where ways are measured."""
    action_scale: Literal["normalised", "none"]
    """Whether every number of an action is learnt with mean 0 and spread 1."""
    state: Literal["joints+gripper"]
    """What is read beside the picture."""
    camera: str = Field(min_length=1)
    """Whose pictures are read."""
    crop: int = Field(ge=16)
    """Side of the square in the middle of the lower edge, in pixels."""

    resolution: Literal["backbone"] | int
    """Side to which the crop is resized; `backbone`: its native one."""
    frames: Literal[1]
    """Pictures that the policy sees at each step."""
    frozen: Literal[True]
    """The backbone does not learn."""
    layer: Literal["half-depth", "last"] | int
    """Whose tokens are read."""
    pooling: Literal["mean", "cls"]
    """How tokens become one vector."""
    embedding: int = Field(ge=1)
    """Width of the learned linear layers on features and on the state."""
    hidden: tuple[int, ...] = Field(min_length=1)
    """Widths of the policy's MLP."""

    loss: Literal["mse"]
    """Of actions."""
    epochs: int = Field(ge=1)
    """Passes over all frames that are learnt from."""
    warmup_epochs: int = Field(ge=0)
    """In which the learning rate rises; a cosine to zero follows."""
    batch: int = Field(ge=1)
    """Frames of a gradient step."""
    optimizer: Literal["adamw"]
    """Of the policy's head."""
    lr: float = Field(gt=0)
    """Peak."""
    weight_decay: float = Field(ge=0)
    """Of AdamW."""

    control_hz: float = Field(gt=0)
    """Commands per second, on the robot and in the demonstrations."""
    command: Literal["joint-position"]
    """What the arm is sent."""
    speed_factor: float = Field(gt=0, le=1)
    """Share of the arm's velocity limits."""
    trials: int = Field(ge=1)
    """Start poses, the same for every backbone."""
    variation: Literal["position+orientation", "position"]
    """Of the cube."""
    start_poses: Literal["shared"]
    """The same planned ones for every backbone, in mixed order."""
    time_limit_s: float = Field(gt=0)
    """Of a trial."""
    success_height_m: float = Field(gt=0)
    """How far the cube is lifted."""
    success_hold_s: float = Field(gt=0)
    """For how long."""
    aborted_trials: Literal["failure", "exclude"]
    """What trials count as that did not end by themselves."""

    def preparation(self, seed: int) -> Preparation:
        """Which steps are learnt from, and what is done in them."""
        return Preparation(
            still=self.still_threshold,
            gripper_scale=self.gripper_scale,
            targets=self.targets,
            cameras=(self.camera,),
            crop=self.crop,
            held_out=self.held_out,
            seed=seed,
        )

    def training(self, frames: int, seed: int) -> Training:
        """How the head is trained on so many frames."""
        epoch = -(-frames // self.batch)
        return Training(
            steps=self.epochs * epoch,
            batch=self.batch,
            micro_batch=self.batch,
            optimiser=Optimiser(
                learning_rate=self.lr,
                betas=(0.9, 0.999),
                weight_decay=self.weight_decay,
                schedule=Schedule(
                    kind="cosine", warmup_steps=min(self.warmup_epochs, self.epochs - 1) * epoch
                ),
            ),
            seed=seed,
        )
