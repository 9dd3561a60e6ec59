"""Env steps per CPU second: MujocoVectorEnv against gymnasium's AsyncVectorEnv over single MuJoCo environments.

    python benchmarks/robots.py [--runs 5] [--envs 8] [--quick]

Scene, actions, picture size and picture quality are the same, and so are the observations at the end, or no time is
reported. Two kinds of single environments are tried: ours, and the thriftiest that one would write by hand. The CPU
seconds are those of all processes together, after their start. The exit status is 1 where a goal is missed.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from robots_by_hand import ByHand

from toto_bench.robots.env import MujocoVectorEnv, make_vector_env
from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.single import MujocoEnv

TASK, SIDE = "franka-pick", 224
GOALS = {"physics only": 2.5, f"with {SIDE}-px pictures": 1.0}
OURS = "MujocoVectorEnv"
Actions = NDArray[np.float32]
Observation = dict[str, NDArray[Any]]


class Way(NamedTuple):
    """Environments, and what tells the CPU time of all their processes."""

    env: MujocoVectorEnv | AsyncVectorEnv
    cpu_seconds: Callable[[], float]


class Single(MujocoEnv):
    """Our single environment, which tells its process's CPU time."""

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        return time.process_time()


def main(argv: Sequence[str] | None = None) -> int:
    """Print rates and ratios; 1 if a goal was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5, help="Interleaved runs, of which the median counts.")
    parser.add_argument("--envs", type=int, default=8)
    parser.add_argument("--quick", action="store_true", help="One run of few steps: does it run at all?")
    options = parser.parse_args(argv)
    runs = 1 if options.quick else options.runs
    reached = []
    for what, goal in GOALS.items():
        pictures = what != "physics only"
        steps = (10 if pictures else 40) if options.quick else (60 if pictures else 400)
        for kind, actions in {
            "random": random(options.envs, steps),
            "expert": expert(options.envs, steps),
        }.items():
            reached.append(report(f"{what}, {kind} actions", actions, goal, runs, pictures=pictures))
    return 0 if all(reached) else 1


def report(title: str, actions: Actions, goal: float, runs: int, *, pictures: bool) -> bool:
    """Print one comparison and say whether the goal is reached against both kinds of single environments."""
    more: dict[str, Any] = {"images": pictures, "image_size": SIDE}
    envs = actions.shape[1]
    ways = {
        OURS: Way(make_vector_env(TASK, envs, **more), time.process_time),
        "AsyncVectorEnv of MujocoEnv": apart(partial(Single, TASK, **more), envs),
        "AsyncVectorEnv by hand": apart(partial(ByHand, TASK, SIDE if pictures else None), envs),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        seen = {}
        for name, way in ways.items():
            seconds, seen[name] = play(way, actions)
            rates[name].append(actions.shape[0] * envs / seconds)
        require_equal(list(seen.values()))
    for way in ways.values():
        way.env.close()
    print(f"{title}: {len(actions)} steps of {envs} environments, median of {runs}")
    met = True
    for name, values in rates.items():
        ratio = statistics.median(own / other for own, other in zip(rates[OURS], values, strict=True))
        print(f"  {name:<28} {statistics.median(values):>8,.0f} env steps per CPU s {ratio:>7.2f}x")
        met &= name == OURS or ratio >= goal
    print(f"  Goal {goal:g}x: {'met' if met else 'missed'}", flush=True)
    return met


def random(envs: int, steps: int) -> Actions:
    """Uniform actions [T, N, A]."""
    env = make_vector_env(TASK, envs, images=False)
    return (
        np.random.default_rng(0).uniform(-1, 1, (steps, *(env.action_space.shape or ()))).astype(np.float32)
    )


def expert(envs: int, steps: int) -> Actions:
    """What the expert does [T, N, A], from the episodes that are timed; the cube is gripped for half of the time."""
    env = make_vector_env(TASK, envs, images=False)
    act = scripted_expert(env.task)
    env.reset(seed=0)
    found = []
    for _ in range(steps):
        found.append(act(env.task))
        env.step(found[-1])
    return np.stack(found)


def apart(make: Callable[[], Any], envs: int) -> Way:
    """Each environment in a process of its own."""
    env = AsyncVectorEnv([make] * envs, context="spawn", autoreset_mode=AutoresetMode.SAME_STEP)
    return Way(env, lambda: sum(env.call("cpu_seconds")) + time.process_time())


def play(way: Way, actions: Actions) -> tuple[float, Observation]:
    """Take the actions; CPU seconds, and the last observation."""
    way.env.reset(seed=0)
    start = way.cpu_seconds()
    for action in actions:
        observation = way.env.step(action)[0]
    return way.cpu_seconds() - start, observation


def require_equal(observations: list[Observation]) -> None:
    """Stop unless all ways ended in the same place and saw the same."""
    first, *others = observations
    for other in others:
        for name, value in first.items():
            np.testing.assert_array_equal(value, other[name], "results differ, so times mean nothing")


if __name__ == "__main__":
    sys.exit(main())
