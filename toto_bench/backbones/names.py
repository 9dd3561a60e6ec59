"""Which card a backbone's name means: a shipped card, or one made from a library's own description."""

from toto_bench.cards import BackboneCard, find_backbone
from toto_bench.errors import RequestError

TIMM = "timm:"
LATER = ("hf:", "python:", "run:")
"""Prefixes that are reserved, and not runnable yet."""


def backbone_card(name: str) -> BackboneCard:
    """The card of a backbone; for `timm:MODEL` one is made from timm's description (this imports timm).

    Raises:
        UnknownNameError: there is no such card or timm model.
        RequestError: the prefix is reserved and not runnable yet.
    """
    if name.startswith(TIMM):
        from toto_bench.backbones.timm.names import timm_card  # noqa: PLC0415 (timm imports torch)

        return timm_card(name.removeprefix(TIMM))
    if prefix := next((prefix for prefix in LATER if name.startswith(prefix)), None):
        raise RequestError(
            f"`{name}`: backbones named `{prefix}...` come with the catalogue of a later release. What runs "
            "now: the cards of `toto-bench list backbones`, and `timm:MODEL` for any timm model."
        )
    return find_backbone(name)


def entry_of(card: BackboneCard) -> str:
    """The `module:function` that builds the backbone.

    Raises:
        RequestError: the card is announced, and has none.
    """
    if card.entry is None:
        raise RequestError(
            f"`{card.name}` is announced: its card describes it, but the code that runs it is not part of "
            "this release. Choose one that `toto-bench list backbones` shows as runnable, or `timm:MODEL`."
        )
    return card.entry
