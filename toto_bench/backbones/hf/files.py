"""The files of a folder of weights, as transformers writes it; no code of a folder is ever run."""

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from toto_bench.backbones.base import Statistics
from toto_bench.backbones.checkpoint import read_checkpoint
from toto_bench.backbones.dialects.layout import tensors_of
from toto_bench.backbones.errors import MismatchedWeightsError, MissingWeightsError, UnreadableWeightsError

CONFIG = "config.json"
PREPROCESSOR = "preprocessor_config.json"
VIDEO_PREPROCESSOR = "video_preprocessor_config.json"
TENSORS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
"""Where the tensors are, the preferred place first; an index names several files."""


def read_json(path: Path) -> dict[str, Any]:
    """An object of a JSON file.

    Raises:
        UnreadableWeightsError: it cannot be read, or is something else.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableWeightsError(f"{path}: cannot be read: {error.strerror}. Check the path.") from error
    except ValueError as error:
        raise UnreadableWeightsError(f"{path}: damaged, it is not JSON. Get the file again.") from error
    if not isinstance(content, dict):
        raise UnreadableWeightsError(f"{path}: holds no JSON object. Get the file again.")
    return content


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a folder, or of one file, on the CPU.

    Raises:
        MissingWeightsError: the folder has no file of tensors.
        WeightsError: a file is damaged, or holds more than tensors.
    """
    tensors: dict[str, Tensor] = {}
    for file in _tensor_files(path):
        try:
            tensors |= tensors_of(read_checkpoint(file))
        except MismatchedWeightsError as error:
            raise MismatchedWeightsError(
                f"{file}: {error}. Save the state dict of the model alone."
            ) from error
    return tensors


def read_statistics(folder: Path) -> Statistics:
    """Mean and standard deviation that the folder's preprocessor takes; (0, 1) where it normalises nothing.

    Raises:
        MismatchedWeightsError: the folder does not say them.
        UnreadableWeightsError: the file is damaged.
    """
    for path in (folder / PREPROCESSOR, folder / VIDEO_PREPROCESSOR):
        content = read_json(path) if path.is_file() else {}
        if content.get("do_normalize") is False:
            return Statistics((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        mean, std = content.get("image_mean"), content.get("image_std")
        if _is_colour(mean) and _is_colour(std):
            return Statistics(tuple(map(float, mean)), tuple(map(float, std)))  # type: ignore[arg-type]
    raise MismatchedWeightsError(
        f"{folder}: neither {PREPROCESSOR} nor {VIDEO_PREPROCESSOR} says `image_mean` and `image_std`, three numbers "
        "each, and wrong ones would give wrong features. Put such a file there."
    )


def _is_colour(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(isinstance(x, int | float) for x in value)


def _tensor_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    file = next((path / name for name in TENSORS if (path / name).is_file()), None)
    if file is None:
        raise MissingWeightsError(
            f"{path}: the folder has no weights: {TENSORS[0]} or {TENSORS[2]} is expected. Put the file there."
        )
    if file.suffix != ".json":
        return [file]
    names = read_json(file).get("weight_map")
    if not isinstance(names, dict) or not all(Path(str(name)).name == name for name in names.values()):
        raise UnreadableWeightsError(f"{file}: `weight_map` does not name files of the folder. Get it again.")
    return [path / name for name in sorted(set(names.values()))]
