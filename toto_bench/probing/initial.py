"""The first weights of a probe: they depend on the seed, the layer and the head, and on nothing else."""

import hashlib
import math

import torch
from torch import Tensor

from toto_bench.probing.pool import width_of
from toto_bench.probing.settings import Head

VECTORS = frozenset({"bias", "query", "query_bias", "value_bias", "expand_bias", "contract_bias"}) | {
    f"{norm}_{part}" for norm in ("norm1", "norm2") for part in ("scale", "shift")
}
"""Parameters without weight decay."""
_LINEAR_STD = 0.01
"""Of linear probes: MAE main_linprobe.py, DINOv2 linear.py."""


def initial(head: Head, layer: int, width: int, classes: int, seed: int) -> dict[str, Tensor]:
    """Parameters by name, float32.

    All settings of a layer begin alike, and a layer does not depend on which others are probed.

    Args:
        head: of the probe.
        layer: its number.
        width: of its tokens.
        classes: of the task.
        seed: of the run.
    """
    digest = hashlib.sha256(f"{seed}/{layer}/{head.name}".encode()).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))
    if head.kind == "linear":
        values = _linear(width_of(head.pooling, width), classes, generator)
    elif head.kind == "attention":
        values = _attention(head, width, classes, generator)
    else:
        values = _block(head, width, classes, generator)
    if not head.bias:
        del values["bias"]
    return values


def _linear(width: int, classes: int, generator: torch.Generator) -> dict[str, Tensor]:
    return {"weight": _normal(_LINEAR_STD, generator, classes, width), "bias": torch.zeros(classes)}


def _attention(head: Head, width: int, classes: int, generator: torch.Generator) -> dict[str, Tensor]:
    """As AIM's AttentionPoolingClassifier: queries from a normal, linear layers as `nn.Linear` begins."""
    bound = width**-0.5
    return {
        "query": _normal(head.init_std, generator, head.queries, width),
        "key": _uniform(bound, generator, width, width),
        "value": _uniform(bound, generator, width, width),
        "weight": _uniform(bound, generator, classes, width),
        "bias": _uniform(bound, generator, classes),
    }


def _block(head: Head, width: int, classes: int, generator: torch.Generator) -> dict[str, Tensor]:
    """As V-JEPA's AttentivePooler of depth 1; the bias of the keys is left out, because it changes nothing."""
    std, hidden = head.init_std, int(width * head.mlp_ratio)
    norms = {
        f"{norm}_{part}": torch.full((width,), value)
        for norm in ("norm1", "norm2")
        for part, value in (("scale", 1.0), ("shift", 0.0))
    }
    return norms | {
        "query": _normal(std, generator, 1, width),
        "query_map": _normal(std, generator, width, width),
        "query_bias": torch.zeros(width),
        "key": _normal(std, generator, width, width),
        "value": _normal(std, generator, width, width),
        "value_bias": torch.zeros(width),
        "expand": _normal(std, generator, hidden, width),
        "expand_bias": torch.zeros(hidden),
        "contract": _normal(std / math.sqrt(2), generator, width, hidden),
        "contract_bias": torch.zeros(width),
        "weight": _normal(std, generator, classes, width),
        "bias": torch.zeros(classes),
    }


def _normal(std: float, generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator) * std


def _uniform(bound: float, generator: torch.Generator, *shape: int) -> Tensor:
    return (torch.rand(shape, generator=generator) * 2 - 1) * bound
