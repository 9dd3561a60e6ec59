"""Pre-training and adaptation: from a request to a backbone of its own. Stopped at any moment, it goes on."""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import torch

from toto_bench.backbones.names import RUN
from toto_bench.backbones.trained import find_trained
from toto_bench.files import digest
from toto_bench.pretraining.curve import write_curve
from toto_bench.pretraining.data import Data, Ready, make_data
from toto_bench.pretraining.facts import facts_of
from toto_bench.pretraining.lineage import read_lineage, write_lineage
from toto_bench.pretraining.model import Start, blocks_of, make_model
from toto_bench.pretraining.objective import objective_of
from toto_bench.pretraining.positions import write_losses
from toto_bench.pretraining.recipe import Recipe
from toto_bench.pretraining.request import PretrainRequest, expect_data, resolve
from toto_bench.pretraining.result import write_backbone
from toto_bench.pretraining.session import Reporter, Session, number_type
from toto_bench.pretraining.validation import Validation
from toto_bench.pretraining.watch import Watch
from toto_bench.results.folder import RunFolder
from toto_bench.training.errors import OtherTrainingError
from toto_bench.training.groups import parameter_groups
from toto_bench.training.parallel import whole
from toto_bench.training.ranks import Ranks
from toto_bench.training.settings import Training
from toto_bench.training.state import STATE_FILE
from toto_bench.training.trainer import Trainer

BACKBONE = "backbone"


class Pretrained(NamedTuple):
    """What a pre-training made."""

    folder: Path
    """Of the training: log, curves."""
    backbone: Path
    """`run:` reads it."""
    facts: Mapping[str, Any]
    """Its lineage."""
    reused: bool
    """Whether it was finished before."""


def pretrain(request: PretrainRequest, ranks: Ranks, reporter: Reporter) -> Pretrained:
    """Pre-train, or adapt, a backbone; a finished one is returned, an unfinished one is finished.

    Raises:
        RequestError: the request is wrong; nothing was done.
        TotoBenchError: it failed; what the last saved state holds is kept.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the state is saved.
    """
    recipe = resolve(request)
    folders = expect_data(recipe, request.data)
    start = make_model(
        _architecture(request, recipe),
        seed=request.seed,
        init=request.init,
        tokenizer=request.tokenizer,
        grid=request.grid,
        rope_base=request.rope_base,
        frames=recipe.sequences.frames,
    )
    device = torch.device(request.device)
    session = Session(
        device,
        reporter,
        ranks,
        dtype=number_type(recipe.dtype, device),
        workers=request.workers,
        seed=request.seed,
        shard=request.shard,
    )
    data = make_data(recipe, folders, start.backbone)
    ranks.share(data.batch)  # before any work, whether it can be shared
    facts = facts_of(start, data, session, request.command)
    folder = RunFolder(request.out or Path("runs") / f"pretrain-{recipe.name}-{facts['identity'][:8]}")
    backbone = folder.path / BACKBONE
    if (known := read_lineage(backbone)) is not None:
        if known["identity"] != facts["identity"]:
            raise OtherTrainingError(
                f"{folder.path} holds the finished result of another training. Choose another folder with `--out`."
            )
        if known["recipe"]["saved"] != recipe.saved or tuple(known["families"]) != tuple(facts["families"]):
            raise OtherTrainingError(
                f"{folder.path} holds this training's finished result with another number type (`saved`) or other "
                "families of data. Choose another folder with `--out`, or remove it."
            )
        return Pretrained(folder.path, backbone, known, reused=True)
    _expect_own(folder.path, facts["identity"])
    with folder.locked() if ranks.first else nullcontext():
        ranks.barrier()
        if ranks.first and not (folder.path / STATE_FILE).is_file():
            write_lineage(folder.path, facts)
        _train(start, data, facts, folder.path, session)
    return Pretrained(folder.path, backbone, read_lineage(backbone) or facts, reused=False)


def _expect_own(folder: Path, identity: str) -> None:
    """Refuse the unfinished training of other numbers, before any work."""
    known = read_lineage(folder) if (folder / STATE_FILE).is_file() else None
    if known is not None and known["identity"] != identity:
        raise OtherTrainingError(
            f"{folder} holds another training (other data, recipe, seed or options) that was stopped. Choose another "
            "folder with `--out`, or repeat the command that began it."
        )


def _architecture(request: PretrainRequest, recipe: Recipe) -> str:
    """Card of the architecture: the one asked for, else that of the weights to begin with, else the recipe's."""
    if request.backbone is None and request.init is not None and find_trained(request.init) is not None:
        return RUN + request.init.removeprefix(RUN)
    return recipe.backbone


def _train(start: Start, data: Data, facts: dict[str, Any], out: Path, session: Session) -> None:
    recipe, backbone, began = data.recipe, start.backbone, time.time()
    backbone.to(session.device)
    ready = data.open(backbone, session)
    objective = objective_of(backbone)
    validation = Validation(objective, ready, recipe, session)
    settings = _settings(recipe, ready, session)
    watch = Watch(backbone, ready, settings, session, out)
    trainer = Trainer(
        objective,
        ready.training,
        settings,
        out,
        digest([facts["identity"], ready.training.digest]),
        device=session.device,
        ranks=session.ranks,
        shards=blocks_of(backbone) if session.shard and session.ranks.world_size > 1 else (),
        groups=parameter_groups(
            objective,
            weight_decay=recipe.optimiser.weight_decay,
            layer_decay=recipe.optimiser.layer_decay,
            layer_of=backbone.layer_of,
            depth=backbone.config.depth,
        ),
        evaluate=validation.losses if validation.possible else None,
        watch=watch.step,
    )
    try:
        trainer.run()
    finally:
        watch.end()
    state = whole(backbone.model.state_dict(), keep=session.ranks.first)
    # None: the last step was done before, and the process ended before its results were written.
    last = (validation.last or validation.details()) if validation.possible else {}
    if session.ranks.first:
        write_curve(out, ready.length)
        if last:
            write_losses(out, last)
        result = {"validation_loss": {name: found.mean for name, found in last.items()}}
        write_backbone(out / BACKBONE, start, state, recipe, facts | result | watch.summary(began))
        (out / STATE_FILE).unlink(missing_ok=True)
    session.ranks.barrier()


def _settings(recipe: Recipe, ready: Ready, session: Session) -> Training:
    return Training(
        steps=recipe.steps,
        batch=ready.batch,
        micro_batch=recipe.micro_batch,
        optimiser=recipe.optimiser,
        dtype="bfloat16" if session.dtype == "bfloat16" else "float32",
        seed=session.seed,
        save_every=recipe.save_every,
        evaluate_every=recipe.validate_every,
    )
