"""The ImageNet-1k task: probes on the features of single images, and fine-tuning."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.base import DataReport
from toto_bench.tasks.imagenet.check import check
from toto_bench.tasks.imagenet.protocol import ImagenetProtocol
from toto_bench.tasks.imagenet.reader import read_imagenet
from toto_bench.tasks.imagenet.views import read_scored_view, read_train_view
from toto_bench.tasks.recognition.examples import Example, Examples
from toto_bench.tasks.recognition.problems import Unit
from toto_bench.tasks.recognition.task import Recognition


class ImageViews:
    """Images as clips of one frame."""

    count = 1
    frames = 1
    average: Literal["softmax", "logits"] = "logits"

    def __init__(self, protocol: ImagenetProtocol, seed: int) -> None:
        self.protocol, self.seed, self.side = protocol, seed, protocol.resolution

    def train(self, example: Example, view: int) -> NDArray[np.uint8]:
        """A random part, perhaps mirrored: uint8 [1, R, R, 3]."""
        assert example.source is not None
        return read_train_view(example.source, example.name, self.protocol, seed=self.seed, view=view)[None]

    def scored(self, example: Example) -> Sequence[NDArray[np.uint8]]:
        """The middle: one of uint8 [1, R, R, 3]."""
        assert example.source is not None
        return [read_scored_view(example.source, self.protocol)[None]]


class Imagenet(Recognition[ImagenetProtocol]):
    """ImageNet-1k."""

    protocol = ImagenetProtocol
    unit: Unit = "images"  # type: ignore[misc]
    family = "imagenet-1k"

    def check(self, data: Path, protocol: ImagenetProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.imagenet.check`."""
        return check(data, protocol, thorough=thorough)

    def read(self, data: Path) -> Examples:
        """Images of both splits, in any usual layout."""
        return read_imagenet(data)

    def views(self, protocol: ImagenetProtocol, seed: int) -> ImageViews:
        """What reads their pixels."""
        return ImageViews(protocol, seed)
