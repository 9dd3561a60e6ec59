"""The floor without weights."""

import math

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.backbones.pixels import BINS, describe_patches
from toto_bench.cards import CardError, find_backbone
from toto_bench.errors import RequestError


def test_statistics_of_colour():
    image = torch.rand(1, 3, 16, 32)
    tokens = describe_patches(image, 16)
    left = image[0, :, :, :16].flatten(1)
    torch.testing.assert_close(tokens[0, 0, 0, :3], 2 * left.mean(1) - 1)
    torch.testing.assert_close(tokens[0, 0, 0, 3:6], 2 * left.std(1, correction=0))


@pytest.mark.parametrize(("angle", "bin_number"), [(0, 0), (45, 2), (90, 4), (135, 6), (180, 0)])
def test_a_ramp_falls_into_its_orientation(angle, bin_number):
    y, x = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    ramp = 0.5 + 0.01 * (x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle)))
    inner = describe_patches(ramp.expand(1, 3, 16, 16), 16)[0, 0, 0, 6:].view(BINS, 4)
    assert (inner.argmax(0) == bin_number).all()
    assert inner[bin_number].sum() > 0.8 * inner.sum()


def test_cells_keep_their_place():
    image = torch.full((1, 3, 16, 16), 0.5)
    image[:, :, :4, :2] = 1.0
    histogram = describe_patches(image, 16)[0, 0, 0, 6:].view(BINS, 2, 2)
    assert histogram[:, 0, 0].sum() > 0
    assert histogram.sum() == histogram[:, 0, 0].sum()


def test_odd_sizes_repeat_the_edge_and_flat_frames_have_gradients():
    backbone = load_backbone("pixels")
    video = torch.full((1, 2, 3, 50, 70), 0.25, requires_grad=True)
    tokens = backbone.forward_layers(backbone.prepare(video), [1])[0].patches
    assert tokens.shape == (1, 2, 4, 5, 38)
    torch.testing.assert_close(tokens[..., :3], torch.full_like(tokens[..., :3], -0.5))
    tokens.sum().backward()
    assert video.grad.isfinite().all()


def test_info_is_a_floor_without_weights():
    info = load_backbone("pixels-8").info
    assert (info.weights, info.checkpoint, info.floor, info.parameters) == ("none", "none", True, 0)
    assert (info.depth, info.layers[0].stride) == (1, 8)


def test_what_it_cannot_do(tmp_path):
    backbone = load_backbone("pixels", random_init=True)
    with pytest.raises(UnsupportedInputError, match="layers 1 to 1, not 0"):
        backbone.forward_layers(torch.rand(1, 1, 3, 16, 16), [0])
    with pytest.raises(RequestError, match="has no weights"):
        load_backbone("pixels", checkpoint=tmp_path / "x.pth")
    card = find_backbone("pixels")
    architecture = card.architecture.model_copy(update={"arguments": {"patch": 7}})
    with pytest.raises(CardError, match="even number"):
        build_backbone(card.model_copy(update={"architecture": architecture}))
