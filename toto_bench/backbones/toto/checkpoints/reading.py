"""Reading a checkpoint of a Toto transformer, in whichever known dialect it is written."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from toto_bench.backbones import checkpoint
from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.errors import MismatchedWeightsError, MissingWeightsError
from toto_bench.backbones.hf.files import read_tensors
from toto_bench.backbones.toto.checkpoints.keys import model_state
from toto_bench.backbones.toto.checkpoints.recognise import recognise
from toto_bench.backbones.toto.checkpoints.settings import check_settings
from toto_bench.backbones.toto.checkpoints.translate import Shapes, translate
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.transformer import CausalTransformer
from toto_bench.backbones.weights import check_finite

_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")


def read_checkpoint(path: Path, config: TotoConfig) -> dict[str, Tensor]:
    """The tensors of a checkpoint, under the keys of `CausalTransformer(config)`, float32 on the CPU.

    Args:
        path: a file (safetensors, or written by torch.save), or a folder (ours, or as transformers writes it).
        config: what it has to agree with, as far as its shapes and the settings beside it tell.

    Raises:
        MissingWeightsError: the folder has no weights.
        UnreadableWeightsError: a file is damaged, or holds more than tensors.
        MismatchedWeightsError: it is in no known dialect, or names everything that does not fit.
        InvalidWeightsError: names tensors with NaN or infinite values.
    """
    content = _content(path)
    check_settings(path, config)
    state = fit(content, config, str(path))
    check_finite(state, str(path))
    return state


def fit(content: Mapping[str, object], config: TotoConfig, place: str) -> State:
    """What a file holds, as the tensors of `CausalTransformer(config)`.

    Args:
        content: of the file.
        config: what it has to agree with.
        place: where it comes from, for messages.

    Raises:
        MismatchedWeightsError: it is in no known dialect, or names everything that does not fit.
    """
    shapes = shapes_of(config)
    try:
        state = model_state(content)
        dialect = recognise(state, shapes)
        place = f"{place} (dialect `{dialect.name}`)"
        return translate(state, dialect, config, shapes)
    except MismatchedWeightsError as error:
        raise MismatchedWeightsError(
            f"{place} does not fit the backbone: {error}. Pass the file that belongs to this backbone, choose the "
            "backbone that belongs to the file, or make a variant of its card."
        ) from error


def shapes_of(config: TotoConfig) -> Shapes:
    """The shapes of a model's tensors, without making them."""
    with torch.device("meta"):
        return {key: tensor.shape for key, tensor in CausalTransformer(config).state_dict().items()}


def _content(path: Path) -> Mapping[str, object]:
    if not path.is_dir():
        return checkpoint.read_checkpoint(path)
    try:
        return read_tensors(path)
    except MissingWeightsError as error:
        raise MissingWeightsError(f"{error}{_hint(path)}") from error


def _hint(folder: Path) -> str:
    """What to do with a folder of another code base."""
    if any(folder.glob("*.distcp")):
        return (
            " Its shards are those of torch.distributed.checkpoint: make one file of them with "
            f"`python -m torch.distributed.checkpoint.format_utils dcp_to_torch {folder} FILE`, and pass that."
        )
    if files := sorted(path.name for path in folder.iterdir() if path.suffix in _SUFFIXES):
        return f" If one of its files is the whole model, pass the file itself: {', '.join(files)}."
    return ""
