"""From items to tokens, batch by batch: for tasks that encode one image per item."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toto_bench.backbones.base import Backbone, FinalNorm
from toto_bench.errors import DataError, TotoBenchError
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.items import PROBLEM

Image = NDArray[np.uint8]
"""[H, W, 3] RGB."""


class NotFiniteError(TotoBenchError):
    """A backbone gave tokens that cannot be used."""


def encode_items(
    paths: Mapping[str, Path],
    read: Callable[[Path], Image],
    backbone: Backbone,
    context: RunContext,
    *,
    layer: int,
    norm: FinalNorm,
) -> Iterator[tuple[str, Tensor]]:
    """Tokens of this rank's unfinished items: (item, patches [h, w, D]), float32 on the run's device.

    The caller commits each item as it comes; what was committed before is not read again. An item that cannot be read
    is, with `--allow-missing`, said, and committed with PROBLEM in its row.

    Args:
        paths: item to its file.
        read: file to uint8 [H, W, 3]; all images of one size. Called in `context.workers` threads.
        backbone: on the run's device.
        context: of the run.
        layer: that is read.
        norm: which layers pass the final norm.

    Raises:
        DataError: an item cannot be read, and that was not allowed.
        NotFiniteError: tokens hold NaN or infinite values; the message names the item.
    """
    todo = context.todo(list(paths), retry=lambda row: PROBLEM in row)
    context.progress.start("Images", len(todo))
    readable = _read_all(todo, paths, read, context)
    while batch := list(islice(readable, context.batch_size)):
        with context.stage("encode"):
            patches = encode(
                np.stack([image for _, image in batch]), backbone, context, layer=layer, norm=norm
            )
        finite = patches.isfinite().flatten(1).all(dim=1).tolist()
        for (item, _), tokens, good in zip(batch, patches, finite, strict=True):
            if not good:
                raise NotFiniteError(
                    f"`{backbone.info.name}` gave NaN or infinite features at layer {layer} for {paths[item]}. Check "
                    "its weights; half precision overflows sooner than `--dtype float32`."
                )
            yield item, tokens
            context.progress.advance()
    context.progress.stop()


def encode(images: Image, backbone: Backbone, context: RunContext, *, layer: int, norm: FinalNorm) -> Tensor:
    """Patch tokens of one layer for a batch: uint8 [B, H, W, 3] to float32 [B, h, w, D], in the run's number type."""
    video = torch.from_numpy(images).to(context.device).permute(0, 3, 1, 2)[:, None].float().div(255)
    dtype = getattr(torch, context.dtype)
    kind = torch.device(context.device).type
    with torch.no_grad():
        inputs = context.prepare(backbone, video)
        context.describe_input(video, inputs, [layer])
        with torch.autocast(kind, dtype, enabled=dtype != torch.float32):
            [tokens] = backbone.forward_layers(inputs, [layer], norm=norm)
    return tokens.patches[:, 0].float()


def _read_all(
    todo: Sequence[str], paths: Mapping[str, Path], read: Callable[[Path], Image], context: RunContext
) -> Iterator[tuple[str, Image]]:
    """Readable items, in order."""
    for item, result in zip(todo, _decoded([paths[item] for item in todo], read, context), strict=True):
        try:
            yield item, result()
        except DataError as error:
            if not context.allow_missing:
                raise
            context.progress.say(f"Left out: {error}")
            context.commit(item, {PROBLEM: str(error)})


def _decoded(
    paths: Sequence[Path], read: Callable[[Path], Image], context: RunContext
) -> Iterator[Callable[[], Image]]:
    """What gives each image, decoded ahead by threads (with 0 workers in place); two batches wait at most."""
    if context.workers == 0:
        yield from (partial(read, path) for path in paths)
        return
    ahead = 2 * max(context.batch_size, context.workers)
    with ThreadPoolExecutor(context.workers) as pool:
        waiting = deque(pool.submit(read, path) for path in paths[:ahead])
        for index in range(len(paths)):
            yield waiting.popleft().result
            if (coming := index + ahead) < len(paths):
                waiting.append(pool.submit(read, paths[coming]))
