"""The direction of imports: a folder imports only folders below it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "toto_bench"

ORDER = (
    "cli",
    "validation",
    "scaffold",
    "testing",
    "runner",
    "deploy",
    "tasks",
    "leaderboard",
    "robots",
    "samples",
    "pretraining",
    "probing",
    "training",
    "simulation",
    "features",
    "results",
    "backbones",
    "media",
    "cards",
)
"""From the top to the ground, as the design lists them; the runner stands between the command line and the tasks."""

FRONT_DOORS = ("__main__.py", "__init__.py", "api.py")
"""Modules at the root that stand above everything: the ways in. The other modules there lie below everything."""

SHARED = {"recognition"}
"""Packages beside the tasks that hold what several of them share, and are none themselves."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """Dotted names of our own modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("toto_bench.")}


def folder_of(name: str) -> str | None:
    """Top folder of a dotted name; None for the modules at the root, which all may use."""
    part = name.split(".")[1]
    return part if part in ORDER else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """No module imports from a folder above its own."""
    own = path.relative_to(PACKAGE).parts[0]
    for name in imports_of(path):
        other = folder_of(name)
        if other is None:
            continue
        if own in ORDER:
            assert ORDER.index(other) >= ORDER.index(own), f"{own} imports {name}"
        else:
            assert own in FRONT_DOORS, f"the root module {own} imports {name}"


def test_every_folder_has_its_place() -> None:
    """A new folder has to be put into the order."""
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name[0] not in "_."}
    assert folders <= set(ORDER)


@pytest.mark.parametrize("path", sorted((PACKAGE / "tasks").rglob("*.py")), ids=str)
def test_a_task_never_imports_another(path: Path) -> None:
    """Tasks share what lies below them, never each other."""
    parts = path.relative_to(PACKAGE / "tasks").parts
    own = parts[0] if len(parts) > 1 else None
    for name in imports_of(path):
        pieces = name.split(".")
        if pieces[1] == "tasks" and len(pieces) > 2 and (PACKAGE / "tasks" / pieces[2]).is_dir():
            assert pieces[2] == own or pieces[2] in SHARED, f"{path} imports {name}"
