"""Features that are kept: computed once for fixed views, on disk in parts that are whole or absent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from toto_bench.errors import DataError
from toto_bench.features.libraries import libraries
from toto_bench.files import DiskError, digest, replacing
from toto_bench.paths import cache_folder
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.inputs import Reader
from toto_bench.tasks.recognition.protocol import RecognitionProtocol
from toto_bench.tasks.recognition.views import Pixels, Views, decoded

PART = 256
"""Items in a file."""
ROWS = "rows"
"""Which items of its range a file holds: int64; others could not be read."""
_NOT_OF_VIEWS = frozenset(
    [
        "views",
        "adaptation",
        "stop_gradient",
        "self_supervised_weight",
        "layer_decay",
        "weight_decay",
        "pooling",
        "layer_choice",
        "held_out",
        "probe",
        "probe_heads",
        "probe_batch_norm",
        "probe_queries",
        "probe_init_std",
        "probe_bias",
        "probe_weight_decay",
        "probe_mlp_ratio",
        "knn_neighbours",
        "knn_temperature",
        "knn_rule",
        "epochs",
        "lr",
        "lr_factors",
        "optimizer",
        "betas",
        "batch",
        "warmup_epochs",
        "schedule",
        "label_smoothing",
        "mixup",
        "cutmix",
        "random_erasing",
        "auto_augment",
        "drop_path",
        "view_average",
    ]
)
"""Protocol values on which features do not depend."""


@dataclass(frozen=True)
class Kept:
    """The features of some examples in one view each, on disk."""

    folder: Path
    """Of the parts."""
    examples: tuple[Example, ...]
    """In their order."""
    view: int | None
    """Number of the training view; None = the mean over the views that are scored."""

    @property
    def parts(self) -> list[int]:
        """First item of each part."""
        return list(range(0, len(self.examples), PART))

    def size(self, first: int) -> int:
        """Examples in a part."""
        return len(self.examples[first : first + PART])

    def part_of(self, place: int) -> int:
        """Number of the part that an example is in."""
        return place // PART

    def path(self, first: int) -> Path:
        """File of a part."""
        name = "scored" if self.view is None else f"view-{self.view}"
        return self.folder / name / f"part-{first // PART:05d}.safetensors"


def folder_of(
    reader: Reader, protocol: RecognitionProtocol, fingerprint: str, examples: Sequence[Example]
) -> Path:
    """Where features lie that only the same backbone, reading, views, data and examples give."""
    info = reader.backbone.info
    views = {
        name: value
        for name, value in protocol.model_dump(mode="json").items()
        if name not in _NOT_OF_VIEWS | {"layers"}
    }
    key = {
        "architecture": info.architecture,
        "weights": info.weights,
        "state": info.state,
        "preprocessing": info.preprocessing,
        "dtype": reader.context.dtype,
        "device": torch.device(reader.context.device).type,
        "libraries": libraries(),
        "layers": reader.layers,
        "pooled": reader.pooled,
        "views": views,
        "seed": reader.context.seed,
        "fingerprint": fingerprint,
        "examples": digest([example.name for example in examples]),
        "format": 1,
    }
    return cache_folder() / "probing" / digest(key)[:40]


def make(
    kept: Kept, reader: Reader, views: Views, *, leave_out: Callable[[Example, str], None] | None
) -> None:
    """Compute this process's parts that are not there, or that lack examples: what cannot be read is told anew.

    Args:
        kept: which.
        reader: gives features.
        views: gives pixels.
        leave_out: told of an example that cannot be read; None = an error.

    Raises:
        DataError: an example cannot be decoded.
        DiskError: the disk is full.
    """
    context = reader.context
    parts = kept.parts[context.rank :: context.world_size]
    todo = [first for first in parts if not _is_whole(kept.path(first), kept.size(first))]
    context.progress.start("Features", sum(kept.size(first) for first in todo))
    for first in todo:
        _write(kept, first, reader, views, leave_out)
    context.progress.stop()


def _write(
    kept: Kept,
    first: int,
    reader: Reader,
    views: Views,
    leave_out: Callable[[Example, str], None] | None,
) -> None:
    rows, found = [], list[dict[str, Tensor]]()
    waiting: list[Pixels] = []

    def flush() -> None:
        if waiting:
            with reader.context.stage("encode"):
                features = reader.features(torch.from_numpy(np.stack(waiting)))
            found.append({name: _small(values, reader) for name, values in features.items()})
            waiting.clear()

    examples = enumerate(kept.examples[first : first + PART])
    read = partial(_pixels, views=views, view=kept.view)
    for (row, example), result in decoded(examples, read, reader.context.workers, ahead=2 * reader.clips):
        try:
            pixels = result()
        except DataError as error:
            if leave_out is None:
                raise
            leave_out(example, str(error))
        else:
            rows.append(row)
            if kept.view is None:
                with reader.context.stage("encode"):
                    features = reader.features(torch.from_numpy(pixels))
                found.append({name: values.mean(0, keepdim=True).cpu() for name, values in features.items()})
            else:
                waiting.append(pixels[0])
                if len(waiting) == reader.clips:
                    flush()
        reader.context.progress.advance()
    flush()
    content = {name: torch.cat([part[name] for part in found]).contiguous() for name in (found or [{}])[0]}
    try:
        with replacing(kept.path(first)) as temporary:
            save_file(content | {ROWS: torch.tensor(rows, dtype=torch.int64)}, temporary)
    except SafetensorError as error:
        raise DiskError(f"{kept.path(first)} could not be written: {error}. Free some space.") from error


def _pixels(numbered: tuple[int, Example], *, views: Views, view: int | None) -> Pixels:
    """[V, T, R, R, 3]."""
    example = numbered[1]
    return np.stack(views.scored(example)) if view is None else views.train(example, view)[None]


def _small(values: Tensor, reader: Reader) -> Tensor:
    """Vectors in float32; tokens in half precision, where they fit."""
    if reader.pooled:
        return values.float().cpu()
    half = values.half()
    if not bool(half.isfinite().all()):
        raise DataError(
            f"Tokens of `{reader.backbone.info.name}` are too large to be kept in half precision: set "
            "`views = stream`, or `probe = linear`, which keeps vectors in single precision."
        )
    return half.cpu()


def _is_whole(path: Path, size: int) -> bool:
    """Whether a part is there, with all of its examples; a damaged one is removed."""
    try:
        with safe_open(path, framework="pt") as file:
            return list(file.get_slice(ROWS).get_shape()) == [size]
    except FileNotFoundError:
        return False
    except (SafetensorError, OSError):
        path.unlink(missing_ok=True)
        return False
