"""Plug-ins: folders of cards and code beside the shipped ones. One mechanism, two ways in.

A plug-in is a Python package whose folder holds `tasks/*.toml` and `backbones/*.toml`. It is either installed, and
names itself in the entry-point group `toto_bench.plugins`, or it is a folder that `--plugin-dir` or the environment
variable TOTO_BENCH_PATH names. A folder's parent goes on `sys.path`, so that `DIR/eyes.py` is `DIR.eyes` in a card's
entry. The variable is inherited, so the processes that a run starts see the same plug-ins.
"""

import os
import sys
import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from toto_bench.cards.errors import CardError
from toto_bench.cards.importable import GROUP, problem_of

VARIABLE = "TOTO_BENCH_PATH"
"""Folders of plug-ins, separated as in PATH."""


class PluginWarning(UserWarning):
    """Something of a plug-in is broken and was left out; the message names it."""


class Plugin(NamedTuple):
    """One plug-in."""

    name: str
    """How messages call it."""
    folder: Path
    """Holds `tasks/` and `backbones/`."""


def plugins() -> tuple[Plugin, ...]:
    """Installed plug-ins by name, then the folders of TOTO_BENCH_PATH in its order; broken ones are warned of.

    One that is both installed and named counts once.
    """
    found = (*_installed(tuple(sys.path)), *_folders(_named()))
    return tuple({plugin.folder: plugin for plugin in reversed(found)}.values())[::-1]


def add_plugin_folder(folder: Path) -> None:
    """Put a folder of plug-ins first, in this process and in those that it starts.

    Raises:
        CardError: it is no folder, or cannot be imported under its name.
    """
    path = folder.expanduser().resolve()
    if problem := problem_of(path, str(folder)):
        raise CardError(f"`--plugin-dir {folder}`: {problem}")
    known = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([str(path), *known]))


def broken_plugins() -> list[str]:
    """Why plug-ins are left out, a paragraph for each; said anew at every call, where a warning comes once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PluginWarning)
        _installed.__wrapped__(())
        _folders.__wrapped__(_named())
    return [str(entry.message) for entry in caught if issubclass(entry.category, PluginWarning)]


def warn(text: str) -> None:
    """Say that something of a plug-in was left out."""
    warnings.warn(text, PluginWarning, stacklevel=3)


@cache
def _installed(_: tuple[str, ...]) -> tuple[Plugin, ...]:
    found = (_locate(entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name))
    return tuple(plugin for plugin in found if plugin is not None)


def _locate(entry: EntryPoint) -> Plugin | None:
    """The folder of an installed plug-in. Nothing is imported: the top package is looked up, the rest is a path."""
    top, *rest = entry.value.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, AttributeError, ValueError) as error:
        spec, reason = None, f"{type(error).__name__}: {error}"
    else:
        reason = "it is not a package" if spec else "there is no such package"
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place, *rest).resolve()
        if folder.is_dir():
            return Plugin(entry.name, folder)
        reason = f"there is no folder {folder}"
    warn(
        f"The plug-in `{entry.name}` ({_distribution(entry)}) is broken and left out: its package "
        f"`{entry.value}` cannot be found ({reason}). Reinstall or remove it."
    )
    return None


def _distribution(entry: EntryPoint) -> str:
    return f"package {entry.dist.name} {entry.dist.version}" if entry.dist else "unknown package"


def _named() -> tuple[Plugin, ...]:
    """The folders of TOTO_BENCH_PATH, each once; a relative one means another folder wherever the process goes."""
    parts = dict.fromkeys(part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part)
    return tuple(Plugin(part, Path(part).expanduser().resolve()) for part in parts)


@cache
def _folders(named: tuple[Plugin, ...]) -> tuple[Plugin, ...]:
    found = []
    for plugin in named:
        if problem := problem_of(plugin.folder, plugin.name):
            warn(f"{VARIABLE} names `{plugin.name}`, which is left out: {problem}")
        else:
            found.append(plugin)
    return tuple(found)
