"""Dialects that belong to no single release: the model's own keys, positions in a file, timm's conventions."""

import sys
from collections.abc import Mapping

from torch import Tensor, nn

from toto_bench.backbones.dialects.layout import State, inside, tensors_of, unwrapped, without
from toto_bench.backbones.errors import MismatchedWeightsError, listed


def same(content: Mapping[str, object], _: nn.Module) -> State:
    """The file's keys are the model's."""
    return tensors_of(content)


def in_order(content: Mapping[str, object], model: nn.Module) -> State:
    """Tensors are matched by position: their number, every shape and the last part of every key must agree.

    A linear classifier at the end of the file (a matrix and a vector) is left out if the model has none.
    """
    theirs = list(tensors_of(content).items())
    ours = list(model.state_dict().items())
    if len(theirs) == len(ours) + 2 and _is_classifier([tensor for _, tensor in theirs[-2:]]):
        theirs = theirs[:-2]
    if len(theirs) != len(ours):
        raise MismatchedWeightsError(
            f"the file holds {len(theirs)} tensors and the model {len(ours)}: they cannot be matched in order"
        )
    wrong = [
        f"`{their_key}` {list(their.shape)} would become `{our_key}` {list(our.shape)}"
        for (their_key, their), (our_key, our) in zip(theirs, ours, strict=True)
        if their.shape != our.shape or _last_part(their_key) != _last_part(our_key)
    ]
    if wrong:
        raise MismatchedWeightsError(listed("in the wrong order", wrong))
    return {our_key: their for (our_key, _), (_, their) in zip(ours, theirs, strict=True)}


def timm(content: Mapping[str, object], model: nn.Module) -> State:
    """timm: weights alone or under a usual name, through timm's own filter; the classifier is left out.

    The filter renames the keys of original releases (DINOv2, CLIP, AIMv2 among them) and resamples position
    embeddings to the model's size.
    """
    names = ("state_dict_ema", "model_ema", "state_dict", "model", "module", "encoder")
    tensors = unwrapped(tensors_of(inside(content, *names)))
    convert = getattr(sys.modules[_timm_class(model).__module__], "checkpoint_filter_fn", None)
    converted: State = convert(tensors, model) if convert else tensors
    heads = getattr(model, "pretrained_cfg", {}).get("classifier") or ()
    heads = (heads,) if isinstance(heads, str) else tuple(heads)
    own = model.state_dict()
    kept = without(converted, *(f"{head}." for head in heads))
    return kept | {key: tensor for key, tensor in converted.items() if key in own}


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]


def _is_classifier(tensors: list[Tensor]) -> bool:
    matrix, vector = tensors
    return matrix.ndim == 2 and vector.ndim == 1 and matrix.shape[0] == vector.shape[0]


def _timm_class(model: nn.Module) -> type[nn.Module]:
    """The class of the model that timm defines, below any of ours."""
    return next((kind for kind in type(model).__mro__ if kind.__module__.startswith("timm.")), type(model))
