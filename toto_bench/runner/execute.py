"""One run: from a request to a record that is on disk."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.names import backbone_card, entry_of
from toto_bench.errors import RequestError
from toto_bench.features.store import FeatureStore
from toto_bench.paths import cache_folder
from toto_bench.results.folder import RunFolder
from toto_bench.results.identity import Identity, protocol_hash
from toto_bench.results.record import RunRecord
from toto_bench.runner.data import MissingDataError, locate_data, sample_data
from toto_bench.runner.ranks import join_processes
from toto_bench.runner.record import make_record, save_outcome
from toto_bench.runner.request import SAMPLE, RunRequest
from toto_bench.runner.tasks import build_protocol, load_task, preset_of
from toto_bench.tasks.base import DataReport, ProtocolModel, Task
from toto_bench.tasks.context import Progress, RunContext, Silent


@dataclass(frozen=True)
class RunResult:
    """A finished run."""

    record: RunRecord
    """What it found."""
    path: Path
    """Its folder."""
    reused: bool
    """Whether it was finished before, and only returned."""


@dataclass(frozen=True)
class Plan:
    """A request with everything it names found and loaded."""

    request: RunRequest
    task: Task[Any]
    backbone: Backbone
    preset: str
    protocol: ProtocolModel
    data: DataReport
    device: str

    @property
    def identity(self) -> Identity:
        """What makes another run the same run."""
        info = self.backbone.info
        return Identity(
            task=self.task.card.name,
            task_version=self.task.card.version,
            backbone=info.name,
            architecture=info.architecture,
            weights=info.weights,
            preprocessing=info.preprocessing,
            protocol_hash=protocol_hash(self.protocol.model_dump(mode="json")),
            fingerprint=self.data.fingerprint,
            seed=self.request.seed,
            dtype=self.request.dtype,
            limit=self.request.limit,
        )


def run(request: RunRequest, progress: Progress | None = None) -> RunResult:
    """Run a request; a finished run of the same identity is returned, an unfinished one is finished.

    Raises:
        RequestError: the request is wrong; nothing was done.
        TotoBenchError: the run failed; finished items are kept.
    """
    speak = progress or Silent()
    plan = prepare(request, speak)
    folder = _folder(plan)
    if folder.finished:
        return RunResult(folder.record(), folder.path, reused=True)
    rank, world_size = join_processes()
    context = _context(plan, folder, speak, rank, world_size)
    with folder.locked() if rank == 0 else nullcontext():
        context.barrier()
        if folder.finished:  # by another process, between the look above and the lock
            return RunResult(folder.record(), folder.path, reused=True)
        started = _started(context)
        outcome = plan.task.evaluate(plan.backbone, plan.data, plan.protocol, context)
        if rank == 0:
            save_outcome(folder, outcome, make_record(plan, outcome, context, started))
        context.barrier()
        if rank == 0:
            folder.clear_state()
    return RunResult(folder.record(), folder.path, reused=False)


def check_request(request: RunRequest) -> None:
    """Refuse a request whose names or values are wrong, without touching data or weights.

    Raises:
        RequestError: says what would be right.
    """
    task = load_task(request.task)
    build_protocol(task, preset_of(request, task.card), request.values)
    entry_of(backbone_card(request.backbone))
    choose_device(request.device)


def prepare(request: RunRequest, progress: Progress) -> Plan:
    """Find everything that the request names, cheapest first, and load the backbone.

    Raises:
        RequestError: something does not exist or does not fit.
    """
    task = load_task(request.task)
    preset = preset_of(request, task.card)
    if request.preset is None and preset == SAMPLE:
        progress.say("Data `sample`: taking the preset `sample`, which is made for it.")
    protocol = build_protocol(task, preset, request.values)
    device = choose_device(request.device)
    path = _find_both(request, task)
    data = task.check(path, protocol)
    if request.on_sample:
        data = replace(data, name=SAMPLE, warnings=())
    for warning in data.warnings:
        progress.say(f"Note: {warning}")
    backbone = load_backbone(
        request.backbone,
        checkpoint=request.checkpoint,
        random_init=request.random_init,
        seed=request.seed,
        image_size=task.image_size(protocol),
    )
    resolved = task.resolve(protocol, backbone)
    return Plan(request, task, backbone.to(device), preset, resolved, data, device)


def choose_device(name: str) -> str:
    """The device asked for; `auto` takes an accelerator where there is one.

    Raises:
        RequestError: there is no such device here.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    kind = name.partition(":")[0]
    if not available.get(kind, False):
        here = ", ".join(device for device, there in available.items() if there)
        raise RequestError(f"There is no device `{name}` here. Available: {here}.")
    return name


def _find_both(request: RunRequest, task: Task[Any]) -> Path:
    """The data's folder; when data and weights are both missing, one error names both."""
    card = backbone_card(request.backbone)
    entry_of(card)
    problems: list[RequestError | MissingWeightsError] = []
    path = None
    try:
        path = sample_data(task) if request.on_sample else locate_data(task.card, request.data)
    except MissingDataError as error:
        problems.append(error)
    try:
        if not request.random_init:
            find_weights(card, request.checkpoint)
    except MissingWeightsError as error:
        problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise RequestError("Two things are missing. " + "\n\n".join(str(problem) for problem in problems))
    assert path is not None
    return path


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
        dtype=request.dtype,
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


def _started(context: RunContext) -> datetime:
    """When the run was started first; every start is counted."""
    known = context.load_state("start") or {"first": datetime.now(UTC).isoformat(), "sessions": 0}
    if context.rank == 0:
        context.save_state("start", known | {"sessions": known["sessions"] + 1})
    return datetime.fromisoformat(known["first"])
