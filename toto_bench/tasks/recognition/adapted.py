"""The backbone that a run has adapted or fine-tuned, as a folder of its own: `run:<id>` reads it."""

import torch
from safetensors.torch import save

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.names import RUN, backbone_card
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.backbones.toto.tokenizers.find import OWN_FILE
from toto_bench.backbones.trained import CARD_FILE, ENTRY, INNER, card_toml
from toto_bench.cards import Architecture, BackboneCard, Weights, backbone_cards
from toto_bench.cards.backbone import UNKNOWN_DATA, Pretraining
from toto_bench.files import replacing_folder, write_bytes, write_text
from toto_bench.results.record import SAMPLE
from toto_bench.tasks.recognition.work import Work

OWN_TOKENIZERS = ("nano",)
"""Tokenizers that travel with the backbone: they are small and ours."""
_OF_SAMPLE = "toto-bench-sample"
"""What cards call the sample that comes with toto-bench."""


def save_adapted(work: Work, backbone: Backbone, family: str) -> bool:
    """Write a trained Toto into the run's folder; false for other backbones, whose weights are not kept.

    Args:
        work: of the run.
        backbone: trained.
        family: what cards call the data of the task.

    Raises:
        DiskError: the operating system refused.
    """
    if not isinstance(backbone, Toto):
        work.context.progress.say(
            f"Note: the trained weights of `{backbone.info.name}` are not kept: only a Toto can be read again by "
            "`run:<id>`."
        )
        return False
    folder = work.context.out / INNER
    with replacing_folder(folder) as temporary:
        write_checkpoint(temporary, backbone.config, backbone.model.state_dict())
        if backbone.tokenizer.name in OWN_TOKENIZERS:
            own = {
                key: value.detach().to("cpu", torch.float32).contiguous()
                for key, value in backbone.tokenizer.checkpointed().state_dict().items()
            }
            write_bytes(temporary / OWN_FILE, save(own))
        write_text(temporary / CARD_FILE, card_toml(_card(work, backbone, family)))
    work.context.progress.say(f"The trained backbone: `--backbone run:{work.context.out}`.")
    return True


def _card(work: Work, backbone: Toto, family: str) -> BackboneCard:
    info, config = work.backbone.info, backbone.config
    known = backbone_cards().get(info.name)
    if known is None and info.name.startswith(RUN):
        known = backbone_card(info.name)
    seen: tuple[str, ...] = () if info.weights.startswith("random") else (UNKNOWN_DATA,)
    if known is not None and known.pretraining is not None and info.checkpoint == "card":
        seen = known.pretraining.data
    own = family if work.report.comparable else _OF_SAMPLE if work.report.name == SAMPLE else UNKNOWN_DATA
    how = "its own loss, without labels" if work.protocol.adaptation == "joint" else "labels"
    return BackboneCard(
        name="trained",
        family=known.family if known else "toto",
        title=f"{known.title if known else info.name}, trained on {work.report.name}",
        entry=ENTRY,
        summary=f"Trained on {work.report.name} by {how}, in the run {work.context.out.name}.",
        paper=known.paper if known else "none",
        architecture=Architecture(
            model="toto",
            arguments=config.model_dump(mode="json", exclude_none=True),
            image_size=config.image_size,
            layers=config.depth,
            parameters_m=round(info.parameters / 1e6, 3),
        ),
        weights=Weights(licence="your own"),
        pretraining=Pretraining(data=tuple(dict.fromkeys([*seen, own])), method=how),
        notes=(f"Began with {info.name} ({info.weights}).",),
    )
