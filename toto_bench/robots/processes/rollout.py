"""Episodes of a policy or an expert, played by several processes."""

import pickle
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from toto_bench.errors import RequestError
from toto_bench.progress import Progress, Silent
from toto_bench.robots.processes.errors import WorkerError
from toto_bench.robots.processes.settings import EnvSettings
from toto_bench.robots.processes.work import Job, MakeActor, Setup, play
from toto_bench.robots.rollout import Episode, Rollout, seeds_of
from toto_bench.workers import Workers, count_processors


def rollout_processes(
    actor: Path | MakeActor,
    env: EnvSettings,
    episodes: int,
    *,
    seeds: int | Sequence[int] = 0,
    stop_at_success: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Rollout:
    """Play episodes in processes of their own; the result is the same, bit for bit, whatever their number.

    Each process makes environments and a renderer, and loads or makes the actor; it uses one thread. Episodes are
    handed out `env.num_envs` at a time, so a batch holds the same episodes whoever plays it. Where one process fails
    or is ended, all end, and this raises; they also end with this process, however that ends. A script that calls this
    keeps its own work below `if __name__ == "__main__":`, because each process imports the script anew.

    ```python
    found = rollout_processes(Path("policy"), EnvSettings("franka-pick"), 100, workers=4)
    ```

    Args:
        actor: the folder of a policy, or a function of a module that makes a policy or an expert for environments.
        env: what it acts in.
        episodes: how many.
        seeds: of the first episode, the next ones counting up; or one of each.
        stop_at_success: end an episode with its success.
        workers: how many processes; one for each processor if None.
        progress: is told.

    Raises:
        RequestError: a number of processes or seeds that cannot be, or an actor that cannot be sent to a process.
        WorkerError: a process was ended from outside, or met something unforeseen.
        TotoBenchError: what `rollout` and making environments and actor raise.
    """
    progress = progress or Silent()
    if workers is not None and workers < 1:
        raise RequestError(f"There has to be a process, not {workers}.")
    each, size = seeds_of(seeds, episodes), env.num_envs
    setup = Setup(actor, env.with_backend(progress), stop_at_success)
    _expect_sendable(setup)
    jobs = [
        Job(number, setup, tuple(each[first : first + size]))
        for number, first in enumerate(range(0, episodes, size))
    ]
    progress.start("Episodes", episodes)
    try:
        found = _play(jobs, min(workers or count_processors(), len(jobs)), progress)
    finally:
        progress.stop()
    return Rollout(tuple(episode for number in range(len(jobs)) for episode in found[number]))


def _play(jobs: list[Job], workers: int, progress: Progress) -> dict[int, tuple[Episode, ...]]:
    """Episodes by number of the job."""
    found: dict[int, tuple[Episode, ...]] = {}
    try:
        with Workers[Job, tuple[Episode, ...]](workers, patient=False) as pool:
            for job, future in pool.run(play, jobs):
                found[job.number] = future.result()
                progress.advance(len(job.seeds))
    except BrokenProcessPool as error:
        played, listed = sum(map(len, found.values())), sum(len(job.seeds) for job in jobs)
        raise WorkerError(
            f"A process that plays episodes was ended from outside, perhaps for lack of memory, with {played} of "
            f"{listed} episodes played; the others were ended too. Fewer `workers` and fewer environments (`num_envs`) "
            'need less memory. If none was ever played: a script needs `if __name__ == "__main__":` around its work.'
        ) from error
    return found


def _expect_sendable(setup: Setup) -> None:
    try:
        pickle.dumps(setup)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise RequestError(
            f"What makes the actor cannot be sent to a process ({error}): give the folder of a policy, or a function "
            "that stands at the top of a module, such as `toto_bench.robots.processes.make_expert`."
        ) from error
