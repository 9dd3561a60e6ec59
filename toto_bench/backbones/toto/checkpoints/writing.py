"""Writing a checkpoint of a Toto transformer: `toto.json` and `model.safetensors` in a folder."""

import os
import re
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from toto_bench.backbones.dialects.layout import State
from toto_bench.backbones.hf.files import TENSORS
from toto_bench.backbones.toto.checkpoints.reading import fit
from toto_bench.backbones.toto.config import SETTINGS_FILE, TotoConfig
from toto_bench.backbones.weights import check_finite
from toto_bench.files import replacing, write_json


def write_checkpoint(
    folder: Path, config: TotoConfig, state: dict[str, Tensor], *, dtype: torch.dtype | None = None
) -> None:
    """Write a transformer, so that `read_checkpoint` gives it back; each file is replaced as a whole.

    Args:
        folder: made if need be; other files in it stay.
        config: of the transformer.
        state: of `CausalTransformer(config)`, wrapped by torch.compile or parallel training or not.
        dtype: that the file holds; None = float32.

    Raises:
        MismatchedWeightsError: the state dict is not that of the configuration.
        InvalidWeightsError: a value is NaN or infinite, or becomes so in `dtype`; nothing is written then.
        DiskError: the disk is full, or the folder cannot be written.
    """
    fitted = fit(state, config, "The state to be written")
    kept: State = {
        key: tensor.detach().to("cpu", dtype or torch.float32).contiguous() for key, tensor in fitted.items()
    }
    check_finite(kept, f"The state to be written (as {dtype or torch.float32})")
    # First, because a folder without tensors is an incomplete one to every reader.
    write_json(folder / SETTINGS_FILE, config.model_dump(mode="json"))
    with replacing(folder / TENSORS[0]) as temporary:
        try:
            save_file(kept, temporary)
        except SafetensorError as error:
            raise _as_os_error(error) from error


def _as_os_error(error: SafetensorError) -> OSError:
    """What safetensors says in words alone: `No space left on device (os error 28)`."""
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))
