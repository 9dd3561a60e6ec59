"""Tags of timm's weights: which data they name."""

import pytest

from toto_bench.backbones.timm.names import timm_card
from toto_bench.backbones.timm.tags import data_of_tag


@pytest.mark.parametrize(
    ("tag", "data"),
    [
        ("in1k", ("imagenet-1k",)),
        ("augreg_in21k_ft_in1k", ("imagenet-21k", "imagenet-1k")),
        ("fb_in22k_ft_in1k_384", ("imagenet-21k", "imagenet-1k")),
        ("laion2b_ft_in12k_in1k", ("laion-2b", "imagenet-12k", "imagenet-1k")),
        ("in22k_ft_in22k_in1k", ("imagenet-21k", "imagenet-1k")),
        ("lvd142m", ("lvd-142m",)),
        ("datacompxl", ("datacomp-1b",)),
        ("openai_ft_in1k", ("openai-wit", "imagenet-1k")),
        ("clip_laion2b_ft_320", ("laion-2b",)),
    ],
)
def test_a_tag_names_all_its_data_fine_tuning_too(tag, data) -> None:
    """Once each, under our names, in the order of training."""
    assert data_of_tag(tag) == data


@pytest.mark.parametrize("tag", ["", "dino", "mae", "fcmae", "apple_pt", "fb_inw21k"])
def test_a_tag_may_name_none(tag) -> None:
    """A recipe is not its data, and a word that is not known is not guessed."""
    assert data_of_tag(tag) == ()


@pytest.mark.parametrize("tag", ["swag_ft_in1k", "ft_in1k", "fcmae_ft_in1k", "swag_lc_in1k", "ssld_in1k"])
def test_what_came_before_fine_tuning_is_unknown_where_the_tag_does_not_say_it(tag) -> None:
    """The data of the last stage is not all that the weights have seen."""
    assert data_of_tag(tag) == ("imagenet-1k", "unknown")


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ("convnext_tiny.fb_in22k_ft_in1k", ("imagenet-21k", "imagenet-1k")),
        ("resnet10t", ("imagenet-1k",)),
        ("vit_small_patch16_224.dino", ()),
    ],
)
def test_cards_of_timm_names_say_it(model, data) -> None:
    """Without a tag in the name, of the weights that timm takes first."""
    assert timm_card(model).pretraining.data == data
