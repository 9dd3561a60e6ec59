"""Features of pictures: half precision, computed once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.robots.learning.features import FeatureError, FrameFeatures
from toto_bench.robots.policy import CameraSpec, FeatureReader

CAMERA = CameraSpec(name="wrist", height=16, width=16)


def reader(resolution: int = 16) -> FeatureReader:
    return FeatureReader(load_backbone("pixels"), [1], resolution=resolution)


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 16, 16, 3), dtype=np.uint8)


def test_features_are_the_readers_rounded_to_half() -> None:
    found = FrameFeatures(reader(), CAMERA)(pictures(3))
    assert found.dtype == torch.float16
    assert torch.equal(found, reader().read(pictures(3), CAMERA)[1].half())


def test_kept_features_are_not_computed_again(tmp_path: Path) -> None:
    first = FrameFeatures(reader(), CAMERA, kept=tmp_path / "frames.sqlite")
    found = first(pictures(4))
    assert torch.equal(found, FrameFeatures(reader(), CAMERA)(pictures(4)))
    again = FrameFeatures(reader(), CAMERA, kept=tmp_path / "frames.sqlite")
    both = again(np.concatenate([pictures(4), pictures(2, seed=1)]))
    assert (first.computed, again.computed) == (4, 2)
    assert torch.equal(both[:4], found)
    assert (found < 0).any() or (found > 0).any()


def test_another_reading_has_other_features(tmp_path: Path) -> None:
    """The key holds everything that decides a feature."""
    FrameFeatures(reader(), CAMERA, kept=tmp_path / "frames.sqlite")(pictures(2))
    smaller = FrameFeatures(reader(8), CAMERA, kept=tmp_path / "frames.sqlite")
    smaller(pictures(2))
    assert smaller.computed == 2


def test_features_that_are_not_finite_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = reader()
    monkeypatch.setattr(broken, "read", lambda *_: {1: torch.full((1, 3), 1e6)})
    with pytest.raises(FeatureError, match="not finite in half precision"):
        FrameFeatures(broken, CAMERA)(pictures(1))
