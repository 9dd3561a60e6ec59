"""What is filled in for a backbone, and what it cannot do."""

from typing import Any

import pytest
import torch

from toto_bench import as_backbone
from toto_bench.backbones.base import Backbone, UnsupportedInputError
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.errors import RequestError
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.recognition.protocol import RecognitionProtocol


def resolved(backbone: Backbone, preset: str = "paper", task: str = "imagenet", **values: Any) -> Any:
    found = load_task(task)
    return found.resolve(build_protocol(found, preset, values), backbone)


@pytest.fixture(scope="module")
def pixels() -> Backbone:
    return load_backbone("pixels")


@pytest.fixture(scope="module")
def cnn() -> Backbone:
    return load_backbone("timm:test_efficientnet", random_init=True)


@pytest.fixture(scope="module")
def vit() -> Backbone:
    return load_backbone("timm:test_vit", random_init=True)


def test_the_paper_on_a_toto(small_toto: Toto) -> None:
    protocol = resolved(small_toto)
    assert (protocol.adaptation, protocol.layers, protocol.probe_heads) == ("joint", (1, 2), 2)
    assert protocol.rope_base == 50_000


def test_the_paper_on_a_backbone_without_a_loss(cnn: Backbone) -> None:
    """Frozen, on all stages, with heads that divide all widths."""
    protocol = resolved(cnn)
    assert (protocol.adaptation, protocol.layers) == ("frozen", (1, 2, 3, 4, 5))
    assert all(cnn.info.layer(layer).dim % protocol.probe_heads == 0 for layer in protocol.layers)


def test_as_many_heads_as_the_backbone_has(vit: Backbone) -> None:
    assert resolved(vit).probe_heads == vit.model.blocks[0].attn.num_heads


def test_full_fine_tuning_of_what_has_no_place_for_stochastic_depth(small_toto: Toto, vit: Backbone) -> None:
    """The preset works on every backbone; the protocol that is recorded says what was left out."""
    plain = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 16, 16), torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 1))
    given = {"small": small_toto, "vit": vit, "plain": as_backbone(plain)}
    rates = {name: resolved(backbone, "fine-tune").drop_path for name, backbone in given.items()}
    assert rates == {"small": 0.1, "vit": 0.1, "plain": 0.0}


def test_the_presets_differ_as_they_say(small_toto: Toto) -> None:
    linear = resolved(small_toto, "linear-probe")
    assert (linear.adaptation, linear.probe, linear.resolution, linear.views) == (
        "frozen",
        "linear",
        128,
        "stream",
    )
    assert resolved(small_toto, "frozen").adaptation == "frozen"
    quick = resolved(small_toto, "quick")
    assert (quick.views, len(quick.lr_factors)) == (2, 13)
    tuned = resolved(small_toto, "fine-tune")
    assert (tuned.adaptation, tuned.layers) == ("none", (2,))


@pytest.mark.parametrize("layers", [3, (1, 3)])
def test_layers_that_are_not_there(pixels: Backbone, layers: int | tuple[int, ...]) -> None:
    with pytest.raises(UnsupportedInputError, match="has layers 1 to 1"):
        resolved(pixels, layers=layers)


def test_no_class_token(pixels: Backbone) -> None:
    with pytest.raises(UnsupportedInputError, match=r"has no \[CLS\] token"):
        resolved(pixels, "linear-probe", pooling="cls")


def test_heads_that_divide_nothing(pixels: Backbone) -> None:
    with pytest.raises(UnsupportedInputError, match="7 attention heads cannot share the 38 channels"):
        resolved(pixels, probe_heads=7)


def test_neighbours_train_nothing(small_toto: Toto) -> None:
    assert resolved(small_toto, probe="knn").adaptation == "frozen"
    with pytest.raises(RequestError, match="has no loss that could train"):
        resolved(small_toto, "fine-tune", probe="knn")


def test_a_loss_without_weight(small_toto: Toto) -> None:
    with pytest.raises(RequestError, match="nothing that trains the backbone"):
        resolved(small_toto, self_supervised_weight=0)


def test_clips_for_a_backbone_of_single_frames(pixels: Backbone) -> None:
    """Frames are read one by one, and pooled together."""
    protocol = resolved(pixels, task="kinetics400")
    assert isinstance(protocol, RecognitionProtocol)


def test_several_poolings(pixels: Backbone, vit: Backbone) -> None:
    both = ["average", "cls"]
    assert resolved(vit, "linear-probe", pooling=both).pooling == ("average", "cls")
    assert resolved(pixels, "linear-probe", pooling=["average"]).pooling == "average"
    with pytest.raises(UnsupportedInputError, match=r"no .CLS. token, which `pooling = cls`"):
        resolved(pixels, "linear-probe", pooling=both)
    with pytest.raises(RequestError, match="give one `pooling`"):
        resolved(vit, "linear-probe", probe="knn", pooling=both)
    with pytest.raises(RequestError, match="names each once"):
        resolved(vit, "linear-probe", pooling=["cls", "cls"])
