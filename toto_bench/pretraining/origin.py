"""The weights that a training begins with: theirs, what they have seen, and the tokenizer that they read."""

from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from toto_bench.backbones.locate import find_weights
from toto_bench.backbones.names import RUN, backbone_card
from toto_bench.backbones.toto.build import config_of
from toto_bench.backbones.toto.checkpoints import read_checkpoint
from toto_bench.backbones.toto.config import TotoConfig
from toto_bench.backbones.toto.tokenizers import load_tokenizer
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.find import own_tokenizer
from toto_bench.backbones.trained import find_trained, trained_card
from toto_bench.cards import BackboneCard
from toto_bench.cards.backbone import UNKNOWN_DATA
from toto_bench.errors import RequestError
from toto_bench.pretraining.lineage import LINEAGE_FILE, read_lineage
from toto_bench.training.state import read_state

State = dict[str, Tensor]
_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")


class Given(NamedTuple):
    """What `--init` names."""

    state: State
    """Of the transformer."""
    data: tuple[str, ...]
    """What it has seen."""
    tokenizer: Path | None = None
    """The file of its own tokenizer."""
    reads: str | None = None
    """Identity of the tokenizer that it was trained on, where that is known."""


def unfinished(init: str | None) -> Path | None:
    """The folder of the training whose saved state `--init` names."""
    path = None if init is None else Path(init).expanduser()
    if path is None or path.suffix != ".pt" or not path.with_name(LINEAGE_FILE).is_file():
        return None
    return path.parent


def config_of_training(folder: Path) -> TotoConfig:
    """The configuration that a training has."""
    lineage = read_lineage(folder)
    assert lineage is not None
    return TotoConfig.model_validate(lineage["config"])


def read_given(init: str, card: BackboneCard) -> Given:
    """Read them; settings that are to be changed are still those of the weights.

    Args:
        init: a card's name, `run:...`, a folder or file of weights, or the saved state of a training.
        card: of the architecture, for files that do not say theirs.

    Raises:
        RequestError: there is nothing of that name, or no weights behind it.
        WeightsError: they are damaged, or do not fit.
    """
    if (folder := find_trained(init)) is not None:
        trained = trained_card(init.removeprefix(RUN))
        state = read_checkpoint(folder, config_of(trained))
        return Given(state, _data_of(trained), own_tokenizer(folder), _reads(folder))
    path = Path(init).expanduser()
    if (training := unfinished(init)) is not None:
        content = read_state(path)["model"]
        state = {key.removeprefix("model."): value for key, value in content.items()}
        lineage = read_lineage(training) or {}
        return Given(state, tuple(lineage["families"]), reads=_reads(training))
    if path.exists():
        return Given(read_checkpoint(path, config_of(card)), (UNKNOWN_DATA,), own_tokenizer(path))
    if path.suffix in _SUFFIXES:
        raise RequestError(f"`--init {init}`: there is no such file. Check the path, or give a card's name.")
    other = backbone_card(init)
    located = find_weights(other)
    if located.path is None:
        raise RequestError(f"`--init {init}`: this backbone has no weights to begin with.")
    return Given(read_checkpoint(located.path, config_of(other)), _data_of(other))


def expect_tokenizer_of(given: Given, init: str, tokenizer: Tokenizer) -> None:
    """Refuse another tokenizer than that which weights were trained on: they would take its codes for others.

    Raises:
        RequestError: it is another one.
    """
    reads = given.reads
    if reads is None and given.tokenizer is not None:
        reads = load_tokenizer(tokenizer.name, path=given.tokenizer).identity
    if reads is not None and reads != tokenizer.identity:
        raise RequestError(
            f"`--init {init}` was trained on another tokenizer ({reads}) than the one in place ({tokenizer.identity}), "
            "whose codes mean something else to it. Pass the file of its own with `--tokenizer`, or leave that option "
            "out where the weights bring theirs."
        )


def _reads(folder: Path) -> str | None:
    lineage = read_lineage(folder)
    return None if lineage is None else str(lineage["tokenizers"][0])


def _data_of(card: BackboneCard) -> tuple[str, ...]:
    return card.pretraining.data if card.pretraining else (UNKNOWN_DATA,)
