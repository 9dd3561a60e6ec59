"""From a training checkpoint to tensors under the names that the model gave them."""

import re
from collections.abc import Mapping

from torch import Tensor

from toto_bench.backbones.dialects.layout import State, inside, tensors_of
from toto_bench.backbones.errors import MismatchedWeightsError, listed

_WRAPPERS = ("state_dict", "model_state_dict", "model", "module")
"""Names under which training code saves a state dict, one inside the other at times."""
_INNER = re.compile(r"(^|\.)(_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)(?=\.)")
"""What torch.compile, FSDP and activation checkpointing put anywhere into a key."""
_OUTER = re.compile(r"^((module|model|backbone|_forward_module)\.)+")
"""What parallel training and models with a head put before every key."""
_TRAINING = re.compile(r"optim|sched|scaler|rng|loader|sampler|callback|loop|metric|loss", re.IGNORECASE)
"""Names beside the model's that hold the state of training, which is dropped."""
_TRAINING_KEY = re.compile(r"^(optim|optimizer|optimizers|scheduler|lr_scheduler)\.")


def model_state(content: Mapping[str, object]) -> State:
    """The tensors of the model in a checkpoint, without wrappers and prefixes, and without the state of training.

    Raises:
        MismatchedWeightsError: it holds something else than tensors, or several models.
    """
    for _ in _WRAPPERS:
        inner = inside(content, *_WRAPPERS)
        _expect_one_model(content, inner)
        content = inner
    state: State = {}
    sources: dict[str, str] = {}
    for key, tensor in tensors_of({str(key): value for key, value in content.items()}).items():
        if _TRAINING_KEY.match(key):
            continue
        short = plain(key)
        if short in state:
            raise MismatchedWeightsError(
                f"`{sources[short]}` and `{key}` are both `{short}`: the file holds several models. Save the state "
                "dict of one alone"
            )
        state[short], sources[short] = tensor, key
    return state


def plain(key: str) -> str:
    """A key without what wrappers of a model put into it."""
    return _OUTER.sub("", _INNER.sub("", key).removeprefix("."))


def _expect_one_model(content: Mapping[str, object], model: Mapping[str, object]) -> None:
    if model is content:
        return
    others = [
        f"`{key}`"
        for key, value in content.items()
        if value is not model and not _TRAINING.search(str(key)) and _has_tensors(value)
    ]
    if others:
        raise MismatchedWeightsError(
            f"beside the model the file holds other tensors, {listed('under', others)}. Save the state dict that is "
            "meant alone"
        )


def _has_tensors(value: object) -> bool:
    """Within mappings and lists, each looked into once: a hostile file nests them without end."""
    waiting, seen = [value], set[int]()
    while waiting:
        value = waiting.pop()
        if isinstance(value, Tensor):
            return True
        if id(value) in seen or not isinstance(value, Mapping | list | tuple):
            continue
        seen.add(id(value))
        waiting += value.values() if isinstance(value, Mapping) else value
    return False
