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
