"""The four simulated tasks, many environments at a time."""

from typing import Any

from toto_bench.robots.spec import SceneSpec
from toto_bench.robots.tasks.base import ManipulationTask, StepResult
from toto_bench.robots.tasks.cabinet import CabinetTask
from toto_bench.robots.tasks.pick import PickTask

__all__ = ["CabinetTask", "ManipulationTask", "PickTask", "StepResult", "make_task"]


def make_task(
    name: str, num_envs: int, *, threads: int = 1, preset: str = "paper", **changes: Any
) -> ManipulationTask:
    """The task of a card, with values changed by name.

    Raises:
        AssetsNameError: no such task, value or robot model.
    """
    spec = SceneSpec.from_card(name, preset, **changes)
    return (PickTask if spec.pick else CabinetTask)(spec, num_envs, threads)
