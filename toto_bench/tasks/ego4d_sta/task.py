"""The Ego4D STA task: train, predict, write the submission, score what was written."""

from pathlib import Path

from toto_bench.backbones.base import Backbone
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.ego4d_sta.check import check
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.scoring import score_submission


class EgoSta(Task[EgoStaProtocol]):
    """Short-term anticipation: a detector on several layers of a backbone, and scores of submissions."""

    protocol = EgoStaProtocol
    reads_files = True

    def check(self, data: Path, protocol: EgoStaProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`, a folder or a file of annotations: see `toto_bench.tasks.ego4d_sta.check`."""
        return check(data, protocol, thorough=thorough)

    def image_size(self, protocol: EgoStaProtocol) -> tuple[int, int]:
        """The square that the protocol gives."""
        return (protocol.resolution, protocol.resolution)

    def resolve(self, protocol: EgoStaProtocol, backbone: Backbone) -> EgoStaProtocol:
        """The protocol for this backbone: see `toto_bench.tasks.ego4d_sta.learning.resolve`."""
        from toto_bench.tasks.ego4d_sta.learning.resolve import resolve  # noqa: PLC0415  scoring needs none of it

        return resolve(protocol, backbone)

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: EgoStaProtocol, context: RunContext
    ) -> Outcome:
        """Train the model on `train`, predict the split, write the submission, and score that file."""
        from toto_bench.tasks.ego4d_sta.learning.begin import begin_work  # noqa: PLC0415
        from toto_bench.tasks.ego4d_sta.learning.finish import finish  # noqa: PLC0415
        from toto_bench.tasks.ego4d_sta.learning.fit import fit  # noqa: PLC0415

        work = begin_work(backbone, data, protocol, context)
        return finish(work, fit(work))

    def score(
        self, predictions: Path, data: DataReport, protocol: EgoStaProtocol, *, allow_missing: bool = False
    ) -> Outcome:
        """Score anyone's submission: see `toto_bench.tasks.ego4d_sta.scoring`."""
        return score_submission(predictions, data, protocol, allow_missing=allow_missing)

    def rescore(
        self,
        run: Path,
        data: DataReport,
        protocol: EgoStaProtocol,
        *,
        seed: int,
        limit: int | None,
        allow_missing: bool,
    ) -> Outcome:
        """The numbers of a finished run, from its submission."""
        from toto_bench.tasks.ego4d_sta.learning.finish import rescored  # noqa: PLC0415

        return rescored(run, data, protocol, seed=seed, limit=limit, allow_missing=allow_missing)
