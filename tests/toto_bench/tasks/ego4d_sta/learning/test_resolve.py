"""What depends on the backbone, and what no backbone can do."""

from dataclasses import replace

import pytest

from toto_bench.backbones.base import Backbone, UnsupportedInputError
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.toto.backbone import Toto
from toto_bench.tasks.ego4d_sta.learning.encoder import kind_of
from toto_bench.tasks.ego4d_sta.learning.resolve import resolve

from .test_examples import protocol


def test_a_backbone_without_parameters_is_frozen() -> None:
    found = resolve(protocol(), load_backbone("pixels"))
    assert (found.adaptation, found.self_supervised_weight, found.layer_decay) == ("frozen", 0, 1)


def test_the_own_loss_is_for_backbones_that_are_trained_and_have_one(small_toto: Toto) -> None:
    chosen = protocol(frames=2, resolution=64)
    assert resolve(chosen, small_toto) == chosen
    assert kind_of(chosen, small_toto) == "pixels"
    frozen = resolve(protocol(frames=2, resolution=64, adaptation="frozen"), small_toto)
    assert (frozen.self_supervised_weight, frozen.layer_decay) == (0, 1)
    assert kind_of(frozen, small_toto) == "maps"
    still = load_backbone("timm:resnet10t", random_init=True)
    assert resolve(protocol(), still).self_supervised_weight == 0


@pytest.mark.parametrize(
    ("info", "words"),
    [({"frames": 8}, "frames=8"), ({"image_size": (224, 224)}, "resolution=224")],
)
def test_other_clips_are_refused(small_toto: Toto, info: dict[str, object], words: str) -> None:
    small_toto.info = replace(small_toto.info, **info)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedInputError, match=words):
        resolve(protocol(), small_toto)


def test_layer_decay_needs_a_backbone_that_says_its_layers(
    small_toto: Toto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Toto, "layer_of", Backbone.layer_of)
    with pytest.raises(UnsupportedInputError, match="layer-wise decay"):
        resolve(protocol(), small_toto)
    assert resolve(protocol(layer_decay=1.0), small_toto).adaptation == "fine-tune"
