"""`python:MODULE:FUNCTION`: a card for code that brings its own model."""

import re

from toto_bench.cards import Architecture, BackboneCard, Weights
from toto_bench.errors import RequestError


def python_card(target: str) -> BackboneCard:
    """The card of a function that returns a model; nothing is imported yet.

    Args:
        target: `MODULE:FUNCTION`.

    Raises:
        RequestError: it is not of that form.
    """
    if not re.fullmatch(r"[\w.]+:\w+", target):
        raise RequestError(
            f"`python:{target}` is not of the form `python:MODULE:FUNCTION`, for example `python:my_models:make` for "
            "a function `make()` in `my_models.py` that returns a torch module."
        )
    card = BackboneCard(
        name="python",
        family="python",
        title=target,
        summary="A model of your own.",
        paper="none given",
        architecture=Architecture(model=target),
        weights=Weights(licence="your own", in_code=True),
    )
    entry = "toto_bench.backbones.python.build:build"
    return card.model_copy(update={"name": f"python:{target}", "entry": entry})
