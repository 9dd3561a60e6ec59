"""Writing a card, its code and its test into a plug-in folder: all of them, or none."""

import ast
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toto_bench.errors import RequestError
from toto_bench.files import not_written, write_text
from toto_bench.scaffold.names import Kind, Names, names_for

TEMPLATES = Path(__file__).parent
PACKAGE = (
    '"""Plug-ins of toto-bench: cards in `tasks/` and `backbones/`, their code here, tests in `tests/`."""\n'
)


def write_new(kind: Kind, name: str, folder: Path) -> list[Path]:
    """Write a new task or backbone; the card comes last, so that there never is a card without code.

    Args:
        kind: which template.
        name: of the card.
        folder: of plug-ins; made where it does not exist.

    Returns:
        The files, in the order in which a person reads them.

    Raises:
        RequestError: the name is not valid or not free, or a file of that name is there.
        DiskError: the folder cannot be written; nothing is left.
    """
    names = names_for(kind, name, folder)
    files = _files(kind, names, folder)
    if there := [path for path in files if path.exists()]:
        raise RequestError(
            f"{there[0]} is there already, and is left as it is: choose another name, or move it away."
        )
    init = folder / "__init__.py"
    with _all_or_nothing(folder, [*files, *([] if init.exists() else [init])]):
        if not init.exists():
            write_text(init, PACKAGE)
        for path, text in reversed(files.items()):
            write_text(path, text)
    importlib.invalidate_caches()
    return list(files)


def _files(kind: Kind, names: Names, folder: Path) -> dict[Path, str]:
    """The card, the module and the test: path to content."""
    card, module, test = (
        names.fill((TEMPLATES / kind / part).read_text(encoding="utf-8"))
        for part in ("card.toml", "module.py", "contract.py")
    )
    if _bound(module).count(names.kind) > 1:
        raise RequestError(
            f"`{names.card}`: its class would be `{names.kind}`, a name that its code uses for something else. Choose "
            f"another name, for example `my-{names.card}`."
        )
    return {
        folder / f"{kind}s" / f"{names.card}.toml": card,
        folder / f"{names.module}.py": module,
        folder / "tests" / f"test_{names.module}.py": test,
    }


def _bound(module: str) -> list[str]:
    """Names that the imports, classes and functions of a module bind."""
    bound: list[str] = []
    for node in ast.parse(module).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound += [alias.asname or alias.name for alias in node.names]
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            bound.append(node.name)
    return bound


@contextmanager
def _all_or_nothing(folder: Path, files: list[Path]) -> Iterator[None]:
    """Remove the files, and the folders that were made for them, when the block does not end well."""
    folders = [folder, *dict.fromkeys(path.parent for path in files if path.parent != folder)]
    made = [path for path in folders if not path.exists()]
    try:
        for path in made:
            path.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for path in files:
            path.unlink(missing_ok=True)
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
        if isinstance(error, OSError):
            raise not_written(folder, error) from error
        raise
