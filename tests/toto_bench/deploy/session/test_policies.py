"""Policies from the words of a command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.deploy.remote import PolicyServer, RemoteMismatchError, identity_of
from toto_bench.deploy.session.policies import Loading, find_policies, load
from toto_bench.deploy.session.policy_wrappers import ScriptedPolicy, SlowPolicy
from toto_bench.deploy.session.speed import needed_speed
from toto_bench.errors import RequestError
from toto_bench.robots.policy import (
    ActionChunk,
    ActionSpec,
    Normalisation,
    Observation,
    PolicySpec,
    load_policy,
    make_policy,
)

Make = Callable[..., Any]
NAMES = (*(f"joint_{number}" for number in range(1, 8)), "gripper")


def spec(**action: Any) -> PolicySpec:
    return PolicySpec(
        proprio=NAMES, action=ActionSpec(**{"kind": "joint-delta", "names": NAMES, **action}), rate_hz=10.0
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_policy(spec()).save(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.parametrize("place", ["", "artifacts/policy", "artifacts/policy/camera"])
def test_a_folder_or_a_run_is_found(tmp_path: Path, place: str) -> None:
    make_policy(spec()).save(tmp_path / "run" / place)
    [found] = find_policies([f"toto={tmp_path / 'run'}"])
    assert (found.name, found.folder, found.run) == ("toto", tmp_path / "run" / place, None)
    assert found.identity == identity_of(load_policy(tmp_path / "run" / place))


def test_the_hash_is_of_the_weights_too(tmp_path: Path) -> None:
    for seed in (0, 1):
        make_policy(spec(), seed=seed).save(tmp_path / str(seed))
    first, second = find_policies([str(tmp_path / "0"), str(tmp_path / "1")])
    assert first.identity != second.identity


def test_wrong_words_are_refused(folder: Path, tmp_path: Path) -> None:
    few = PolicySpec(proprio=("a",), action=ActionSpec(kind="joint-delta", names=("a", "b")), rate_hz=10.0)
    make_policy(few).save(tmp_path / "few")
    (tmp_path / "empty").mkdir()
    for words, trained, says in (
        ([str(tmp_path / "nothing")], [], "no policy at"),
        ([str(tmp_path / "empty")], [], "holds no policy"),
        ([str(tmp_path / "few")], [], "2 numbers"),
        ([f"a={folder}", f"a={folder}"], [], "called `a`"),
        ([f"a={folder}"], ["b=x"], "no policy of that name"),
        ([f"a={folder}"], ["b"], "not of the form"),
    ):
        with pytest.raises(RequestError, match=says):
            find_policies(words, trained)


def test_a_remote_policy_is_the_one_that_was_trained(
    folder: Path, tmp_path: Path, make_station: Make, one_thread: None
) -> None:
    """Its hash is that of the copy here; another one is refused."""
    make_policy(spec(), seed=9).save(tmp_path / "other")
    with PolicyServer(load_policy(folder), port=0) as server:
        remote = f"toto=remote:{server.url}"
        [found] = find_policies([remote], [f"toto={folder}"])
        policy, facts = load(found, make_station(), Loading())
        assert facts.identity == identity_of(load_policy(folder))
        seen = Observation({}, np.zeros(8, np.float32))
        assert np.allclose(policy.act(seen).actions, load_policy(folder).act(seen).actions)
        policy.close()  # type: ignore[attr-defined]
        [wrong] = find_policies([remote], [f"toto={tmp_path / 'other'}"])
        with pytest.raises(RemoteMismatchError):
            load(wrong, make_station(), Loading())


def test_the_script_is_for_simulations(make_station: Make) -> None:
    [found] = find_policies(["scripted"])
    policy, facts = load(found, make_station(), Loading())
    assert isinstance(policy, ScriptedPolicy)
    assert facts.run is None
    with pytest.raises(RequestError, match="real robot cannot run it"):
        load(found, make_station(real=True), Loading())


class Constant:
    """Answers the same numbers."""

    def __init__(self, kind: str) -> None:
        self.spec = spec(kind=kind)

    def reset(self) -> None:
        pass

    def act(self, observation: Observation) -> ActionChunk:
        return ActionChunk(np.full((2, 8), 0.4, np.float32), self.spec.action.kind, 0.1)


def test_a_slow_policy_makes_smaller_steps_and_grips_as_before() -> None:
    seen = Observation({}, np.zeros(8, np.float32))
    actions = SlowPolicy(Constant("joint-delta"), 0.25).act(seen).actions
    assert np.allclose(actions[:, :7], 0.1)
    assert np.allclose(actions[:, 7], 0.4)
    assert np.allclose(SlowPolicy(Constant("joint-position"), 0.25).act(seen).actions, 0.4)


def test_needed_speed_follows_from_the_demonstrations() -> None:
    """Mean 0.03 and spread 0.04 rad a step, ten steps a second: 0.5 rad/s; steps of equal size need just theirs."""
    statistics = Normalisation(mean=(0.03,) * 8, std=(0.04,) * 8)
    speed = needed_speed(spec(statistics=statistics))
    assert speed is not None
    assert np.allclose(speed, 0.5)
    scaled = needed_speed(spec(statistics=statistics, scale=(0.5,) * 8))
    assert scaled is not None
    assert np.allclose(scaled, 0.25)
    up_and_down = Normalisation.of(np.tile([[0.02], [-0.02]], (50, 8)))
    same = needed_speed(spec(statistics=up_and_down))
    assert same is not None
    assert np.allclose(same, 0.2)
    assert needed_speed(spec()) is None
    assert needed_speed(spec(kind="joint-position", statistics=statistics)) is None
