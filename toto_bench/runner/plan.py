"""A request with everything it names found and loaded, before any work."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.locate import Missing, missing_weights
from toto_bench.backbones.names import backbone_card, entry_of
from toto_bench.errors import RequestError
from toto_bench.progress import Progress
from toto_bench.results.identity import Identity, protocol_hash
from toto_bench.results.record import SAMPLE
from toto_bench.runner.data import MissingDataError, find_data
from toto_bench.runner.device import choose_device
from toto_bench.runner.request import RunRequest
from toto_bench.runner.tasks import build_protocol, load_task, preset_of
from toto_bench.tasks.base import DataReport, ProtocolModel, Task


@dataclass(frozen=True)
class Plan:
    """What will be run."""

    request: RunRequest
    """What was asked for."""
    task: Task[Any]
    """The task."""
    backbone: Backbone
    """Loaded, on its device."""
    preset: str
    """The preset in force."""
    protocol: ProtocolModel
    """Every value, resolved for the backbone."""
    changed: dict[str, Any]
    """Values that differ from what the preset gives this backbone."""
    data: DataReport
    """What lies in the data folder."""
    device: str
    """Device of this process."""

    @property
    def dtype(self) -> str:
        """Number type of the backbone."""
        if self.request.dtype != "auto":
            return self.request.dtype
        return self.backbone.info.gpu_dtype if self.device.startswith("cuda") else "float32"

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
            dtype=self.dtype,
            limit=self.request.limit,
            allow_missing=self.request.allow_missing,
        )


class Checked(NamedTuple):
    """What a request names, without its data and weights."""

    task: Task[Any]
    """The task."""
    preset: str
    """The preset in force."""
    protocol: ProtocolModel
    """Preset and overrides, not yet resolved for the backbone."""
    device: str
    """Device of this process."""


def check_request(request: RunRequest) -> Checked:
    """Refuse a request whose names or values are wrong, without touching data or weights.

    Raises:
        RequestError: says what would be right.
    """
    task = load_task(request.task)
    preset = preset_of(request, task.card)
    protocol = build_protocol(task, preset, request.values)
    if request.model is None:
        entry_of(backbone_card(request.backbone))
    return Checked(task, preset, protocol, choose_device(request.device))


def prepare(request: RunRequest, progress: Progress) -> Plan:
    """Find everything that the request names, cheapest first, and load the backbone.

    Raises:
        RequestError: something does not exist or does not fit.
    """
    task, preset, protocol, device = check_request(request)
    if request.preset is None and preset == SAMPLE:
        progress.say("Data `sample`: taking the preset `sample`, which is made for it.")
    data = _check_data(request, task, protocol, progress)
    backbone = request.model
    if backbone is None:
        backbone = load_backbone(
            request.backbone,
            checkpoint=request.checkpoint,
            random_init=request.random_init,
            download=request.download,
            seed=request.seed,
            image_size=task.image_size(protocol),
            progress=progress,
        )
    resolved = task.resolve(protocol, backbone)
    changed = _changed(request, task, preset, backbone, resolved)
    return Plan(request, task, backbone.to(device), preset, resolved, changed, data, device)


def _check_data(
    request: RunRequest, task: Task[Any], protocol: ProtocolModel, progress: Progress
) -> DataReport:
    data = task.check(find_inputs(request, task), protocol)
    if request.on_sample:
        data = replace(data, name=SAMPLE, warnings=())
    for warning in data.warnings:
        progress.say(f"Note: {warning}")
    return data


def find_inputs(request: RunRequest, task: Task[Any]) -> Path:
    """The data's folder, when data and weights are on this machine, or weights will be fetched.

    Raises:
        RequestError: something is missing; one error names both.
    """
    problems: list[RequestError | MissingWeightsError] = []
    path = None
    try:
        path = find_data(task, request.data)
    except MissingDataError as error:
        problems.append(error)
    problems += [MissingWeightsError(each.message) for each in _missing_weights(request)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        count = _COUNTS.get(len(problems), str(len(problems)))
        raise RequestError(f"{count} things are missing. " + "\n\n".join(map(str, problems)))
    assert path is not None
    return path


_COUNTS = {2: "Two", 3: "Three", 4: "Four"}


def _missing_weights(request: RunRequest) -> list[Missing]:
    """Weights that are not here and will not be fetched: `--download` is for all that are missing, or for none."""
    if request.random_init or request.model is not None:
        return []
    missing = missing_weights(backbone_card(request.backbone), request.checkpoint)
    return [] if request.download and all(each.downloadable for each in missing) else missing


def _changed(
    request: RunRequest, task: Task[Any], preset: str, backbone: Backbone, resolved: ProtocolModel
) -> dict[str, Any]:
    """Values in force that are not the preset's for this backbone; naming what the preset means is no change."""
    if not request.values:
        return {}
    ours = resolved.model_dump(mode="json")
    try:
        theirs = task.resolve(build_protocol(task, preset, {}), backbone).model_dump(mode="json")
    except RequestError:
        # This backbone cannot run the preset as it is: what was asked for is what was changed.
        preset_values = task.card.values(preset)
        return {name: ours[name] for name in request.values if ours[name] != preset_values[name]}
    return {name: value for name, value in ours.items() if value != theirs[name]}
