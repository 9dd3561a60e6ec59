"""Where the weights of tokenizers lie, and which of them a Toto still needs. Importing this imports no torch."""

from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.locate import Located, Missing
from toto_bench.backbones.sources import local_places, source_of, terms_of
from toto_bench.backbones.toto.config import SETTINGS_FILE, TotoConfig
from toto_bench.backbones.toto.tokenizers.registry import expect_tokenizer, shipped_weights, tokenizer_weights
from toto_bench.cards import BackboneCard, Weights

OWN_FILE = "tokenizer.safetensors"
"""In the folder of a trained backbone, the weights of a tokenizer that was trained here."""
TENSOR_FILES = (OWN_FILE, "model.safetensors", "pytorch_model.bin")
"""In a folder, the preferred one first; the second and third are a repository's."""


class Found(NamedTuple):
    """A file with a tokenizer's weights."""

    located: Located
    """Where it was found: the file, or a repository's folder."""
    path: Path
    """The file."""
    weights: Weights | None
    """What is known of the file; None: the user named it, or it is shipped."""


def find_tokenizer(name: str, path: Path | None = None) -> Found | None:
    """The weights of a tokenizer: the user's file, else the shipped one, the weights folder, the hub's cache.

    Args:
        name: key of `TOKENIZERS`.
        path: file that the user named.

    Returns:
        None: it has no weights.

    Raises:
        UnknownNameError: there is no such tokenizer.
        MissingWeightsError: there is no file; the message says how to get it.
    """
    expect_tokenizer(name)
    if path is not None:
        return _named(name, path)
    if (own := shipped_weights(name)) is not None:
        if not own.is_file():
            raise MissingWeightsError(
                f"The tokenizer `{name}` was looked for in {own}, which is not there, though it comes with toto-bench. "
                "Install toto-bench again."
            )
        return Found(Located(own, "package"), own, None)
    sources = tokenizer_weights(name)
    empty = []
    for weights in sources:
        for place in local_places(weights):
            if (file := _file_within(place)) is not None:
                return Found(Located(place, "folder"), file, weights)
            empty += [place] if place.exists() else []
    if sources:
        raise MissingWeightsError(_how_to_get(name, sources, empty))
    return None


def _named(name: str, path: Path) -> Found:
    """What the user named."""
    if not path.exists():
        raise MissingWeightsError(
            f"{path}: there is no such file, for the tokenizer `{name}`. Check the path."
        )
    if (file := _file_within(path)) is None:
        first, *others = TENSOR_FILES
        raise MissingWeightsError(
            f"{path}: the folder has no weights of the tokenizer `{name}`: {first}, {' or '.join(others)} is expected. "
            "Put the file there, or name the file itself."
        )
    return Found(Located(path, "file"), file, None)


def _file_within(path: Path) -> Path | None:
    """A file itself; of a folder, its file of tensors."""
    if not path.is_dir():
        return path if path.exists() else None
    return next((path / name for name in TENSOR_FILES if (path / name).is_file()), None)


def own_tokenizer(weights: Path | None) -> Path | None:
    """The file of the tokenizer that a transformer was trained on, where its weights bring one.

    Args:
        weights: a folder; or a file, which belongs to its folder if our settings lie there too.
    """
    if weights is None:
        return None
    folder = weights if weights.is_dir() or not (weights.parent / SETTINGS_FILE).is_file() else weights.parent
    own = folder / OWN_FILE
    return own if own.is_file() else None


def missing_tokenizers(card: BackboneCard, path: Path | None = None) -> list[Missing]:
    """The tokenizers that a Toto reads and predicts, as far as their weights are not here.

    Args:
        card: of the Toto.
        path: of its weights, which may bring a tokenizer of their own.
    """
    try:
        config = TotoConfig(**{"depth": card.architecture.layers, **card.architecture.arguments})
    except ValueError:
        return []  # building it says what is wrong with the card
    own = own_tokenizer(path)
    missing = []
    for name in dict.fromkeys((config.tokenizer, config.target or config.tokenizer)):
        if name == config.tokenizer and own is not None:
            continue
        try:
            find_tokenizer(name)
        except MissingWeightsError as error:
            missing.append(Missing(name, next(iter(tokenizer_weights(name)), None), str(error)))
    return missing


def _how_to_get(name: str, sources: tuple[Weights, ...], empty: list[Path]) -> str:
    """Source, terms and ways on, also by another publication of the same weights; folders that were found empty."""
    first, *others = sources
    other = next((weights for weights in others if weights.url), None)
    as_well = f" (so will {source_of(other)} at `{local_places(other)[0]}`)" if other else ""
    said = "".join(f" The folder {place} has no {' or '.join(TENSOR_FILES[1:])}." for place in empty)
    return (
        f"The weights of the tokenizer `{name}` are not on this machine.{said} They come from {source_of(first)} "
        f"({terms_of(first)}). Ways on: let `--download` fetch them, or put the file at `{local_places(first)[0]}`"
        f"{as_well}, or take `--random-init`, which measures plumbing and speed only."
    )
