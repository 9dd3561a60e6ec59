"""What goes wrong while states are visited."""

from collections.abc import Callable

import numpy as np
import pytest

from toto_bench.robots.errors import ActionError
from toto_bench.robots.learning import Dagger
from toto_bench.robots.learning.collect import collect, generators
from toto_bench.robots.learning.evaluate import EVALUATION, evaluation_seeds

Make = Callable[..., Dagger]


def test_an_unstable_simulation_starts_anew_and_leaves_no_frame_behind(learner: Make) -> None:
    one = learner(envs=3)
    endings: list[str] = []
    step, asked = one.task.step, [0]

    def breaking(task: object) -> np.ndarray:
        label = one.expert(one.task)
        asked[0] += 1
        if asked[0] == 4:
            one.task.batch.bind("qvel")[1, 0] = np.nan
        return label

    def watched(action: np.ndarray) -> object:
        result = step(action)
        endings.append(str(result.ending[1]))
        return result

    one.task.step = watched
    frames = collect(one.task, breaking, one.senses, None, steps=30, share=1.0, seed=(0, 0))
    assert endings == ["", "", "", "unstable", "", "", "", "", "", ""]
    assert len(frames) == 30
    assert all(bool(values.isfinite().all()) for values in frames)
    whole = learner(envs=3)
    others = collect(whole.task, whole.expert, whole.senses, None, steps=30, share=1.0, seed=(0, 0))
    assert (frames.proprio[::3] == others.proprio[::3]).all()


@pytest.mark.parametrize(("width", "value", "message"), [(9, np.nan, "not finite"), (8, 0.0, "shape")])
def test_wrong_actions_of_an_expert_are_refused(
    learner: Make, width: int, value: float, message: str
) -> None:
    one = learner(envs=3)
    with pytest.raises(ActionError, match=message):
        collect(
            one.task,
            lambda task: np.full((3, width), value),
            one.senses,
            None,
            steps=3,
            share=1.0,
            seed=(0, 0),
        )


def test_an_environment_starts_anew_when_its_goal_was_reached(learner: Make) -> None:
    one = learner(envs=2)
    step, seen = one.task.step, list[list[int]]()

    def won(action: np.ndarray) -> object:
        result = step(action)
        return result._replace(success=np.array([False, one.task.steps[1] == 3]))

    one.task.step = won
    collect(
        one.task,
        one.expert,
        one.senses,
        None,
        steps=14,
        share=1.0,
        seed=(0, 0),
        watch=lambda _: seen.append(one.task.steps.tolist()),
    )
    assert seen == [[1, 1], [2, 2], [3, 0], [4, 1], [5, 2], [6, 0], [7, 1]]


def test_no_episode_of_training_starts_as_one_of_an_evaluation(learner: Make) -> None:
    """Not even where a run's seed is the constant of the evaluations."""
    task = learner(envs=3).task
    evaluated = {np.random.default_rng(seed).random() for seed in evaluation_seeds(50)}
    visited = {
        generator.random()
        for seed in (0, EVALUATION)
        for number in range(50)
        for kind in range(2)
        for generator in generators(task, seed, number, kind)
    }
    assert len(evaluated) == 50
    assert len(visited) == 2 * 50 * 2 * 3
    assert not evaluated & visited
