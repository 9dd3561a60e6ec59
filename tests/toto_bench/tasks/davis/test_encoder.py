"""One reading of each frame, all layers, through the store."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, BackboneInfo, LayerInfo, Tokens
from toto_bench.tasks.context import INPUT_STATE, RunContext
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.encoder import FeatureError, FrameEncoder


class Counting(Backbone):
    """Two layers of pooled pixels, and a count of the frames it read."""

    def __init__(self) -> None:
        super().__init__()
        self.info = BackboneInfo("counting", (LayerInfo(3, 16, 1), LayerInfo(6, 32, 1)), 2, "p", "w")
        self.frames, self.spoil = 0, False

    def prepare(self, video: Tensor) -> Tensor:
        """As they are."""
        return video

    def forward_layers(self, inputs: Tensor, layers: Sequence[int], *, norm: str = "last") -> list[Tokens]:
        """Means of squares of pixels."""
        self.frames += len(inputs)
        maps = {n: torch.nn.functional.avg_pool2d(inputs[:, 0], 16 * n).permute(0, 2, 3, 1) for n in (1, 2)}
        value = float("nan") if self.spoil else 1.0
        return [Tokens(maps[layer].repeat(1, 1, 1, layer)[:, None] * value) for layer in layers]


@pytest.fixture
def paths(make_davis: Callable[..., Path]) -> list[Path]:
    """Five frames."""
    return sorted((make_davis(frames=5) / "JPEGImages/480p/seq-a").iterdir())


def test_every_frame_is_read_once_for_all_layers(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """In order, with the shape of each layer, whatever the batch size."""
    backbone = Counting()
    encoded = list(FrameEncoder(backbone, (1, 2), protocol("dino", resolution=64), context).encode(paths))
    assert backbone.frames == 5
    assert [tuple(t.shape) for t in encoded[0].values()] == [(4, 4, 3), (2, 2, 6)]
    context.batch_size = 2
    batched = FrameEncoder(backbone, (1, 2), protocol("dino", resolution=64), context).encode(paths)
    for one, other in zip(encoded, batched, strict=True):
        assert all(torch.equal(one[layer], other[layer]) for layer in (1, 2))


def test_the_shape_of_one_frame_is_kept_for_the_cost(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """As the backbone got it, whatever the batch."""
    context.batch_size = 2
    list(FrameEncoder(Counting(), (1, 2), protocol("dino", resolution=64), context).encode(paths))
    assert context.load_state(INPUT_STATE) == {
        "video": [1, 3, 64, 64],
        "inputs": [1, 3, 64, 64],
        "layers": [1, 2],
        "dtype": "float32",
    }


def test_cached_features_are_not_computed_again(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """Another propagation on the same frames costs no encoding; another size does."""
    context.cache_features = True
    backbone = Counting()
    first = list(FrameEncoder(backbone, (1, 2), protocol("dino", resolution=64), context).encode(paths))
    other = protocol("dino", resolution=64, top_k=1)
    again = list(FrameEncoder(backbone, (2,), other, context).encode(paths))
    assert backbone.frames == 5
    assert all(torch.equal(a[2], b[2]) for a, b in zip(first, again, strict=True))
    list(FrameEncoder(backbone, (2,), protocol("dino", resolution=96), context).encode(paths))
    assert backbone.frames == 10


def test_nan_features_name_backbone_layer_and_frame(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """Before they reach any number."""
    backbone = Counting()
    backbone.spoil = True
    with pytest.raises(FeatureError, match=r"`counting`.*layer 1.*00000\.jpg"):
        next(FrameEncoder(backbone, (1, 2), protocol("dino", resolution=64), context).encode(paths))


def test_inputs_are_made_in_float32_whatever_the_number_type(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """In half precision a tokenizer would pick other ids; only the backbone runs in it."""
    seen = []

    class Watching(Counting):
        def prepare(self, video: Tensor) -> Tensor:
            seen.append(torch.is_autocast_enabled("cpu"))
            return super().prepare(video)

        def forward_layers(self, *given: object, **named: object) -> list[Tokens]:
            seen.append(torch.is_autocast_enabled("cpu"))
            return super().forward_layers(*given, **named)

    context.dtype = "bfloat16"
    next(FrameEncoder(Watching(), (1,), protocol("dino", resolution=64), context).encode(paths))
    assert seen == [False, True]
