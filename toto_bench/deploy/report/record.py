"""A record of each backbone's trials: its row of the leaderboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from toto_bench.deploy.report.gather import TrialsReport
from toto_bench.deploy.report.parts import (
    cost_of,
    coverage_of,
    earlier_environments,
    metrics_of,
    moments_of,
    protocol_of,
    warnings_of,
)
from toto_bench.deploy.report.place import keep
from toto_bench.deploy.report.rows import Rows, trial_rows
from toto_bench.deploy.session.facts import PolicyFacts, SessionFacts
from toto_bench.deploy.trials import Tally
from toto_bench.results.identity import Identity, protocol_hash
from toto_bench.results.record import RunRecord


@dataclass(frozen=True)
class Recorded:
    """A backbone's trials are in a folder of runs."""

    backbone: str
    path: Path
    reused: bool
    """The same record was there."""


@dataclass(frozen=True)
class Unrecorded:
    """A backbone's trials make no row of the leaderboard yet."""

    backbone: str
    reason: str
    """In words, with the way out."""


def record_trials(report: TrialsReport, out: Path) -> list[Recorded | Unrecorded]:
    """Make the records, in the plan's order of backbones.

    Args:
        report: what is known.
        out: folder of runs.

    Raises:
        DiskError: the operating system refused.
    """
    return [_record(report, tally, out) for tally in report.tallies]


def _record(report: TrialsReport, tally: Tally, out: Path) -> Recorded | Unrecorded:
    problem = next(_problems(report, tally), None)
    if problem is not None:
        return Unrecorded(tally.backbone, problem)
    rows = [row for row in trial_rows(report) if row["backbone"] == tally.backbone]
    record = _make(report, tally, rows)
    path, reused = keep(report, record, rows, out)
    return Recorded(tally.backbone, path, reused)


def _problems(report: TrialsReport, tally: Tally) -> Iterator[str]:
    """Why there is no row, gravest first."""
    if tally.pending:
        yield f"{tally.pending} of its trials are not run, or wait for a label: finish them."
    if not tally.count:
        yield "none of its trials counts: all were aborted, and the plan leaves those out."
    if report.simulated is None:
        yield (
            "nobody wrote down what robot the trials ran on, or they ran on several: only trials of "
            "`toto-bench robot run` on one robot make a row."
        )
    policies = {policy.identity: policy for policy in _policies(report, tally.backbone)}
    drove = {each.started.policy for each in report.of(tally.backbone) if each.started is not None}
    if len(policies) != 1 or drove != set(policies):
        yield "its trials were not all driven by the one policy that the sessions name."
    elif next(iter(policies.values())).run is None:
        yield (
            "its policy is not known to come from a finished run, so nobody can say what it learnt from: give "
            "`--policy` the run's folder."
        )


def _sessions(report: TrialsReport, backbone: str) -> list[SessionFacts]:
    return [session for session in report.sessions if backbone in session.policies]


def _policies(report: TrialsReport, backbone: str) -> list[PolicyFacts]:
    return [session.policies[backbone] for session in _sessions(report, backbone)]


def _make(report: TrialsReport, tally: Tally, rows: Rows) -> RunRecord:
    sessions = _sessions(report, tally.backbone)
    trained = sessions[-1].policies[tally.backbone].run
    assert trained is not None
    protocol, changed = protocol_of(report, trained, sessions[-1])
    environment = sessions[-1].environment
    identity = Identity(
        task=report.plan.task,
        task_version=trained.task_version,
        backbone=trained.backbone.name,
        architecture=trained.backbone.architecture,
        weights=trained.backbone.weights,
        preprocessing=trained.backbone.preprocessing,
        protocol_hash=protocol_hash(protocol),
        fingerprint=trained.data.fingerprint,
        seed=trained.seed,
        dtype=environment.dtype,
        limit=trained.limit,
        allow_missing=trained.allow_missing,
    )
    moments = moments_of(report, tally.backbone)
    return trained.model_copy(
        update={
            "id": identity.run_id,
            "identity": identity.hash,
            "task": report.plan.task,
            "protocol": protocol,
            "protocol_hash": identity.protocol_hash,
            "changed": changed,
            "data": trained.data.model_copy(update={"comparable": False}),
            "metrics": metrics_of(report, tally),
            "coverage": coverage_of(tally, rows),
            "cost": cost_of(trained, rows, sessions),
            "environment": environment,
            "earlier_environments": earlier_environments(sessions),
            "artifacts": {},
            "command": sessions[-1].command,
            "started": min(moments),
            "finished": max(moments),
            "warnings": tuple(warnings_of(report, tally, trained)),
            "items_sha256": None,
        }
    )
