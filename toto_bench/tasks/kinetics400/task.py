"""The Kinetics-400 task: probes on the features of clips, several clips and crops of a video scored together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.base import DataReport
from toto_bench.tasks.kinetics400.check import check
from toto_bench.tasks.kinetics400.protocol import KineticsProtocol
from toto_bench.tasks.kinetics400.reader import read_kinetics
from toto_bench.tasks.kinetics400.views import read_scored_views, read_train_view
from toto_bench.tasks.recognition.examples import Example, Examples
from toto_bench.tasks.recognition.problems import Unit
from toto_bench.tasks.recognition.task import Recognition


class ClipViews:
    """Clips of videos; all that are scored come from one pass over a video."""

    def __init__(self, protocol: KineticsProtocol, seed: int) -> None:
        self.protocol, self.seed = protocol, seed
        self.count, self.frames, self.side = (
            protocol.clips * protocol.crops,
            protocol.frames,
            protocol.resolution,
        )
        self.average = protocol.view_average

    def train(self, example: Example, view: int) -> NDArray[np.uint8]:
        """A clip from a random place: uint8 [T, R, R, 3]."""
        assert example.source is not None
        return read_train_view(example.source.path, example.name, self.protocol, seed=self.seed, view=view)

    def scored(self, example: Example) -> Sequence[NDArray[np.uint8]]:
        """Clips x crops of uint8 [T, R, R, 3]."""
        assert example.source is not None
        found = read_scored_views(example.source.path, self.protocol)
        return [found.view(number) for number in range(found.total)]


class Kinetics400(Recognition[KineticsProtocol]):
    """Kinetics-400."""

    protocol = KineticsProtocol
    unit: Unit = "videos"  # type: ignore[misc]
    family = "kinetics-400"

    def check(self, data: Path, protocol: KineticsProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.kinetics400.check`."""
        return check(data, protocol, thorough=thorough)

    def read(self, data: Path) -> Examples:
        """Videos of both splits, of any usual copy."""
        return read_kinetics(data)

    def views(self, protocol: KineticsProtocol, seed: int) -> ClipViews:
        """What reads their pixels."""
        return ClipViews(protocol, seed)
