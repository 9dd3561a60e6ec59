"""Where the weights of a backbone lie, answered without importing torch."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal, NamedTuple

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.sources import downloadable, how_to_get, local_places
from toto_bench.cards import BackboneCard, Weights
from toto_bench.cards.entries import import_entry
from toto_bench.errors import RequestError
from toto_bench.paths import shipped

Origin = Literal["file", "package", "folder", "code", "none"]
"""`--checkpoint`, an installed package, the weights folder, the entry itself, or a backbone without weights."""


class Located(NamedTuple):
    """The file (or folder of files) with a backbone's weights."""

    path: Path | None
    """None: the backbone has no weights, or its entry brings them."""
    origin: Origin
    """Where it was found."""

    @property
    def checkpoint(self) -> str:
        """What a record says of it: `card`, `file:NAME`, `code` or `none`."""
        if self.path is None:
            return self.origin
        name = self.path.name or self.path.absolute().name  # `--checkpoint .` is a folder with a name
        return f"file:{name}" if self.origin == "file" else "card"


FURTHER = {"toto": "toto_bench.backbones.toto.tokenizers.find:missing_tokenizers"}
"""`architecture.model` to the function that tells which files are missing beside a card's own weights.

It takes the card and the path of its weights where they were found, gives a list of `Missing`, and imports no torch;
the backbone finds the files when it is built.
"""


class Missing(NamedTuple):
    """Weights that are not on this machine."""

    name: str
    """Whose they are."""
    weights: Weights | None
    """Where they come from; None: from nowhere that we know."""
    message: str
    """How to get them."""

    @property
    def downloadable(self) -> bool:
        """Whether `--download` can fetch them."""
        return self.weights is not None and downloadable(self.weights)


def find_weights(card: BackboneCard, checkpoint: Path | None = None) -> Located:
    """The weights file: `--checkpoint`, else an installed package, else `$TOTO_BENCH_HOME/weights`.

    Raises:
        MissingWeightsError: it, or another file that the backbone needs, is not here; the message says how to get it.
        RequestError: `--checkpoint` was given to a backbone without weights.
    """
    if missing := missing_weights(card, checkpoint):
        raise MissingWeightsError("\n\n".join(each.message for each in missing))
    return _find_own(card, checkpoint)


def missing_weights(card: BackboneCard, checkpoint: Path | None = None) -> list[Missing]:
    """What of the files that a backbone needs is not here: its weights, a tokenizer's.

    Raises:
        RequestError: `--checkpoint` was given to a backbone without weights.
    """
    missing, path = [], None
    try:
        path = _find_own(card, checkpoint).path
    except MissingWeightsError as error:
        missing.append(Missing(card.name, None if checkpoint else card.weights, str(error)))
    model = card.architecture.model
    if card.weights is not None and model in FURTHER:
        missing += import_entry(FURTHER[model], f"the model `{model}`")(card, path)
    return missing


def _find_own(card: BackboneCard, checkpoint: Path | None) -> Located:
    if checkpoint is not None:
        return _explicit(card, checkpoint)
    if card.weights is None:
        return Located(None, "none")
    if card.weights.in_code:
        return Located(None, "code")
    if card.weights.folder is not None:
        return Located(Path(card.weights.folder), "folder")
    if (path := _in_package(card.weights)) is not None:
        return Located(path, "package")
    for path in local_places(card.weights):
        if path.exists():
            return Located(path, "folder")
    raise MissingWeightsError(how_to_get(card, card.weights))


def _explicit(card: BackboneCard, checkpoint: Path) -> Located:
    if card.weights is None:
        raise RequestError(f"`{card.name}` has no weights to load: leave `--checkpoint` out.")
    path = checkpoint.expanduser()
    if not path.exists():
        raise MissingWeightsError(
            f"`--checkpoint {checkpoint}`: there is no such file. {how_to_get(card, card.weights)}"
        )
    return Located(path, "file")


def _in_package(weights: Weights) -> Path | None:
    """The file that comes with toto-bench, or inside an installed distribution by its list of files, without import."""
    if weights.shipped is not None:
        path = shipped("backbones") / weights.shipped
        return path if path.is_file() else None
    if weights.package is None or weights.filename is None:
        return None
    try:
        files = distribution(weights.package).files or []
    except PackageNotFoundError:
        return None
    for file in files:
        if file.as_posix().endswith(f"/{weights.filename}"):
            path = Path(str(file.locate()))
            return path if path.is_file() else None
    return None
