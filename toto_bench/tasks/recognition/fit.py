"""Training the probes of a run: on kept features, on a backbone that is read, or beside one that is trained."""

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone
from toto_bench.errors import RequestError
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.frozen import INPUTS, KeptProbes
from toto_bench.probing.joint import JointProbes
from toto_bench.probing.optimisers import optimiser_of, probe_groups
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.augment import augment_of
from toto_bench.tasks.recognition.bank import is_pooled, make_bank
from toto_bench.tasks.recognition.depth import prepare_backbone
from toto_bench.tasks.recognition.inputs import ProbesOnPixels, TrainedOnPixels, autocast, video_of
from toto_bench.tasks.recognition.kept import Kept, folder_of, make
from toto_bench.tasks.recognition.kept_batches import KeptBatches, KeptFeatures
from toto_bench.tasks.recognition.positions import with_positions
from toto_bench.tasks.recognition.scoring import Logits
from toto_bench.tasks.recognition.stream import Order, Stream
from toto_bench.tasks.recognition.work import Work
from toto_bench.training.groups import Group
from toto_bench.training.log import read_log
from toto_bench.training.ranks import Ranks
from toto_bench.training.schedule import Schedule
from toto_bench.training.settings import Optimiser, Training
from toto_bench.training.trainer import LOG_FILE, Examples, Trainer
from toto_bench.training.unused import freeze_unused

FOLDER = "training"
"""In what is kept of an unfinished run: state and log of the training."""
_SAVES = 20
"""States that are saved over a training, besides the last."""


class Fitted(NamedTuple):
    """Trained probes, and what reads pixels for them."""

    bank: ProbeBank
    """In eval mode."""
    logits: Logits
    """Of all probes, through the backbone."""
    identity: str
    """Of the training."""
    backbone: Backbone
    """That they read: as it was loaded, or trained."""


def fit(work: Work) -> Fitted:
    """Train all probes, from where the run's folder says they were.

    Raises:
        RequestError: what is asked for cannot be done.
        DataError: a training item cannot be decoded.
        DivergedError: nothing is left to train.
    """
    protocol, context = work.protocol, work.context
    _check(work)
    bank = make_bank(protocol, work.backbone, work.classes, context.seed).to(context.device)
    identity = work.identity(work.train)
    if protocol.adaptation != "frozen":
        return _fit_backbone(work, bank, identity)
    order = Order(work.train, context.seed, protocol.views)
    if protocol.views == "stream":
        module: nn.Module = ProbesOnPixels(work.reader(again=work.frames_again), bank)
        examples: Examples = Stream(order, work.views, context.workers, leave_out=_leaving(work))
    else:
        module, examples = KeptProbes(bank), KeptBatches(order, keep_training(work, protocol.views))
    module.to(context.device)
    _train(work, module, examples, probe_groups(bank, module, peak=protocol.lr), identity)
    bank.eval()
    reader = work.reader()
    return Fitted(bank, lambda pixels: bank.logits(reader.tokens(pixels)), identity, work.backbone)


def keep_training(work: Work, views: int) -> KeptFeatures:
    """Features of fixed training views, on disk."""
    reader = work.reader()
    folder = folder_of(reader, work.protocol, work.report.fingerprint, work.train)
    kept = [Kept(folder, work.train, view) for view in range(views)]
    for each in kept:
        make(each, reader, work.views, leave_out=_leaving(work))
    work.context.barrier()
    return KeptFeatures(kept)


def _fit_backbone(work: Work, bank: ProbeBank, identity: str) -> Fitted:
    """Next-token loss beside the probes, or full fine-tuning; on a copy, so that the caller's backbone stays."""
    protocol, context = work.protocol, work.context
    backbone = copy.deepcopy(work.backbone)
    own = protocol.adaptation in ("joint", "fine-tune")
    prepare_backbone(backbone, protocol)
    inner = JointProbes(
        backbone,
        bank,
        weight=protocol.self_supervised_weight if own else 0.0,
        stop_gradient=not protocol.tunes,
        norm=protocol.final_norm,
        read=with_positions if work.positions else None,
    )
    augment = augment_of(protocol, work.classes)
    module = TrainedOnPixels(inner, context, augment, again=work.frames_again).to(context.device)
    order = Order(work.train, context.seed, protocol.views)
    examples = Stream(order, work.views, context.workers, leave_out=_leaving(work))
    module.augment = None
    freeze_unused(module, examples.read(range(2)), torch.device(context.device))
    module.augment = augment
    groups = inner.groups(protocol.lr, weight_decay=protocol.weight_decay, layer_decay=protocol.layer_decay)
    for group in groups:
        group["names"] = [f"inner.{name}" for name in group["names"]]
    _train(work, module, examples, groups, identity)
    module.eval()
    return Fitted(bank, _joint_logits(work, inner), identity, backbone)


