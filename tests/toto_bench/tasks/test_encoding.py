"""From items to tokens, batch by batch."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from toto_bench.backbones.base import Backbone, FinalNorm, Tokens
from toto_bench.backbones.load import load_backbone
from toto_bench.backbones.pixels import Pixels
from toto_bench.errors import DataError
from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.encoding import NotFiniteError, encode_items
from toto_bench.tasks.images import read_image
from toto_bench.tasks.items import PROBLEM


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    """Seven images of noise."""
    rng = np.random.default_rng(0)
    found = {}
    for number in range(7):
        found[f"item-{number}"] = tmp_path / f"{number}.png"
        Image.fromarray(rng.integers(0, 256, (32, 48, 3), np.uint8)).save(found[f"item-{number}"])
    return found


@pytest.fixture
def pixels() -> Backbone:
    """The floor."""
    return load_backbone("pixels")


def context(folder: Path, **options: object) -> RunContext:
    """A run in a folder of its own."""
    return RunContext(RunFolder(folder), store=None, **options)  # type: ignore[arg-type]


def encoded(paths: dict[str, Path], backbone: Backbone, run: RunContext) -> dict[str, Tensor]:
    """All items, each committed."""
    found = {}
    for item, patches in encode_items(paths, read_image, backbone, run, layer=1, norm="last"):
        run.commit(item, {})
        found[item] = patches
    return found


@pytest.mark.parametrize(("batch_size", "workers"), [(1, 0), (1, 1), (3, 2), (20, 1)])
def test_every_item_once_in_order(
    batch_size: int, workers: int, paths: dict[str, Path], pixels: Backbone, tmp_path: Path
) -> None:
    """Whatever the batch and the threads."""
    found = encoded(paths, pixels, context(tmp_path / "run", batch_size=batch_size, workers=workers))
    assert list(found) == list(paths)
    image = torch.from_numpy(read_image(paths["item-5"]).copy()).permute(2, 0, 1)[None, None] / 255
    alone = pixels.forward_layers(pixels.prepare(image), [1])[0].patches[0, 0]
    torch.testing.assert_close(found["item-5"], alone)


def test_ranks_share_and_finished_items_stay(
    paths: dict[str, Path], pixels: Backbone, tmp_path: Path
) -> None:
    """Of two processes each does its half; repeated, nothing is left to do."""
    runs = [context(tmp_path / "run", rank=rank, world_size=2, batch_size=2) for rank in (0, 1)]
    halves = [list(encoded(paths, pixels, run)) for run in runs]
    assert halves == [list(paths)[::2], list(paths)[1::2]]
    assert encoded(paths, pixels, runs[0]) == {}


def test_an_unreadable_item_ends_the_run_or_is_left_out(
    paths: dict[str, Path], pixels: Backbone, tmp_path: Path
) -> None:
    """With `--allow-missing` its row says why, and it is tried again the next time."""
    whole = paths["item-2"].read_bytes()
    paths["item-2"].write_bytes(b"torn")
    with pytest.raises(DataError, match=r"2\.png"):
        encoded(paths, pixels, context(tmp_path / "strict"))
    run = context(tmp_path / "lenient", allow_missing=True, batch_size=2)
    assert list(encoded(paths, pixels, run)) == [item for item in paths if item != "item-2"]
    assert "2.png" in run.committed()["item-2"][PROBLEM]
    paths["item-2"].write_bytes(whole)
    assert list(encoded(paths, pixels, run)) == ["item-2"]
    assert PROBLEM not in run.committed()["item-2"]


def test_half_precision_is_the_backbones_alone(paths: dict[str, Path], tmp_path: Path) -> None:
    """Tokens come back in float32, and differ a little."""
    backbone = load_backbone("timm:vit_tiny_patch16_224", random_init=True)
    one = {"item-0": paths["item-0"]}
    half, full = (
        encoded(one, backbone, context(tmp_path / dtype, dtype=dtype))["item-0"]
        for dtype in ("bfloat16", "float32")
    )
    assert half.dtype == torch.float32
    assert half.shape == (2, 3, 192)
    assert not torch.equal(half, full)
    torch.testing.assert_close(half, full, atol=0.1, rtol=0.1)


def test_nan_is_named(
    paths: dict[str, Path], pixels: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first item that has it, by its file."""
    prepare = type(pixels).prepare

    def spoil(self: Backbone, video: Tensor) -> Tensor:
        spoilt = prepare(self, video).clone()  # type: ignore[arg-type]
        spoilt[1:] = torch.nan
        return spoilt

    monkeypatch.setattr(type(pixels), "prepare", spoil)
    with pytest.raises(NotFiniteError, match=r"`pixels` gave NaN.*layer 1.*1\.png"):
        encoded(paths, pixels, context(tmp_path / "run", batch_size=3))


class Tokenizing(Pixels):
    """Its inputs come out of a product of matrices, as a tokenizer's do."""

    half: tuple[bool, bool] = (True, False)

    def prepare(self, video: Tensor) -> Tensor:
        self.half = (torch.is_autocast_enabled("cpu"), self.half[1])
        return video @ torch.eye(video.shape[-1])

    def forward_layers(self, inputs: Tensor, layers: list[int], *, norm: str = "last") -> list[Tokens]:
        self.half = (self.half[0], torch.is_autocast_enabled("cpu"))
        assert inputs.dtype == torch.float32
        return super().forward_layers(inputs, layers)


def test_inputs_are_made_in_float32_whatever_the_number_type(paths: dict[str, Path], tmp_path: Path) -> None:
    """In half precision a tokenizer would pick other ids; only the backbone runs in it."""
    backbone = Tokenizing("tokenizing", 16, None)
    encoded(paths, backbone, context(tmp_path / "run", dtype="bfloat16"))
    assert backbone.half == (False, True)


class Tokenising(Pixels):
    """The floor, whose frames count as ids; and a count of the frames that it prepared."""

    def __init__(self) -> None:
        super().__init__("tokenising", 16, None)
        self.info = replace(self.info, vocabulary=256, preprocessing="bytes")
        self.prepared = 0

    def prepare(self, video: Tensor) -> Tensor:
        """[B, T, 3, H, W] to ids of the same shape."""
        self.prepared += len(video)
        return (video * 255).round().int()

    def forward_layers(
        self, inputs: Tensor, layers: Sequence[int], *, norm: FinalNorm = "last"
    ) -> list[Tokens]:
        """Of the pixels that the ids are."""
        return super().forward_layers(inputs / 255, layers, norm=norm)


def test_an_image_is_tokenised_once_ever(paths: dict[str, Path], tmp_path: Path) -> None:
    """A second run, with other batches, finds the ids of the first, and gives the same tokens."""
    first, second, given = Tokenising(), Tokenising(), []
    for backbone, batch in ((first, 3), (second, 2)):
        context = RunContext(RunFolder(tmp_path / f"run-{batch}"), FeatureStore(tmp_path / "cache"))
        context.batch_size = batch
        encoded = encode_items(paths, read_image, backbone, context, layer=1, norm="last")
        given.append(torch.stack([tokens for _, tokens in encoded]))
    assert (first.prepared, second.prepared) == (7, 0)
    assert torch.equal(*given)
