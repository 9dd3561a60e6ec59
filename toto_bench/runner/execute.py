"""One run: from a request to a record that is on disk."""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from toto_bench.cards import UnknownNameError, did_you_mean, find_task
from toto_bench.errors import TotoBenchError
from toto_bench.features.store import FeatureStore
from toto_bench.paths import cache_folder
from toto_bench.progress import Progress, Silent
from toto_bench.results.folder import RunFolder
from toto_bench.results.items import read_items
from toto_bench.results.record import RunRecord
from toto_bench.runner.plan import Plan, prepare
from toto_bench.runner.provenance import reset_peak_memory
from toto_bench.runner.ranks import join_processes
from toto_bench.runner.record import make_record, save_outcome
from toto_bench.runner.request import RunRequest
from toto_bench.runner.sessions import begin_session
from toto_bench.tasks.context import RunContext


@dataclass(frozen=True)
class RunResult:
    """A finished run."""

    record: RunRecord
    """What it found."""
    path: Path
    """Its folder."""
    reused: bool
    """Whether it was finished before, and only returned."""

    def value(self, metric: str | None = None) -> float | None:
        """A metric, as a fraction; None = the task's primary one.

        Raises:
            UnknownNameError: the run has no such metric.
        """
        name = metric or find_task(self.record.task).primary
        if name not in self.record.metrics:
            raise UnknownNameError(f"The run has no metric `{name}`{did_you_mean(name, self.record.metrics)}")
        return self.record.metrics[name].value

    def items(self) -> list[dict[str, Any]]:
        """One row per scored item; `pandas.DataFrame(result.items())` is the table."""
        return read_items(self.path)


class OutOfMemoryError(TotoBenchError):
    """The accelerator's memory does not hold the work."""


def run(request: RunRequest, progress: Progress | None = None) -> RunResult:
    """Run a request; a finished run of the same identity is returned, an unfinished one is finished.

    Raises:
        RequestError: the request is wrong; nothing was done.
        TotoBenchError: the run failed; finished items are kept.
    """
    reset_peak_memory()
    rank, world_size = (0, 1) if request.alone else join_processes()
    speak = progress if progress and rank == 0 else Silent()
    plan = prepare(request, speak)
    folder = _folder(plan)
    if folder.finished:
        return RunResult(folder.record(), folder.path, reused=True)
    context = _context(plan, folder, speak, rank, world_size)
    try:
        reused = _work(plan, context)
    except torch.OutOfMemoryError as error:
        raise OutOfMemoryError(
            f"The memory of {plan.device} is not enough ({str(error).splitlines()[0]}). Take a smaller "
            f"`--batch-size` (now {request.batch_size}), fewer layers (`--layer N`), or `--device cpu`; finished "
            "items are kept."
        ) from error
    return RunResult(folder.record(), folder.path, reused=reused)


def _work(plan: Plan, context: RunContext) -> bool:
    """Do what is left of a run; True if another process finished it meanwhile."""
    folder, first = context.folder, context.rank == 0
    with folder.locked() if first else nullcontext():
        context.barrier()
        if folder.finished:  # by another process, before this one had the lock
            return True
        begin_session(context, plan.request)
        outcome = plan.task.evaluate(plan.backbone, plan.data, plan.protocol, context)
        if first:
            save_outcome(folder, outcome, make_record(plan, outcome, context))
        context.barrier()
        if first:
            folder.clear_state()
    return False


def _folder(plan: Plan) -> RunFolder:
    """The run's folder; with `--again` the first of the same identity that is not finished."""
    name = plan.identity.run_id
    folder = RunFolder(plan.request.out / name)
    number = 1
    while plan.request.again and folder.finished:
        number += 1
        folder = RunFolder(plan.request.out / f"{name}-{number}")
    return folder


def _context(plan: Plan, folder: RunFolder, progress: Progress, rank: int, world_size: int) -> RunContext:
    request = plan.request
    torch.manual_seed(request.seed)
    return RunContext(
        folder=folder,
        store=FeatureStore(cache_folder()),
        device=plan.device,
        dtype=plan.dtype,
        seed=request.seed,
        batch_size=request.batch_size,
        workers=request.workers,
        limit=request.limit,
        cache_features=request.cache_features,
        allow_missing=request.allow_missing,
        rank=rank,
        world_size=world_size,
        progress=progress,
    )
