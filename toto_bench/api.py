"""`toto_bench.run`: what the command line does, for notebooks and training loops."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from toto_bench.backbones.base import Backbone, BackboneInfo
from toto_bench.backbones.modes import evaluating
from toto_bench.backbones.python.wrap import architecture_now, as_backbone
from toto_bench.backbones.weights import state_hash
from toto_bench.cards import backbone_cards
from toto_bench.errors import RequestError
from toto_bench.progress import Progress
from toto_bench.runner.execute import RunResult
from toto_bench.runner.execute import run as run_request
from toto_bench.runner.request import RunRequest


def run(
    task: str,
    backbone: str | nn.Module,
    *,
    data: str | Path | None = None,
    preset: str | None = None,
    values: Mapping[str, Any] | None = None,
    layer: int | str | None = None,
    checkpoint: str | Path | None = None,
    download: bool = False,
    random_init: bool = False,
    name: str | None = None,
    seed: int = 0,
    limit: int | None = None,
    device: str | None = None,
    dtype: str = "auto",
    batch_size: int = 1,
    workers: int = 1,
    out: str | Path = "runs",
    again: bool = False,
    allow_missing: bool = False,
    cache_features: bool = False,
    progress: Progress | None = None,
    distributed: bool = False,
) -> RunResult:
    """Evaluate a backbone on a task; the record lies under `out`, as from `toto-bench run`.

    A module in memory is evaluated as it is at this moment: in eval mode, without gradients, on the device where it
    lies. Afterwards its mode, its device and the random numbers of torch are as before, so that training goes on as
    if nothing had happened. Other weights are another run; the same weights give back the finished run.

    Args:
        task: name of a task card.
        backbone: a name as on the command line; a `Backbone`; or any torch module that `as_backbone` can read.
        data: folder, `"sample"`, or None for the default place.
        preset: protocol values changed together; None = `paper`, or `sample` with the sample.
        values: protocol values that replace the preset's.
        layer: short for `values={"layer": ...}`.
        checkpoint: file of weights, for a name.
        download: fetch the card's weights when they are missing, for a name.
        random_init: leave the weights untrained, for a name.
        name: what records and tables call a module in memory; None = the name it has.
        seed: of everything random.
        limit: only the first items; such a run never enters a leaderboard.
        device: None = where the module lies; for a name, an accelerator where there is one.
        dtype: number type of the backbone; `auto` is float32, on a GPU what the backbone says (Toto: bfloat16).
        batch_size: frames per forward pass.
        workers: threads that decode ahead.
        out: folder of runs.
        again: run anew although a finished run of the same identity is there.
        allow_missing: leave out items that cannot be read.
        cache_features: keep features in the store.
        progress: hears how far the run is; None = silence.
        distributed: share the items among the processes that torchrun has started; then every one of them has to make
            this call. Otherwise the process that calls works alone, and only one may.

    Raises:
        RequestError: the request is wrong; nothing was done.
        TotoBenchError: the run failed; finished items are kept.
    """
    request = RunRequest(
        task=task,
        backbone=backbone if isinstance(backbone, str) else "",
        data=None if data is None else str(data),
        checkpoint=None if checkpoint is None else Path(checkpoint),
        download=download,
        random_init=random_init,
        preset=preset,
        values={**(values or {}), **({} if layer is None else {"layer": layer})},
        seed=seed,
        limit=limit,
        device=device or "auto",
        dtype=dtype,
        batch_size=batch_size,
        workers=workers,
        out=Path(out),
        again=again,
        allow_missing=allow_missing,
        cache_features=cache_features,
        alone=not distributed,
        command=f"toto_bench.run({task!r}, {backbone if isinstance(backbone, str) else type(backbone).__name__!r})",
    )
    if isinstance(backbone, str):
        if name is not None:
            raise RequestError(f"`{backbone}` has a name: leave `name` out, it is for modules in memory.")
        with _same_random_numbers():
            return run_request(request, progress)
    if not isinstance(backbone, nn.Module):
        raise RequestError(
            f"`backbone` is a {type(backbone).__name__}: give a name, a torch module, or a `Backbone`."
        )
    home = _device_of(backbone)
    with _same_random_numbers():
        model = as_backbone(backbone)
        with _lent(model, home):
            model.info = _identity(model, name, request)
            there = replace(request, backbone=model.info.name, model=model, device=device or str(home))
            return run_request(there, progress)


def _identity(backbone: Backbone, name: str | None, request: RunRequest) -> BackboneInfo:
    """What a backbone is now: its weights and settings may have changed since it was made.

    Raises:
        RequestError: it takes a card's name, or options for names were given.
    """
    if request.checkpoint or request.download or request.random_init:
        raise RequestError(
            "A module in memory has its weights: leave `checkpoint`, `download` and `random_init` out."
        )
    info = replace(backbone.info, name=name or backbone.info.name, architecture=architecture_now(backbone))
    now = state_hash(backbone.checkpointed())
    if now != info.state:  # trained since it was loaded, or never loaded by us
        info = replace(info, weights=now, state=now, checkpoint="code", floor=False)
    if info.checkpoint == "code" and info.name in backbone_cards():
        raise RequestError(
            f"`{info.name}` is a card, and these are other weights: give your module another `name`."
        )
    return info


def _device_of(module: nn.Module) -> torch.device:
    devices = {tensor.device for tensor in (*module.parameters(), *module.buffers())} or {torch.device("cpu")}
    if len(devices) > 1:
        names = ", ".join(sorted(str(device) for device in devices))
        raise RequestError(
            f"The module lies on several devices ({names}): move it to one before it is evaluated."
        )
    return devices.pop()


def _same_random_numbers() -> AbstractContextManager[None]:
    """After the block, torch's random numbers go on as before it, those of every accelerator too."""
    return torch.random.fork_rng(devices=range(torch.cuda.device_count()))


@contextmanager
def _lent(model: Backbone, device: torch.device) -> Iterator[None]:
    """Eval mode inside the block; afterwards every part's mode, the device, and the name are as before."""
    info = model.info
    with evaluating(model):
        try:
            yield
        finally:
            model.info = info
            model.to(device)
