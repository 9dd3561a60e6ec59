"""The tables of a report, as rows."""

from typing import Any

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.trials import Standing

Rows = list[dict[str, Any]]


def success_rows(report: TrialsReport) -> Rows:
    """One row for each backbone; shares in [0, 1], None without a trial."""
    return [
        {
            "backbone": tally.backbone,
            "success": tally.share,
            "low": tally.interval.low if tally.interval else None,
            "high": tally.interval.high if tally.interval else None,
            "successes": tally.successes,
            "trials": tally.count,
            "aborted": tally.aborted,
            "pending": tally.pending,
        }
        for tally in report.tallies
    ]


def comparison_rows(report: TrialsReport) -> Rows:
    """One row for each two backbones."""
    return [
        {
            "first": pair.paired.first.backbone,
            "second": pair.paired.second.backbone,
            "p_mcnemar": pair.paired.p,
            "p_holm": pair.adjusted,
            "comparisons": pair.tests,
            "p_fisher": pair.unpaired.p,
            "told_apart": pair.verdict.is_difference,
        }
        for pair in report.pairs
    ]


def trial_rows(report: TrialsReport) -> Rows:
    """One row for each planned trial, in the order of the plan."""
    poses = {pose.number: pose for pose in report.plan.poses}
    rows = []
    for standing in report.standings.values():
        pose, ended, label = poses[standing.trial.pose], standing.ended, standing.label
        rows.append(
            {
                "trial": standing.trial.number,
                "backbone": standing.trial.backbone,
                "pose": pose.number,
                "x": pose.x,
                "y": pose.y,
                "yaw": pose.yaw,
                "result": result_of(standing),
                "ended_by": ended.reason if ended else None,
                "message": ended.message if ended else None,
                "steps": ended.steps if ended else None,
                "seconds": ended.seconds if ended else None,
                "labeller": label.labeller if label else None,
                "automatic": label.automatic if label else None,
                "note": label.note if label else None,
                "policy": standing.started.policy if standing.started else None,
                "video": ended.video if ended else None,
            }
        )
    return rows


def result_of(standing: Standing) -> str:
    """How a trial stands, in a word or two."""
    if standing.label is not None:
        return "success" if standing.label.success else "failure"
    if standing.is_aborted:
        return "aborted"
    if standing.needs_label:
        return "no label yet"
    return "not run" if standing.started is None else "under way"


def timing_rows(report: TrialsReport) -> Rows:
    """Latency and guard of each trial that has ended: a row for each number."""
    return [
        {
            "trial": standing.trial.number,
            "backbone": standing.trial.backbone,
            "kind": kind,
            "name": name,
            "value": value,
        }
        for standing in report.standings.values()
        if standing.ended is not None
        for kind, numbers in (("latency", standing.ended.latency), ("guard", standing.ended.guard))
        for name, value in numbers.items()
    ]
