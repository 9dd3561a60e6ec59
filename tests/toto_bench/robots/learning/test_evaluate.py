"""Evaluations start from the same episodes for everyone, and are those that `rollout` plays."""

from collections.abc import Callable

import numpy as np
import pytest

from toto_bench.robots.env import MujocoVectorEnv
from toto_bench.robots.errors import ActionError
from toto_bench.robots.floors import RandomActor, StillActor
from toto_bench.robots.learning import Dagger
from toto_bench.robots.learning.evaluate import EVALUATION, evaluate, evaluation_seeds
from toto_bench.robots.rollout import rollout

Make = Callable[..., Dagger]


def test_episodes_do_not_depend_on_how_many_run_together(learner: Make) -> None:
    found = []
    for envs in (2, 5):
        one = learner(envs=envs, horizon=200)
        found.append(evaluate(one.task, one.expert, 5))
    assert found[0] == found[1]
    assert [episode.seed for episode in found[0]] == evaluation_seeds(5)
    assert sum(episode.success for episode in found[0]) >= 4
    assert all(episode.steps == episode.steps_to_success for episode in found[0] if episode.success)
    assert len({episode.start for episode in found[0]}) == 5


def test_floors_have_the_same_starts_and_do_not_depend_on_how_many_run_together(learner: Make) -> None:
    one, two = learner(envs=2), learner(envs=5)
    still = evaluate(one.task, StillActor(one.task), 5)
    assert {(episode.success, episode.ending, episode.steps) for episode in still} == {(False, "time", 60)}
    random = [evaluate(each.task, RandomActor(each.task, 0), 5) for each in (one, two)]
    assert random[0] == random[1]
    assert [episode.start for episode in random[0]] == [episode.start for episode in still]
    other = evaluate(one.task, RandomActor(one.task, 1), 5)
    assert [episode.total_reward for episode in other] != [episode.total_reward for episode in random[0]]


def test_random_actions_are_each_episodes_own(learner: Make) -> None:
    actor, ids = RandomActor(learner(envs=1).task, 0), np.zeros(1, dtype=np.int64)
    found = []
    for seed in (5, 6, 5):
        actor.restart(0, seed)
        found.append(actor.act({}, ids))
    assert (found[0] == found[2]).all()
    assert not (found[0] == found[1]).any()


def test_seeds_give_the_starts_that_evaluations_always_had(learner: Make) -> None:
    """The words of the seed are the constant and the number of the episode."""
    for number, seed in enumerate(evaluation_seeds(3)):
        one, two = np.random.default_rng(seed), np.random.default_rng((EVALUATION, number))
        assert one.random() == two.random()


def test_an_evaluation_can_be_played_again_with_the_seeds(learner: Make) -> None:
    one = learner()
    env = MujocoVectorEnv(one.task, images=False, autoreset_mode="Disabled")
    again = rollout(one.expert, env, 3, seeds=evaluation_seeds(3), stop_at_success=True)
    assert again.episodes == evaluate(one.task, one.expert, 3)


@pytest.mark.parametrize(("value", "message"), [(np.nan, "not finite"), (None, r"shape \[4, 8\]")])
def test_wrong_actions_are_refused(learner: Make, value: float | None, message: str) -> None:
    one = learner()

    class Wrong(StillActor):
        def act(self, observation: object, ids: np.ndarray) -> np.ndarray:
            width = one.task.num_actions
            return np.full((len(ids), width), value) if value is not None else np.zeros((len(ids), width - 1))

    with pytest.raises(ActionError, match=message):
        evaluate(one.task, Wrong(one.task), 4)


def test_an_unstable_simulation_ends_its_episode_alone(learner: Make) -> None:
    """The others go on, and so does the environment with its next episode."""
    one = learner(envs=3)

    class Breaking(StillActor):
        steps = 0

        def act(self, observation: object, ids: np.ndarray) -> np.ndarray:
            self.steps += 1
            if self.steps == 5:
                one.task.batch.bind("qvel")[1, 0] = np.nan
            return super().act({}, ids)

    found = evaluate(one.task, Breaking(one.task), 5)
    assert [episode.ending for episode in found] == ["time", "unstable", "time", "time", "time"]
    assert (found[1].steps, found[1].success) == (5, False)
    assert found[0] == evaluate(one.task, StillActor(one.task), 1)[0]
