"""One reading of each frame, all layers, through the store."""

from collections.abc import Callable, Sequence
from dataclasses import replace
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


def test_a_frame_is_tokenised_once_ever(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """Though no features are kept: another layer, later, asks no tokenizer; another size does."""

    class Tokenising(Counting):
        prepared = 0

        def prepare(self, video: Tensor) -> Tensor:
            self.prepared += len(video)
            return (video * 255).round().int()

        def forward_layers(
            self, inputs: Tensor, layers: Sequence[int], *, norm: str = "last"
        ) -> list[Tokens]:
            return super().forward_layers(inputs / 255, layers, norm=norm)

    backbone = Tokenising()
    backbone.info = replace(backbone.info, vocabulary=256)
    first = list(FrameEncoder(backbone, (1, 2), protocol("dino", resolution=64), context).encode(paths))
    again = list(FrameEncoder(backbone, (2,), protocol("dino", resolution=64), context).encode(paths))
    assert (backbone.prepared, backbone.frames) == (5, 10)
    assert all(torch.equal(a[2], b[2]) for a, b in zip(first, again, strict=True))
    list(FrameEncoder(backbone, (2,), protocol("dino", resolution=96), context).encode(paths))
    assert backbone.prepared == 10


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


class Seeing(Counting):
    """Reads frames as sequences: the second layer's features are the mean over the frames so far."""

    def __init__(self) -> None:
        super().__init__()
        self.info = replace(self.info, sequences=True)
        self.lengths: list[int] = []

    def forward_layers(self, inputs: Tensor, layers: Sequence[int], *, norm: str = "last") -> list[Tokens]:
        """Means of squares of pixels, over the frames so far."""
        self.frames += inputs.shape[0] * inputs.shape[1]
        self.lengths.append(inputs.shape[1])
        so_far = inputs.cumsum(1) / torch.arange(1, inputs.shape[1] + 1).view(1, -1, 1, 1, 1)
        maps = torch.nn.functional.avg_pool2d(so_far.flatten(0, 1), 16).permute(0, 2, 3, 1)
        return [Tokens(maps.unflatten(0, inputs.shape[:2])) for _ in layers]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 100])
def test_frames_of_a_group_are_read_as_one_sequence(
    paths: list[Path],
    protocol: Callable[..., DavisProtocol],
    context: RunContext,
    batch_size: int,
    cached: bool,
) -> None:
    """Groups of two from the first frame on, each frame once; the fifth makes a group of its own."""
    context.batch_size, context.cache_features = batch_size, cached
    alone = list(FrameEncoder(Seeing(), (1,), protocol("dino", resolution=64), context).encode(paths))
    backbone = Seeing()
    grouped = protocol("dino", resolution=64, sequence_frames=2)
    for _ in range(1 + cached):
        found = list(FrameEncoder(backbone, (1,), grouped, context).encode(paths))
        for number, features in enumerate(found):
            members = range(number - number % 2, number + 1)
            expected = torch.stack([alone[member][1] for member in members]).mean(0)
            torch.testing.assert_close(features[1], expected)
    assert backbone.frames == 5
    assert set(backbone.lengths) == {1, 2}


def test_cached_frames_of_other_groups_are_other_features(
    paths: list[Path], protocol: Callable[..., DavisProtocol], context: RunContext
) -> None:
    """A frame's features depend on its group, which another number or beginning changes."""
    context.cache_features = True
    backbone = Seeing()
    # The last two frames make the same group twice.
    for together, frames, new in ((2, paths, 5), (3, paths, 5), (2, paths[1:], 2)):
        settings = protocol("dino", resolution=64, sequence_frames=together)
        before = backbone.frames
        list(FrameEncoder(backbone, (1,), settings, context).encode(frames))
        assert backbone.frames == before + new
