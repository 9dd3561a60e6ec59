"""The result of a training: the folder of a backbone of its own."""

from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.backbones.toto.tokenizers.find import OWN_FILE
from toto_bench.backbones.trained import CARD_FILE, ENTRY, card_toml
from toto_bench.cards import Architecture, BackboneCard, Weights
from toto_bench.cards.backbone import Pretraining
from toto_bench.files import replacing_folder, write_bytes, write_text
from toto_bench.pretraining.lineage import write_lineage
from toto_bench.pretraining.model import Start
from toto_bench.pretraining.recipe import Recipe

OWN_TOKENIZERS = ("nano",)
"""Tokenizers that travel with the backbone: they are small and ours."""

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
"""Of `Recipe.saved`."""


def write_backbone(
    folder: Path, start: Start, state: dict[str, Tensor], recipe: Recipe, facts: dict[str, object]
) -> None:
    """Write the folder as a whole: what `run:FOLDER` reads.

    Args:
        folder: replaced.
        start: the model as it began.
        state: its weights now.
        recipe: that trained it.
        facts: its lineage.

    Raises:
        DiskError: the operating system refused.
    """
    backbone = start.backbone
    tokenizer = backbone.tokenizer
    dtype = DTYPES[recipe.saved]
    with replacing_folder(folder) as temporary:
        write_checkpoint(temporary, backbone.config, state, dtype=dtype)
        if tokenizer.name in OWN_TOKENIZERS:
            own = {
                key: value.detach().to("cpu", dtype).contiguous()
                for key, value in tokenizer.checkpointed().state_dict().items()
            }
            write_bytes(temporary / OWN_FILE, save(own))
        write_text(temporary / CARD_FILE, card_toml(make_card(start, state, recipe)))
        write_lineage(temporary, facts)


def make_card(start: Start, state: dict[str, Tensor], recipe: Recipe) -> BackboneCard:
    """What a record and a leaderboard have to know of the result."""
    config, architecture = start.backbone.config, start.card.architecture
    adapted = not start.origin.name.startswith("random:")
    method = f"next token, recipe `{recipe.name}`" + (f", from `{start.origin.name}`" if adapted else "")
    return BackboneCard(
        name="trained",
        family=start.card.family,
        title=f"{start.card.title}, {'adapted' if adapted else 'pre-trained'} here",
        entry=ENTRY,
        summary=recipe.summary,
        paper=start.card.paper,
        architecture=Architecture(
            model=architecture.model,
            arguments=config.model_dump(mode="json", exclude_none=True),
            image_size=config.grid * config.patch,
            layers=config.depth,
            parameters_m=round(sum(value.numel() for value in state.values()) / 1e6, 3),
        ),
        weights=Weights(licence="your own"),
        pretraining=Pretraining(data=families(start, recipe), method=method),
        notes=(f"Began with {start.origin.name} ({start.origin.weights}).",),
    )


def families(start: Start, recipe: Recipe) -> tuple[str, ...]:
    """Data that the result has seen: its own, and that of what it began with."""
    own = [family for source in recipe.data.values() for family in source.families]
    return tuple(dict.fromkeys([*start.origin.data, *own]))
