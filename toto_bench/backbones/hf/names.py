"""`hf:REPOSITORY` and `hf:CLASS`: cards made from a repository's files, or from a class of transformers."""

import re
from pathlib import Path

from toto_bench.backbones.errors import MismatchedWeightsError, MissingWeightsError, UnreadableWeightsError
from toto_bench.backbones.hf.configuration import (
    configuration,
    identifying,
    read_configuration,
    sides,
)
from toto_bench.backbones.hf.families import Family, family_of_kind, find_family
from toto_bench.backbones.hf.files import CONFIG, PREPROCESSOR, VIDEO_PREPROCESSOR, read_json, read_statistics
from toto_bench.backbones.hf.library import HfConfig, model_class
from toto_bench.backbones.sources import local_places
from toto_bench.backbones.status import expect_installed
from toto_bench.cards import Architecture, BackboneCard, Pretraining, Weights
from toto_bench.cards.backbone import Needs
from toto_bench.errors import RequestError

PREFIX = "hf:"


def hf_card(rest: str, checkpoint: Path | None = None) -> BackboneCard:
    """The card of a repository of the Hugging Face hub (`MCG-NJU/videomae-base`), or of a class of transformers.

    What a repository holds is known when its files are here: until then its card has no layers and cannot be built.

    Args:
        rest: the name behind `hf:`.
        checkpoint: weights of the user's own; a folder with a config.json says what to build, before all else.

    Raises:
        RequestError: it is neither, it does not run here, or transformers is not installed.
        WeightsError: the files of the repository are damaged.
    """
    if re.fullmatch(r"[\w.-]+/[\w.-]+", rest):
        return _repository_card(rest, _given(checkpoint))
    if re.fullmatch(r"\w+", rest):
        return _class_card(rest, _given(checkpoint))
    raise RequestError(
        f"`{PREFIX}{rest}` is not of the form `hf:ORGANISATION/NAME`, for example `hf:MCG-NJU/videomae-base`, or "
        "`hf:CLASS`, for example `hf:VideoMAEModel`."
    )


def described(card: BackboneCard) -> BackboneCard:
    """The card itself, or, if it was made before the files of its repository were here, the one that they give.

    Raises:
        MissingWeightsError: they are still not here.
    """
    if card.architecture.layers is not None or card.weights is None:
        return card
    found = hf_card(card.name.removeprefix(PREFIX))
    if found.architecture.layers is None:
        place = local_places(card.weights)[0]
        raise MissingWeightsError(
            f"`{card.name}`: what to build stands in the {CONFIG} of the repository, which is not on this machine. Let "
            f"`--download` fetch it, put the files of the repository at `{place}`, or pass their folder with "
            "`--checkpoint FOLDER`. Without them, `hf:CLASS --random-init` builds a class in its default configuration."
        )
    return found


def _given(checkpoint: Path | None) -> Path | None:
    """The user's folder, if it says what to build."""
    folder = checkpoint.expanduser() if checkpoint is not None else None
    return folder if folder is not None and (folder / CONFIG).is_file() else None


def _repository_card(repository: str, given: Path | None) -> BackboneCard:
    card = _card(repository, "a repository of the Hugging Face hub")
    weights = Weights(repository=repository, licence="not stated here; see the repository's page")
    card = card.model_copy(update={"weights": weights})
    folder = given or next((place for place in local_places(weights) if (place / CONFIG).is_file()), None)
    if folder is None:
        return card
    expect_installed(card)
    return card.model_copy(update={"architecture": _architecture_of(folder)})


def _class_card(model: str, given: Path | None) -> BackboneCard:
    card = _card(model, "a class of transformers, in its default configuration")
    expect_installed(card)
    family = find_family(model)
    if given is None:
        architecture = _architecture(family, configuration(card.name, Architecture(model=model)))
    else:
        architecture = _architecture_of(given, default_statistics=True)
        if architecture.model != model:
            raise MismatchedWeightsError(
                f"{given / CONFIG}: describes a {architecture.model}, not a {model}. Name the backbone "
                f"`{PREFIX}{architecture.model}`, or pass another folder."
            )
    return card.model_copy(update={"architecture": architecture})


def _card(rest: str, what: str) -> BackboneCard:
    card = BackboneCard(
        name="hf",
        family="hf",
        title=rest,
        needs=Needs(module="transformers", extra="hf"),
        summary=f"{rest}, {what}.",
        paper="see the model's page on the Hugging Face hub",
        architecture=Architecture(model=rest),
        weights=Weights(licence="that of the weights you bring"),
        pretraining=Pretraining(data=(), method="not said by the hub"),
    )
    return card.model_copy(update={"name": f"{PREFIX}{rest}", "entry": "toto_bench.backbones.hf:build"})


def _architecture_of(folder: Path, *, default_statistics: bool = False) -> Architecture:
    """The architecture that a folder of weights describes; the class's own statistics stand in for none, if wanted."""
    content = read_json(folder / CONFIG)
    if not isinstance(kind := content.get("model_type"), str):
        raise UnreadableWeightsError(f"{folder / CONFIG}: has no `model_type`. Get the file again.")
    family = family_of_kind(kind)
    try:
        config = read_configuration(model_class(family.model).config_class, content)
    except ValueError as error:
        raise UnreadableWeightsError(
            f"{folder / CONFIG}: transformers refuses it ({error}). Get the file again."
        ) from error
    if "BeitForMaskedImageModeling" in (content.get("architectures") or ()):
        # The pre-training head reads through a norm of its own, which is BEiT's final one.
        config.use_mean_pooling = False
    architecture = _architecture(family, config).model_copy(update={"arguments": identifying(config)})
    silent = not any((folder / name).is_file() for name in (PREPROCESSOR, VIDEO_PREPROCESSOR))
    if family.statistics is None or (default_statistics and silent):
        return architecture
    mean, std = read_statistics(folder)
    return architecture.model_copy(update={"mean": mean, "std": std})


def _architecture(family: Family, config: HfConfig) -> Architecture:
    size = getattr(config, "crop_size", None) or getattr(config, "image_size", None)
    height, width = sides(size) if size else (None, None)
    if family.statistics is None:
        height = width = int(config.n_positions**0.5)
    return Architecture(
        model=family.model,
        image_size=height if height == width else None,
        layers=config.num_hidden_layers,
    )
