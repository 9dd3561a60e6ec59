"""The backbone that is trained: a card's architecture, changed where asked, with weights to begin with."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn

from toto_bench.backbones.load import build_backbone
from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.names import RUN, backbone_card
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.backbones.toto.build import config_of
from toto_bench.backbones.toto.checkpoints import read_checkpoint
from toto_bench.backbones.toto.tokenizers.find import own_tokenizer
from toto_bench.backbones.trained import find_trained, trained_card
from toto_bench.backbones.weights import put_weights, state_hash
from toto_bench.cards import BackboneCard
from toto_bench.cards.backbone import UNKNOWN_DATA
from toto_bench.errors import RequestError
from toto_bench.pretraining.lineage import LINEAGE_FILE, families_of_training
from toto_bench.training.state import read_state

State = dict[str, Tensor]


class Origin(NamedTuple):
    """The weights that a training begins with."""

    name: str
    """Card, `run:...` or path; `random:SEED`."""
    weights: str
    """Hash of the state dict."""
    data: tuple[str, ...]
    """What they have seen."""


class Start(NamedTuple):
    """A model before its training."""

    backbone: Toto
    card: BackboneCard
    """Of its architecture, with what was changed."""
    origin: Origin


def make_model(
    name: str,
    *,
    seed: int,
    init: str | None = None,
    tokenizer: Path | None = None,
    grid: int | None = None,
    rope_base: float | None = None,
    frames: int | None = None,
) -> Start:
    """The model that a training begins with.

    Args:
        name: card of the architecture.
        seed: of random weights.
        init: a card's name, `run:...`, a folder or file of weights, or the saved state of a training.
        tokenizer: weights of the input tokenizer; None = those that `init` has, or where they are looked for.
        grid: tokens on a side of a frame; None = the card's.
        rope_base: of the rotary embedding; None = the card's.
        frames: of a training sequence; None = the card's.

    Raises:
        RequestError: something does not exist, or is no Toto.
        WeightsError: weights are missing, damaged, or do not fit.
    """
    plain = backbone_card(name)
    if plain.architecture.model != "toto":
        raise _no_toto(name)
    card = _changed(plain, {"grid": grid, "rope_base": rope_base, "frames": frames})
    backbone = build_backbone(card, seed=seed)
    if not isinstance(backbone, Toto):
        raise _no_toto(name)
    data: tuple[str, ...] = ()
    if init is not None:
        state, data = _read(init, plain)
        put_weights(state, backbone.model, f"`--init {init}`")
    backbone.take_tokenizers(tokenizer or (_tokenizer_of(init) if init is not None else None))
    origin = Origin(init or f"random:{seed}", state_hash(backbone.model), data)
    return Start(backbone, card, origin)


def _no_toto(name: str) -> RequestError:
    return RequestError(
        f"`{name}` is not a Toto: only those are pre-trained here. Choose one of their cards."
    )


def _changed(card: BackboneCard, changes: Mapping[str, float | None]) -> BackboneCard:
    given = {key: value for key, value in changes.items() if value is not None}
    if not given:
        return card
    arguments = {**card.architecture.arguments, **given}
    # The size follows from the arguments.
    changed = card.architecture.model_copy(update={"arguments": arguments, "image_size": None})
    return card.model_copy(update={"architecture": changed})


def _read(init: str, card: BackboneCard) -> tuple[State, tuple[str, ...]]:
    """Weights, and the data that they have seen; settings that are to be changed are still those of the weights."""
    if (folder := find_trained(init)) is not None:
        trained = trained_card(init.removeprefix(RUN))
        return read_checkpoint(folder, config_of(trained)), _data_of(trained)
    path = Path(init).expanduser()
    if path.suffix == ".pt" and path.with_name(LINEAGE_FILE).is_file():
        content = read_state(path)["model"]
        state = {key.removeprefix("model."): value for key, value in content.items()}
        return state, families_of_training(path.parent)
    if path.exists():
        return read_checkpoint(path, config_of(card)), (UNKNOWN_DATA,)
    other = backbone_card(init)
    located = find_weights(other)
    if located.path is None:
        raise RequestError(f"`--init {init}`: this backbone has no weights to begin with.")
    return read_checkpoint(located.path, config_of(other)), _data_of(other)


def _data_of(card: BackboneCard) -> tuple[str, ...]:
    return card.pretraining.data if card.pretraining else (UNKNOWN_DATA,)


def _tokenizer_of(init: str) -> Path | None:
    """The file of the tokenizer that weights to begin with bring."""
    path = find_trained(init) or Path(init).expanduser()
    return own_tokenizer(path) if path.exists() else None


def blocks_of(backbone: Toto) -> tuple[nn.Module, ...]:
    """The blocks of the transformer, which FSDP cuts one by one."""
    return tuple(backbone.model.blocks)
