"""Where a trained backbone comes from: `pretraining.json` in the folder of a training, and beside the backbone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from toto_bench._version import __version__
from toto_bench.errors import DataError
from toto_bench.files import write_json

LINEAGE_FILE = "pretraining.json"


def write_lineage(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write what is known.

    Raises:
        DiskError: the operating system refused.
    """
    versions = {"toto_bench": __version__, "torch": str(torch.__version__)}
    write_json(folder / LINEAGE_FILE, {**facts, "versions": versions})


def read_lineage(folder: Path) -> dict[str, Any] | None:
    """What was written, or None.

    Raises:
        DataError: it is damaged.
    """
    path = folder / LINEAGE_FILE
    if not path.is_file():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise DataError(f"{path} is damaged ({error}). Remove it, then repeat the command.") from error
