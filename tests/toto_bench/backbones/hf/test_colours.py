"""ImageGPT: colours become clusters, and the token of a pixel has seen that pixel."""

import json

import pytest
import torch

from toto_bench.backbones.base import UnsupportedInputError
from toto_bench.backbones.errors import MismatchedWeightsError
from toto_bench.backbones.hf.colours import nearest, random_clusters, read_clusters


def test_inputs_are_the_nearest_clusters(tiny, clip):
    backbone = tiny("ImageGPTModel")
    video = clip(backbone)
    numbers = backbone.prepare(video)
    assert numbers.dtype == torch.int64
    assert numbers.shape == (2, 4, 8, 8)
    colour = video[1, 2, :, 5, 6] * 2 - 1
    assert numbers[1, 2, 5, 6] == (backbone.clusters - colour).square().sum(1).argmin()


def test_a_cluster_is_nearest_to_itself():
    clusters = random_clusters(512, 0)
    assert torch.equal(nearest(clusters, clusters), torch.arange(512))


@pytest.mark.parametrize("pixel", [0, 20, 63])
def test_the_token_of_a_pixel_has_seen_it_and_no_later_one(pixel, tiny):
    backbone = tiny("ImageGPTModel")
    numbers = torch.zeros(1, 1, 8, 8, dtype=torch.int64)
    other = numbers.clone()
    other.view(-1)[pixel] = 9
    one, two = (backbone.forward_layers(each, [2])[0].patches.reshape(64, 48) for each in (numbers, other))
    changed = [not torch.allclose(a, b) for a, b in zip(one, two, strict=True)]
    assert changed[pixel]
    assert not any(changed[:pixel])


def test_clusters_are_part_of_the_preprocessing(tiny):
    one, again, other = (tiny("ImageGPTModel", seed=seed).info.preprocessing for seed in (0, 0, 1))
    assert one == again
    assert one != other
    assert one.startswith("clusters:int64;sha256=")


def test_clusters_come_with_the_folder(tiny, write_official, tmp_path):
    backbone = tiny("ImageGPTModel")
    before = backbone.info.preprocessing
    model = write_official(tmp_path, "ImageGPTModel")
    backbone.load_checkpoint(tmp_path)
    expected = torch.tensor(json.loads((tmp_path / "preprocessor_config.json").read_text())["clusters"])
    assert torch.equal(backbone.clusters, expected)
    assert backbone.info.preprocessing != before
    assert torch.equal(backbone.model.wte.weight, model.transformer.wte.weight)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "should hold the colour clusters"),
        ({}, "should hold the colour clusters"),
        ({"clusters": "many"}, "should hold the colour clusters"),
        ({"clusters": [["red", 0, 0]]}, "are not numbers"),
        ({"clusters": [[0, 0, 0]]}, r"should be 16 colours of three values in \[-1, 1\], but are \[1, 3\]"),
        ({"clusters": [[0, 0, 255]] * 16}, "should be 16 colours"),
    ],
)
def test_wrong_clusters_are_refused(content, message, tmp_path):
    if content is not None:
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(content))
    with pytest.raises(MismatchedWeightsError, match=message):
        read_clusters(tmp_path, 16)


def test_frames_of_another_size_are_refused(tiny):
    backbone = tiny("ImageGPTModel")
    with pytest.raises(UnsupportedInputError, match="8x8 pixels, not 16x16"):
        backbone.prepare(torch.rand(1, 1, 3, 16, 16))
    with pytest.raises(UnsupportedInputError, match="8x8 pixels only"):
        tiny("ImageGPTModel", image_size=(16, 16))
    with pytest.raises(UnsupportedInputError, match="give it what `prepare` returns"):
        backbone.forward_layers(torch.rand(1, 1, 3, 8, 8), [1])
