"""The self-supervised loss of any Toto on any folder of images or videos, per position and frame."""

from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.errors import RequestError
from toto_bench.pretraining.data import VALIDATION_SEED, open_rows
from toto_bench.pretraining.listing import kind_of, list_files
from toto_bench.pretraining.objective import discrete, objective_of
from toto_bench.pretraining.positions import PositionLosses, position_losses
from toto_bench.pretraining.recipe import Kind
from toto_bench.pretraining.sequences import Part, Sequences, rows_of_sequence
from toto_bench.pretraining.session import Session
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
    if not isinstance(backbone, Toto):
        raise RequestError(
            f"`{backbone.info.name}` predicts no next token: the loss per position is that of a Toto."
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
    frames = request.frames or config.frames
    viewing = Viewing(config.grid * config.patch, frames, request.stride, 1, VALIDATION_SEED)
    files = request.limit * rows_of_sequence(kind, frames)
    listing = list_files(path, kind).some(files, VALIDATION_SEED)
    rows = open_rows(listing, kind, viewing, backbone, session)
    rows.expect_some()
    sequences = Sequences(
        {"data": Part(kind, 1.0, rows)},
        frames=frames,
        seed=VALIDATION_SEED,
        config=config if discrete(backbone) else None,
    )
    count = count_of(sequences, request.limit)
    progress.start(f"Loss on {path.name}", count)
    try:
        return position_losses(
            objective_of(backbone),
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
