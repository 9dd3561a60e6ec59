"""Whole episodes of an actor, each from a start of its own that is the same for all actors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from toto_bench.robots.experts import Expert
from toto_bench.robots.learning.collect import Act
from toto_bench.robots.learning.senses import Ids, Senses, thing_of
from toto_bench.robots.tasks import ManipulationTask

Actions = NDArray[np.float32]
EVALUATION = 7_919
"""Part of the seed of every evaluation episode: none starts as an episode of training does."""


class Actor(Protocol):
    """Whoever acts: a policy, an expert, a floor."""

    def __call__(self, ids: Ids) -> Actions:
        """Actions [n, A] in [-1, 1] for the present states of these environments."""
        ...


@dataclass(frozen=True)
class Episode:
    """How one episode went."""

    number: int
    """It starts from this one's start."""
    success: bool
    """Whether the goal was held before it ended."""
    steps: int
    """Control steps, until success or the end."""
    ending: str
    """`success`, or why it ended."""
    start: tuple[float, float, float]
    """Where the thing was, m."""


def run_episodes(
    task: ManipulationTask,
    actor: Actor,
    numbers: Sequence[int],
    *,
    watch: Callable[[Sequence[int], Ids], None] | None = None,
) -> Iterator[list[Episode]]:
    """Run episodes, as many at a time as there are environments; an episode ends with its success.

    Args:
        task: the environments.
        actor: acts.
        numbers: of the episodes; the same number has the same start.
        watch: told before each step which episodes and which environments are going on.

    Yields:
        Episodes in the order of their numbers.
    """
    for first in range(0, len(numbers), task.num_envs):
        yield _together(task, actor, numbers[first : first + task.num_envs], watch)


def _together(
    task: ManipulationTask,
    actor: Actor,
    numbers: Sequence[int],
    watch: Callable[[Sequence[int], Ids], None] | None,
) -> list[Episode]:
    padded = [*numbers, *[0] * (task.num_envs - len(numbers))]
    task.reset(
        np.ones(task.num_envs, dtype=bool),
        [np.random.default_rng((EVALUATION, number)) for number in padded],
    )
    starts = thing_of(task)
    found: dict[int, Episode] = {}
    alive = np.arange(len(numbers))
    while len(alive):
        if watch is not None:
            watch([numbers[place] for place in alive.tolist()], alive)
        action = np.zeros((task.num_envs, task.num_actions), dtype=np.float32)
        action[alive] = actor(alive)
        result = task.step(action)
        done = result.success | result.terminated | result.truncated
        for place in alive[done[alive]].tolist():
            ending = "success" if result.success[place] else str(result.ending[place])
            x, y, z = starts[place].tolist()
            won, steps = bool(result.success[place]), int(task.steps[place])
            found[place] = Episode(numbers[place], won, steps, ending, (x, y, z))
        alive = alive[~done[alive]]
    return [found[place] for place in range(len(numbers))]


def policy_actor(senses: Senses, act: Act) -> Actor:
    """A policy, and what it reads."""
    return lambda ids: act(senses(ids))


def expert_actor(task: ManipulationTask, expert: Expert) -> Actor:
    """The expert: the ceiling of what can be learnt from it."""
    return lambda ids: expert(task)[ids]


def still_actor(task: ManipulationTask) -> Actor:
    """A floor: the targets stay where they are."""
    return lambda ids: np.zeros((len(ids), task.num_actions), dtype=np.float32)


def random_actor(task: ManipulationTask, seed: int) -> Actor:
    """A floor: uniform actions."""
    generator = np.random.default_rng((EVALUATION, seed))

    def actor(ids: Ids) -> Actions:
        return generator.uniform(-1, 1, (len(ids), task.num_actions)).astype(np.float32)

    return actor
