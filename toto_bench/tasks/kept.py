"""Files of what is kept of a data set, so that it is read once."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from toto_bench.files import DiskError


def read_kept(path: Path) -> dict[str, Tensor]:
    """Tensors by name.

    Raises:
        DiskError: the file is damaged.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise DiskError(
            f"{path} cannot be read ({error}). Remove it, then repeat the same command: it is made anew."
        ) from error
