"""The numbers of DAgger and of behaviour cloning, which is DAgger in which the expert always acts."""

from pydantic import Field

from toto_bench.cards.base import Strict
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training

WARMUP = 100
"""Steps of warm-up of each training, at most a tenth of them."""


class Learning(Strict):
    """How a policy learns from an expert."""

    steps: int = Field(ge=1)
    """Environment steps of all rounds together, rounded up to whole steps of all environments in each round."""
    rounds: int = Field(ge=1)
    """Each adds its share of the steps, then the policy is trained on all of them."""
    share: tuple[float, ...] = Field(default=(1.0, 0.0), min_length=1)
    """Of the steps of each round in which the expert acts; the last holds for all later rounds.

    `(1.0, 0.0)` is DAgger, `(1.0,)` is behaviour cloning from ever more demonstrations.
    """
    fit_steps: int = Field(default=3000, ge=1)
    """Gradient steps of each round."""
    batch: int = Field(default=128, ge=1)
    """Frames of a gradient step."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak; a cosine to zero in each round."""
    weight_decay: float = Field(default=0.01, ge=0)
    """Of AdamW."""
    evaluate_every: int = Field(default=1, ge=1)
    """Rounds between evaluations; the last round always has one."""
    episodes: int = Field(default=200, ge=1)
    """Of an evaluation; always the same starts."""
    seed: int = Field(default=0, ge=0)
    """Of the head's first weights, starts, coins and the order of frames."""

    def share_of(self, number: int) -> float:
        """The expert's share of the steps of a round 0, 1, ..."""
        return self.share[min(number, len(self.share) - 1)]

    def evaluates(self, number: int) -> bool:
        """Whether the policy of a round is evaluated."""
        return (number + 1) % self.evaluate_every == 0 or number == self.rounds - 1

    def training(self, number: int) -> Training:
        """How the policy of a round is trained."""
        return Training(
            steps=self.fit_steps,
            batch=self.batch,
            micro_batch=self.batch,
            optimiser=Optimiser(
                learning_rate=self.learning_rate,
                betas=(0.9, 0.999),
                weight_decay=self.weight_decay,
                schedule=Schedule(kind="cosine", warmup_steps=min(WARMUP, self.fit_steps // 10)),
            ),
            seed=self.seed * 1_000 + number,
        )
