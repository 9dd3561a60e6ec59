"""From what was predicted to an outcome: the submission is written, and it is that file which is scored."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from toto_bench.files import write_json
from toto_bench.results.record import Metric
from toto_bench.tasks.base import DataReport, Outcome
from toto_bench.tasks.ego4d_sta.columns import Predictions, reorder_images
from toto_bench.tasks.ego4d_sta.data import open_split
from toto_bench.tasks.ego4d_sta.errors import DamagedSubmissionError
from toto_bench.tasks.ego4d_sta.learning.begin import some
from toto_bench.tasks.ego4d_sta.learning.constant import predict_constant
from toto_bench.tasks.ego4d_sta.learning.pictures import draw_sheet
from toto_bench.tasks.ego4d_sta.learning.plots import plot_training
from toto_bench.tasks.ego4d_sta.learning.trials import Trials
from toto_bench.tasks.ego4d_sta.learning.work import Work
from toto_bench.tasks.ego4d_sta.metric import AVERAGED, KINDS, evaluate
from toto_bench.tasks.ego4d_sta.protocol import EgoStaProtocol
from toto_bench.tasks.ego4d_sta.scoring import score_submission
from toto_bench.tasks.ego4d_sta.submission import read_submission, write_submission
from toto_bench.tasks.items import PROBLEM, coverage_of

SUBMISSION, CHOICE = "predictions/submission.json", "choice.json"
"""In the run's folder: what is scored, and how it was chosen."""
_UNKNOWN = Metric(value=None, n=0, method="not scored: there is no truth")


def finish(work: Work, trials: Trials) -> Outcome:
    """Write, score, draw; what others should know goes with the numbers.

    Raises:
        DataError: nothing can be scored.
        DiskError: a file cannot be written.
    """
    context, protocol = work.context, work.protocol
    _, predictions, selection = trials.chosen()
    work.recall_left_out()
    path, absent = context.out / SUBMISSION, _absent(work, predictions)
    if context.rank == 0:
        write_submission(path, predictions)
        write_json(context.out / CHOICE, {"selection": selection, "left_out": absent})
    context.barrier()
    outcome = _not_scored(work.report, predictions)
    if work.file.annotated:
        outcome = score_submission(
            path,
            work.report,
            protocol,
            seed=context.seed,
            limit=context.limit,
            allow_missing=context.allow_missing,
            undefined=True,
            selection=selection,
        )
    done: dict[str, dict[str, str]] = {uid: {} for uid in predictions.uids}
    done |= {uid: {PROBLEM: reason} for uid, reason in absent.items()}
    losses, epochs, chance = trials.losses(), trials.all(), _chance(work, predictions)
    curves: dict[str, list[dict[str, Any]]] = {"losses": losses} | ({"chance": [chance]} if chance else {})
    if len(epochs) > 1:
        curves["epochs"] = [trial._asdict() for trial in epochs]
    artifacts = {}
    if context.rank == 0:
        with context.stage("draw"):
            artifacts = _draw(work, predictions, losses, curves.get("epochs", []))
    context.barrier()
    return replace(
        outcome,
        coverage=coverage_of(work.report, done),
        curves=curves,
        artifacts=artifacts,
        frames=len(predictions.uids) * protocol.frames,
        warnings=(*_own(outcome, work), *_warnings(work, chance)),
    )


def _not_scored(report: DataReport, predictions: Predictions) -> Outcome:
    """What is known where the truth is not public: the submission is all there is."""
    counts = predictions.counts.tolist()
    return Outcome(
        metrics={kind.name: _UNKNOWN for kind in KINDS},
        items=[{"uid": uid, "predictions": n} for uid, n in zip(predictions.uids, counts, strict=True)],
        coverage=coverage_of(report, {}),
        warnings=(f"the annotations have no objects: {SUBMISSION} was written, and is not scored",),
    )


def rescored(
    run: Path,
    data: DataReport,
    protocol: EgoStaProtocol,
    *,
    seed: int,
    limit: int | None,
    allow_missing: bool,
) -> Outcome:
    """The numbers of a finished run, from its submission.

    Raises:
        DamagedSubmissionError: the run's folder lacks what was kept beside it.
        DataError: it cannot be scored.
    """
    try:
        choice = json.loads((run / CHOICE).read_text(encoding="utf-8"))
        selection, left_out = choice["selection"], choice["left_out"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedSubmissionError(f"{run / CHOICE} cannot be read ({error}).") from error
    if protocol.split == "test" and not open_split(data.path, protocol, "test").file.annotated:
        found = read_submission(run / SUBMISSION, data.listed[:limit], allow_missing=True)
        outcome = _not_scored(data, found.predictions)
    else:
        outcome = score_submission(
            run / SUBMISSION,
            data,
            protocol,
            seed=seed,
            limit=limit,
            allow_missing=allow_missing,
            undefined=True,
            selection=selection,
        )
    done: dict[str, dict[str, str]] = {row["uid"]: {} for row in outcome.items}
    done |= {uid: {PROBLEM: reason} for uid, reason in left_out.items()}
    return replace(outcome, coverage=coverage_of(data, done))


def _absent(work: Work, predictions: Predictions) -> dict[str, str]:
    """Images that were wanted and are not predicted, with the reason."""
    there = set(predictions.uids)
    wanted = [example.uid for example in work.val if example.uid not in there]
    return {uid: work.left_out.get(uid, "its frames could not be read") for uid in wanted}


def _chance(work: Work, predictions: Predictions) -> dict[str, float]:
    """What a constant gets on the same images; each has a prediction, so that both treatments agree."""
    there = set(predictions.uids)
    if not work.file.annotated:
        return {}
    val = [example for example in work.val if example.uid in there]
    constant = predict_constant(work.train, val, work.file)
    protocol = work.protocol
    evaluation = evaluate(
        reorder_images(work.file.labels, constant.uids),
        constant,
        kinds=AVERAGED,
        top_k=protocol.top_k,
        iou_threshold=protocol.iou_threshold,
        ttc_tolerance=protocol.ttc_tolerance,
    )
    return evaluation.values("count")


def _draw(
    work: Work, predictions: Predictions, losses: list[dict[str, Any]], epochs: list[dict[str, Any]]
) -> dict[str, Path]:
    folder = work.context.out / "artifacts"
    artifacts = {"training": folder / "training.png"}
    plot_training(artifacts["training"], losses, epochs)
    if draw_sheet(folder / "contact-sheet.png", work.file, work.scored, predictions):
        artifacts["contact sheet"] = folder / "contact-sheet.png"
    return artifacts


def _own(outcome: Outcome, work: Work) -> tuple[str, ...]:
    """Remarks of the scoring; those on the data are in the record anyway."""
    return tuple(text for text in outcome.warnings if text not in work.report.warnings)


def _warnings(work: Work, chance: dict[str, float]) -> tuple[str, ...]:
    found = []
    if chance:
        numbers = " / ".join(f"{100 * value:.2f}" for value in chance.values())
        found.append(
            f"chance, the same at every image (each noun at the usual box, by its frequency): {numbers} (N / N+V / "
            "N+TTC / All)"
        )
    if work.absent:
        videos = sorted({a.video for a in work.trained.file.annotations if a.uid in work.absent})
        found.append(
            f"{len(work.absent):,} of {len(work.trained.file.annotations):,} training annotations have no frames and "
            f"were left out; videos: {some(videos)}"
        )
    scored = {example.uid for example in work.val}
    if unread := [uid for uid in work.left_out if uid not in scored]:
        found.append(
            f"{len(unread):,} training annotations could not be decoded and were left out: {some(unread)}"
        )
    return tuple(found)
