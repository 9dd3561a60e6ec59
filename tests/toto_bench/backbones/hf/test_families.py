"""The table of classes agrees with the library."""

import pytest
import transformers

from toto_bench.backbones.hf.families import FAMILIES, family_of_kind, find_family


@pytest.mark.parametrize("model", FAMILIES)
def test_kinds_and_values_are_the_librarys(model):
    family = find_family(model)
    config = getattr(transformers, model).config_class
    assert config.model_type == family.kind
    assert family_of_kind(family.kind) is family
    for value in (family.frames, family.size):
        assert value is None or hasattr(config(), value)


def test_the_refused_class_is_the_one_that_shuffles():
    """Should transformers stop doing that, the class can be let in."""
    import torch

    config = transformers.ViTMAEConfig(
        num_hidden_layers=1, hidden_size=16, num_attention_heads=2, image_size=64, mask_ratio=0.0
    )
    model = transformers.ViTMAEModel(config).eval()
    torch.manual_seed(0)
    order = model(torch.rand(1, 3, 64, 64)).ids_restore[0]
    assert order.tolist() != list(range(16))
