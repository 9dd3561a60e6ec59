"""What a new card is called: in cards, in code, in tables. And which names cannot be taken."""

import keyword
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from toto_bench.cards import backbone_cards, task_cards
from toto_bench.cards.importable import installed_instead, places_of
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.errors import RequestError

Kind = Literal["task", "backbone"]
RESERVED = ("backbones", "conftest", "tasks", "tests")
"""Names that a plug-in folder uses itself."""


class Names(NamedTuple):
    """The forms of one name."""

    package: str
    """Of the plug-in folder: `my_plugins`."""
    card: str
    """`count-shapes`."""
    module: str
    """`count_shapes`."""
    kind: str
    """Class: `CountShapes`."""
    title: str
    """`Count Shapes`."""

    def fill(self, template: str) -> str:
        """A template with its placeholders replaced."""
        for placeholder, value in (
            ("sample_plugins", self.package),
            ("sample-name", self.card),
            ("sample_name", self.module),
            ("SampleName", self.kind),
            ("Sample Name", self.title),
        ):
            template = template.replace(placeholder, value)
        return template


def names_for(kind: Kind, name: str, folder: Path) -> Names:
    """The forms of a name that is free.

    Args:
        kind: of card.
        name: as the user gave it.
        folder: of plug-ins; it need not exist.

    Raises:
        RequestError: the name, or the folder's, is not valid; or another card has it.
        CardError: the folder's name cannot be imported.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
        raise RequestError(
            f"`{name}` cannot be the name of a {kind}: take lower-case letters and digits, words joined by `-`, a "
            "letter first, for example `count-shapes`."
        )
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or module in RESERVED:
        raise RequestError(
            f"`{name}` is a word that Python or the plug-in folder uses itself: choose another name."
        )
    _expect_free_package(folder)
    if folder.is_dir():
        add_plugin_folder(folder)
    if name in (task_cards() if kind == "task" else backbone_cards()):
        raise RequestError(
            f"There is a {kind} `{name}` already (`toto-bench show {kind} {name}` shows it): choose another name."
        )
    words = re.split("[-_]", name)
    return Names(
        package=folder.resolve().name,
        card=name,
        module=module,
        kind="".join(word.capitalize() for word in words),
        title=" ".join(word.capitalize() for word in words),
    )


def _expect_free_package(folder: Path) -> None:
    """The folder's name can be imported, and does not mean an installed package."""
    path = folder.resolve()
    if not path.name.isidentifier() or keyword.iskeyword(path.name):
        raise RequestError(
            f"`--plugin-dir {folder}`: its name `{path.name}` cannot be imported. Take letters, digits and `_`, for "
            "example `my_plugins`."
        )
    spec = find_spec(path.name)
    if spec is not None and path not in places_of(spec):
        way_out = installed_instead(path.name) or "choose another name, for example `my_plugins`."
        raise RequestError(
            f"`--plugin-dir {folder}`: `{path.name}` is the name of another Python package "
            f"({spec.origin or places_of(spec)[0]}), which would be imported in its place: {way_out}"
        )
