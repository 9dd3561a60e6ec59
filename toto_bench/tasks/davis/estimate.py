"""Time and disk of a run, said before the work starts."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.files import DiskError
from toto_bench.progress import Silent
from toto_bench.tasks.davis.encoder import FrameEncoder
from toto_bench.tasks.davis.propagation import Propagator
from toto_bench.tasks.davis.reader import VideoSequence
from toto_bench.tasks.davis.tracking import settings_of

_PNG_BYTES = 8_000
"""A palette PNG of a 480p mask, with room to spare."""
_SLOW = 2.0
"""Seconds; a first frame that takes longer is not encoded again to leave the warm-up out."""
_SPARE = 200_000_000
"""Pictures, items, and some air."""


def announce(todo: Sequence[VideoSequence], encoder: FrameEncoder) -> None:
    """Encode one frame, propagate once, and say what the whole will take.

    Raises:
        DiskError: it will not fit on the disk.
    """
    if not todo:
        return
    context, layers = encoder.context, len(encoder.layers)
    frames = sum(len(sequence.frames) for sequence in todo)
    try:
        features, encode = _probe(todo[0], encoder)
    except DataError:
        if context.allow_missing:
            return  # its turn comes, and then it is left out by name
        raise
    propagate = sum(_seconds_of_step(tokens, encoder) for tokens in features.values())
    disk = frames * layers * _PNG_BYTES
    _expect_room(disk, shutil.disk_usage(context.out).free, str(context.out))
    cache = _cache_bytes(features, frames, encoder) if context.cache_features else 0
    context.progress.say(
        f"{frames:,} frames in {_count(len(todo), 'sequence')}, {_count(layers, 'layer')}: about "
        f"{_duration(frames * (encode + propagate))} ({encode:.2f} s encoding and {propagate:.2f} s propagation a "
        f"frame; scoring and pictures come on top), up to {max(disk / 1e6, 1):,.0f} MB of predictions"
        + (f", {cache / 1e9:,.1f} GB of cached features." if cache else ".")
    )


def _probe(sequence: VideoSequence, encoder: FrameEncoder) -> tuple[dict[int, Tensor], float]:
    """Features of a frame, and the seconds that it took; apart from the store and the run's own times."""
    aside = replace(encoder.context, cache_features=False, progress=Silent(), seconds={})
    probe = FrameEncoder(encoder.backbone, encoder.layers, encoder.protocol, aside)
    group = sequence.frames[: encoder.protocol.sequence_frames]
    seconds = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        features = next(iter(probe.encode(group)))
        seconds = min(seconds, time.perf_counter() - start)
        if seconds > _SLOW:
            break
    return features, seconds / len(group)


def _seconds_of_step(features: Tensor, encoder: FrameEncoder) -> float:
    """One step of one layer with full memory; where filling DINO's queue takes long, a step with less, scaled."""
    height, width, _ = features.shape
    background = torch.ones(1, height, width, device=features.device)
    propagator = Propagator(features, background, settings_of(encoder.protocol))
    contexts = encoder.protocol.context_frames if encoder.protocol.variant == "dino" else 1
    seconds, total, steps = 0.0, 0.0, 0
    while steps < contexts and total < _SLOW:
        start = time.perf_counter()
        propagator.step(features).cpu()  # waits for an accelerator
        seconds = time.perf_counter() - start
        total, steps = total + seconds, steps + 1
    return seconds * contexts / steps


def _cache_bytes(features: dict[int, Tensor], frames: int, encoder: FrameEncoder) -> int:
    each = sum(tokens.numel() * tokens.element_size() for tokens in features.values())
    estimate = encoder.context.store.estimate(frames, each)
    _expect_room(estimate.needed, estimate.free, str(encoder.context.store.folder))
    return estimate.needed


def _expect_room(needed: int, free: int, folder: str) -> None:
    if needed + _SPARE > free:
        raise DiskError(
            f"{folder} has {free / 1e6:,.0f} MB free, the run needs about {(needed + _SPARE) / 1e6:,.0f} MB. Free some "
            "space, choose another folder with `--out` (or TOTO_BENCH_HOME for the cache), or read fewer layers "
            "with `--layer N`."
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
