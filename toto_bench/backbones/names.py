"""Which card a backbone's name means: a shipped card, or one made from a library's own description."""

from pathlib import Path

from toto_bench.backbones.status import expect_installed
from toto_bench.backbones.trained import trained_card
from toto_bench.cards import BackboneCard, find_backbone
from toto_bench.errors import RequestError

TIMM, HF, PYTHON, RUN = "timm:", "hf:", "python:", "run:"
"""Prefixes of names that need no card."""


def backbone_card(name: str, checkpoint: Path | None = None) -> BackboneCard:
    """The card of a backbone; for a prefix one is made (`timm:` and `hf:` import their library), `run:` has one.

    Args:
        name: a card's, or one with a prefix.
        checkpoint: weights of the user's own; a folder tells `hf:` what to build.

    Raises:
        UnknownNameError: there is no such card, or the library has no such model.
        RequestError: a library is missing, or a training with such a result.
        CardError: the card of a trained backbone is damaged.
    """
    # Imported where they are needed: the libraries behind them import torch.
    if name.startswith(TIMM):
        from toto_bench.backbones.timm.names import timm_card  # noqa: PLC0415

        return timm_card(name.removeprefix(TIMM))
    if name.startswith(HF):
        from toto_bench.backbones.hf.names import hf_card  # noqa: PLC0415

        return hf_card(name.removeprefix(HF), checkpoint)
    if name.startswith(PYTHON):
        from toto_bench.backbones.python.names import python_card  # noqa: PLC0415

        return python_card(name.removeprefix(PYTHON))
    if name.startswith(RUN):
        return trained_card(name.removeprefix(RUN))
    return find_backbone(name)


def entry_of(card: BackboneCard) -> str:
    """The `module:function` that builds the backbone.

    Raises:
        RequestError: the card is quoted or announced, and has none; or what the entry needs is not installed.
    """
    if card.quoted is not None:
        raise RequestError(
            f"`{card.name}` is quoted: its published numbers stand in the tables, but it does not run here "
            f"({card.quoted.rstrip('.')}). Choose one that `toto-bench list backbones` shows as ready, or bring it as "
            "`python:MODULE:FUNCTION`."
        )
    if card.entry is None:
        raise RequestError(
            f"`{card.name}` is announced: its card describes it, but the code that runs it is not part of "
            "this release. Choose one that `toto-bench list backbones` shows as runnable, or `timm:MODEL`."
        )
    expect_installed(card)
    return card.entry
