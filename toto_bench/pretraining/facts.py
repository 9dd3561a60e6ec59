"""What is known of a training before it begins, and the identity that follows from it."""

from typing import Any

from toto_bench.files import digest
from toto_bench.pretraining.data import Data
from toto_bench.pretraining.model import Start
from toto_bench.pretraining.request import plain
from toto_bench.pretraining.result import families
from toto_bench.pretraining.session import Session


def facts_of(start: Start, data: Data, session: Session, command: str) -> dict[str, Any]:
    """The lineage; its `identity` covers everything that decides the losses.

    Data count by names and sizes, so that a copy is the same data; that the tokens are the same too is held when a
    state is loaded.

    Args:
        start: the model as it begins.
        data: that was found.
        session: number type and seed.
        command: the command line.
    """
    decides = {
        "recipe": plain(data.recipe),
        "dtype": session.dtype,
        "seed": session.seed,
        "config": start.backbone.config.model_dump(mode="json"),
        "tokenizers": [start.backbone.tokenizer.identity, start.backbone.target.identity],
        "weights": start.origin.weights,
        "data": {name: part.digest for name, part in data.listings.items()},
    }
    return {
        "identity": digest(decides),
        **decides,
        "recipe": data.recipe.model_dump(mode="json"),
        "began_with": start.origin.name,
        "families": families(start, data.recipe),
        "command": command,
    }
