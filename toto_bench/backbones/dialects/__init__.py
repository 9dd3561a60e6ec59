"""Dialects: named maps from the keys of a weights file to those of a model. None is ever guessed."""

from collections.abc import Callable, Mapping

from torch import nn

from toto_bench.backbones.dialects import generic, releases, tokenizers
from toto_bench.backbones.dialects.layout import State
from toto_bench.cards import CardError, did_you_mean

__all__ = ["DIALECTS", "Dialect", "State", "translate"]

Dialect = Callable[[Mapping[str, object], nn.Module], State]
"""The file's content and the model, to tensors under the model's keys."""

DIALECTS: dict[str, Dialect] = {
    "same": generic.same,
    "in-order": generic.in_order,
    "timm": generic.timm,
    "dino": releases.dino,
    "hiera": releases.hiera,
    "ijepa": releases.ijepa,
    "mae": releases.mae,
    "moco-v3": releases.moco_v3,
    "mvp": releases.mae,  # MVP writes its encoders in MAE's layout (ir413/mvp, README)
    "simclr": releases.simclr,
    "swav": releases.swav,
    "dall-e": tokenizers.dall_e,
    "taming": tokenizers.taming,
    "diffusers-vae": tokenizers.diffusers_vae,
}


def translate(content: Mapping[str, object], model: nn.Module, dialect: str) -> State:
    """The tensors of a file, under the model's keys as far as the dialect knows them.

    Raises:
        CardError: there is no such dialect.
        MismatchedWeightsError: the file is not written in it.
    """
    if dialect not in DIALECTS:
        raise CardError(f"There is no weights dialect `{dialect}`{did_you_mean(dialect, DIALECTS)}")
    return DIALECTS[dialect](content, model)
