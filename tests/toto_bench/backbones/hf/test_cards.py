"""The shipped cards of transformers' models, at full size and without storage."""

import pytest
import torch
import transformers

from toto_bench.backbones.load import build_backbone
from toto_bench.cards import backbone_cards, find_backbone

NAMES = [name for name, card in backbone_cards().items() if card.entry == "toto_bench.backbones.hf:build"]
RELEASED = {
    "videomae": "VideoMAEForPreTraining",
    "vjepa2": "VJEPA2Model",
    "igpt": "ImageGPTForCausalImageModeling",
    "beit": "BeitForMaskedImageModeling",
}
"""The class from which the repository's file was written."""
CLIPS = {
    "videomae": (16, (224, 224)),
    "vjepa2": (None, (256, 256)),
    "igpt": (None, (32, 32)),
    "beit": (None, None),
}
"""Frames and size that a model needs; None: any."""
LARGE_DECODER = {
    "decoder_hidden_size": 512,
    "decoder_intermediate_size": 2048,
    "decoder_num_attention_heads": 8,
    "decoder_num_hidden_layers": 12,
}


def test_the_published_rows_have_a_card():
    assert {"videomae-l16", "igpt-l", "beit-l16"} <= set(NAMES)
    assert len(NAMES) == 9


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_true(name):
    card = find_backbone(name)
    with torch.device("meta"):
        backbone = build_backbone(card)
        config = backbone.model.config
        for key, value in (LARGE_DECODER if name == "videomae-l16" else {}).items():
            setattr(config, key, value)
        released = getattr(transformers, RELEASED[card.family])(config)
    assert backbone.info.depth == card.architecture.layers
    assert round(backbone.info.parameters / 1e6, 1) == card.architecture.parameters_m
    assert (backbone.info.frames, backbone.info.image_size) == CLIPS[card.family]
    megabytes = sum(parameter.numel() for parameter in released.parameters()) * 4 / 1e6
    assert round(megabytes) == card.weights.megabytes


def test_igpt_reads_512_colours_of_32x32_pixels():
    with torch.device("meta"):
        backbone = build_backbone(find_backbone("igpt-l"))
    assert backbone.info.image_size == (32, 32)
    assert backbone.clusters.shape == (512, 3)
