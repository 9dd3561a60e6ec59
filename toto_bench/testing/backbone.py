"""The contract of backbones: what tasks rely on, checked on a few random frames."""

from collections.abc import Sequence

import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, UnsupportedInputError
from toto_bench.testing.refusals import check_refusals
from toto_bench.testing.shapes import Size, clips, expect_shapes
from toto_bench.testing.values import check_gradients, check_values

SIZES: tuple[Size, ...] = ((32, 48), (56, 84), (50, 70))
"""Sizes that a backbone is asked for when it reads any: multiples of 16 and of 14, and one that divides by neither."""


def check_backbone(backbone: Backbone, *, sizes: Sequence[Size] = SIZES) -> None:
    """Hold a backbone against its contract, on the device where it is.

    Inputs keep batch and time, each frame for itself; tokens of all layers have the shapes that `info` says, are finite
    and cover the whole frame (the grid's sides are the frame's over the stride, rounded up); the same input gives the
    same tokens, whatever else is asked for in the same call and whatever clip stands beside it in the batch; layers and
    sizes that do not exist are refused; gradients reach the inputs and the parameters; weights, mode and random state
    are as before.

    Args:
        backbone: small ones are checked in seconds; random weights do.
        sizes: heights and widths; it may refuse some, but not all. With `info.image_size` it is asked for that alone.

    Raises:
        AssertionError: says what does not hold.
    """
    _check_info(backbone)
    state = {key: tensor.clone() for key, tensor in backbone.state_dict().items()}
    training, random = backbone.training, torch.get_rng_state()
    with torch.inference_mode():
        video, inputs = _read(backbone, [backbone.info.image_size] if backbone.info.image_size else sizes)
        check_values(backbone, inputs)
        check_refusals(backbone, video, inputs)
    check_gradients(backbone, inputs.clone())
    assert torch.equal(random, torch.get_rng_state()), (
        "The random state moved: features must not draw from it."
    )
    assert training == backbone.training, (
        "The backbone changed between training and evaluation mode by itself."
    )
    after = backbone.state_dict()
    changed = [key for key, tensor in state.items() if not torch.equal(tensor, after[key])]
    assert not changed, f"Reading features changed the state {changed}: it has to stay as it is."


def _read(backbone: Backbone, sizes: Sequence[Size]) -> tuple[Tensor, Tensor]:
    """A video and its inputs of the smallest size that is read, once all sizes are seen to have the right shapes."""
    read = []
    layers = range(1, backbone.info.depth + 1)
    for size in sizes:
        video = clips(backbone, size)
        try:
            inputs = _check_prepare(backbone, video)
            outputs = backbone.forward_layers(inputs, layers)
        except UnsupportedInputError:
            continue
        expect_shapes(outputs, backbone.info, layers, video.shape)
        read.append((video, inputs))
    assert read, f"None of the sizes {list(sizes)} is read: pass `sizes` that the backbone supports."
    return min(read, key=lambda pair: pair[0].numel())


def _check_info(backbone: Backbone) -> None:
    info = backbone.info
    assert info.layers, "`info.layers` is empty: a backbone has at least one layer."
    assert 1 <= info.default_layer <= info.depth, (
        f"`info.default_layer` is {info.default_layer}, but layers are 1 to {info.depth}."
    )
    for key in ("name", "preprocessing", "weights", "architecture"):
        assert getattr(info, key), f"`info.{key}` is empty: caches and records are told apart by it."
    assert "cls" not in info.prefix[1:], f"`info.prefix` is {info.prefix}: the class token comes first."
    count = sum(parameter.numel() for parameter in backbone.parameters())
    assert info.parameters == count, f"`info.parameters` is {info.parameters}, but the model has {count}."


def _check_prepare(backbone: Backbone, video: Tensor) -> Tensor:
    """Inputs keep batch and time, and no frame depends on another one."""
    before = video.clone()
    inputs = backbone.prepare(video)
    assert torch.equal(before, video), "`prepare` changed the video that it was given."
    assert inputs.shape[:2] == video.shape[:2], (
        f"`prepare` made {list(inputs.shape)} of {list(video.shape)}: batch and time have to stay the first two axes."
    )
    assert not inputs.is_floating_point() or inputs.dtype == torch.float32, (
        f"`prepare` gives {inputs.dtype}: values are float32, token ids integers."
    )
    backwards = backbone.prepare(video.flip(1)).flip(1)
    assert torch.equal(inputs, backwards), (
        "`prepare` mixes frames: it has to treat each alone, so that it can be cached."
    )
    return inputs
