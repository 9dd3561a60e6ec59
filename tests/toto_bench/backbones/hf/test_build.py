"""From a card to a backbone: seeds, sizes, identities, and cards that are wrong."""

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.hf import families, library
from toto_bench.backbones.load import build_backbone
from toto_bench.backbones.names import backbone_card
from toto_bench.cards import CardError
from toto_bench.errors import RequestError


def test_building_is_seeded_and_leaves_the_global_state_alone(tiny):
    before = torch.get_rng_state()
    one, again, other = (tiny("ViTModel", seed=seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[key], again[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


def test_an_untrained_backbone_says_so(tiny):
    info = tiny("ViTModel", seed=3).info
    assert (info.weights, info.checkpoint, info.floor) == ("random:3", "random", True)


@pytest.mark.parametrize(
    ("model", "size", "tokens"), [("VideoMAEModel", (64, 32), (4, 2)), ("VJEPA2Model", (64, 64), (4, 4))]
)
def test_video_models_are_built_for_another_size(model, size, tokens, tiny):
    backbone = tiny(model, image_size=size)
    assert backbone.info.image_size == size
    found = backbone.forward_layers(torch.rand(1, 4, 3, *size), [2])[0]
    assert found.patches.shape == (1, 2, *tokens, 48)
    with pytest.raises(UnsupportedInputError, match="32x32"):
        backbone.prepare(torch.rand(1, 4, 3, 32, 32))
    assert backbone.info.architecture != tiny(model).info.architecture


@pytest.mark.parametrize(
    ("model", "size", "message"),
    [
        ("VideoMAEModel", (40, 32), "patches of 16 pixels, which do not fill 40x32"),
        ("VJEPA2Model", (64, 32), "cannot be built for 64x32: take a square"),
        ("ViTModel", (33, 32), "do not fill 33x32: take multiples of 16"),
    ],
)
def test_sizes_that_cannot_be_built_are_refused(model, size, message, tiny):
    with pytest.raises(UnsupportedInputError, match=message):
        tiny(model, image_size=size)


def test_models_of_any_size_ignore_the_image_size(tiny):
    assert tiny("Dinov2Model", image_size=(64, 32)).info.image_size is None


def test_the_identity_has_what_changes_features(tiny):
    one = tiny("ViTModel").info.architecture
    assert one.startswith("hf:ViTModel {")
    assert tiny("ViTModel", num_attention_heads=2).info.architecture != one
    assert tiny("ViTModel", layer_norm_eps=1e-3).info.architecture != one
    assert tiny("ViTModel", hidden_dropout_prob=0.5, initializer_range=0.5).info.architecture == one


@pytest.mark.parametrize(
    ("arguments", "layers", "message"),
    [
        ({"haeds": 3}, 12, "ViTModel has no configuration value `haeds`. It has: .*num_attention_heads"),
        ({"hidden_size": "wide"}, 12, "transformers refuses the card's arguments"),
        ({}, 7, "says 7 layers, but its configuration of ViTModel has 12"),
    ],
)
def test_wrong_cards_name_what_is_wrong(arguments, layers, message):
    card = backbone_card("hf:ViTModel")
    architecture = card.architecture.model_copy(update={"arguments": arguments, "layers": layers})
    with pytest.raises(CardError, match=message):
        build_backbone(card.model_copy(update={"architecture": architecture}))


def test_a_class_that_the_installed_version_lacks_is_refused(monkeypatch):
    family = families.Family("TomorrowModel", "tomorrow")
    monkeypatch.setitem(families.FAMILIES, "TomorrowModel", family)
    with pytest.raises(RequestError, match="has no `TomorrowModel`: `pip install --upgrade transformers`"):
        backbone_card("hf:TomorrowModel")


def test_transformers_is_quiet_inside_and_as_before_after():
    logging = pytest.importorskip("transformers.utils.logging")
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with library.quiet():
        assert logging.get_verbosity() == logging.ERROR
        assert not logging.is_progress_bar_enabled()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
