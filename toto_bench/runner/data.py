"""Where the data of a run lies."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from toto_bench._version import __version__
from toto_bench.cards import TaskCard
from toto_bench.errors import RequestError
from toto_bench.files import DiskError
from toto_bench.paths import default_data, home
from toto_bench.tasks.base import Task


class MissingDataError(RequestError):
    """The data of a task is not where it was looked for."""


def locate_data(card: TaskCard, data: str | None) -> Path:
    """The folder to read.

    Raises:
        MissingDataError: nothing is there; the message says how to get it.
    """
    path = Path(data).expanduser() if data else default_data(card.name)
    if path.is_dir() and any(path.iterdir()):
        return path
    state = "is empty" if path.is_dir() else "does not exist"
    raise MissingDataError(
        f"Data: {card.data.name} was looked for in {path}, which {state}. {card.data.how_to_get} "
        f"({card.data.size}; licence: {card.data.licence}; {card.data.url}). Then give the folder with "
        f"`--data PATH`, or put it at {default_data(card.name)}. To try without it: `--data sample`."
    )


def sample_data(task: Task[Any]) -> Path:
    """The bundled sample of a task, written on first use.

    Raises:
        DiskError: the home folder cannot be written.
    """
    folder = home() / "data" / "sample" / __version__ / task.card.name
    if folder.is_dir():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        try:
            task.write_sample(temporary)
            temporary.replace(folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise DiskError(
            f"The sample could not be written to {folder}: {error.strerror or error}. Set TOTO_BENCH_HOME to a folder "
            "with some space."
        ) from error
    return folder
