"""Which layers make the pyramid, of transformers, CNNs and floors."""

import pytest

from toto_bench.backbones.load import load_backbone
from toto_bench.tasks.ego4d_sta.model import build_sta_model
from toto_bench.tasks.ego4d_sta.model.levels import pyramid_layers

from .conftest import NOUNS, VERBS, small


@pytest.mark.parametrize(
    ("depth", "layers"),
    [
        (24, (4, 9, 14, 19, 24)),
        (16, (3, 6, 9, 12, 16)),
        (12, (2, 4, 7, 9, 12)),
        (6, (1, 2, 3, 4, 6)),
        (5, (1, 2, 3, 4, 5)),
        (4, (1, 2, 3, 4, 4)),
        (2, (1, 1, 2, 2, 2)),
        (1, (1, 1, 1, 1, 1)),
    ],
)
def test_five_layers(depth: int, layers: tuple[int, ...]) -> None:
    assert pyramid_layers(depth, 5) == layers


def test_four_layers_as_stillfast() -> None:
    assert pyramid_layers(16, 4) == (4, 8, 12, 16)
    assert pyramid_layers(4, 4) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("toto-nano", (1, 2, 3, 4, 6)),
        ("timm:vit_tiny_patch16_224", (2, 4, 7, 9, 12)),
        ("timm:convnext_atto", (1, 2, 3, 4, 4)),
        ("pixels", (1, 1, 1, 1, 1)),
    ],
)
def test_of_real_backbones(name: str, layers: tuple[int, ...]) -> None:
    backbone = load_backbone(name, random_init=name != "pixels")
    model = build_sta_model(backbone, small(), NOUNS, VERBS)
    assert model.layers == layers
    assert [project.in_channels for project in model.detector.pyramid.project] == [
        backbone.info.layer(layer).dim for layer in layers
    ]
