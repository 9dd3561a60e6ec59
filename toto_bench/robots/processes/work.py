"""What a worker process does."""

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from toto_bench.errors import TotoBenchError
from toto_bench.robots.acting import Actor
from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.experts import Expert, scripted_expert
from toto_bench.robots.policy import Policy, load_policy
from toto_bench.robots.processes.errors import WorkerError
from toto_bench.robots.processes.settings import EnvSettings
from toto_bench.robots.rollout import Episode, rollout

Acting = Policy | Expert | Actor
MakeActor = Callable[[MujocoVectorEnv], Acting]


@dataclass(frozen=True)
class Setup:
    """What a worker needs once."""

    actor: Path | MakeActor
    """The folder of a policy, or a function that makes whoever acts."""
    env: EnvSettings
    """What it acts in."""
    stop_at_success: bool
    """Whether episodes end with their success."""


@dataclass(frozen=True)
class Job:
    """Some episodes, played together."""

    number: int
    """Its place in the order of episodes."""
    setup: Setup
    """The same for all jobs."""
    seeds: tuple[int, ...]
    """Of the episodes."""


_world: list[tuple[MujocoVectorEnv, Acting]] = []
"""Environments and actor of this process, made for its first job."""


def play(job: Job) -> tuple[Episode, ...]:
    """Play the episodes of a job.

    Raises:
        TotoBenchError: what the episodes raise.
        WorkerError: anything else that went wrong.
    """
    try:
        if not _world:
            _world.append(_make(job.setup))
        env, actor = _world[0]
        stop = job.setup.stop_at_success
        return rollout(actor, env, len(job.seeds), seeds=job.seeds, stop_at_success=stop).episodes
    except TotoBenchError:
        raise
    except Exception as error:
        raise WorkerError(
            f"Episodes of the seeds {job.seeds[0]} to {job.seeds[-1]} failed in their process: "
            f"{type(error).__name__}: {error}."
        ) from error


def make_expert(env: MujocoVectorEnv) -> Expert:
    """The scripted expert, as an actor for `rollout_processes`."""
    return scripted_expert(env.task)


def _make(setup: Setup) -> tuple[MujocoVectorEnv, Acting]:
    torch.set_num_threads(1)  # sums of several threads would round otherwise, and the other cores are taken
    env = setup.env.make()
    atexit.register(env.close)
    actor = load_policy(setup.actor) if isinstance(setup.actor, Path) else setup.actor(env)
    return env, actor
