"""The self-supervised loss of any Toto on any folder of images or videos, per position and frame."""

from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.errors import RequestError
from toto_bench.paths import cache_folder
from toto_bench.pretraining.data import VALIDATION_SEED
from toto_bench.pretraining.listing import kind_of, list_files
from toto_bench.pretraining.objective import NextToken
from toto_bench.pretraining.positions import PositionLosses, position_losses
from toto_bench.pretraining.recipe import Kind
from toto_bench.pretraining.sequences import Part, Sequences
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.shards import SHARDS, ShardFolder
from toto_bench.pretraining.tokenise import tokenise
from toto_bench.pretraining.validation import count_of
from toto_bench.pretraining.views import Viewing


class LossRequest(NamedTuple):
    """What is measured, and on what."""

    data: tuple[Path, ...]
    """Folders, a curve each."""
    kind: Kind | None = None
    """What they hold; None = what is found there."""
    frames: int | None = None
    """Of a sequence; None = the model's."""
    stride: int = 4
    limit: int = 64
    """Sequences of each folder at most."""
    batch: int = 1


def measure(backbone: Backbone, request: LossRequest, session: Session) -> dict[str, PositionLosses]:
    """Losses by folder.

    Raises:
        RequestError: the backbone has no next token, or a folder holds nothing.
        DataError: nothing can be read.
    """
    if not isinstance(backbone, Toto) or backbone.tokenizer.vocabulary is None:
        raise RequestError(
            f"`{backbone.info.name}` does not predict token ids: the loss per position is that of a Toto with a "
            "discrete tokenizer."
        )
    if backbone.target is not backbone.tokenizer:
        raise RequestError(
            f"`{backbone.info.name}` reads other ids than it predicts: its loss per position is not measured here."
        )
    backbone.to(session.device)
    names = [path.name for path in request.data]
    titles = names if len(set(names)) == len(names) else [str(path) for path in request.data]
    return {
        title: _measure(backbone, path, request, session)
        for title, path in zip(titles, request.data, strict=True)
    }


def _measure(backbone: Toto, path: Path, request: LossRequest, session: Session) -> PositionLosses:
    config, progress = backbone.config, session.reporter
    kind = request.kind or kind_of(path)
    listing = list_files(path, kind, path.name)
    frames = request.frames or config.frames
    viewing = Viewing(config.grid * config.patch, frames, request.stride, 1, VALIDATION_SEED)
    folder = ShardFolder(cache_folder() / SHARDS, listing, kind, backbone.tokenizer.identity, viewing)
    shards = tokenise(folder, backbone.tokenizer, viewing, session)
    part = Part(kind, 1.0, shards)
    sequences = Sequences({"data": part}, frames=frames, seed=VALIDATION_SEED, config=config)
    count = count_of(sequences, request.limit)
    progress.start(f"Loss on {path.name}", count)
    try:
        return position_losses(
            NextToken(backbone.model),
            sequences,
            count,
            grid=(frames, config.grid, config.grid),
            device=session.device,
            batch=request.batch,
            autocast=session.dtype == "bfloat16",
            advance=progress.advance,
        )
    finally:
        progress.stop()
