"""From decoded frames to what a backbone sees."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from toto_bench.backbones.base import IMAGENET, BackboneInfo, LayerInfo, Statistics
from toto_bench.tasks.davis import DavisProtocol
from toto_bench.tasks.davis.frames import DINO, input_size, load_frames, script_statistics, to_video
from toto_bench.tasks.davis.sizes import resize_frame

Protocol = Callable[..., DavisProtocol]
HALF = Statistics((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
VIT = BackboneInfo("vit", (LayerInfo(8, 16, 1),), 1, "p", "w", statistics=IMAGENET)


@pytest.mark.parametrize(
    ("preset", "changes", "size", "expected"),
    [
        ("dino", {}, (480, 854), (480, 832)),
        ("dino", {}, (480, 1152), (480, 1152)),
        ("dino", {}, (854, 480), (832, 480)),
        ("dino", {}, (500, 500), (480, 448)),
        ("stc", {}, (480, 854), (480, 854)),
        ("paper", {"resolution": 256}, (480, 854), (256, 256)),
    ],
)
def test_sizes(protocol: Protocol, preset: str, changes: dict, size: tuple, expected: tuple) -> None:
    """Each preset brings frames to its own size."""
    assert input_size(size, protocol(preset, **changes)) == expected


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_frames_come_in_order(make_davis: Callable[..., Path], protocol: Protocol, workers: int) -> None:
    """However many threads decode ahead."""
    paths = sorted((make_davis(frames=9) / "JPEGImages/480p/seq-a").iterdir())
    values = protocol("dino", resolution=64)
    expected = list(load_frames(paths, values, 0))
    found = list(load_frames(paths, values, workers))
    assert len(found) == 9
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def test_the_script_statistics_replace_imagenets_only(protocol: Protocol) -> None:
    """DINO's slip is for backbones that expect ImageNet's statistics; others keep their own."""
    assert script_statistics(protocol("dino"), IMAGENET) == DINO
    assert script_statistics(protocol("stc"), IMAGENET) == IMAGENET
    assert script_statistics(protocol("dino", normalisation="backbone"), IMAGENET) == IMAGENET
    assert script_statistics(protocol("dino"), HALF) == HALF
    assert script_statistics(protocol("dino"), None) is None


def test_normalised_pixels_are_the_scripts(protocol: Protocol) -> None:
    """After the backbone's own normalisation they are (x - mean) / (.228, .224, .225)."""
    frame = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    video = to_video([frame], protocol("dino"), VIT)
    assert video.shape == (1, 1, 3, 32, 32)
    mean, std = (torch.tensor(s)[:, None, None] for s in IMAGENET)
    script = (torch.from_numpy(frame).permute(2, 0, 1) / 255 - mean) / torch.tensor(DINO.std)[:, None, None]
    assert torch.allclose((video[0, 0] - mean) / std, script, atol=1e-6)


def test_pixels_of_other_backbones_are_untouched(protocol: Protocol) -> None:
    """Bit for bit value / 255."""
    frame = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    video = to_video([frame], protocol("dino"), replace(VIT, statistics=HALF))
    assert torch.equal(video[0, 0], torch.from_numpy(frame).permute(2, 0, 1).float().div(255))


def test_dino_cuts_what_no_whole_patch_covers(protocol: Protocol) -> None:
    """Patch 14 at 480x832 gives the reference's grid of 34x59."""
    frame = np.zeros((480, 832, 3), np.uint8)
    info = replace(VIT, layers=(LayerInfo(8, 14, 1),))
    assert to_video([frame], protocol("dino"), info).shape[-2:] == (34 * 14, 59 * 14)
    assert to_video([frame], protocol("stc"), info).shape[-2:] == (480, 832)


def test_golden_preprocessing(protocol: Protocol) -> None:
    """The official script's input at a size of 300x451, every 16th pixel."""
    golden = np.load(Path(__file__).parents[3] / "golden" / "davis" / "prop_dino.npz")
    frame = golden["preproc_native__input"]
    size = input_size(frame.shape[:2], protocol("dino"))
    video = to_video([resize_frame(frame, size)], protocol("dino"), VIT)[0, 0]
    mean, std = (torch.tensor(s)[:, None, None] for s in IMAGENET)
    found = ((video - mean) / std)[..., ::16, ::16].numpy()
    assert np.abs(found - golden["preproc_native__out_sub16"].squeeze()).max() < 1e-5
