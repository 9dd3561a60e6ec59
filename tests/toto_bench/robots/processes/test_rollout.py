"""The same episodes whatever the number of processes; what ends a process is told, and leaves none behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.errors import RequestError
from toto_bench.robots.experts import scripted_expert
from toto_bench.robots.policy import ActionSpec, CameraSpec, PolicySpec, make_policy, readout_of
from toto_bench.robots.processes import EnvSettings, WorkerError, make_expert, rollout_processes
from toto_bench.robots.rollout import rollout

ACTORS = """
import os, time
from pathlib import Path
import numpy as np

def slow(env):
    Path("begun", str(os.getpid())).touch()
    def act(task):
        time.sleep(0.05)
        return np.zeros((task.num_envs, task.num_actions), dtype=np.float32)
    return act

def one_fails(env):
    def act(task):
        Path("begun", str(os.getpid())).touch()
        if not task.steps.any():
            try:
                Path("taken").mkdir()
            except FileExistsError:
                pass
            else:
                raise ZeroDivisionError("the actor is broken")
        time.sleep(0.05)
        return np.zeros((task.num_envs, task.num_actions), dtype=np.float32)
    return act

def looking(env):
    def act(task):
        pictures = env._observer.views.draw(range(task.num_envs))
        numbers = pictures.reshape(task.num_envs, -1, 12).astype(np.float32).mean(1)
        return np.sin(numbers)[:, :9]
    return act
"""


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """Actors that processes can import; tells the ids of those at work."""
    (tmp_path / "fake_actors.py").write_text(ACTORS)
    (tmp_path / "begun").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return lambda: [int(path.name) for path in (tmp_path / "begun").iterdir()]


def settings(horizon: int = 20, **changes: object) -> EnvSettings:
    values = {"horizon": horizon, "initial_noise": 0.1}
    return EnvSettings(**{"task": "franka-pick", "num_envs": 2, "changes": values, "images": False} | changes)


def wait_for(what: Callable[[], bool]) -> None:
    """Until it is true; a minute at most."""
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_an_experts_episodes_are_those_of_one_process() -> None:
    env = settings(horizon=500)
    found = rollout_processes(make_expert, env, 5, seeds=40, stop_at_success=True, workers=2)
    here = env.make()
    assert found == rollout(make_expert(here), here, 5, seeds=40, stop_at_success=True)
    assert [episode.seed for episode in found.episodes] == [40, 41, 42, 43, 44]
    assert found.successes.sum() >= 4


def test_a_policys_episodes_are_the_same_whatever_the_number(tmp_path: Path) -> None:
    """One that looks, through a backbone that each process loads."""
    backbone = load_backbone("pixels")
    spec = PolicySpec(
        cameras=(CameraSpec(name="wrist", height=16, width=16),),
        proprio=tuple(f"p{number}" for number in range(18)),
        action=ActionSpec(kind="joint-target-delta", names=tuple(f"j{number}" for number in range(9))),
        rate_hz=60.0,
        readout=readout_of(backbone, layer=1, resolution=16),
    )
    policy = make_policy(spec, backbone, seed=1)
    with torch.no_grad():
        policy.head.mlp[-1].weight.mul_(300)
    policy.save(tmp_path)
    env = settings(images=True, image_size=16, render_backend="ray")
    one, two = (
        rollout_processes(tmp_path, env, 5, seeds=[9, 3, 5, 3, 1], workers=workers) for workers in (1, 2)
    )
    assert one == two == rollout(policy, env.make(), 5, seeds=[9, 3, 5, 3, 1])
    assert one.episodes[1] == one.episodes[3]
    assert len(set(one.returns.tolist())) == 4


def test_a_killed_process_ends_all_with_one_error(begun: Callable[[], list[int]]) -> None:
    """A real kill, from outside, of the process that was started last; nobody waits for the other's episodes."""
    import fake_actors

    def kill() -> None:
        wait_for(lambda: len(begun()) == 2)
        os.kill(max(begun()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(WorkerError, match=r"ended from outside.* with 0 of 4 episodes"):
        rollout_processes(fake_actors.slow, settings(horizon=100_000), 4, workers=2)
    killer.join()
    wait_for(lambda: not any(is_running(process) for process in begun()))
    assert not multiprocessing.active_children()


def test_a_process_that_raises_ends_all_at_once(begun: Callable[[], list[int]]) -> None:
    import fake_actors

    start = time.monotonic()
    with pytest.raises(WorkerError, match="ZeroDivisionError: the actor is broken"):
        rollout_processes(fake_actors.one_fails, settings(horizon=100_000), 4, workers=2)
    assert time.monotonic() - start < 60  # the other one's episodes would take more than an hour
    wait_for(lambda: not any(is_running(process) for process in begun()))


SCRIPT = """
import sys
from fake_actors import slow
from toto_bench.robots.processes import EnvSettings, rollout_processes
if __name__ == "__main__":
    env = EnvSettings("franka-pick", num_envs=2, images=False, changes={"horizon": 100_000})
    rollout_processes(slow, env, 4, workers=2)
"""


@pytest.mark.parametrize(
    "how", [pytest.param(signal.SIGKILL, marks=pytest.mark.slow), signal.SIGINT], ids=lambda how: how.name
)
def test_no_process_outlives_the_one_that_started_it(
    how: signal.Signals, begun: Callable[[], list[int]], tmp_path: Path
) -> None:
    """SIGINT goes to the whole group, as Ctrl-C does."""
    (tmp_path / "script.py").write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, "script.py"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    wait_for(lambda: len(begun()) == 2)
    assert all(is_running(worker) for worker in begun())
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.kill()
    error = process.communicate(timeout=60)[1]
    assert process.returncode == -how
    assert error.count("Traceback") == (1 if how is signal.SIGINT else 0), error
    wait_for(lambda: not any(is_running(worker) for worker in begun()))


def test_wrong_requests_are_told(tmp_path: Path) -> None:
    """The last one by a process, as what it is."""
    with pytest.raises(RequestError, match=r"cannot be sent to a process.*top of a module"):
        rollout_processes(lambda env: scripted_expert(env.task), settings(), 2)
    with pytest.raises(RequestError, match="a process, not 0"):
        rollout_processes(make_expert, settings(), 2, workers=0)
    with pytest.raises(RequestError, match="3 seeds for 2"):
        rollout_processes(make_expert, settings(), 2, seeds=[1, 2, 3])
    with pytest.raises(RequestError, match="holds no policy"):
        rollout_processes(tmp_path, settings(), 2, workers=1)


@pytest.mark.slow
def test_each_process_draws_with_a_renderer_of_its_own(begun: Callable[[], list[int]]) -> None:
    """An actor that looks: what it does follows from the pixels, which are the same in one process and in two."""
    import fake_actors

    env = settings(images=True, image_size=64)
    one, two = (rollout_processes(fake_actors.looking, env, 4, workers=workers) for workers in (1, 2))
    assert one == two
    assert len(set(one.returns.tolist())) == 4
