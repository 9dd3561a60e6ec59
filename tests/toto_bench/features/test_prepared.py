"""A frame is tokenised once ever: counted in tokenizer calls."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from toto_bench.backbones.base import Backbone, BackboneInfo, LayerInfo, Tokens
from toto_bench.features import prepared
from toto_bench.features.prepared import keeps_ids, key_of, prepare_kept
from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.context import RunContext


class Tokenising(Backbone):
    """Ids of squares by their mean, and a count of the frames that were tokenised."""

    def __init__(self, vocabulary: int | None = 1000) -> None:
        super().__init__()
        self.info = BackboneInfo(
            "tokenising", (LayerInfo(1, 8, 1),), 1, "mean;random:0", "w", vocabulary=vocabulary
        )
        self.frames = 0

    def prepare(self, video: Tensor) -> Tensor:
        """[B, T, 3, H, W] to int32 [B, T, h, w]."""
        self.frames += video.shape[0] * video.shape[1]
        means = torch.nn.functional.avg_pool2d(video.flatten(0, 1).mean(1), 8)
        return torch.unflatten((means * 999).int(), 0, video.shape[:2])

    def forward_layers(self, inputs: Tensor, layers: Sequence[int], *, norm: str = "last") -> list[Tokens]:
        """The ids themselves."""
        return [Tokens(inputs[..., None].float()) for _ in layers]


@pytest.fixture
def video() -> Tensor:
    """Two clips of three frames."""
    return torch.rand(2, 3, 3, 16, 24, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "cache")


def test_the_second_time_nothing_is_tokenised(video: Tensor, store: FeatureStore) -> None:
    """Another process, with a transformer of another size over the same tokenizer, finds the same ids."""
    first, second = Tokenising(), Tokenising()
    second.info = replace(second.info, name="larger", weights="other", architecture="larger")
    made = prepare_kept(first, video, store.ids)
    found = prepare_kept(second, video, FeatureStore(store.folder).ids)
    assert (first.frames, second.frames) == (6, 0)
    assert torch.equal(made, Tokenising().prepare(video))
    assert torch.equal(found, made)
    assert (found.dtype, found.shape) == (torch.int32, (2, 3, 2, 3))


def test_only_new_frames_are_tokenised(video: Tensor, store: FeatureStore) -> None:
    """In whatever order and clip they come; a still frame counts once."""
    backbone = Tokenising()
    prepare_kept(backbone, video[:, :2], store.ids)
    assert backbone.frames == 4
    mixed = torch.cat([video.flip(1), video[:1, 2:].expand(-1, 3, -1, -1, -1)])
    assert torch.equal(prepare_kept(backbone, mixed, store.ids), Tokenising().prepare(mixed))
    assert backbone.frames == 6


@pytest.mark.parametrize("change", ["pixel", "size", "tokenizer", "libraries"])
def test_what_decides_the_ids_is_in_the_key(
    change: str, video: Tensor, store: FeatureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken for something else."""
    backbone = Tokenising()
    prepare_kept(backbone, video, store.ids)
    other = video
    if change == "pixel":
        other = video.clone()
        other[:, :, 0, 0, 0] += 1e-7 + torch.finfo(torch.float32).eps
    elif change == "size":
        other = video.reshape(2, 3, 3, 24, 16)
    elif change == "tokenizer":
        backbone.info = replace(backbone.info, preprocessing="mean;random:1")
    else:
        monkeypatch.setattr(prepared, "libraries", lambda: "torch 99")
    prepare_kept(backbone, other, store.ids)
    assert backbone.frames == 12


def test_ids_of_another_kind_of_device_are_other_ids() -> None:
    """Its sums are other ones in the last bit, which can turn a code; two of one kind give the same."""
    frame = torch.zeros(3, 8, 8)
    keys = [key_of("dvae", frame, torch.device(name)) for name in ("cpu", "cuda", "mps", "cuda:1")]
    assert len(set(keys)) == 3
    assert keys[1] == keys[3]


def test_backbones_that_read_pixels_keep_nothing() -> None:
    """Nor ids that do not fit two bytes."""
    assert keeps_ids(Tokenising())
    assert keeps_ids(Tokenising(2**16))
    assert not keeps_ids(Tokenising(2**16 + 1))
    assert not keeps_ids(Tokenising(None))


class Lines:
    """A progress that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def start(self, title: str, total: int) -> None: ...
    def advance(self, steps: int = 1) -> None: ...
    def stop(self) -> None: ...
    def say(self, text: str) -> None:
        self.said.append(text)


def test_a_run_prepares_through_the_store(video: Tensor, store: FeatureStore, tmp_path: Path) -> None:
    """Without being asked to; pixels pass as they are."""
    context = RunContext(RunFolder(tmp_path / "run"), store)
    backbone, pixels = Tokenising(), Tokenising(None)
    context.prepare(backbone, video)
    context.prepare(backbone, video)
    context.prepare(pixels, video)
    context.prepare(pixels, video)
    assert (backbone.frames, pixels.frames) == (6, 12)


def test_a_store_that_cannot_be_used_costs_time_not_the_run(video: Tensor, tmp_path: Path) -> None:
    """It is said once."""
    (tmp_path / "cache").write_text("a file, where the folder should be")
    lines = Lines()
    context = RunContext(RunFolder(tmp_path / "run"), FeatureStore(tmp_path / "cache"), progress=lines)
    backbone = Tokenising()
    for _ in range(3):
        assert torch.equal(context.prepare(backbone, video), Tokenising().prepare(video))
    [note] = lines.said
    assert note.startswith("Note: The ids of tokenised frames cannot be kept")
