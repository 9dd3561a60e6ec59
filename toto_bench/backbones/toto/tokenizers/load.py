"""Tokenizers, built and loaded."""

from pathlib import Path

from toto_bench.backbones.download import fetching_again
from toto_bench.backbones.pickled import StandIn, stand_in
from toto_bench.backbones.seeding import seeded
from toto_bench.backbones.status import installed
from toto_bench.backbones.toto.tokenizers.base import Tokenizer
from toto_bench.backbones.toto.tokenizers.find import Found, find_tokenizer
from toto_bench.backbones.toto.tokenizers.registry import (
    NEEDS_TRANSFORMERS,
    TOKENIZERS,
    expect_tokenizer,
    tokenizer_weights,
)
from toto_bench.backbones.weights import load_weights, state_hash
from toto_bench.cards.entries import import_entry
from toto_bench.errors import RequestError

_NAMED_IN_PICKLES = (
    *("dall_e.encoder.Encoder", "dall_e.encoder.EncoderBlock", "dall_e.utils.Conv2d"),
    *("torch.nn.modules.container.Sequential", "torch.nn.modules.linear.Identity"),
    *("torch.nn.modules.activation.ReLU", "torch.nn.modules.pooling.MaxPool2d"),
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
)
"""Classes of OpenAI's pickled encoder, and of Lightning's checkpoints, that are read without their code."""
STAND_INS: tuple[type[StandIn], ...] = tuple(map(stand_in, _NAMED_IN_PICKLES))


def build(name: str, seed: int) -> Tokenizer:
    """As `build_tokenizer`."""
    expect_tokenizer(name)
    if name in NEEDS_TRANSFORMERS and not installed("transformers"):
        raise RequestError(
            f"The tokenizer `{name}` needs the Python package `transformers`, which is not installed: "
            "`pip install 'toto-bench[hf]'`."
        )
    kind = import_entry(TOKENIZERS[name], f"the tokenizer `{name}`")
    with seeded(seed):
        tokenizer: Tokenizer = kind()
    if next(tokenizer.parameters(), None) is not None:
        tokenizer.weights = f"random:{seed}"
    return tokenizer.eval()


def load(name: str, path: Path | None) -> Tokenizer:
    """As `load_tokenizer`."""
    found = find_tokenizer(name, path)
    tokenizer = build(name, 0)
    if found is None:
        return tokenizer
    _fill(tokenizer, found)
    tokenizer.weights, tokenizer.file = state_hash(tokenizer.checkpointed()), found.path
    return tokenizer.requires_grad_(False)


def _fill(tokenizer: Tokenizer, found: Found) -> None:
    file, weights = found.path, found.weights
    known = tokenizer_weights(tokenizer.name)
    dialect = known[0].dialect if known else "same"
    if weights is None:
        load_weights(tokenizer.checkpointed(), file, dialect=dialect, stand_ins=STAND_INS)
        return
    sha256 = weights.sha256
    with fetching_again(found.located, weights):
        load_weights(tokenizer.checkpointed(), file, dialect=dialect, sha256=sha256, stand_ins=STAND_INS)
