"""Whose layout a folder has."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from toto_bench.cards.suggest import did_you_mean
from toto_bench.samples.errors import UnknownLayoutError
from toto_bench.samples.show import cater, davis, ego4d_sta, imagenet, kinetics400, video
from toto_bench.samples.show.sheet import Page


class Layout(NamedTuple):
    """How a data set lies on disk."""

    find: Callable[[Path], Path | None]
    """Its root in a folder, or None where it is another data set's."""
    page: Callable[[Path], Page]
    """The contact sheet of what lies at a root."""


LAYOUTS = {
    "davis": Layout(davis.find, davis.page),
    "ego4d_sta": Layout(ego4d_sta.find, ego4d_sta.page),
    "cater": Layout(cater.find, cater.page),
    "kinetics400": Layout(kinetics400.find, kinetics400.page),
    "imagenet": Layout(imagenet.find, imagenet.page),
    "video": Layout(video.find, video.page),
}
"""The most telling layout first: the first that fits is taken."""


def find_sets(folder: Path, task: str | None = None) -> dict[str, Path]:
    """Data sets in a folder: itself, or those in folders below it that are named after their tasks.

    Args:
        folder: to look at.
        task: the only one looked for; None: whatever there is.

    Raises:
        UnknownLayoutError: there is none, or no such task.
    """
    names = _names(task)
    if not folder.is_dir():
        raise UnknownLayoutError(f"{folder} is not a folder: give that of a data set, or `sample`.")
    below = {name: root for name in names if (root := _find(folder / name, name))}
    if below:
        return below
    for name in names:
        if root := _find(folder, name):
            return {name: root}
    raise UnknownLayoutError(
        f"{folder} has not the layout of {' or '.join(f'`{name}`' for name in names)}, nor has a folder of that name "
        "in it. `toto-bench show task NAME` shows the layout of a task; `--task NAME` says which one is meant."
    )


def _names(task: str | None) -> tuple[str, ...]:
    if task is None:
        return tuple(LAYOUTS)
    if task not in LAYOUTS:
        raise UnknownLayoutError(f"There is no contact sheet of `{task}`{did_you_mean(task, LAYOUTS)}")
    return (task,)


def _find(folder: Path, name: str) -> Path | None:
    return LAYOUTS[name].find(folder) if folder.is_dir() else None
