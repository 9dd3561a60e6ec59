"""`timm:MODEL`: a card made from timm's own description of a model."""

from functools import cache
from pathlib import PurePosixPath
from typing import Any

import timm
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.timm.tags import data_of_tag
from toto_bench.cards import Architecture, BackboneCard, Pretraining, UnknownNameError, Weights, did_you_mean


def timm_card(model: str) -> BackboneCard:
    """The card of a timm model, with or without a tag of weights (`vit_small_patch16_224.dino`).

    Raises:
        UnknownNameError: timm has no such model, or no such weights of it.
        UnsupportedInputError: timm does not say which layers the model has.
    """
    plain, _, tag = model.partition(".")
    known = timm.list_models(pretrained=True) if tag and timm.is_model(plain) else timm.list_models()
    if not timm.is_model(plain) or (tag and model not in known):
        raise UnknownNameError(f"timm has no model `{model}`{did_you_mean(model, known)}")
    described: Any = timm.get_pretrained_cfg(model)
    card = BackboneCard(
        name=plain.lower(),
        family="timm",
        title=model,
        entry="toto_bench.backbones.timm:build",
        summary=f"The timm model {model}.",
        paper="see the model's page in timm",
        architecture=Architecture(
            model=model,
            image_size=described.input_size[-1],
            layers=_depth(plain),
            mean=described.mean,
            std=described.std,
        ),
        weights=_weights(model, described),
        pretraining=Pretraining(
            data=data_of_tag(described.tag or ""), method=described.tag or "not said by timm"
        ),
    )
    return card.model_copy(update={"name": f"timm:{model}"})


@cache
def _depth(model: str) -> int:
    """Number of layers that timm can read, from a model without storage."""
    try:
        with torch.device("meta"):
            stages: Any = getattr(timm.create_model(model, pretrained=False), "feature_info", None)
    except RuntimeError as error:
        raise UnsupportedInputError(f"timm cannot lay out `{model}` without its data: {error}.") from error
    if not stages:
        raise UnsupportedInputError(f"timm does not say which layers `{model}` has: choose another model.")
    return len(stages)


def _weights(model: str, described: Any) -> Weights:
    """The original release's file, else timm's own on the Hugging Face hub."""
    filename = described.hf_hub_filename or "model.safetensors"
    hub = (
        f"https://huggingface.co/{described.hf_hub_id}/resolve/main/{filename}"
        if described.hf_hub_id
        else None
    )
    return Weights(
        url=described.url or hub,
        filename=None if described.url else f"{model}{PurePosixPath(filename).suffix}",
        licence=described.license or "not said by timm; see the model's page",
        dialect="timm",
    )
