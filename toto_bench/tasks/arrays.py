"""Files of predictions as numpy arrays."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toto_bench.errors import TotoBenchError


def read_npz(path: Path, damaged: type[TotoBenchError]) -> dict[str, NDArray[Any]]:
    """All arrays of a file, by name; pickled objects are refused.

    Args:
        path: of the file.
        damaged: what is raised where it cannot be read, one paragraph.
    """
    if not zipfile.is_zipfile(path):
        raise damaged(f"{path} cannot be read: it is cut off, or no npz file. Write it again.")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise damaged(f"{path} cannot be read: it is damaged ({error}). Write it again.") from error
