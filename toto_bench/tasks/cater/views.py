"""Clips of videos as recognition asks for them."""

from collections.abc import Sequence
from typing import Literal

from toto_bench.tasks.cater.clips import eval_clips, training_clip
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.videos import Pixels
from toto_bench.tasks.recognition.examples import Example
from toto_bench.tasks.recognition.randomness import view_generator


class VideoViews:
    """Frames from the whole of a video."""

    average: Literal["softmax", "logits"] = "softmax"

    def __init__(self, protocol: CaterProtocol, seed: int) -> None:
        self.protocol, self.seed = protocol, seed
        self.count, self.frames, self.side = protocol.clips, protocol.frames, protocol.resolution

    def train(self, example: Example, view: int) -> Pixels:
        """Frames and colours drawn from (seed, name, view): uint8 [T, R, R, 3]."""
        assert example.source is not None
        return training_clip(
            example.source.path, self.protocol, view_generator(self.seed, example.name, view)
        )

    def scored(self, example: Example) -> Sequence[Pixels]:
        """All clips that are scored: uint8 [T, R, R, 3] each."""
        assert example.source is not None
        return list(eval_clips(example.source.path, self.protocol))
