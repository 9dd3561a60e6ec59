"""The probes of a run, as its protocol asks for them."""

import math

from toto_bench.backbones.base import Backbone
from toto_bench.probing.bank import ProbeBank
from toto_bench.probing.settings import Head, Kind, Pooling, grid
from toto_bench.tasks.recognition.protocol import RecognitionProtocol

MOST_HEADS = 12
"""Of attention pooling on a backbone without attention."""
_NAMES = ("num_heads", "num_attention_heads", "heads", "n_heads")
"""What libraries call the number of an attention's heads."""


def layers_of(protocol: RecognitionProtocol, backbone: Backbone) -> tuple[int, ...]:
    """The layers with a probe each, 1..depth.

    Raises:
        UnsupportedInputError: the backbone has no such layer.
    """
    info = backbone.info
    if protocol.layers == "all":
        return tuple(range(1, info.depth + 1))
    if protocol.layers == "last":
        return (info.depth,)
    asked = (protocol.layers,) if isinstance(protocol.layers, int) else protocol.layers
    for layer in asked:
        info.layer(layer)
    return tuple(sorted(set(asked)))


def heads_of(backbone: Backbone, layers: tuple[int, ...]) -> int:
    """Heads of attention pooling: as many as the backbone's attention has, where they divide all layers' widths.

    Else the largest number up to 12 that divides them: a CNN has no heads, and its stages have several widths.
    """
    width = math.gcd(*(backbone.info.layer(layer).dim for layer in layers))
    for module in backbone.modules():
        for name in _NAMES:
            heads = getattr(module, name, None)
            if isinstance(heads, int) and heads > 0 and width % heads == 0:
                return heads
    return max(heads for heads in range(1, MOST_HEADS + 1) if width % heads == 0)


def is_pooled(protocol: RecognitionProtocol) -> bool:
    """Whether probes read one vector of an item, so that tokens need not be kept."""
    return not str(getattr(protocol, "probe")).startswith("attention")  # noqa: B009  each task has its own list


def poolings_of(protocol: RecognitionProtocol) -> tuple[Pooling, ...]:
    """What linear probes read, one after the other."""
    return (protocol.pooling,) if isinstance(protocol.pooling, str) else protocol.pooling


def probe_heads_of(protocol: RecognitionProtocol) -> list[Head]:
    """The heads of a resolved protocol: a linear one for each pooling, or one that has its own.

    Args:
        protocol: whose `probe_heads` is a number.
    """
    kind: Kind = getattr(protocol, "probe")  # noqa: B009
    if kind == "linear":
        norm, bias = protocol.probe_batch_norm, protocol.probe_bias
        return [Head(kind=kind, pooling=p, batch_norm=norm, bias=bias) for p in poolings_of(protocol)]
    heads = protocol.probe_heads
    assert isinstance(heads, int)
    shape = {"mlp_ratio": ratio} if (ratio := getattr(protocol, "probe_mlp_ratio", 0)) else {}
    return [
        Head(
            kind=kind,
            batch_norm=protocol.probe_batch_norm,
            heads=heads,
            queries=protocol.probe_queries,
            bias=protocol.probe_bias,
            init_std=protocol.probe_init_std,
            **shape,
        )
    ]


def make_bank(protocol: RecognitionProtocol, backbone: Backbone, classes: int, seed: int) -> ProbeBank:
    """Untrained probes on every layer, of every pooling, with every rate."""
    rates = [protocol.lr * factor for factor in protocol.lr_factors]
    return ProbeBank(
        {layer: backbone.info.layer(layer).dim for layer in layers_of(protocol, backbone)},
        probe_heads_of(protocol),
        grid(rates, [protocol.probe_weight_decay]),
        classes,
        seed=seed,
        prefix=backbone.info.prefix,
    )
