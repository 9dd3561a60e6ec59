"""DAgger learns, is the same with the same seed, and goes on where it was killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.cards import find_task
from toto_bench.robots.learning import Dagger
from toto_bench.robots.learning import dagger as module
from toto_bench.robots.learning.collect import collect
from toto_bench.robots.learning.demonstrations import Aggregated, Demonstrations

Make = Callable[..., Dagger]


def weights(learner: Dagger) -> torch.Tensor:
    return torch.cat([value.flatten() for value in learner.policy.head.state_dict().values()])


def test_policy_comes_nearer_to_the_expert(learner: Make) -> None:
    """The error on frames that were not yet learnt from falls."""
    small = learner(steps=1200, rounds=3, fit_steps=200, share=(1.0,), evaluate_every=3)
    errors = [each.error for each in small.run()]
    assert errors[-1] < 0.6 * errors[0]


def test_same_seed_gives_the_same_policy_and_another_another_one(learner: Make) -> None:
    one, two, other = learner("one"), learner("two"), learner("other", seed=1)
    assert one.run() == two.run()
    other.run()
    assert torch.equal(weights(one), weights(two))
    assert not torch.equal(weights(one), weights(other))


def test_finished_rounds_are_not_repeated(learner: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = learner()
    rounds = first.run()
    for name in ("collect", "evaluate"):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("done before"))
    again = learner()
    assert again.run() == rounds
    assert torch.equal(weights(first), weights(again))


@pytest.mark.parametrize("lost", ["frames-001.safetensors", "fit-001/state.pt", "round-001.json"])
def test_what_is_damaged_is_made_again(learner: Make, lost: str) -> None:
    """All of one round's files, from the damaged one on, as if a process had been killed there."""
    whole = learner()
    rounds, expected = whole.run(), weights(whole)
    order = ["frames-001.safetensors", "fit-001/state.pt", "round-001.json"]
    for name in order[order.index(lost) :]:
        (whole.folder / name).unlink()
    again = learner()
    assert again.run() == rounds
    assert torch.equal(weights(again), expected)


def test_killed_process_goes_on(learner: Make, tmp_path: Path) -> None:
    """`kill -9` at some instant of the second round."""
    numbers = "steps=240, rounds=3, fit_steps=400, batch=32, episodes=4"
    script = (
        "import sys, torch; from pathlib import Path; torch.set_num_threads(1)\n"
        "from toto_bench.robots.experts import scripted_expert\n"
        "from toto_bench.robots.learning import Dagger, Learning, StateSenses\n"
        "from toto_bench.robots.tasks import make_task\n"
        "task = make_task('franka-pick', 4, horizon=60)\n"
        f"Dagger(task, scripted_expert(task), StateSenses(task), Learning({numbers}), Path(sys.argv[1])).run()\n"
    )
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)])
    while not (folder / "frames-001.safetensors").is_file():
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "round-002.json").is_file()
    killed, whole = learner("killed", fit_steps=400), learner("whole", fit_steps=400)
    assert killed.run() == whole.run()
    assert torch.equal(weights(killed), weights(whole))


def test_frames_hold_the_experts_actions_whoever_acts(learner: Make) -> None:
    one = learner()

    def act(_: object) -> np.ndarray:
        return np.ones((4, 9), np.float32)

    theirs = collect(one.task, one.expert, one.senses, act, steps=80, share=1.0, seed=(0, 0))
    ours = collect(one.task, one.expert, one.senses, act, steps=80, share=0.0, seed=(0, 0))
    assert len(theirs) == len(ours) == 80
    assert torch.equal(theirs.proprio[:4], ours.proprio[:4])
    assert not torch.equal(theirs.proprio, ours.proprio)
    assert not (ours.actions == 1).all(1).any()


def test_each_round_learns_from_all_frames_so_far_and_is_judged_by_the_new_ones(
    learner: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, learnt, judged = list[float](), list[int](), list[torch.Tensor]()
    real = {name: getattr(module, name) for name in ("collect", "fit", "error_of")}

    def collects(*parts: object, **numbers: object) -> object:
        shares.append(numbers["share"])
        return real["collect"](*parts, **numbers)

    def fits(policy: object, data: Aggregated, *rest: object) -> None:
        learnt.append(len(data))
        real["fit"](policy, data, *rest)

    def judges(policy: object, data: Demonstrations) -> float:
        judged.append(data.actions)
        return real["error_of"](policy, data)

    for name, instead in {"collect": collects, "fit": fits, "error_of": judges}.items():
        monkeypatch.setattr(module, name, instead)
    one = learner(steps=160, rounds=4, fit_steps=2, share=(1.0, 0.7, 0.5), evaluate_every=4)
    one.run()
    assert shares == [1.0, 0.7, 0.5, 0.5]
    assert learnt == [40, 80, 120, 160]
    for number, actions in enumerate(judged):
        found = Demonstrations.load(one.frames_file(number))
        assert found is not None
        assert torch.equal(actions, found.actions)
    assert not torch.equal(judged[0], judged[1])


def test_share_of_the_expert_follows_the_schedule(learner: Make) -> None:
    settings = learner(share=(1.0, 0.5, 0.25)).settings
    assert [settings.share_of(number) for number in range(5)] == [1.0, 0.5, 0.25, 0.25, 0.25]
    some = learner(rounds=5, evaluate_every=2).settings
    assert [number for number in range(5) if some.evaluates(number)] == [1, 3, 4]


@pytest.mark.slow
def test_dagger_on_the_state_succeeds_and_stays_there(learner: Make) -> None:
    """With PixMC's ranges and rules; two evaluations, so that a lucky round is not enough."""
    numbers = {"horizon": 500, "envs": 16, "steps": 18_000, "rounds": 9, "fit_steps": 1250, "batch": 128}
    share = tuple(find_task("franka-pick").values("paper")["expert_share"])
    *_, before, last = learner(**numbers, share=share, episodes=64).run()
    assert min(before.success, last.success) >= 0.95
