"""Rollouts in which the expert acts for a share of the steps and labels every one of them (DAgger, arXiv 1011.0686)."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.robots.actions import checked_actions
from toto_bench.robots.experts import Expert
from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.learning.senses import Sensed, Senses
from toto_bench.robots.tasks import ManipulationTask

Act = Callable[[Sensed], NDArray[np.float32]]
"""Actions [n, A] of a policy for what it reads."""
_STARTS, _COINS = 0, 1
_TRAINING = 1
"""Last word of every seed of training: numpy pads short seeds with zeros, and those of evaluations are short."""


def generators(task: ManipulationTask, *seed: int) -> list[np.random.Generator]:
    """One of each environment, whatever their number; none draws as an episode of an evaluation does."""
    return [np.random.default_rng((*seed, index, _TRAINING)) for index in range(task.num_envs)]


def collect(
    task: ManipulationTask,
    expert: Expert,
    senses: Senses,
    act: Act | None,
    *,
    steps: int,
    share: float,
    seed: tuple[int, ...],
    watch: Callable[[int], None] | None = None,
) -> Demonstrations:
    """Visit states and ask the expert in each.

    At every step of every environment a coin decides who acts. An environment starts anew when its episode ends or
    the goal was reached: afterwards there is nothing to learn.

    Args:
        task: as many environments as are stepped together.
        expert: labels all states.
        senses: what the policy reads, which is kept.
        act: the policy; None, and only the expert acts.
        steps: of all environments together, rounded up to whole steps of all of them.
        share: of the steps in which the expert acts, the beta of DAgger.
        seed: of starts and coins.
        watch: told of the frames that were added.

    Returns:
        One row for each environment and step.

    Raises:
        ActionError: the expert's or the policy's actions are not finite, or have another shape.
    """
    starts, coins = generators(task, *seed, _STARTS), generators(task, *seed, _COINS)
    every = np.arange(task.num_envs)
    task.reset(np.ones(task.num_envs, dtype=bool), starts)
    rows: list[tuple[Tensor, Tensor, Tensor]] = []
    for _ in range(-(-steps // task.num_envs)):
        sensed, label = senses(every), expert(task)
        checked_actions(label, task.num_envs, task.num_actions)
        rows.append((sensed.seen, torch.from_numpy(sensed.proprio), torch.from_numpy(label)))
        action = label
        if act is not None and share < 1:
            expert_acts = np.array([coin.random() < share for coin in coins])
            action = np.where(expert_acts[:, None], label, act(sensed))
        result = task.step(action)
        task.reset(result.success | result.terminated | result.truncated, starts)
        if watch is not None:
            watch(task.num_envs)
    return Demonstrations(*(torch.cat(column) for column in zip(*rows, strict=True)))
