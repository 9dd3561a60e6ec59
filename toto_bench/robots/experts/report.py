"""How often an expert succeeds, counted over whole episodes."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from toto_bench.robots.experts.base import Expert
from toto_bench.robots.tasks import ManipulationTask


@dataclass(frozen=True)
class ExpertReport:
    """Outcomes of a number of episodes."""

    task: str
    episodes: int
    noise: float
    successes: int
    endings: dict[str, int]
    """How the failures ended, by reason."""
    steps: tuple[int, ...]
    """Control steps until success, of the episodes that succeeded."""
    failed: tuple[int, ...]
    """Seeds of the episodes that failed."""

    @property
    def rate(self) -> float:
        """Share of successes."""
        return self.successes / self.episodes

    def text(self) -> str:
        """One line for people."""
        median = f"{np.median(self.steps):.0f} steps to success (median)" if self.steps else "no success"
        ends = ", ".join(f"{count} {reason}" for reason, count in sorted(self.endings.items())) or "none"
        return (
            f"{self.task}: {100 * self.rate:.1f} % of {self.episodes} episodes with action noise {self.noise:g}; "
            f"{median}; failures: {ends}"
        )


def run_expert(
    expert: Expert, task: ManipulationTask, episodes: int, *, noise: float = 0.0, seed: int = 0
) -> ExpertReport:
    """Run whole episodes, the task's early ends on.

    Args:
        expert: what acts.
        task: as many environments as are stepped together.
        episodes: how many; episode k starts from seed + k, whatever the number of environments.
        noise: standard deviation of the normal noise added to each action before it is clipped.
        seed: of the first episode.
    """
    successes, steps, endings, failed = 0, [], Counter[str](), []
    for first in range(0, episodes, task.num_envs):
        count = min(task.num_envs, episodes - first)
        generators = [np.random.default_rng(seed + first + index) for index in range(task.num_envs)]
        task.reset(np.ones(task.num_envs, dtype=bool), generators)
        alive = np.arange(task.num_envs) < count
        took = np.zeros(task.num_envs, dtype=np.int64)
        while alive.any():
            action = expert(task)
            jitter = np.stack([generator.normal(0, noise, task.num_actions) for generator in generators])
            result = task.step(action + jitter)
            took = np.where(result.success & (took == 0), task.steps, took)
            done = alive & (result.success | result.terminated | result.truncated)
            for index in np.flatnonzero(done):
                if result.success[index]:
                    successes += 1
                    steps.append(int(took[index]))
                else:
                    endings[str(result.ending[index])] += 1
                    failed.append(seed + first + int(index))
            alive &= ~done
    return ExpertReport(
        task.spec.name, episodes, noise, successes, dict(endings), tuple(steps), tuple(failed)
    )
