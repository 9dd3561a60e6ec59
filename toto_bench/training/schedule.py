"""Learning rates over steps: warm-up, then a cosine, falls at certain steps, or nothing."""

import math
from typing import Literal

from pydantic import Field

from toto_bench.cards.base import Strict


class Schedule(Strict):
    """Factor of the peak learning rate at each step: linear warm-up, then the decay down to `min_ratio`."""

    kind: Literal["cosine", "constant", "steps"] = "cosine"
    """Shape after the warm-up."""
    warmup_steps: int = Field(default=0, ge=0)
    """Steps until the peak; step 0 has 1/`warmup_steps` of it."""
    min_ratio: float = Field(default=0.0, ge=0, le=1)
    """Where the cosine ends, as a share of the peak."""
    milestones: tuple[int, ...] = Field(default=(), exclude_if=lambda found: found == ())
    """Of the kind `steps`: steps from which on the factor is `drop` times what it was."""
    drop: float = Field(default=0.1, gt=0, le=1, exclude_if=lambda found: found == 0.1)
    """Of the kind `steps`. Neither is in the identity of a training that does not use it."""

    def factor(self, step: int, steps: int) -> float:
        """The factor at a step of 0..steps-1; the cosine would reach `min_ratio` at `steps`."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        if self.kind == "constant":
            return 1.0
        if self.kind == "steps":
            return float(self.drop ** sum(step >= milestone for milestone in self.milestones))
        done = min((step - self.warmup_steps) / max(steps - self.warmup_steps, 1), 1.0)
        return self.min_ratio + (1 - self.min_ratio) * (1 + math.cos(math.pi * done)) / 2
