"""From policies and a station to trials: everything that has to be good before the arm moves, in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toto_bench.cards import did_you_mean, task_cards
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.runner import RunnerSettings
from toto_bench.deploy.session.checks import Check, disk_check, kernel_check, policy_checks
from toto_bench.deploy.session.competitor import Competitor
from toto_bench.deploy.session.facts import RobotFacts, SessionFacts, end_session, write_session
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.labelling import Labeller, label_all
from toto_bench.deploy.session.look import sizes_of
from toto_bench.deploy.session.operator import Operator
from toto_bench.deploy.session.outcome import End, Outcome
from toto_bench.deploy.session.planning import PlanRequest, plan_for
from toto_bench.deploy.session.policies import Loading, PolicySource, load
from toto_bench.deploy.session.safety import expect_emergency_stop, expect_operator
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.session.station_checks import camera_checks, robot_checks
from toto_bench.deploy.session.thresholds import Thresholds, expect_strict
from toto_bench.deploy.session.trials import TrialSession
from toto_bench.deploy.session.trying import try_slowly, try_standing
from toto_bench.deploy.trials import Ledger, TrialPlan
from toto_bench.deploy.workspace import Workspace
from toto_bench.errors import RequestError
from toto_bench.results.record import Environment


@dataclass(frozen=True)
class SessionRequest:
    """What somebody asks for."""

    folder: TrialsFolder
    policies: Sequence[PolicySource]
    plan: PlanRequest
    start: Vector
    """Where the arm begins each trial, float64 [7], rad."""
    environment: Environment
    labeller: str
    seconds: float | None = None
    """Longest trial; None: as the task's card says."""
    workspace: Workspace = field(default_factory=Workspace)
    thresholds: Thresholds = field(default_factory=lambda: Thresholds({}, RunnerSettings()))
    """Of guard and loop, where they differ from the usual."""
    loading: Loading = field(default_factory=Loading)
    photo_camera: str | None = None
    """Name of the camera of reference photos; None: the first."""
    command: str = ""


def run_session(request: SessionRequest, station: Station, operator: Operator) -> Outcome:
    """Check, warm up, dry-run, ask for the emergency stop, go slowly once, then run what is left of the plan.

    Raises:
        RequestError: the request is wrong, or nobody holds the emergency stop; nothing has moved.
        TotoBenchError: something is wrong; the arm is stopped.
        KeyboardInterrupt: the operator stops at a question.
    """
    expect_operator(operator, station.driver.info())
    expect_strict(request.thresholds, station.driver.info())
    _expect_photo_camera(request, station)
    plan = plan_for(request.folder, request.plan)
    with Ledger(plan, request.folder.journal) as ledger:
        if ledger.next is None:
            label_all(ledger, Labeller(request.labeller, operator, request.folder))
            return Outcome(End.DONE, "Every trial of the plan was run before.")
        with station.opened():
            guards = _guard_options(request, station, plan)
            if problem := _first_problem(request, station, operator, GuardSettings(rate_hz=10.0, **guards)):
                return Outcome(End.FAULT, f"{problem.name}: {problem.words}")
            competitors = {
                source.name: _competitor(source, request, station, guards) for source in request.policies
            }
            for name, competitor in competitors.items():
                if (outcome := try_standing(competitor, plan.blind_name(name), operator)) is not None:
                    return outcome
            expect_emergency_stop(operator, station.driver.info())
            for name, competitor in competitors.items():
                called = plan.blind_name(name)
                if (outcome := try_slowly(competitor, called, request.start, operator)) is not None:
                    return outcome
            facts = _facts(request, station, plan, competitors)
            path = write_session(request.folder, facts)
            try:
                return _session(request, station, ledger, competitors, operator).run()
            finally:
                end_session(path, facts)


def _expect_photo_camera(request: SessionRequest, station: Station) -> None:
    name = request.photo_camera
    if name is not None and name not in station.cameras:
        raise RequestError(
            f"`--photo-camera {name}`: there is no such camera{did_you_mean(name, station.cameras)}"
        )


def _guard_options(request: SessionRequest, station: Station, plan: TrialPlan) -> dict[str, Any]:
    card = task_cards().get(plan.task)
    limit = card.protocol["time_limit_s"].value if card and "time_limit_s" in card.protocol else 60.0
    return {
        "limits": station.limits(),
        "workspace": request.workspace,
        "seconds": request.seconds or float(limit),
        **request.thresholds.guard,
    }


def _competitor(
    source: PolicySource, request: SessionRequest, station: Station, guards: dict[str, Any]
) -> Competitor:
    policy, facts = load(source, station, request.loading)
    guard = GuardSettings.for_policy(policy.spec, **guards)
    return Competitor(source.name, policy, facts, station, guard, request.thresholds.runner)


def _first_problem(
    request: SessionRequest, station: Station, operator: Operator, guard: GuardSettings
) -> Check | None:
    """Look at everything, say what was found, and return the first thing that stands against a run."""
    checks = [
        disk_check(request.folder.path),
        kernel_check(simulated=station.driver.info().simulated),
        *policy_checks(request.policies, guard),
        *robot_checks(station, guard),
        *camera_checks(station, sizes_of(request.policies)),
    ]
    for check in checks:
        operator.say(f"{'ok  ' if check.good else 'FAIL'} {check.name}: {check.words}")
    return next((check for check in checks if not check.good), None)


def _facts(
    request: SessionRequest, station: Station, plan: TrialPlan, competitors: Mapping[str, Competitor]
) -> SessionFacts:
    guards = {name: each.guard.model_dump(mode="json") for name, each in competitors.items()}
    seconds = next(iter(competitors.values())).guard.seconds
    return SessionFacts(
        plan=plan.identity,
        robot=RobotFacts.of(station.driver.info()),
        cameras=dict(station.devices),
        policies={name: each.facts for name, each in competitors.items()},
        settings={
            "guard": guards,
            "runner": request.thresholds.runner.model_dump(mode="json"),
            "start": request.start.tolist(),
        },
        protocol={"time_limit_s": seconds, "speed_factor": station.limits().speed_factor},
        environment=request.environment,
        command=request.command,
    )


def _session(
    request: SessionRequest,
    station: Station,
    ledger: Ledger,
    competitors: Mapping[str, Competitor],
    operator: Operator,
) -> TrialSession:
    names = list(station.cameras)
    chosen = request.photo_camera or (names[0] if names else None)
    return TrialSession(
        station=station,
        folder=request.folder,
        ledger=ledger,
        competitors=competitors,
        operator=operator,
        labeller=request.labeller,
        start=request.start,
        photo_camera=station.cameras[chosen] if chosen is not None else None,
    )
