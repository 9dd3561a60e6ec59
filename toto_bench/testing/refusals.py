"""What a backbone cannot read, it refuses."""

from collections.abc import Sequence

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, UnsupportedInputError
from toto_bench.testing.shapes import expect_shapes


def check_refusals(backbone: Backbone, video: Tensor, inputs: Tensor) -> None:
    """What the backbone cannot read is refused by name, not computed wrongly."""
    depth = backbone.info.depth
    for layer in (-1, depth + 1):
        refusal = _refusal(backbone, inputs, [1, layer])
        assert refusal is not None, (
            f"Layer {layer} does not exist, but `forward_layers` gave tokens for it: raise UnsupportedInputError "
            "(`info.layer` does)."
        )
        assert str(layer) in refusal, f"Layer {layer} is refused, but the error does not name it: {refusal}"
    if _refusal(backbone, inputs, [0]) is None:
        expect_shapes(backbone.forward_layers(inputs, [0]), backbone.info, [0], video.shape)
    if backbone.info.frames is not None:
        longer = torch.cat([video, video], dim=1)
        assert _refuses_video(backbone, longer), (
            f"`info.frames` is {backbone.info.frames}, but {longer.shape[1]} frames were read: refuse them."
        )
    if backbone.info.image_size is not None:
        larger = torch.nn.functional.pad(video, (0, 32, 0, 32))
        assert _refuses_video(backbone, larger), (
            f"`info.image_size` is {backbone.info.image_size}, but frames of {tuple(larger.shape[-2:])} were read: "
            "refuse them."
        )


def _refusal(backbone: Backbone, inputs: Tensor, layers: Sequence[int]) -> str | None:
    """What the backbone says when it is asked for layers that it has not; None if it gives them."""
    try:
        backbone.forward_layers(inputs, layers)
    except UnsupportedInputError as error:
        return str(error)
    return None


def _refuses_video(backbone: Backbone, video: Tensor) -> bool:
    try:
        inputs = backbone.prepare(video)
    except UnsupportedInputError:
        return True
    return _refusal(backbone, inputs, [1]) is not None
