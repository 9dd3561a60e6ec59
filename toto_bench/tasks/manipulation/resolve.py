"""Values that depend on the backbone, and what does not go together."""

from typing import TypeVar

from toto_bench.backbones.base import Backbone, BackboneInfo, UnsupportedInputError
from toto_bench.errors import RequestError
from toto_bench.probing.settings import Pooling
from toto_bench.tasks.choices import FALLBACK_SIDE
from toto_bench.tasks.manipulation.protocol import ManipulationProtocol

P = TypeVar("P", bound=ManipulationProtocol)
POOLING: dict[str, Pooling] = {"mean": "average", "cls": "cls"}
"""By the card's name."""


def resolve(protocol: P, backbone: Backbone) -> P:
    """The protocol with layer (several: in order, each once) and side of the backbone.

    Raises:
        UnsupportedInputError: it has no such layer or class token, or reads another size.
        RequestError: values of the protocol do not go together.
    """
    info = backbone.info
    if protocol.physics_hz % protocol.control_hz:
        raise RequestError(
            f"`physics_hz` = {protocol.physics_hz} is no multiple of `control_hz` = {protocol.control_hz}."
        )
    if not all(0 <= share <= 1 for share in protocol.expert_share):
        raise RequestError(f"`expert_share` = {list(protocol.expert_share)}: give shares between 0 and 1.")
    layers = _layers(protocol.layer, info)
    if protocol.pooling == "cls" and "cls" not in info.prefix:
        raise UnsupportedInputError(
            f"`{info.name}` has no [CLS] token, which `pooling = cls` reads: take `--set pooling=mean`."
        )
    layer = layers[0] if len(layers) == 1 else layers
    return protocol.model_copy(update={"layer": layer, "resolution": _side(protocol, backbone)})


def layers_of(protocol: ManipulationProtocol) -> tuple[int, ...]:
    """The layers of a resolved protocol."""
    assert not isinstance(protocol.layer, str)
    return (protocol.layer,) if isinstance(protocol.layer, int) else protocol.layer


def _layers(layer: str | int | tuple[int, ...], info: BackboneInfo) -> tuple[int, ...]:
    if layer == "all":
        return tuple(range(1, info.depth + 1))
    if isinstance(layer, str):
        return (-(-info.depth // 2) if layer == "half-depth" else info.depth,)
    chosen = tuple(sorted({layer} if isinstance(layer, int) else set(layer)))
    if not chosen:
        raise RequestError("`layer` names no layer: give a number, several as `--set layer=[2,4]`, or `all`.")
    for number in chosen:
        if number != 0:
            info.layer(number)
    return chosen


def _side(protocol: ManipulationProtocol, backbone: Backbone) -> int:
    info = backbone.info
    if protocol.resolution == "backbone":
        return info.image_size[0] if info.image_size else info.native_size or FALLBACK_SIDE
    if info.image_size not in (None, (protocol.resolution, protocol.resolution)):
        raise UnsupportedInputError(
            f"`{info.name}` reads images of {info.image_size[0]}x{info.image_size[1]} only: take "
            "`--set resolution=backbone`."
        )
    return protocol.resolution
