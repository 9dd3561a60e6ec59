"""`toto_bench.run`: what the command line does, for notebooks and training loops."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.modes import evaluating
from toto_bench.backbones.python.wrap import as_backbone
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
    dtype: str = "float32",
    batch_size: int = 1,
    workers: int = 1,
    out: str | Path = "runs",
    again: bool = False,
    allow_missing: bool = False,
    cache_features: bool = False,
    progress: Progress | None = None,
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
        dtype: number type of the backbone.
        batch_size: frames per forward pass.
        workers: threads that decode ahead.
        out: folder of runs.
        again: run anew although a finished run of the same identity is there.
        allow_missing: leave out items that cannot be read.
        cache_features: keep features in the store.
        progress: hears how far the run is; None = silence.

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
        command=f"toto_bench.run({task!r}, {backbone if isinstance(backbone, str) else type(backbone).__name__!r})",
    )
    if isinstance(backbone, str):
        if name is not None:
            raise RequestError(f"`{backbone}` has a name: leave `name` out, it is for modules in memory.")
        with torch.random.fork_rng():
            return run_request(request, progress)
    model = _in_memory(backbone, name, request)
    with _lent(model), torch.random.fork_rng():
        where = device or str(next(model.parameters(), torch.empty(0)).device)
        return run_request(replace(request, backbone=model.info.name, model=model, device=where), progress)


def _in_memory(module: nn.Module, name: str | None, request: RunRequest) -> Backbone:
    """The module as a backbone whose identity is that of its weights now.

    Raises:
        RequestError: it cannot be read, takes a card's name, or options for names were given.
    """
    if request.checkpoint or request.download or request.random_init:
        raise RequestError(
            "A module in memory has its weights: leave `checkpoint`, `download` and `random_init` out."
        )
    backbone = as_backbone(module, name=name)
    now = state_hash(backbone.checkpointed())
    if now != backbone.info.state:  # trained since it was loaded, or never loaded by us
        backbone.info = replace(backbone.info, weights=now, state=now, checkpoint="code", floor=False)
    if backbone.info.checkpoint == "code" and backbone.info.name in backbone_cards():
        raise RequestError(
            f"`{backbone.info.name}` is a card, and these are other weights: give your module another `name`."
        )
    return backbone


@contextmanager
def _lent(model: nn.Module) -> Iterator[None]:
    """Eval mode inside the block; afterwards every part's mode, and the device, are as before."""
    device = next(model.parameters(), torch.empty(0)).device
    with evaluating(model):
        try:
            yield
        finally:
            model.to(device)
