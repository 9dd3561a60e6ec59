"""Multiply-accumulates: against numbers worked out by hand, and without a trace on the model."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from toto_bench.backbones.base import Backbone, BackboneInfo, LayerInfo, Tokens
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.python.wrap import as_backbone
from toto_bench.backbones.weights import state_hash
from toto_bench.errors import TotoBenchError
from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.runner import execute
from toto_bench.runner.macs import Macs, count_macs, macs_of_run
from toto_bench.runner.request import RunRequest
from toto_bench.tasks.context import RunContext

FAST = {"resolution": 64, "resize": "square", "context_frames": 2, "top_k": 3, "radius": 4}


def transformer(blocks: int, dim: int, tokens: int) -> int:
    """Projections and a fourfold MLP, 12 D^2 for each token; scores and weighted sums, D for each pair, twice."""
    return blocks * (12 * dim**2 * tokens + 2 * tokens**2 * dim)


def small_net(*more: nn.Module) -> nn.Module:
    """A 3x3 convolution of stride 2 to 8 channels, a norm, an activation, a 1x1 convolution to 16."""
    first = nn.Conv2d(3, 8, 3, stride=2, padding=1)
    return nn.Sequential(first, nn.BatchNorm2d(8), nn.ReLU(), *more, nn.Conv2d(8, 16, 1)).eval()


SMALL_NET = 16 * 16 * 8 * 3 * 9 + 16 * 16 * 16 * 8
"""Of `small_net`, for 32x32 pixels."""


def macs_of_net(net: nn.Module) -> int | None:
    """Of one frame of 32x32."""
    return count_macs(as_backbone(net, image_size=32), (1, 1, 3, 32, 32), [1])


@pytest.mark.parametrize("layer", [1, 5, 12])
def test_a_vision_transformer(layer: int) -> None:
    """192 wide, 196 patches of 16x16x3 and a class token; blocks behind the deepest layer cost nothing."""
    backbone = load_backbone("timm:vit_tiny_patch16_224", random_init=True)
    embedding = 196 * 16 * 16 * 3 * 192
    assert count_macs(backbone, (1, 1, 3, 224, 224), [1, layer]) == embedding + transformer(layer, 192, 197)


def test_a_convolutional_network() -> None:
    """Norm and activation are not counted."""
    assert macs_of_net(small_net()) == SMALL_NET


def test_attention_of_torch_itself() -> None:
    """Its fast path, one fused operation, would be counted as nothing."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Conv2d(3, 32, 8, stride=8)
            self.block = nn.TransformerEncoderLayer(32, 4, 128, batch_first=True)

        def forward(self, images: Tensor) -> Tensor:
            tokens: Tensor = self.block(self.embed(images).flatten(2).transpose(1, 2))
            return tokens

    assert macs_of_net(Net().eval()) == 16 * 8 * 8 * 3 * 32 + transformer(1, 32, 16)


def test_batch_and_frames_multiply() -> None:
    """The shape is taken as it is."""
    backbone = as_backbone(small_net(), image_size=32)
    assert count_macs(backbone, (2, 3, 3, 32, 32), [1]) == 6 * SMALL_NET


def test_the_floor_multiplies_no_matrices() -> None:
    """Pooling and histograms are not counted."""
    assert count_macs(load_backbone("pixels"), (1, 1, 3, 32, 32), [1]) == 0


