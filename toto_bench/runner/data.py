"""Where the data of a run lies."""

import sys
from pathlib import Path
from typing import Any

from toto_bench._version import __version__
from toto_bench.cards import TaskCard
from toto_bench.errors import RequestError
from toto_bench.files import replacing_folder, sha256_of
from toto_bench.paths import default_data, home
from toto_bench.results.record import SAMPLE
from toto_bench.samples.bundle import bundled
from toto_bench.tasks.base import Task


class MissingDataError(RequestError):
    """The data of a task is not where it was looked for."""


def find_data(task: Task[Any], data: str | None) -> Path:
    """The folder that `--data` means: a path, the bundled sample, or the default place.

    Of a task that reads no files (a simulation) it is where its code lies.

    Raises:
        MissingDataError: nothing is there; the message says how to get it.
        RequestError: a folder was given to a task that reads none.
        DiskError: the sample cannot be written.
    """
    if not task.card.data.needed:
        if data not in (None, SAMPLE):
            raise RequestError(
                f"`{task.card.name}` reads no files, its simulation makes what it needs: leave `--data {data}` out."
            )
        return Path(sys.modules[type(task).__module__].__file__ or "").parent
    return sample_data(task) if data == SAMPLE else locate_data(task.card, data, files=task.reads_files)


def locate_data(card: TaskCard, data: str | None, *, files: bool = False) -> Path:
    """The folder to read: the one given, or the task's own in it, as `make-sample` writes one for several tasks.

    Args:
        card: of the task.
        data: as it was given; None = the default place.
        files: whether a file will do, too: annotations alone.

    Raises:
        MissingDataError: nothing is there; the message says how to get it.
    """
    path = Path(data).expanduser() if data else default_data(card.name)
    if data and (path / card.name).is_dir():
        path /= card.name
    if path.is_dir() and any(path.iterdir()):
        return path
    if path.is_file() and files:
        return path
    state = "is empty" if path.is_dir() else "is a file, not a folder" if path.exists() else "does not exist"
    without = " To try without it: `--data sample`." if SAMPLE in card.presets else ""
    raise MissingDataError(
        f"Data: {card.data.name} was looked for in {path}, which {state}. {card.data.how_to_get} "
        f"({card.data.size}; licence: {card.data.licence}; {card.data.url}). Then give the folder with "
        f"`--data PATH`, or put it at {default_data(card.name)}.{without}"
    )


def sample_data(task: Task[Any]) -> Path:
    """The sample of a task: the bundled one, read where it lies; of a plug-in its own, written on first use.

    Raises:
        RequestError: the task has none.
        DiskError: the home folder cannot be written.
    """
    if shipped := bundled_sample(task):
        return shipped
    folder = home() / "data" / "sample" / __version__ / _sample_name(task)
    if not folder.is_dir():
        with replacing_folder(folder, keep_existing=True) as temporary:
            task.write_sample(temporary)
    return folder


def bundled_sample(task: Task[Any]) -> Path | None:
    """The sample that is shipped with toto-bench for a task; None where there is none."""
    return bundled(task.card.name) if _is_ours(task) else None


def _is_ours(task: Task[Any]) -> bool:
    """Whether the task is shipped with toto-bench: a plug-in of the same name has a sample of its own."""
    return type(task).__module__.startswith("toto_bench.")


def _sample_name(task: Task[Any]) -> str:
    """The folder of a plug-in's sample: it bears a digest of its module, which may draw another one tomorrow."""
    file = getattr(sys.modules.get(type(task).__module__), "__file__", None)
    if file is None:
        return task.card.name
    return f"{task.card.name}-{sha256_of(Path(file))[:10]}"
