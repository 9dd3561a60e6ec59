"""How long the stages of a tick take."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from toto_bench.deploy.clock import Clock

STAGES = ("observe", "pictures", "policy", "guard", "act")
"""In their order."""
PERCENTILES = (50, 95, 99)


class Latencies:
    """Times of a trial, by stage, on the trial's clock: in virtual time a stage takes what somebody slept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, list[float]] = {}
        self.last: dict[str, float] = {}
        """Of this tick."""
        self.stage = ""
        """The stage that runs, or was left by an exception."""

    def tick(self) -> None:
        """A tick begins."""
        self.last, self.stage = {}, ""

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Of a block. Where it raises, `stage` says where."""
        self.stage, start = stage, self._clock.now()
        try:
            yield
        finally:
            self.last[stage] = self._clock.now() - start
            self._times.setdefault(stage, []).append(self.last[stage])
        self.stage = ""

    def percentile(self, stage: str, percent: float) -> float:
        """Of all times of a stage so far, s."""
        return float(np.percentile(self._times[stage], percent))

    def summary(self) -> dict[str, float]:
        """Percentiles by stage, s."""
        return {
            f"{stage} p{percent}": self.percentile(stage, percent)
            for stage in STAGES
            if stage in self._times
            for percent in PERCENTILES
        }