class Reader(Backbone):
    """A backbone of token ids [B, T, h, w]."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.layer = nn.Embedding(10, 4), nn.Linear(4, 6)
        self.info = BackboneInfo("reader", (LayerInfo(6, 16, 1),), 1, "p", "w")

    def prepare(self, video: Tensor) -> Tensor:
        """Not needed here."""
        raise NotImplementedError

    def forward_layers(self, inputs: Tensor, layers: Sequence[int], *, norm: str = "last") -> list[Tokens]:
        """One matrix for each token."""
        return [Tokens(self.layer(self.table(inputs))) for _ in layers]


def test_inputs_may_be_ids() -> None:
    """Looking up a row is no multiplication."""
    assert count_macs(Reader(), (1, 2, 3, 3), [1], torch.int64) == 18 * 4 * 6


class Scaled(nn.Module):
    """Multiplies by a tensor that is neither parameter nor buffer, and remembers what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.ones(8, 1, 1)
        self.seen: Tensor | None = None

    def forward(self, images: Tensor) -> Tensor:
        """As it is."""
        self.seen = images * self.scale
        return self.seen


def test_the_model_and_the_random_numbers_stay_as_they_are() -> None:
    """Also where the model keeps something of each pass, and where it draws numbers."""
    scaled = Scaled()
    net = small_net(scaled, nn.Dropout(0.5).train())
    backbone = as_backbone(net, image_size=32)
    scaled.seen, state = torch.zeros(1), torch.get_rng_state()
    before = state_hash(net), [module.training for module in net.modules()]
    assert count_macs(backbone, (1, 1, 3, 32, 32), [1]) == SMALL_NET
    assert (state_hash(net), [module.training for module in net.modules()]) == before
    assert torch.equal(torch.get_rng_state(), state)
    assert scaled.scale.device.type == scaled.seen.device.type == "cpu"
    assert torch.equal(scaled.seen, torch.zeros(1))
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


class Looking(nn.Module):
    """Takes another path for dark images, so that shapes do not tell its cost."""

    def forward(self, images: Tensor) -> Tensor:
        """As it is."""
        return images if images.mean().item() < 0 else images + 1


class Elsewhere(nn.Module):
    """Hands its work to numpy."""

    def forward(self, images: Tensor) -> Tensor:
        """As it is."""
        return torch.from_numpy(images.detach().numpy().copy())


@pytest.mark.parametrize("part", [Looking, Elsewhere])
def test_what_shapes_do_not_tell_is_not_counted(part: type[nn.Module]) -> None:
    """None, never an error: the run is finished by then."""
    assert macs_of_net(small_net(part())) is None


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    """The surroundings of a run."""
    return RunContext(RunFolder(tmp_path / "run"), FeatureStore(tmp_path / "cache"))


@pytest.mark.parametrize(("frames", "words"), [(1, "one frame of 32x32"), (4, "one clip of 4x32x32")])
def test_the_count_of_a_run_says_what_it_is_of(context: RunContext, frames: int, words: str) -> None:
    """One item, however many there were in the batch."""
    video = torch.zeros(5, frames, 3, 32, 32)
    context.describe_input(video, video, [1])
    assert macs_of_run(as_backbone(small_net(), image_size=32), context) == Macs(frames * SMALL_NET, words)


def test_a_run_that_encoded_nothing_has_no_count(context: RunContext) -> None:
    """All its features came from the store."""
    assert macs_of_run(as_backbone(small_net(), image_size=32), context) == Macs(None, None)


def test_a_record_has_the_count_although_a_later_session_finished_the_run(
    make_davis: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last session found every item done, and encoded nothing."""
    request = RunRequest(
        "davis", "timm:test_vit", data=str(make_davis()), out=tmp_path, values=FAST, random_init=True
    )

    def fail(*_: object) -> None:
        raise TotoBenchError("stopped")

    with monkeypatch.context() as patch, pytest.raises(TotoBenchError, match="stopped"):
        patch.setattr(execute, "make_record", fail)
        execute.run(request)
    cost = execute.run(request).record.cost
    assert cost.sessions == 2
    assert cost.macs_of == "one frame of 64x64"
    backbone = load_backbone("timm:test_vit", random_init=True)
    assert cost.macs == count_macs(backbone, (1, 1, 3, 64, 64), [backbone.info.depth])
    assert cost.training_seconds is None
    assert cost.total_seconds == pytest.approx(sum(cost.seconds.values()))
