"""Protocol values that depend on the backbone."""

from typing import Any

import pytest

from toto_bench.backbones.base import BackboneInfo, LayerInfo, UnsupportedInputError
from toto_bench.tasks.choices import single_layer, square_side


def info(**values: Any) -> BackboneInfo:
    """A backbone of three layers that reads the second by default."""
    return BackboneInfo("eyes", (LayerInfo(8, 16, 1),) * 3, 2, "none", "none", **values)


def test_layers() -> None:
    """A number, or the default; one that does not exist is refused."""
    assert [single_layer(layer, info()) for layer in ("last", 3, 0)] == [2, 3, 0]
    with pytest.raises(UnsupportedInputError, match="layers 1 to 3, not 4"):
        single_layer(4, info())


def test_sides() -> None:
    """What it needs, what it was trained at, or 224; a number is a number."""
    assert square_side("backbone", info(image_size=(96, 96), native_size=64)) == 96
    assert square_side("backbone", info(native_size=64)) == 64
    assert square_side("backbone", info()) == 224
    assert square_side(48, info(native_size=64)) == 48


@pytest.mark.parametrize(
    ("values", "side", "said"),
    [
        ({"image_size": (96, 96)}, 64, "96x96 only, not 64x64"),
        ({"image_size": (96, 128)}, "backbone", "96x128 only"),
        ({"frames": 16}, 64, "clips of 16 frames"),
    ],
)
def test_what_a_backbone_cannot_read_is_refused(values: dict[str, Any], side: Any, said: str) -> None:
    """Before any work."""
    with pytest.raises(UnsupportedInputError, match=said):
        square_side(side, info(**values))


def test_a_token_of_two_frames_is_a_clip_of_any_length() -> None:
    """Single images have no second frame, whether or not the number of frames is fixed."""
    eyes = BackboneInfo("eyes", (LayerInfo(8, 16, 2),), 1, "none", "none")
    with pytest.raises(UnsupportedInputError, match="clips of 2 frames or more; this task encodes single"):
        square_side("backbone", eyes)