def _joint_logits(work: Work, inner: JointProbes) -> Logits:
    context = work.context

    @torch.no_grad()
    def logits(pixels: Tensor) -> Tensor:
        video = video_of(pixels, context.device)
        inputs = context.prepare(inner.backbone, video)
        with autocast(context):
            return inner.logits({INPUTS: inputs})

    return logits


def _train(work: Work, module: nn.Module, examples: Examples, groups: list[Group], identity: str) -> None:
    """Run the loop in the run's folder; say how far it is."""
    protocol, context = work.protocol, work.context
    settings = settings_of(work)
    folder = context.folder.state / FOLDER
    random.seed(
        context.seed * 1_000 + context.rank
    )  # augmentation draws from these; a saved state has its own
    np.random.seed(context.seed * 1_000 + context.rank)
    context.progress.start("Training steps", settings.steps)
    last = [0]

    def watch(done: int, losses: Mapping[str, float], seconds: float) -> None:
        del losses, seconds
        context.progress.advance(done - last[0])
        last[0] = done

    trainer = Trainer(
        module,
        examples,
        settings,
        folder,
        identity,
        device=torch.device(context.device),
        ranks=Ranks(context.rank, context.world_size),
        groups=groups,
        build=optimiser_of(protocol.optimizer, momentum=protocol.betas[0], betas=protocol.betas),
        watch=watch,
    )
    with context.stage("training"):
        trainer.run()
        _share_statistics(module, context)
    context.progress.stop()
    context.save_state(f"seconds-{context.rank}", context.all_seconds())


@torch.no_grad()
def _share_statistics(module: nn.Module, context: RunContext) -> None:
    """Running averages of the first process, which are those of the saved state, for all that score."""
    if context.world_size > 1:
        for values in module.buffers():
            dist.broadcast(values, 0)


def settings_of(work: Work) -> Training:
    """Numbers of the loop."""
    protocol = work.protocol
    steps = work.steps
    warmup = min(round(protocol.warmup_epochs * len(work.train) / protocol.batch), steps - 1)
    return Training(
        steps=steps,
        batch=protocol.batch,
        micro_batch=work.micro_batch,
        optimiser=Optimiser(
            learning_rate=protocol.lr,
            betas=protocol.betas,
            schedule=Schedule(kind="cosine", warmup_steps=warmup),
        ),
        seed=work.context.seed,
        save_every=max(1, min(500, steps // _SAVES)),
    )


def _check(work: Work) -> None:
    protocol, context = work.protocol, work.context
    if protocol.batch % context.world_size:
        raise RequestError(
            f"A batch of {protocol.batch} {work.unit} cannot be shared equally by {context.world_size} processes: "
            "start a number of them that divides it."
        )
    if work.micro_batch == 1 and is_pooled(protocol) and protocol.probe_batch_norm:
        raise RequestError(
            "The batch norm of a linear probe needs several items at once, and gets one: set a larger `batch` or "
            "`--batch-size` (which counts frames), or `--set probe_batch_norm=false`."
        )
    if protocol.adaptation != "frozen" and context.dtype == "float16":
        raise RequestError(
            "A backbone cannot be trained in float16, whose gradients vanish: take `--dtype bfloat16` or `float32`."
        )


def _leaving(work: Work) -> Callable[[Any, str], None] | None:
    return work.leave_out if work.tolerant else None


def loss_curve(context: RunContext) -> list[dict[str, Any]]:
    """Losses of every step, for the record; none where nothing was trained by steps."""
    rows = [row for row in read_log(context.folder.state / FOLDER / LOG_FILE) if "loss" in row]
    return [{"step": row["step"] + 1} | {k: v for k, v in row.items() if k != "step"} for row in rows]
