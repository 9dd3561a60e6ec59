"""Where things lie: shipped cards and tables, the user's home of weights, data and caches."""

import os
from pathlib import Path
from typing import Literal

from toto_bench.errors import RequestError

Kind = Literal["tasks", "backbones", "leaderboards"]


def shipped(kind: Kind) -> Path:
    """The folder of shipped cards or tables: inside an installed package, else the repository root's.

    Every way of running (wheel, sdist, editable install, from the root) goes through this one function.
    """
    package = Path(__file__).resolve().parent
    installed = package / "_data" / kind
    return installed if installed.is_dir() else package.parent / kind


def home() -> Path:
    """`$TOTO_BENCH_HOME`, default `~/.cache/toto-bench`: weights, data and caches of this user."""
    try:
        return Path(os.environ.get("TOTO_BENCH_HOME") or "~/.cache/toto-bench").expanduser()
    except RuntimeError as error:
        raise RequestError(
            "There is no home folder here: set TOTO_BENCH_HOME to a folder for data and caches."
        ) from error


def default_data(task: str) -> Path:
    """Where a task's data is looked for when `--data` is not given."""
    return home() / "data" / task


def weights_folder() -> Path:
    """Where checkpoints are looked for when `--checkpoint` is not given."""
    return home() / "weights"


def cache_folder() -> Path:
    """Where the feature store lies."""
    return home() / "cache"
