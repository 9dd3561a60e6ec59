"""What a backbone cannot do is refused before any work."""

from dataclasses import replace

import pytest

from toto_bench.backbones.base import LayerInfo, UnsupportedInputError
from toto_bench.backbones.load import load_backbone
from toto_bench.runner.tasks import build_protocol, load_task
from toto_bench.tasks.davis.resolve import resolve


@pytest.mark.parametrize(
    ("frames", "tubelet", "words"),
    [(16, 2, "clips of 16 frames;"), (16, 1, "clips of 16 frames;"), (None, 2, "clips of 2 frames or more;")],
)
def test_video_backbones_are_refused(frames: int | None, tubelet: int, words: str) -> None:
    """Whether their clips have one length or any."""
    protocol = build_protocol(load_task("davis"), "sample", {})
    info = load_backbone("pixels").info
    clips = replace(info, frames=frames, layers=(LayerInfo(8, 16, tubelet),))
    with pytest.raises(UnsupportedInputError, match=words):
        resolve(protocol, clips)
    assert resolve(protocol, replace(info, frames=1)).patch == 16


def test_rope_base_is_the_backbones() -> None:
    """It belongs to the weights: another one is another backbone."""
    task, info = load_task("davis"), load_backbone("pixels").info
    assert resolve(build_protocol(task, "sample", {}), info).rope_base == "none"
    turning = replace(info, rope_base=50_000.0)
    for asked in ({}, {"rope_base": 50_000}):
        assert resolve(build_protocol(task, "sample", asked), turning).rope_base == 50_000.0
    for asked, having, words in (
        (10_000, turning, "has 50000"),
        ("none", turning, "has 50000"),
        (10_000, info, "no rotary"),
    ):
        with pytest.raises(UnsupportedInputError, match=words):
            resolve(build_protocol(task, "sample", {"rope_base": asked}), having)


def test_sequences_of_frames_are_for_backbones_that_see_them() -> None:
    """An image backbone would give the same features under another name."""
    protocol = build_protocol(load_task("davis"), "sample", {"sequence_frames": 4})
    info = load_backbone("pixels").info
    with pytest.raises(UnsupportedInputError, match="reads each frame alone, so that 4 frames"):
        resolve(protocol, info)
    assert resolve(protocol, replace(info, sequences=True)).sequence_frames == 4
