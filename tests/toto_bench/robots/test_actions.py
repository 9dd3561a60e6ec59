"""Whatever is given as actions is taken, or told apart in one sentence."""

import numpy as np
import pytest
import torch

from toto_bench.robots.actions import checked_actions
from toto_bench.robots.env import make_vector_env
from toto_bench.robots.errors import ActionError
from toto_bench.robots.single import MujocoEnv


@pytest.mark.parametrize(
    "given",
    [
        np.full((2, 9), 1, dtype=np.int8),
        np.ones((2, 9), dtype=np.float16),
        [[1.0] * 9] * 2,
        torch.ones(2, 9),
        np.asfortranarray(np.ones((2, 9), dtype=">f4")),
    ],
    ids=["int8", "float16", "lists", "tensor", "fortran"],
)
def test_numbers_of_any_kind_are_taken(given: object) -> None:
    array = checked_actions(given, 2, 9)
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, 1.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros(9), r"shape \(9,\)"),
        (np.zeros((3, 9)), r"shape \(3, 9\)"),
        (np.zeros((2, 9, 1)), r"shape \(2, 9, 1\)"),
        (0.0, r"shape \(\)"),
        ([[0.0] * 9, [0.0] * 8], "one array of numbers"),
        (None, "type `object`"),
        (np.full((2, 9), "0"), "type `<U1`"),
        (np.zeros((2, 9), dtype=complex), "type `complex128`"),
        (np.zeros((2, 9), dtype=bool), "type `bool`"),
        (torch.zeros(2, 9, requires_grad=True), "one array of numbers"),
        (np.where(np.arange(18).reshape(2, 9) == 12, np.nan, 0), "environment 1 is not finite"),
        (np.where(np.arange(18).reshape(2, 9) == 3, -np.inf, 0), "environment 0 is not finite"),
    ],
    ids=str,
)
def test_anything_else_is_told(given: object, words: str) -> None:
    with pytest.raises(ActionError, match=words):
        checked_actions(given, 2, 9)


def test_a_refused_action_leaves_the_environments_as_they_were() -> None:
    env, other = (make_vector_env("franka-pick", 2, images=False) for _ in range(2))
    for each in (env, other):
        each.reset(seed=0)
    with pytest.raises(ActionError):
        env.step(np.full((2, 9), np.nan))
    action = np.full((2, 9), 0.5, dtype=np.float32)
    np.testing.assert_array_equal(env.step(action)[0]["proprio"], other.step(action)[0]["proprio"])


def test_values_beyond_one_are_clipped() -> None:
    env, other = (make_vector_env("franka-pick", 1, images=False) for _ in range(2))
    for each in (env, other):
        each.reset(seed=0)
    large = env.step(np.full((1, 9), 1e30))
    one = other.step(np.ones((1, 9)))
    np.testing.assert_array_equal(large[0]["proprio"], one[0]["proprio"])
    assert large[1] == one[1]


def test_the_single_environment_tells_it_too() -> None:
    env = MujocoEnv("franka-pick", images=False)
    env.reset(seed=0)
    with pytest.raises(ActionError, match="environment 0 is not finite"):
        env.step(np.full(9, np.nan, dtype=np.float32))
    with pytest.raises(ActionError, match=r"need \(1, 9\)"):
        env.step(np.zeros(7))
