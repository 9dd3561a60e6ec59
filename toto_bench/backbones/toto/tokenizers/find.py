"""Where the weights of tokenizers lie, and which of them a Toto still needs. Importing this imports no torch."""

from pathlib import Path
from typing import NamedTuple

from toto_bench.backbones.errors import MissingWeightsError
from toto_bench.backbones.locate import Located, Missing, local_places, source_of, terms_of
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers.registry import expect_tokenizer, shipped_weights, tokenizer_weights
from toto_bench.cards import BackboneCard, Weights

OWN_FILE = "tokenizer.safetensors"
"""In the folder of a trained backbone, the weights of a tokenizer that was trained here."""


class Found(NamedTuple):
    """A file (or folder) with a tokenizer's weights."""

    located: Located
    path: Path
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
        if not path.exists():
            raise MissingWeightsError(
                f"{path}: there is no such file, for the tokenizer `{name}`. Check the path."
            )
        return Found(Located(path, "file"), path, None)
    if (own := shipped_weights(name)) is not None:
        if not own.is_file():
            raise MissingWeightsError(
                f"The tokenizer `{name}` was looked for in {own}, which is not there. `toto-bench pretrain "
                "nano-tokenizer` makes one (docs/pretrain.md); a `run:FOLDER` brings its own."
            )
        return Found(Located(own, "package"), own, None)
    sources = tokenizer_weights(name)
    for weights in sources:
        for place in local_places(weights):
            if place.exists():
                return Found(Located(place, "folder"), place, weights)
    if sources:
        raise MissingWeightsError(_how_to_get(name, sources))
    return None


def missing_tokenizers(card: BackboneCard) -> list[Missing]:
    """The tokenizers that a Toto reads and predicts, as far as their weights are not here."""
    try:
        config = TotoConfig(**{"depth": card.architecture.layers, **card.architecture.arguments})
    except ValueError:
        return []  # building it says what is wrong with the card
    folder = card.weights.folder if card.weights else None
    missing = []
    for name in dict.fromkeys((config.tokenizer, config.target or config.tokenizer)):
        if name == config.tokenizer and folder is not None and (Path(folder) / OWN_FILE).is_file():
            continue
        try:
            find_tokenizer(name)
        except MissingWeightsError as error:
            missing.append(Missing(name, next(iter(tokenizer_weights(name)), None), str(error)))
    return missing


def _how_to_get(name: str, sources: tuple[Weights, ...]) -> str:
    """Source, terms and ways on, also by another publication of the same weights."""
    first, *others = sources
    other = next((weights for weights in others if weights.url), None)
    as_well = f" (so will {source_of(other)} at `{local_places(other)[0]}`)" if other else ""
    return (
        f"The weights of the tokenizer `{name}` are not on this machine. They come from {source_of(first)} "
        f"({terms_of(first)}). Ways on: let `--download` fetch them, or put the file at `{local_places(first)[0]}`"
        f"{as_well}, or take `--random-init`, which measures plumbing and speed only."
    )
