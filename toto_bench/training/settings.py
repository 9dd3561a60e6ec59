"""The numbers of a training."""

from typing import Literal

from pydantic import Field

from toto_bench.cards.base import Strict
from toto_bench.training.schedule import Schedule


class Optimiser(Strict):
    """AdamW, and the schedule of its learning rate."""

    learning_rate: float = Field(gt=0)
    """Peak."""
    betas: tuple[float, float] = (0.9, 0.95)
    """Of the averages of gradients and of their squares."""
    eps: float = Field(default=1e-8, gt=0)
    """Added to the root of the second."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Decoupled, for matrices only."""
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    """Factor on the learning rate from each layer to the one before it; 1 = none."""
    clip: float | None = Field(default=None, gt=0)
    """Largest norm of the gradient of all parameters together; None = any."""
    schedule: Schedule = Schedule()
    """Of the learning rate."""


class Training(Strict):
    """How a module is trained."""

    steps: int = Field(ge=1)
    """Updates of the weights."""
    batch: int = Field(ge=1)
    """Examples in an update, of all processes together."""
    micro_batch: int = Field(default=1, ge=1)
    """Examples that go through a process at once; gradients of several are added up. Does not change the result."""
    optimiser: Optimiser
    """AdamW."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Number type of matrix products; weights and optimiser stay in float32."""
    seed: int = Field(default=0, ge=0)
    """Of the order of examples, and of everything random in a step."""
    save_every: int = Field(default=500, ge=1)
    """Steps between saved states."""
    evaluate_every: int | None = Field(default=None, ge=1)
    """Steps between evaluations; None = only at the end."""
