"""Filling in what depends on the backbone, and refusing what it cannot do, before any work."""

from typing import TypeVar

from toto_bench.backbones.base import Backbone, SelfSupervised, UnsupportedInputError
from toto_bench.errors import RequestError
from toto_bench.tasks.recognition.bank import heads_of, is_pooled, layers_of, poolings_of, probe_heads_of
from toto_bench.tasks.recognition.depth import has_stochastic_depth
from toto_bench.tasks.recognition.protocol import RecognitionProtocol

P = TypeVar("P", bound=RecognitionProtocol)
NEIGHBOURS, LOGISTIC = "knn", "logistic"
UNTRAINED = (NEIGHBOURS, LOGISTIC)
"""Probes without steps."""


def resolve(protocol: P, backbone: Backbone, *, frames: int) -> P:
    """The protocol with the layers and heads of the backbone, and with what it does not have left out.

    A backbone without a loss of its own cannot be adapted by it: `joint` becomes `frozen`, and `fine-tune` has the
    classification loss alone, of which `self_supervised_weight = 0` tells. Blocks without a place for stochastic depth
    are trained without it: `drop_path = 0`. The record says so.

    Args:
        protocol: preset and overrides.
        backbone: loaded.
        frames: of a clip.

    Raises:
        UnsupportedInputError: the backbone cannot read such clips, has no such layer, or other rotary positions.
        RequestError: values of the protocol do not go together.
    """
    info = backbone.info
    _expect_clips(protocol, backbone, frames)
    layers = layers_of(protocol, backbone)
    update: dict[str, object] = {"layers": layers}
    probe = str(getattr(protocol, "probe"))  # noqa: B009
    adaptation = protocol.adaptation
    if adaptation == "joint" and not isinstance(backbone, SelfSupervised):
        adaptation = "frozen"
    if probe in UNTRAINED and adaptation == "joint":
        adaptation = "frozen"
    update["adaptation"] = adaptation
    if adaptation == "fine-tune" and not isinstance(backbone, SelfSupervised):
        update["self_supervised_weight"] = 0.0
    if protocol.tunes and float(getattr(protocol, "drop_path", 0)) and not has_stochastic_depth(backbone):
        update["drop_path"] = 0.0
    if probe in UNTRAINED and protocol.tunes:
        raise RequestError(
            f"`probe = {probe}` has no loss that could train the backbone: set `adaptation = frozen`, or take "
            "`probe = linear` for fine-tuning."
        )
    if adaptation == "joint" and protocol.self_supervised_weight == 0:
        raise RequestError(
            "`self_supervised_weight = 0` leaves nothing that trains the backbone: set `adaptation = frozen`."
        )
    poolings = poolings_of(protocol)
    if len(poolings) == 1:
        update["pooling"] = poolings[0]
    elif probe in UNTRAINED:
        raise RequestError(
            f"`probe = {probe}` reads one vector of an item: give one `pooling`, or `probe = linear`."
        )
    if is_pooled(protocol) and poolings != ("average",) and "cls" not in info.prefix:
        asked = next(name for name in poolings if name != "average")
        raise UnsupportedInputError(
            f"`{info.name}` has no [CLS] token, which `pooling = {asked}` reads: leave it at `average`."
        )
    if protocol.probe_heads == "backbone":
        update["probe_heads"] = 1 if is_pooled(protocol) else heads_of(backbone, layers)
    if info.rope_base is None:
        update["rope_base"] = protocol.rope_base  # it has none: whatever stands there changes nothing
    resolved = protocol.model_copy(update=update)
    if probe not in UNTRAINED:
        _expect_dividing(resolved, backbone)
    return resolved


def _expect_clips(protocol: RecognitionProtocol, backbone: Backbone, frames: int) -> None:
    info, side = backbone.info, protocol.resolution
    tubelet = max(layer.tubelet for layer in info.layers)
    if info.frames not in (None, frames) or frames % tubelet:
        raise UnsupportedInputError(
            f"`{info.name}` reads clips of {info.frames or tubelet} frames{'' if info.frames else ' or a multiple'}, "
            f"this protocol gives {frames}: choose another backbone"
            + (f", or `--set frames={info.frames or tubelet}`." if frames > 1 else ".")
        )
    if info.image_size not in (None, (side, side)):
        height, width = info.image_size
        raise UnsupportedInputError(
            f"`{info.name}` reads frames of {height}x{width} only, not {side}x{side}: choose another backbone, or "
            f"`--set resolution={height}`."
        )


def _expect_dividing(protocol: RecognitionProtocol, backbone: Backbone) -> None:
    """The heads of attention pooling share the channels of every layer."""
    head = probe_heads_of(protocol)[0]
    assert isinstance(protocol.layers, tuple)
    for layer in protocol.layers if head.kind != "linear" else ():
        if (width := backbone.info.layer(layer).dim) % head.heads:
            raise UnsupportedInputError(
                f"{head.heads} attention heads cannot share the {width} channels of layer {layer} of "
                f"`{backbone.info.name}`: set `probe_heads` to a number that divides them."
            )
