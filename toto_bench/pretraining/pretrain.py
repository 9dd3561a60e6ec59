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
from toto_bench.pretraining.lineage import read_lineage, write_lineage
from toto_bench.pretraining.model import Start, blocks_of, make_model
from toto_bench.pretraining.objective import NextPatch, NextToken
from toto_bench.pretraining.positions import write_losses
from toto_bench.pretraining.recipe import Recipe
from toto_bench.pretraining.request import PretrainRequest, expect_data, plain, resolve
from toto_bench.pretraining.result import families, write_backbone
from toto_bench.pretraining.session import Reporter, Session
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
    )
    device = torch.device(request.device)
    session = Session(
        device,
        reporter,
        ranks,
        dtype=_dtype(recipe, device),
        workers=request.workers,
        seed=request.seed,
        shard=request.shard,
    )
    data = make_data(recipe, folders, start.backbone)
    facts = _facts(start, data, session, request.command)
    folder = RunFolder(request.out or Path("runs") / f"pretrain-{recipe.name}-{facts['identity'][:8]}")
    backbone = folder.path / BACKBONE
    if (known := read_lineage(backbone)) is not None:
        if known["identity"] != facts["identity"]:
            raise OtherTrainingError(
                f"{folder.path} holds the finished result of another training. Choose another folder with `--out`."
            )
        return Pretrained(folder.path, backbone, known, reused=True)
    with folder.locked() if ranks.first else nullcontext():
        ranks.barrier()
        if ranks.first and not (folder.path / STATE_FILE).is_file():
            write_lineage(folder.path, facts)
        _train(start, data, facts, folder.path, session)
    return Pretrained(folder.path, backbone, read_lineage(backbone) or facts, reused=False)


def _architecture(request: PretrainRequest, recipe: Recipe) -> str:
    """Card of the architecture: the one asked for, else that of the weights to begin with, else the recipe's."""
    if request.backbone is None and request.init is not None and find_trained(request.init) is not None:
        return RUN + request.init.removeprefix(RUN)
    return recipe.backbone


def _facts(start: Start, data: Data, session: Session, command: str) -> dict[str, Any]:
    """The lineage; its `identity` covers everything that decides the losses."""
    decides = {
        "recipe": plain(data.recipe),
        "dtype": session.dtype,
        "seed": session.seed,
        "config": start.backbone.config.model_dump(mode="json"),
        "tokenizers": [start.backbone.tokenizer.identity, start.backbone.target.identity],
        "weights": start.origin.weights,
        "data": {name: part.digest for name, part in data.listings.items()},
    }
    return {
        "identity": digest(decides),
        **decides,
        "recipe": data.recipe.model_dump(mode="json"),
        "began_with": start.origin.name,
        "families": families(start, data.recipe),
        "command": command,
    }


def _dtype(recipe: Recipe, device: torch.device) -> str:
    if recipe.dtype != "auto":
        return recipe.dtype
    return "bfloat16" if device.type == "cuda" else "float32"


def _train(start: Start, data: Data, facts: dict[str, Any], out: Path, session: Session) -> None:
    recipe, backbone, began = data.recipe, start.backbone, time.time()
    backbone.to(session.device)
    ready = data.open(backbone, session)
    objective = NextToken(backbone.model) if data.discrete else NextPatch(backbone)
    validation = Validation(objective, ready, recipe, session)
    settings = _settings(recipe, ready, session)
    watch = Watch(backbone, ready, settings, session, out)
    trainer = Trainer(
        objective,
        ready.training,
        settings,
        out,
        facts["identity"],
        device=session.device,
        ranks=session.ranks,
        shards=blocks_of(backbone) if session.shard and session.ranks.world_size > 1 else (),
        groups=parameter_groups(objective, weight_decay=recipe.optimiser.weight_decay),
        evaluate=validation.losses if validation.possible else None,
        watch=watch.step,
    )
    try:
        trainer.run()
    finally:
        watch.end()
    state = whole(backbone.model.state_dict())
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
