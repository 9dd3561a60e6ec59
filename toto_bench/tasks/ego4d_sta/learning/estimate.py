"""What a run will take, said before it starts; refused where the disk is too small."""

import time

import torch

from toto_bench.files import DiskError
from toto_bench.tasks.ego4d_sta.learning.clips import ClipReader, refusal
from toto_bench.tasks.ego4d_sta.learning.encoder import Encoder, Kind, kind_of
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.model.model import StaModel

_SPARE = 200_000_000
"""Bytes that stay free."""
_TRIES = 5
"""Clips that are tried until one decodes."""
_WHAT: dict[Kind, str] = {
    "maps": "the backbone stays as it is, so that maps of its layers are kept in half precision",
    "ids": "the backbone is trained; the ids of its tokens are kept",
    "pixels": "the backbone is trained and reads pixels: clips are decoded anew in every epoch",
}


def announce(work: Work, model: StaModel) -> None:
    """Read one clip, and say how much there is to do.

    Raises:
        DiskError: what is to be kept will not fit.
        DataError: a clip cannot be decoded, and that was not allowed.
    """
    protocol, kind = work.protocol, kind_of(work.protocol, work.backbone)
    views = 2 if protocol.flip > 0 else 1
    clips = views * len(work.train) + len(work.val)
    parts = [
        f"{len(work.train):,} annotations to train on ({len({e.annotation.video for e in work.train}):,} videos), "
        f"{len(work.val):,} to predict; layers {', '.join(map(str, dict.fromkeys(model.layers)))} of "
        f"`{work.backbone.info.name}`",
        _WHAT[kind],
        f"{protocol.epochs} epochs, {work.steps:,} steps of {protocol.batch} ({protocol.optimizer}, peak rate "
        f"{protocol.lr:g})",
    ]
    if (measured := _measure(work, model, kind)) is not None:
        seconds, size = measured
        if kind != "pixels":
            parts.append(_expect_room(work, clips, size, kind))
        total = (clips if kind != "pixels" else work.steps * protocol.batch) * seconds
        parts.append(
            f"about {_duration(total / work.context.world_size)} of decoding and encoding "
            f"({1000 * seconds:.0f} ms a clip); the training comes on top"
        )
    work.context.progress.say(". ".join(part[0].upper() + part[1:] for part in parts) + ".")


def _expect_room(work: Work, clips: int, size: int, kind: Kind) -> str:
    """How much is kept, in words."""
    needed, free = work.context.store.estimate(clips, size)
    if needed + _SPARE > free:
        ways = (
            "keep fewer layers or no mirror images (`--set pyramid_layers=4`, `--set flip=0`), or fine-tune, which "
            "keeps nothing of the layers (`--set adaptation=fine-tune`)"
            if kind == "maps"
            else "keep no mirror images (`--set flip=0`)"
        )
        raise DiskError(
            f"{work.context.store.folder} has {free / 1e9:,.1f} GB free, what is kept of {clips:,} clips takes "
            f"{needed / 1e9:,.1f} GB. Free some space, set TOTO_BENCH_HOME to a folder on another disk, or {ways}."
        )
    return f"they take {needed / 1e9:,.2f} GB of {free / 1e9:,.0f} GB free"


def _measure(work: Work, model: StaModel, kind: Kind) -> tuple[float, int] | None:
    """Seconds to decode and encode a clip, and the bytes that are kept of it; None: none decodes."""
    encoder, reader = (
        Encoder(model, work.backbone, kind, work.context),
        ClipReader(work.trained, work.protocol),
    )
    for example in work.train[:_TRIES]:
        start = time.perf_counter()
        [clip] = reader.read([example])
        if clip.problem is None:
            found = encoder(torch.from_numpy(clip.frames)[None])
            seconds = time.perf_counter() - start
            return seconds, sum(values.numel() * values.element_size() for values in found.values())
        if not work.context.allow_missing:
            raise refusal(clip.problem)
    return None


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:,.1f} h"
