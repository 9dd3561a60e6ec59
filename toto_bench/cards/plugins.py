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

GROUP = "toto_bench.plugins"
"""Entry-point group; the value of an entry is the name of a package."""
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
    found = (*_installed(tuple(sys.path)), *_folders(os.environ.get(VARIABLE, "")))
    return tuple({plugin.folder: plugin for plugin in reversed(found)}.values())[::-1]


def add_plugin_folder(folder: Path) -> None:
    """Put a folder of plug-ins first, in this process and in those that it starts.

    Raises:
        CardError: it is no folder, or cannot be imported under its name.
    """
    path = folder.expanduser().resolve()
    if problem := _problem_of(path):
        raise CardError(f"`--plugin-dir {folder}`: {problem}")
    known = [part for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    os.environ[VARIABLE] = os.pathsep.join(dict.fromkeys([str(path), *known]))


def broken_plugins() -> list[str]:
    """Why plug-ins are left out, a paragraph for each; said anew at every call, where a warning comes once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PluginWarning)
        _installed.__wrapped__(())
        _folders.__wrapped__(os.environ.get(VARIABLE, ""))
    return [str(entry.message) for entry in caught if issubclass(entry.category, PluginWarning)]


def warn(text: str) -> None:
    """Say that something of a plug-in was left out."""
    warnings.warn(text, PluginWarning, stacklevel=3)


@cache
def _installed(_: tuple[str, ...]) -> tuple[Plugin, ...]:
    found = (_locate(entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name))
    return tuple(plugin for plugin in found if plugin is not None)


def _locate(entry: EntryPoint) -> Plugin | None:
    """The folder of an installed plug-in, found without importing it."""
    try:
        spec = find_spec(entry.value)
        places = list(spec.submodule_search_locations or ()) if spec else []
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        places, spec, reason = [], None, f"{type(error).__name__}: {error}"
    else:
        reason = "it is not a package" if spec else "there is no such package"
    if not places:
        warn(
            f"The plug-in `{entry.name}` ({_distribution(entry)}) is broken and left out: its package "
            f"`{entry.value}` cannot be found ({reason}). Reinstall or remove it."
        )
        return None
    return Plugin(entry.name, Path(places[0]).resolve())


def _distribution(entry: EntryPoint) -> str:
    return f"package {entry.dist.name} {entry.dist.version}" if entry.dist else "unknown package"


@cache
def _folders(value: str) -> tuple[Plugin, ...]:
    found = []
    for part in dict.fromkeys(part for part in value.split(os.pathsep) if part):
        path = Path(part).expanduser().resolve()
        if problem := _problem_of(path):
            warn(f"{VARIABLE} names `{part}`, which is left out: {problem}")
        else:
            found.append(Plugin(part, path))
    return tuple(found)


def _problem_of(path: Path) -> str | None:
    """Why a folder cannot be a plug-in; puts its parent on the path to find out whether it can be imported."""
    if not path.is_dir():
        return f"there is no such folder. `toto-bench new task NAME --plugin-dir {path.name}` makes one."
    if not path.name.isidentifier():
        return (
            f"its name `{path.name}` cannot be imported: call it something like `{_identifier(path.name)}`."
        )
    _make_importable(path)
    spec = find_spec(path.name)
    places = [Path(place).resolve() for place in (spec.submodule_search_locations or ())] if spec else []
    if path not in places:
        other = (spec.origin or "a namespace package") if spec else "nothing"
        return f"Python finds {other} under the name `{path.name}`: call the folder something else."
    return None


def _identifier(name: str) -> str:
    plain = "".join(c if c.isalnum() else "_" for c in name)
    return plain if plain.isidentifier() else f"plugins_{plain}"


def _make_importable(path: Path) -> None:
    """Put the folder's parent on the path: last, so that nothing in it hides an installed package."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
