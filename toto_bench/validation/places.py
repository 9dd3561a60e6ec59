"""Checks of places: plug-ins that are broken, files that nobody reads, names that are taken."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from toto_bench.cards.plugins import broken_plugins, plugins
from toto_bench.cards.search import search_path
from toto_bench.validation.findings import Finding, Subject
from toto_bench.validation.sources import KINDS, CardFile

BESIDE_CARDS = (".toml", ".md", ".py")
"""Suffixes of what may lie in a folder of cards."""


def check_plugins() -> Subject:
    """Plug-ins that are left out, and those that hold no cards."""
    subject = Subject("plug-ins", "plug-ins")
    subject.findings += [Finding("", text) for text in broken_plugins()]
    for plugin in plugins():
        if not any((plugin.folder / kind).is_dir() for kind in KINDS):
            text = f"The plug-in `{plugin.name}` holds no cards: {plugin.folder} has neither `tasks/` nor `backbones/`."
            subject.findings.append(Finding("", text, is_note=True))
    return subject


def check_folders() -> Iterator[Subject]:
    """Folders of the search path with something in them that looks like a card and is not read."""
    for folder in (source.folder for kind in KINDS for source in search_path(kind)):
        if folder.is_dir() and (strays := list(_strays(folder))):
            yield Subject(folder.name, "folder", folder, strays)


def _strays(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__")):
            continue
        if path.is_dir() and any(path.rglob("*.toml")):
            yield Finding(
                path.name, f"`{path.name}/` holds cards, but folders inside are not read: move them up."
            )
        elif path.is_file() and path.suffix not in BESIDE_CARDS:
            yield Finding(
                path.name,
                f"`{path.name}` is read by nobody: a card's name ends in `.toml`. Rename it or move it away.",
            )


def check_names(files: Iterable[CardFile]) -> None:
    """Say of every card whose name an earlier file of the search path has taken where that is."""
    first: dict[tuple[str, str], Path] = {}
    for file in files:
        for entry in file.entries:
            name = entry.subject.name
            earlier = first.setdefault((file.kind, name), file.path)
            if earlier != file.path:
                text = f"`{name}` exists already in {earlier}: give one of them another name."
                entry.subject.findings.append(Finding("name", text))


def check_place(file: CardFile) -> None:
    """Say of a file beside the search path how a run finds it."""
    if file.searched:
        return
    for entry in file.entries:
        entry.subject.findings.append(
            Finding(
                "",
                f"This file is not on the search path: put it into `{file.kind}/` of a plug-in, and name that with "
                "`--plugin-dir FOLDER`.",
                is_note=True,
            )
        )
