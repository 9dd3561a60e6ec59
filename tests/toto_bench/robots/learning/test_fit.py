"""The loss is the policy's error in the scale that its card gives actions."""

import numpy as np
import pytest
import torch

from toto_bench.robots.learning.demonstrations import Demonstrations
from toto_bench.robots.learning.fit import error_of
from toto_bench.robots.policy import ActionSpec, Normalisation, PolicySpec, make_policy


@pytest.mark.parametrize("scaled", [False, True])
def test_error_is_that_of_the_actions_that_the_policy_takes(scaled: bool) -> None:
    statistics = Normalisation(mean=(1.0, -2.0), std=(4.0, 0.5))
    spec = PolicySpec(
        proprio=("position", "speed"),
        proprio_statistics=Normalisation(mean=(3.0, 0.0), std=(2.0, 0.1)),
        action=ActionSpec(
            kind="joint-delta", names=("one", "two"), statistics=statistics if scaled else None
        ),
        rate_hz=10.0,
    )
    policy = make_policy(spec, seed=0)
    with torch.no_grad():
        policy.head.mlp[-1].weight.mul_(100)
    draw = np.random.default_rng(0)
    proprio, actions = (
        draw.normal(size=(6, 2)).astype(np.float32),
        draw.normal(size=(6, 2)).astype(np.float32),
    )
    data = Demonstrations(
        torch.empty(6, 0, dtype=torch.float16), torch.from_numpy(proprio), torch.from_numpy(actions)
    )
    off = policy.act_features(None, proprio)[:, 0] - actions
    expected = np.mean((off / np.array(statistics.std if scaled else 1.0)) ** 2)
    assert error_of(policy, data) == pytest.approx(expected, rel=1e-4)
