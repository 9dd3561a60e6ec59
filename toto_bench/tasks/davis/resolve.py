"""Filling in what depends on the backbone, and refusing what it cannot do, before any work."""

from toto_bench.backbones.base import BackboneInfo, UnsupportedInputError
from toto_bench.tasks.davis.protocol import DavisProtocol

FALLBACK_SIDE = 224
"""Side for a backbone that was not trained at any: the paper's for DINO and MAE."""


def resolve(protocol: DavisProtocol, info: BackboneInfo) -> DavisProtocol:
    """The protocol without `backbone` in it.

    Raises:
        UnsupportedInputError: the backbone needs clips, another patch, has no such layer or no RoPE.
    """
    if info.frames not in (None, 1):
        raise UnsupportedInputError(
            f"`{info.name}` reads clips of {info.frames} frames; DAVIS encodes single frames. Choose an image backbone."
        )
    layers = layers_of(protocol, info)
    strides = {info.layer(layer).stride for layer in layers}
    patch = strides.pop() if len(strides) == 1 else "per layer"
    if protocol.patch not in ("backbone", patch):
        raise UnsupportedInputError(
            f"The protocol asks for patch {protocol.patch}, but `{info.name}` has {patch}. Choose another backbone "
            "or layer, or leave `patch` as it is."
        )
    if protocol.rope_base not in ("backbone", "none"):
        raise UnsupportedInputError(f"`{info.name}` has no rotary embeddings: leave `rope_base` as it is.")
    if protocol.checkpoint not in ("backbone", info.checkpoint):
        raise UnsupportedInputError(
            f"The protocol asks for the checkpoint `{protocol.checkpoint}`, but `{info.checkpoint}` is loaded."
        )
    side = info.native_size or FALLBACK_SIDE
    return protocol.model_copy(
        update={
            "layer": "all" if protocol.layer == "all" else layers[0],
            "patch": patch,
            "rope_base": "none",
            "checkpoint": info.checkpoint,
            "resolution": side if protocol.resolution == "backbone" else protocol.resolution,
        }
    )


def layers_of(protocol: DavisProtocol, info: BackboneInfo) -> tuple[int, ...]:
    """The layers that the protocol reads.

    Raises:
        UnsupportedInputError: the backbone has no such layer.
    """
    if protocol.layer == "all":
        return tuple(range(1, info.depth + 1))
    layer = info.default_layer if protocol.layer == "last" else protocol.layer
    info.layer(layer)
    return (layer,)
