"""The Ego4D STA task: what of it needs no model."""

from pathlib import Path

from toto_bench.tasks.base import DataReport, Outcome, ScoringTask
from toto_bench.tasks.ego4d_sta.check import check
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.scoring import score_submission


class EgoSta(ScoringTask[EgoStaProtocol]):
    """Short-term anticipation: checks of the data, and scores of submissions."""

    protocol = EgoStaProtocol

    def check(self, data: Path, protocol: EgoStaProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`, a folder or a file of annotations: see `toto_bench.tasks.ego4d_sta.check`."""
        return check(data, protocol, thorough=thorough)

    def score(
        self, predictions: Path, data: DataReport, protocol: EgoStaProtocol, *, allow_missing: bool = False
    ) -> Outcome:
        """Score anyone's submission: see `toto_bench.tasks.ego4d_sta.scoring`."""
        return score_submission(predictions, data, protocol, allow_missing=allow_missing)
