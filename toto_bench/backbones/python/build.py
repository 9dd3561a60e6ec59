"""From `python:MODULE:FUNCTION` to a backbone."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.python.wrap import as_backbone
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.weights import state_hash
from toto_bench.cards import BackboneCard
from toto_bench.cards.entries import import_entry
from toto_bench.errors import RequestError, TotoBenchError


def build(card: BackboneCard, *, seed: int, image_size: tuple[int, int] | None = None) -> Backbone:
    """Call the user's function, and wrap what it returns unless it is a backbone already.

    The function takes no arguments, or any of `seed` and `image_size`. It is looked for in the working folder
    first. It runs with torch's random numbers drawn from `seed`. Nobody knows whether it trains or loads: `weights`
    is the hash of what it returns, also where the user calls it untrained.

    Raises:
        CardError: the module cannot be imported, or has no such function.
        RequestError: the function fails, or returns something else than a torch module.
    """
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    function = import_entry(card.architecture.model, f"`{card.name}`")
    if not callable(function):
        raise RequestError(f"`{card.name}` is a {type(function).__name__}, not a function: name one.")
    with seeded(seed):
        model = _call(function, card.name, {"seed": seed, "image_size": image_size})
    if not isinstance(model, nn.Module):
        raise RequestError(
            f"`{card.name}` returned a {type(model).__name__}: return a torch module, or a `Backbone`."
        )
    backbone = as_backbone(model, name=card.name).eval()
    weights = state_hash(backbone.checkpointed())
    backbone.info = replace(backbone.info, name=card.name, weights=weights, checkpoint="random", floor=True)
    return backbone


def _call(function: Callable[..., Any], name: str, offered: dict[str, Any]) -> Any:
    """Call with those of the offered arguments that the function takes."""
    parameters = inspect.signature(function).parameters
    try:
        return function(**{key: value for key, value in offered.items() if key in parameters})
    except TotoBenchError:
        raise
    except Exception as error:
        raise RequestError(
            f"`{name}` failed with {type(error).__name__}: {error}. Call it in Python to see the whole traceback."
        ) from error
