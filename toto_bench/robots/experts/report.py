"""How often an expert succeeds, counted over whole episodes."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from toto_bench.errors import RequestError
from toto_bench.progress import Progress, Silent
from toto_bench.results.intervals import Share, wilson
from toto_bench.robots.actions import checked_actions
from toto_bench.robots.experts.base import Expert
from toto_bench.robots.rollout_video import EpisodeVideos
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
    """Control steps until success, of the episodes that succeeded, in the order of their seeds."""
    failed: tuple[int, ...]
    """Seeds of the episodes that failed."""

    @property
    def rate(self) -> float:
        """Share of successes."""
        return self.successes / self.episodes

    @property
    def interval(self) -> Share:
        """95 % Wilson interval of the rate."""
        return wilson(self.successes, self.episodes)

    def percentile(self, percent: float) -> float | None:
        """Of the control steps until success; None where no episode succeeded."""
        return float(np.percentile(self.steps, percent)) if self.steps else None

    def text(self) -> str:
        """One line for people."""
        median = f"{np.median(self.steps):.0f} steps to success (median)" if self.steps else "no success"
        ends = ", ".join(f"{count} {reason}" for reason, count in sorted(self.endings.items())) or "none"
        return (
            f"{self.task}: {100 * self.rate:.1f} % of {self.episodes} episodes with action noise {self.noise:g}; "
            f"{median}; failures: {ends}"
        )


def run_expert(
    expert: Expert,
    task: ManipulationTask,
    episodes: int,
    *,
    noise: float = 0.0,
    seed: int = 0,
    videos: EpisodeVideos | None = None,
    progress: Progress | None = None,
) -> ExpertReport:
    """Run whole episodes up to their success, the task's early ends on.

    Args:
        expert: what acts.
        task: as many environments as are stepped together.
        episodes: how many; episode k starts from seed + k, whatever the number of environments.
        noise: standard deviation of the normal noise added to each action before it is clipped.
        seed: of the first episode.
        videos: films chosen episodes, by number k.
        progress: is told.

    Raises:
        RequestError: the noise is no standard deviation.
        ActionError: the expert's actions are not finite, or have another shape.
    """
    if not (np.isfinite(noise) and noise >= 0):
        raise RequestError(f"A noise of {noise:g} is no standard deviation: give a number from 0 on.")
    progress = progress or Silent()
    progress.start("Episodes of the expert", episodes)
    steps: dict[int, int] = {}
    failed: dict[int, str] = {}
    for first in range(0, episodes, task.num_envs):
        count = min(task.num_envs, episodes - first)
        generators = [np.random.default_rng(seed + first + index) for index in range(task.num_envs)]
        task.reset(np.ones(task.num_envs, dtype=bool), generators)
        alive = np.arange(task.num_envs) < count
        while alive.any():
            if videos is not None:
                for index in np.flatnonzero(alive).tolist():
                    videos.look(task, first + index, index)
            action = expert(task)
            checked_actions(action[alive], int(alive.sum()), task.num_actions)
            jitter = np.stack([generator.normal(0, noise, task.num_actions) for generator in generators])
            result = task.step(action + jitter)
            done = alive & (result.success | result.terminated | result.truncated)
            for index in np.flatnonzero(done).tolist():
                if videos is not None:
                    videos.finish(task, first + index, index)
                if result.success[index]:
                    steps[seed + first + index] = int(task.steps[index])
                else:
                    failed[seed + first + index] = str(result.ending[index])
            alive &= ~done
            progress.advance(int(done.sum()))
    progress.stop()
    return ExpertReport(
        task=task.spec.name,
        episodes=episodes,
        noise=noise,
        successes=len(steps),
        endings=dict(Counter(failed.values())),
        steps=tuple(steps[number] for number in sorted(steps)),
        failed=tuple(sorted(failed)),
    )
