"""Training the model of a run on the one loop, and scoring it after every epoch where the protocol selects by that."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.optim import Optimizer

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.tasks.ego4d_sta.learning.batches import TrainingBatches
from toto_bench.tasks.ego4d_sta.learning.estimate import announce
from toto_bench.tasks.ego4d_sta.learning.module import StaOnBatches
from toto_bench.tasks.ego4d_sta.learning.sources import open_sources
from toto_bench.tasks.ego4d_sta.learning.trials import STEPS, Trials, selects
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.model.model import build_sta_model
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.training.groups import Group, parameter_groups
from toto_bench.training.ranks import Ranks
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training
from toto_bench.training.trainer import Trainer
from toto_bench.training.unused import freeze_unused

_SAVES = 20
"""States that are saved over a training, besides the last."""


def fit(work: Work) -> Trials:
    """Train, from where the run's folder says it was; what was predicted on the way.

    Raises:
        RequestError: what is asked for cannot be done.
        DataError: a frame cannot be decoded.
        TotoBenchError: the training diverged, or a file could not be written.
    """
    protocol, context = work.protocol, work.context
    if protocol.adaptation == "fine-tune" and context.dtype == "float16":
        raise RequestError(
            "A backbone cannot be trained in float16, whose gradients vanish: take `--dtype bfloat16` or `float32`."
        )
    module, backbone = build_module(work)
    announce(work, module.model)
    sources = open_sources(work, module.model)
    trials = Trials(work, module, sources)
    groups = _groups(module, protocol, backbone)
    batches = TrainingBatches(sources.train, sources.training, flip=protocol.flip, seed=context.seed)
    if protocol.adaptation == "fine-tune":
        freeze_unused(module, batches.read(range(1)), torch.device(context.device))
    _train(work, module, batches, groups, trials)
    return trials


def build_module(work: Work) -> tuple[StaOnBatches, Backbone]:
    """The model on the run's device, and its backbone: a copy where it is trained."""
    protocol, context = work.protocol, work.context
    tuned = protocol.adaptation == "fine-tune"
    backbone = copy.deepcopy(work.backbone) if tuned else work.backbone
    nouns, verbs = len(work.file.nouns), len(work.file.verbs)
    model = build_sta_model(backbone, protocol, nouns, verbs, seed=context.seed)
    module = StaOnBatches(model, backbone, context, weight=protocol.self_supervised_weight)
    return module.to(context.device), backbone


def settings_of(work: Work) -> Training:
    """Numbers of the loop."""
    protocol, steps = work.protocol, work.steps
    schedule = Schedule(
        kind="steps",
        warmup_steps=min(protocol.warmup_steps, steps - 1),
        milestones=tuple(epoch * work.epoch for epoch in protocol.milestones),
    )
    return Training(
        steps=steps,
        batch=protocol.batch,
        micro_batch=work.micro_batch,
        optimiser=Optimiser(
            learning_rate=protocol.lr,
            betas=protocol.betas,
            weight_decay=protocol.weight_decay,
            layer_decay=protocol.layer_decay,
            schedule=schedule,
        ),
        dtype="bfloat16" if work.context.dtype == "bfloat16" else "float32",
        seed=work.context.seed,
        save_every=max(1, min(500, steps // _SAVES)),
        evaluate_every=work.epoch if selects(work) else None,
    )


def _groups(module: StaOnBatches, protocol: EgoStaProtocol, backbone: Backbone) -> list[Group]:
    """Lower rates for layers further from the detector."""
    decays = protocol.layer_decay < 1 and protocol.adaptation == "fine-tune"
    return parameter_groups(
        module,
        weight_decay=protocol.weight_decay,
        layer_decay=protocol.layer_decay if decays else 1.0,
        layer_of=(lambda name: module.model.layer_of(name.removeprefix("model."))) if decays else None,
        depth=backbone.info.depth,
    )


def _optimiser_of(protocol: EgoStaProtocol) -> Callable[[Sequence[Any]], Optimizer] | None:
    """None = the loop's own AdamW."""
    if protocol.optimizer == "adamw":
        return None
    momentum = protocol.betas[0]

    def build(groups: Sequence[Any]) -> Optimizer:
        return torch.optim.SGD(list(groups), lr=protocol.lr, momentum=momentum, nesterov=momentum > 0)

    return build


def _train(
    work: Work, module: StaOnBatches, batches: TrainingBatches, groups: list[Group], trials: Trials
) -> None:
    context, settings = work.context, settings_of(work)
    context.progress.start(STEPS, settings.steps)
    last = [0]

    def watch(done: int, losses: Mapping[str, float], seconds: float) -> None:
        del losses, seconds
        context.progress.advance(done - last[0])
        last[0] = trials.step = done

    trainer = Trainer(
        module,
        batches,
        settings,
        trials.folder,
        work.identity(),
        device=torch.device(context.device),
        ranks=Ranks(context.rank, context.world_size),
        groups=groups,
        build=_optimiser_of(work.protocol),
        evaluate=trials.try_now,
        watch=watch,
    )
    with context.stage("training"):
        trainer.run()
    context.progress.stop()
    context.save_state(f"seconds-{context.rank}", context.all_seconds())
