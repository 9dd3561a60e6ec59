"""The parts of a record of trials."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.markdown import COUNTED, SIMULATED
from toto_bench.deploy.report.rows import Rows
from toto_bench.deploy.session.facts import SessionFacts
from toto_bench.deploy.trials import Tally
from toto_bench.files import digest
from toto_bench.results.intervals import WILSON, wilson
from toto_bench.results.record import Cost, Coverage, Environment, Metric, RunRecord
from toto_bench.results.statistics import FEWEST_UNITS

ROBOT, POSES = "robot", "start_poses_hash"
"""Protocol values that only trials have: what was driven, and from where."""


def protocol_of(
    report: TrialsReport, trained: RunRecord, session: SessionFacts
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The training's values with those of the trials, and what of them is not as the preset has it."""
    plan = report.plan
    decided = session.protocol | {"trials": len(plan.poses), "aborted_trials": plan.aborted}
    changed = trained.changed | {
        name: value for name, value in decided.items() if trained.protocol.get(name, value) != value
    }
    robot = str(session.robot)
    if session.robot.simulated:
        changed |= {ROBOT: robot}
    poses = digest([pose.model_dump(mode="json") for pose in plan.poses])
    return trained.protocol | decided | {ROBOT: robot, POSES: poses}, changed


def metrics_of(report: TrialsReport, tally: Tally) -> dict[str, Metric]:
    """Success, and the share of aborted trials among all."""
    trials = len(report.of(tally.backbone))
    return {"success": _share(tally.successes, tally.count), "aborted": _share(tally.aborted, trials)}


def _share(number: int, count: int) -> Metric:
    if count < FEWEST_UNITS:
        return Metric(value=number / count, n=count, method=f"no interval: fewer than {FEWEST_UNITS} trials")
    low, high = wilson(number, count)
    return Metric(
        value=number / count, low=low, high=high, n=count, method=WILSON.replace("episodes", "trials")
    )


def coverage_of(tally: Tally, rows: Rows) -> Coverage:
    """Trials that count, and why others do not."""
    left_out = [row for row in rows if row["result"] == "aborted"] if tally.count < len(rows) else []
    missing = {f"trial-{row['trial']:03d}": f"aborted: {row['ended_by']}" for row in left_out}
    return Coverage(scored=tally.count, listed=len(rows), missing=missing)


def cost_of(trained: RunRecord, rows: Rows, sessions: list[SessionFacts]) -> Cost:
    """What the trials took; of the backbone what its training knew."""
    peaks = [session.peak_memory_mb for session in sessions if session.peak_memory_mb is not None]
    return Cost(
        parameters=trained.cost.parameters,
        seconds={"trials": round(sum(row["seconds"] or 0.0 for row in rows), 3)},
        peak_memory_mb=max(peaks, default=0.0),
        sessions=len(sessions),
        macs=trained.cost.macs,
        macs_of=trained.cost.macs_of,
        training_seconds=trained.cost.training_seconds,
    )


def moments_of(report: TrialsReport, backbone: str) -> list[datetime]:
    """When anything happened to a backbone's trials."""
    events = [
        event
        for standing in report.of(backbone)
        for event in (standing.started, standing.ended, standing.label)
        if event is not None
    ]
    return [datetime.fromisoformat(event.at) for event in events]


def warnings_of(report: TrialsReport, tally: Tally, trained: RunRecord) -> Iterator[str]:
    """What a reader of the numbers should know: simulation, aborted trials, whether others were told apart."""
    if report.simulated:
        yield SIMULATED.replace("**", "")
    if tally.aborted:
        yield f"{tally.aborted} of the trials were aborted. {COUNTED[report.plan.aborted]}"
    for pair in report.pairs:
        if tally.backbone in (pair.paired.first.backbone, pair.paired.second.backbone):
            yield str(pair.verdict)
    yield from (f"Of the training: {warning}" for warning in trained.warnings)


def earlier_environments(sessions: Sequence[SessionFacts]) -> tuple[Environment, ...]:
    """Those that are not the last session's, each once."""
    last = sessions[-1].environment
    found = {session.environment.model_dump_json(): session.environment for session in sessions}
    return tuple(environment for environment in found.values() if environment != last)
