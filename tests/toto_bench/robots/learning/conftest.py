"""A small lift of a cube, learnt from the state."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.learning import Dagger, Learning, StateSenses
from toto_bench.robots.tasks import make_task


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def learner(tmp_path: Path) -> Callable[..., Dagger]:
    """A learner in a folder of this test; `horizon` and `envs` are of the task, all else numbers of the learning."""

    def make(folder: str = "learner", *, horizon: int = 60, envs: int = 4, **numbers: object) -> Dagger:
        task = make_task("franka-pick", envs, horizon=horizon)
        settings = Learning.model_validate(
            {"steps": 240, "rounds": 3, "fit_steps": 30, "batch": 32, "episodes": 4} | numbers
        )
        return Dagger(task, scripted_expert(task), StateSenses(task), settings, tmp_path / folder)

    return make
