"""The protocol with what depends on the backbone filled in, and what does not go together refused."""

from toto_bench.backbones.base import Backbone, SelfSupervised, UnsupportedInputError
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol


def resolve(protocol: EgoStaProtocol, backbone: Backbone) -> EgoStaProtocol:
    """A backbone without parameters is not fine-tuned; one that is not trained, or has no loss, has none of weight.

    Raises:
        UnsupportedInputError: the backbone cannot read such clips, or does not say which layer a parameter is of.
    """
    _expect_clips(protocol, backbone)
    update: dict[str, object] = {}
    if protocol.adaptation == "fine-tune" and next(backbone.parameters(), None) is None:
        update["adaptation"] = "frozen"
    frozen = update.get("adaptation", protocol.adaptation) == "frozen"
    if frozen or not isinstance(backbone, SelfSupervised):
        update["self_supervised_weight"] = 0.0
    if frozen:
        update["layer_decay"] = 1.0
    elif protocol.layer_decay < 1:
        backbone.layer_of(next(name for name, _ in backbone.named_parameters()))
    return protocol.model_copy(update=update)


def _expect_clips(protocol: EgoStaProtocol, backbone: Backbone) -> None:
    info, side = backbone.info, protocol.resolution
    tubelet = max(layer.tubelet for layer in info.layers)
    if info.frames not in (None, protocol.frames) or protocol.frames % tubelet:
        raise UnsupportedInputError(
            f"`{info.name}` reads clips of {info.frames or tubelet} frames{'' if info.frames else ' or a multiple'}, "
            f"this protocol gives {protocol.frames}: choose another backbone, or `--set frames="
            f"{info.frames or tubelet}`."
        )
    if info.image_size not in (None, (side, side)):
        height, width = info.image_size
        raise UnsupportedInputError(
            f"`{info.name}` reads frames of {height}x{width} only, not {side}x{side}: choose another backbone, or "
            f"`--set resolution={height}`."
        )
