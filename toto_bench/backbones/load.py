"""From a name to a backbone that is ready to run."""

from dataclasses import replace
from pathlib import Path

from toto_bench.backbones.base import Backbone, LoadsItself
from toto_bench.backbones.checkpoint import expect_sha256
from toto_bench.backbones.download import fetch_weights, fetching_again
from toto_bench.backbones.locate import Located, find_weights, missing_weights
from toto_bench.backbones.names import backbone_card, entry_of
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards import BackboneCard, CardError, Weights
from toto_bench.cards.code import calling
from toto_bench.cards.entries import import_entry
from toto_bench.errors import RequestError
from toto_bench.files import sha256_of
from toto_bench.progress import Progress, Silent


def load_backbone(
    name: str,
    *,
    checkpoint: Path | None = None,
    random_init: bool = False,
    download: bool = False,
    seed: int = 0,
    image_size: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Backbone:
    """A backbone on the CPU, in eval mode, its weights loaded and accounted for in `info`.

    Args:
        name: a card, `timm:MODEL`, `hf:REPOSITORY` or `python:MODULE:FUNCTION`.
        checkpoint: weights file, or folder for `hf:`; None = the installed package or the weights folder.
        random_init: leave the weights untrained, which measures plumbing and speed.
        download: fetch the card's weights when they are not on this machine.
        seed: of the random initialisation.
        image_size: height and width, for models that are built for one size.
        progress: hears of a download: its licence first, then how far it is.

    Raises:
        UnknownNameError: there is no such backbone.
        RequestError: the backbone is announced only, or the options contradict each other.
        MissingWeightsError: no weights file was found, and none was to be downloaded.
        DownloadError: the download failed; what came is kept for the next attempt.
        WeightsError: the file is unreadable, does not fit, or holds NaN.
    """
    if checkpoint is not None and random_init:
        raise RequestError("`--checkpoint` and `--random-init` contradict each other: leave one out.")
    card = backbone_card(name, checkpoint)
    entry_of(card)
    located = None if random_init else _weights(card, checkpoint, download, progress or Silent())
    backbone = build_backbone(card, seed=seed, image_size=image_size)
    loaded = located is not None and located.origin != "none"
    if located is not None and loaded:
        _load(backbone, card, located)
    state = state_hash(backbone.checkpointed())
    backbone.info = replace(backbone.info, state=state, weights=state if loaded else backbone.info.weights)
    return backbone


def _weights(card: BackboneCard, checkpoint: Path | None, download: bool, progress: Progress) -> Located:
    """All files that the backbone needs, fetched where that was asked for and is possible for all; its own."""
    missing = missing_weights(card, checkpoint) if download else []
    if all(each.downloadable for each in missing):
        for each in missing:
            assert each.weights is not None
            fetch_weights(each.name, each.weights, progress)
    return find_weights(card, checkpoint)


def build_backbone(
    card: BackboneCard, *, seed: int = 0, image_size: tuple[int, int] | None = None
) -> Backbone:
    """The untrained backbone of a card, by its entry `build(card, *, seed, image_size) -> Backbone`.

    Raises:
        RequestError: the card is announced, and has no entry.
        CardError: the entry cannot be imported, fails, or returns something else.
    """
    entry, of = entry_of(card), f"the backbone `{card.name}`"
    build = import_entry(entry, of)
    with calling(entry, of):
        backbone = build(card, seed=seed, image_size=image_size)
    if not isinstance(backbone, Backbone) or not hasattr(backbone, "info"):
        raise CardError(
            f"The entry `{entry}` of {of} returned a {type(backbone).__name__}, not a `Backbone` with its `info`: let "
            "it build one from the card."
        )
    return backbone


def _load(backbone: Backbone, card: BackboneCard, located: Located) -> None:
    """Put the file's tensors into the backbone. A file that the user named is not held to the card's hash.

    It may be the card's file all the same: then the account says so, whatever the file is called.
    """
    assert card.weights is not None
    with fetching_again(located, card.weights):
        sha256 = None if located.origin == "file" else card.weights.sha256
        if isinstance(backbone, LoadsItself) and located.path is not None:
            if located.path.is_file():
                expect_sha256(located.path, sha256)
            backbone.load_checkpoint(located.path)
        elif located.path is not None:
            load_weights(backbone.checkpointed(), located.path, dialect=card.weights.dialect, sha256=sha256)
    checkpoint = "card" if _is_the_cards(located, card.weights) else located.checkpoint
    backbone.info = replace(backbone.info, checkpoint=checkpoint, floor=card.floor)


def _is_the_cards(located: Located, weights: Weights) -> bool:
    """Whether a file that the user named has the bytes of the card's."""
    if located.origin != "file" or located.path is None or not located.path.is_file():
        return False
    return weights.sha256 is not None and sha256_of(located.path) == weights.sha256
