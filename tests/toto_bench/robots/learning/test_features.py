"""Features of pictures: half precision, computed once."""

from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.load import load_backbone
from toto_bench.robots.learning.features import FeatureError, FrameFeatures
from toto_bench.robots.policy import (
    ActionSpec,
    CameraSpec,
    FeatureReader,
    PolicySpec,
    make_policy,
    readout_of,
)

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


def nano(*layers: int, dtype: str = "float32") -> FeatureReader:
    backbone = load_backbone("toto-nano", random_init=True)
    return FeatureReader(backbone, layers, resolution=32, dtype=dtype)


def test_features_of_several_layers_come_from_one_pass_and_are_those_of_each() -> None:
    both = FrameFeatures(nano(2, 4), CAMERA)
    found = both(pictures(3))
    alone = [FrameFeatures(nano(layer), CAMERA)(pictures(3)) for layer in (2, 4)]
    assert torch.equal(found, torch.cat(alone, 1))
    assert both.computed == 3


def test_runs_on_one_and_on_several_layers_share_what_they_keep(tmp_path: Path) -> None:
    kept = tmp_path / "frames.sqlite"
    both = FrameFeatures(nano(2, 4), CAMERA, kept=kept)
    found = both(pictures(2))
    one, other = FrameFeatures(nano(4), CAMERA, kept=kept), FrameFeatures(nano(2, 3), CAMERA, kept=kept)
    assert torch.equal(torch.cat([other(pictures(2))[:, : found.shape[1] // 2], one(pictures(2))], 1), found)
    assert (one.computed, other.computed) == (0, 2)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_policy_reads_what_it_learnt_from(dtype: str) -> None:
    """To the last bit, in the number type of the run."""
    learnt = FrameFeatures(nano(2, dtype=dtype), CAMERA)(pictures(3))
    backbone = load_backbone("toto-nano", random_init=True)
    spec = PolicySpec(
        cameras=(CAMERA,),
        readout=readout_of(backbone, layer=2, resolution=32, dtype=dtype),
        proprio=("joint",),
        action=ActionSpec(kind="joint-target-delta", names=("joint",)),
        rate_hz=60.0,
    )
    found = make_policy(spec, backbone).features({"wrist": pictures(3)})
    assert found is not None
    assert torch.equal(found, learnt.float())
    other = "bfloat16" if dtype == "float32" else "float32"
    assert not torch.equal(learnt, FrameFeatures(nano(2, dtype=other), CAMERA)(pictures(3)))


def test_features_that_are_not_finite_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = reader()
    monkeypatch.setattr(broken, "read", lambda *_: {1: torch.full((1, 3), 1e6)})
    with pytest.raises(FeatureError, match="not finite in half precision"):
        FrameFeatures(broken, CAMERA)(pictures(1))
