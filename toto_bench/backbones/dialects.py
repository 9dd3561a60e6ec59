"""Dialects: named maps from the keys of a weights file to those of a model. None is ever guessed."""

import sys
from collections.abc import Callable, Mapping

from torch import Tensor, nn

from toto_bench.backbones.errors import MismatchedWeightsError, listed
from toto_bench.cards import CardError, did_you_mean

State = dict[str, Tensor]
Dialect = Callable[[Mapping[str, object], nn.Module], State]
"""The file's content and the model, to tensors under the model's keys."""


def translate(content: Mapping[str, object], model: nn.Module, dialect: str) -> State:
    """The tensors of a file, under the model's keys as far as the dialect knows them.

    Raises:
        CardError: there is no such dialect.
        MismatchedWeightsError: the file is not written in it.
    """
    if dialect not in DIALECTS:
        raise CardError(f"There is no weights dialect `{dialect}`{did_you_mean(dialect, DIALECTS)}")
    return DIALECTS[dialect](content, model)


def same(content: Mapping[str, object], _: nn.Module) -> State:
    """The file's keys are the model's."""
    return _tensors(content)


def in_order(content: Mapping[str, object], model: nn.Module) -> State:
    """Tensors are matched by position: their number, every shape and the last part of every key must agree.

    A linear classifier at the end of the file (a matrix and a vector) is left out if the model has none.
    """
    theirs = list(_tensors(content).items())
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


def mae(content: Mapping[str, object], _: nn.Module) -> State:
    """MAE: weights under `model` (or alone); the decoder and the mask token are left out."""
    return {
        key: tensor
        for key, tensor in _tensors(_inside(content, ("model",))).items()
        if not key.startswith("decoder") and key != "mask_token"
    }


def dino(content: Mapping[str, object], _: nn.Module) -> State:
    """DINO: a backbone alone, or a training checkpoint: its teacher (else its student), without the head."""
    inside = _inside(content, ("teacher", "student"))
    tensors = {key.removeprefix("module."): tensor for key, tensor in _tensors(inside).items()}
    if inside is content:
        return tensors
    wrapper = "backbone."
    return {key.removeprefix(wrapper): tensor for key, tensor in tensors.items() if key.startswith(wrapper)}


def timm(content: Mapping[str, object], model: nn.Module) -> State:
    """timm: weights alone or under a usual name, through timm's own filter; the classifier is left out.

    The filter renames the keys of original releases and resamples position embeddings to the model's size.
    """
    tensors = _tensors(_inside(content, ("state_dict_ema", "model_ema", "state_dict", "model", "module")))
    tensors = {key.removeprefix("module."): tensor for key, tensor in tensors.items()}
    convert = getattr(sys.modules[_timm_class(model).__module__], "checkpoint_filter_fn", None)
    converted: State = convert(tensors, model) if convert else tensors
    heads = getattr(model, "pretrained_cfg", {}).get("classifier") or ()
    heads = (heads,) if isinstance(heads, str) else tuple(heads)
    own = model.state_dict()
    return {
        key: tensor
        for key, tensor in converted.items()
        if key in own or not any(key.startswith(f"{head}.") for head in heads)
    }


DIALECTS: dict[str, Dialect] = {
    "same": same,
    "in-order": in_order,
    "mae": mae,
    "mvp": mae,  # MVP writes its encoders in MAE's layout (ir413/mvp, README)
    "dino": dino,
    "timm": timm,
}


def _inside(content: Mapping[str, object], names: tuple[str, ...]) -> Mapping[str, object]:
    """The state dict under the first of the names that the file has, else the file's content itself."""
    for name in names:
        inner = content.get(name)
        if isinstance(inner, Mapping):
            return inner
    return content


def _tensors(content: Mapping[str, object]) -> State:
    tensors = {key: value for key, value in content.items() if isinstance(value, Tensor)}
    if len(tensors) == len(content) and tensors:
        return tensors
    others = ", ".join(f"`{key}`" for key in list(content)[:8] if key not in tensors) or "nothing"
    raise MismatchedWeightsError(f"a state dict holds tensors alone, but this one holds {others}")


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]


def _is_classifier(tensors: list[Tensor]) -> bool:
    matrix, vector = tensors
    return matrix.ndim == 2 and vector.ndim == 1 and matrix.shape[0] == vector.shape[0]


def _timm_class(model: nn.Module) -> type[nn.Module]:
    """The class of the model that timm defines, below any of ours."""
    return next((kind for kind in type(model).__mro__ if kind.__module__.startswith("timm.")), type(model))
