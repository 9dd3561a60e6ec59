"""The CATER task: what of it needs no training."""

from pathlib import Path

from toto_bench.tasks.base import DataReport, Outcome, ScoringTask
from toto_bench.tasks.cater.check import check
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.scoring import score_predictions


class Cater(ScoringTask[CaterProtocol]):
    """CATER snitch localization: checks of the data, and scores of prediction files."""

    protocol = CaterProtocol

    def check(self, data: Path, protocol: CaterProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.cater.check`."""
        return check(data, protocol, thorough=thorough)

    def score(
        self, predictions: Path, data: DataReport, protocol: CaterProtocol, *, allow_missing: bool = False
    ) -> Outcome:
        """Score a file of predictions: see `toto_bench.tasks.cater.scoring`."""
        return score_predictions(predictions, data, protocol, allow_missing=allow_missing)
