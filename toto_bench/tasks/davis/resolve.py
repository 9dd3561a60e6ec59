"""Filling in what depends on the backbone, and refusing what it cannot do, before any work."""

from toto_bench.backbones.base import BackboneInfo, UnsupportedInputError
from toto_bench.tasks.choices import FALLBACK_SIDE, expect_single_frames, single_layer
from toto_bench.tasks.davis.protocol import DavisProtocol


def resolve(protocol: DavisProtocol, info: BackboneInfo) -> DavisProtocol:
    """The protocol without `backbone` in it.

    Raises:
        UnsupportedInputError: the backbone needs clips, another patch, has no such layer or no RoPE.
    """
    expect_single_frames(info, "DAVIS encodes single frames")
    layers = layers_of(protocol, info)
    strides = {stride_of(layer, info) for layer in layers}
    patch = strides.pop() if len(strides) == 1 else "per layer"
    if protocol.patch not in ("backbone", patch):
        raise UnsupportedInputError(
            f"The protocol asks for patch {protocol.patch}, but `{info.name}` has {patch}. Choose another backbone "
            "or layer, or leave `patch` as it is."
        )
    if protocol.sequence_frames > 1 and not info.sequences:
        raise UnsupportedInputError(
            f"`{info.name}` reads each frame alone, so that {protocol.sequence_frames} frames make no sequence: leave "
            "`sequence_frames` at 1, or choose a backbone whose frames see each other (a Toto)."
        )
    _expect_rope_base(protocol, info)
    checkpoint = info.checkpoint.partition(":")[0]  # a file's name changes no result; its content has a hash
    if protocol.checkpoint not in ("backbone", checkpoint):
        raise UnsupportedInputError(
            f"The protocol asks for the checkpoint `{protocol.checkpoint}`, but `{checkpoint}` is loaded."
        )
    side = info.native_size or FALLBACK_SIDE
    _expect_fitting_size(protocol, info)
    return protocol.model_copy(
        update={
            "layer": "all" if protocol.layer == "all" else layers[0],
            "patch": patch,
            "rope_base": info.rope_base or "none",
            "checkpoint": checkpoint,
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
    return (single_layer(protocol.layer, info),)


def stride_of(layer: int, info: BackboneInfo) -> int:
    """Pixels per feature; the embeddings, layer 0, have the grid of layer 1."""
    return info.layer(max(layer, 1)).stride


def _expect_rope_base(protocol: DavisProtocol, info: BackboneInfo) -> None:
    """The base belongs to the weights: it is chosen with the backbone, not by the protocol."""
    if protocol.rope_base in ("backbone", info.rope_base or "none"):
        return
    if info.rope_base is None:
        raise UnsupportedInputError(f"`{info.name}` has no rotary embeddings: leave `rope_base` as it is.")
    raise UnsupportedInputError(
        f"The protocol asks for RoPE base {protocol.rope_base}, but `{info.name}` has {info.rope_base:g}. Choose a "
        "backbone that was trained with that base, or leave `rope_base` as it is."
    )


def _expect_fitting_size(protocol: DavisProtocol, info: BackboneInfo) -> None:
    """A model that was built for one size reads squares of that size only; DAVIS videos have several sizes."""
    if info.image_size is None:
        return
    height, width = info.image_size
    if protocol.resize != "square" or protocol.resolution not in ("backbone", height) or height != width:
        raise UnsupportedInputError(
            f"`{info.name}` reads frames of {height}x{width} only. Take the preset `paper`, or add "
            f"`--set resize=square --set resolution={height}`: the result is another protocol, and said so."
        )
