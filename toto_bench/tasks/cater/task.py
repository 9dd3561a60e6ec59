"""The CATER task: the cell in which the snitch ends, by fine-tuning or by probes on a frozen backbone."""

from dataclasses import replace
from pathlib import Path

from toto_bench.backbones.base import Backbone
from toto_bench.tasks.base import DataReport, Outcome, Task
from toto_bench.tasks.cater.check import check
from toto_bench.tasks.cater.evaluate import evaluate, predictions_path
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.scoring import score_predictions
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.recognition.resolve import resolve


class Cater(Task[CaterProtocol]):
    """CATER snitch localization."""

    protocol = CaterProtocol

    def check(self, data: Path, protocol: CaterProtocol, *, thorough: bool = False) -> DataReport:
        """What lies at `data`: see `toto_bench.tasks.cater.check`."""
        return check(data, protocol, thorough=thorough)

    def image_size(self, protocol: CaterProtocol) -> tuple[int, int] | None:
        """The square that the protocol gives."""
        return (protocol.resolution, protocol.resolution)

    def resolve(self, protocol: CaterProtocol, backbone: Backbone) -> CaterProtocol:
        """The protocol with layers and heads of the backbone: see `toto_bench.tasks.recognition.resolve`."""
        return resolve(protocol, backbone, frames=protocol.frames)

    def evaluate(
        self, backbone: Backbone, data: DataReport, protocol: CaterProtocol, context: RunContext
    ) -> Outcome:
        """Train, predict and score: see `toto_bench.tasks.cater.evaluate`."""
        return evaluate(backbone, data, protocol, context)

    def score(
        self, predictions: Path, data: DataReport, protocol: CaterProtocol, *, allow_missing: bool = False
    ) -> Outcome:
        """Score a file of predictions: see `toto_bench.tasks.cater.scoring`."""
        outcome = score_predictions(predictions, data, protocol, allow_missing=allow_missing)
        return replace(outcome, warnings=(*data.warnings, *outcome.warnings))

    def rescore(
        self,
        run: Path,
        data: DataReport,
        protocol: CaterProtocol,
        *,
        seed: int,
        limit: int | None,
        allow_missing: bool,
    ) -> Outcome:
        """The numbers of a finished run, from the predictions that it kept; no model is needed."""
        return score_predictions(
            predictions_path(run, protocol),
            data,
            protocol,
            seed=seed,
            limit=limit,
            allow_missing=allow_missing,
        )
