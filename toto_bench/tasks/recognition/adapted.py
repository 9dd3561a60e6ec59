"""The backbone that the run has adapted or fine-tuned, as a folder of its own: `run:<id>` reads it."""

from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone
from toto_bench.backbones.names import PYTHON, backbone_card
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.checkpoints import write_checkpoint
from toto_bench.backbones.toto.tokenizers.find import OWN_FILE
from toto_bench.backbones.trained import CARD_FILE, ENTRY, INNER, WEIGHTS_FILE, card_toml
from toto_bench.cards import Architecture, BackboneCard, UnknownNameError, Weights
from toto_bench.cards.backbone import UNKNOWN_DATA, Pretraining
from toto_bench.errors import RequestError
from toto_bench.files import replacing_folder, write_bytes, write_text
from toto_bench.results.record import SAMPLE
from toto_bench.tasks.recognition.work import Work

OWN_TOKENIZERS = ("nano",)
"""Tokenizers that travel with the backbone: they are small and ours."""
_OF_SAMPLE = "toto-bench-sample"
"""What cards call the sample that comes with toto-bench."""


def save_adapted(work: Work, backbone: Backbone, family: str) -> None:
    """Write a trained backbone into the run's folder, and say how it is read again.

    A backbone that no card describes (a function of the user's own, a module in memory) cannot be built again by
    `run:<id>`; its weights are kept all the same.

    Args:
        work: of the run.
        backbone: trained.
        family: what cards call the data of the task.

    Raises:
        DiskError: the operating system refused.
    """
    folder, name = work.context.out / INNER, backbone.info.name
    known = _card_of(name)
    card = None if known is None and not isinstance(backbone, Toto) else _card(work, backbone, family, known)
    with replacing_folder(folder) as temporary:
        if isinstance(backbone, Toto):
            _write_toto(temporary, backbone)
        else:
            write_bytes(temporary / WEIGHTS_FILE, save(_state(backbone.checkpointed())))
        if card is not None:
            write_text(temporary / CARD_FILE, card_toml(card))
    if card is not None:
        how = f"`--backbone run:{work.context.out}`"
    elif name.startswith(PYTHON):
        how = f"`--backbone {name} --checkpoint {folder / WEIGHTS_FILE}`"
    else:
        how = f"the state dict in {folder / WEIGHTS_FILE}, of the module that was given"
    work.context.progress.say(f"The trained backbone: {how}.")


def _write_toto(folder: Path, backbone: Toto) -> None:
    write_checkpoint(folder, backbone.config, backbone.model.state_dict())
    if backbone.tokenizer.name in OWN_TOKENIZERS:
        own = _state(backbone.tokenizer.checkpointed(), torch.float32)
        write_bytes(folder / OWN_FILE, save(own))


def _state(module: nn.Module, dtype: torch.dtype | None = None) -> dict[str, Tensor]:
    """Tensors on the CPU, each with memory of its own, as safetensors wants them."""
    return {
        key: value.detach().to("cpu", dtype if value.is_floating_point() else None).clone().contiguous()
        for key, value in module.state_dict().items()
        if isinstance(value, Tensor)
    }


def _card_of(name: str) -> BackboneCard | None:
    """The card that a backbone was built from; None of code of the user's own, and of modules in memory."""
    if name.startswith(PYTHON):
        return None
    try:
        card = backbone_card(name)
    except (UnknownNameError, RequestError):
        return None
    return card if card.entry is not None and card.architecture.layers is not None else None


def _card(work: Work, backbone: Backbone, family: str, known: BackboneCard | None) -> BackboneCard:
    """What the trained backbone is: its architecture, and what it has seen.

    Args:
        work: of the run.
        backbone: trained.
        family: what cards call the data of the task.
        known: card that it was built from; only of a Toto is it not needed.
    """
    info = work.backbone.info
    seen: tuple[str, ...] = () if info.weights.startswith("random") else (UNKNOWN_DATA,)
    if known is not None and known.pretraining is not None and info.checkpoint == "card":
        seen = known.pretraining.data
    own = family if work.report.comparable else _OF_SAMPLE if work.report.name == SAMPLE else UNKNOWN_DATA
    how = "its own loss, without labels" if work.protocol.adaptation == "joint" else "labels"
    return BackboneCard(
        name="trained",
        family=known.family if known else "toto",
        title=f"{known.title if known else info.name}, trained on {work.report.name}",
        entry=ENTRY if known is None or isinstance(backbone, Toto) else known.entry,
        needs=known.needs if known else None,
        summary=f"Trained on {work.report.name} by {how}, in the run {work.context.out.name}.",
        paper=known.paper if known else "none",
        architecture=_architecture(backbone, known),
        weights=Weights(licence="your own"),
        pretraining=Pretraining(data=tuple(dict.fromkeys([*seen, own])), method=how),
        notes=(f"Began with {info.name} ({info.weights}).",),
    )


def _architecture(backbone: Backbone, known: BackboneCard | None) -> Architecture:
    if not isinstance(backbone, Toto):
        assert known is not None
        return known.architecture
    config = backbone.config
    return Architecture(
        model="toto",
        arguments=config.model_dump(mode="json", exclude_none=True),
        image_size=config.image_size,
        layers=config.depth,
        parameters_m=round(backbone.info.parameters / 1e6, 3),
    )
