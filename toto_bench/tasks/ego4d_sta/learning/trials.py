"""What a training predicts on its way, and which of it is scored: the best on val, or the last."""

import shutil
from collections.abc import Mapping
from typing import Any, NamedTuple

from toto_bench.results.record import BEST_ON_VAL
from toto_bench.tasks.ego4d_sta.columns import Predictions, reorder_images
from toto_bench.tasks.ego4d_sta.learning.module import StaOnBatches
from toto_bench.tasks.ego4d_sta.learning.predict import Predictor
from toto_bench.tasks.ego4d_sta.learning.sources import Sources
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.metric import AVERAGED, evaluate
from toto_bench.training.log import read_log
from toto_bench.training.trainer import LOG_FILE

FOLDER = "training"
"""In what is kept of an unfinished run: state and log of the training."""
STEPS = "Training steps"
"""What the progress of the loop is called."""
EVALUATION = "evaluation"
"""Kind of the loop's log rows that hold what a trial found."""


class Trial(NamedTuple):
    """A state of the model that was scored."""

    step: int
    """Steps done."""
    overall: float
    """Its number, with images without predictions counted."""


class Trials:
    """Predicts and scores what is to be scored, whenever the loop asks."""

    def __init__(self, work: Work, module: StaOnBatches, sources: Sources) -> None:
        """With the model as the loop trains it."""
        self.work, self.module = work, module
        self.folder = work.context.folder.state / FOLDER
        self.step = 0
        """Steps done, as the loop tells."""
        self._seen: dict[int, float] = {}
        self.predictor = Predictor(
            module,
            sources.val,
            work.file,
            sources.scoring,
            images=max(work.clips, 1),
            folder=self.folder / "predictions",
        )

    def try_now(self) -> Mapping[str, float]:
        """Predict with the model as it is; its numbers, images without predictions counted."""
        work, context = self.work, self.work.context
        context.progress.stop()
        predictions = self.predictor.predict(_name(self.step))
        context.progress.start(STEPS, work.steps - self.step)
        values = dict.fromkeys((kind.name for kind in AVERAGED), 0.0)
        if work.file.annotated and len(predictions):
            evaluation = evaluate(
                reorder_images(work.file.labels, predictions.uids),
                predictions,
                top_k=work.protocol.top_k,
                iou_threshold=work.protocol.iou_threshold,
                ttc_tolerance=work.protocol.ttc_tolerance,
            )
            values = evaluation.values("count")
        self._seen[self.step] = values["overall"]
        if context.rank == 0:
            context.commit(_name(self.step), values)
            self._forget(self.all())
        context.barrier()
        return values

    def all(self) -> list[Trial]:
        """Every one, in their order; the loop writes its log when it saves."""
        rows = [row for row in read_log(self.folder / LOG_FILE) if row.get("kind") == EVALUATION]
        known = {row["step"] + 1: row["overall"] for row in rows} | self._seen
        return [Trial(step, known[step]) for step in sorted(known)]

    def losses(self) -> list[dict[str, Any]]:
        """Losses of every step."""
        rows = [row for row in read_log(self.folder / LOG_FILE) if "loss" in row]
        return [{"step": row["step"] + 1} | {k: v for k, v in row.items() if k != "step"} for row in rows]

    def chosen(self) -> tuple[Trial, Predictions, str | None]:
        """The trial that is scored, its predictions, and how it was chosen where there was a choice."""
        trials = self.all()
        if not selects(self.work) or len(trials) == 1:
            return trials[-1], self.predictor.predict(_name(trials[-1].step)), None
        best = _best(trials)
        return (
            best,
            self.predictor.predict(_name(best.step)),
            f"{BEST_ON_VAL}: step {best.step:,} of {trials[-1].step:,}, by the overall number after each of "
            f"{len(trials)} epochs",
        )

    def _forget(self, trials: list[Trial]) -> None:
        """Remove predictions that will not be scored."""
        wanted = {_name(trials[-1].step), _name(_best(trials).step)}
        for folder in self.predictor.folder.iterdir():
            if folder.name not in wanted:
                shutil.rmtree(folder, ignore_errors=True)


def selects(work: Work) -> bool:
    """Whether what is scored chooses among epochs; a split without truth cannot."""
    return work.protocol.selection == "best-overall-on-val" and work.file.annotated


def _best(trials: list[Trial]) -> Trial:
    """The first of the highest number."""
    return max(trials, key=lambda trial: (trial.overall, -trial.step))


def _name(step: int) -> str:
    return f"step-{step:07d}"
