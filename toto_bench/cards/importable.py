"""Whether the folder of a plug-in can be imported under its name."""

import shlex
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

GROUP = "toto_bench.plugins"
"""Entry-point group of installed plug-ins; the value of an entry is the name of a package."""


def problem_of(path: Path, given: str) -> str | None:
    """Why a folder cannot be a plug-in; puts its parent on the path to find out whether it can be imported.

    Args:
        path: of the folder, absolute.
        given: the folder as the user named it.
    """
    if not path.is_dir():
        return _no_folder(path, given)
    if not path.name.isidentifier():
        return (
            f"its name `{path.name}` cannot be imported: call it something like `{_identifier(path.name)}`."
        )
    _make_importable(path)
    spec = find_spec(path.name)
    if spec is not None and path in places_of(spec):
        return None
    other = (spec.origin or "a namespace package") if spec else "nothing"
    found = f"Python finds {other} under the name `{path.name}`"
    return f"{found}: {installed_instead(path.name) or 'call the folder something else.'}"


def installed_instead(package: str) -> str | None:
    """What to do about a folder whose name an installed plug-in has, probably as a copy of it; None if none has."""
    entry = next((entry for entry in entry_points(group=GROUP) if _top(entry) == package), None)
    if entry is None:
        return None
    name = entry.dist.name if entry.dist else package
    return (
        f"this plug-in is installed as well. Leave the folder out to use the installed one; to work on the folder, run "
        f"`pip install -e .` beside it, or `pip uninstall {name}`."
    )


def places_of(spec: ModuleSpec) -> list[Path]:
    """The folders of a package; none for a module."""
    return [Path(place).resolve() for place in spec.submodule_search_locations or ()]


def _top(entry: EntryPoint) -> str:
    return entry.value.partition(".")[0]


def _no_folder(path: Path, given: str) -> str:
    if path.exists():
        return "it is a file: give the folder of the plug-in, which holds `tasks/` or `backbones/`."
    if not path.name.isidentifier():
        return "there is no such folder."
    return f"there is no such folder. `toto-bench new task NAME --plugin-dir {shlex.quote(given)}` makes one."


def _identifier(name: str) -> str:
    plain = "".join(c if c.isalnum() else "_" for c in name)
    return plain if plain.isidentifier() else f"plugins_{plain}"


def _make_importable(path: Path) -> None:
    """Put the folder's parent on the path: last, so that nothing in it hides an installed package."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
