"""From policies and a station to trials: everything that has to be good before the arm moves, in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toto_bench.cards import task_cards
from toto_bench.deploy.guard import GuardSettings
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.runner import RunnerSettings
from toto_bench.deploy.session.checks import Check, disk_check, kernel_check, policy_checks
from toto_bench.deploy.session.competitor import Competitor, words_of
from toto_bench.deploy.session.facts import RobotFacts, SessionFacts, end_session, write_session
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.session.labelling import Labeller, label_all
from toto_bench.deploy.session.look import sizes_of
from toto_bench.deploy.session.operator import Enter, Operator, agrees
from toto_bench.deploy.session.planning import PlanRequest, plan_for
from toto_bench.deploy.session.policies import Loading, PolicySource, load
from toto_bench.deploy.session.safety import expect_emergency_stop, expect_operator
from toto_bench.deploy.session.station import Station
from toto_bench.deploy.session.station_checks import camera_checks, robot_checks
from toto_bench.deploy.session.thresholds import Thresholds
from toto_bench.deploy.session.trials import End, Outcome, TrialSession
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.trials import Ledger, TrialPlan
from toto_bench.deploy.workspace import Workspace
from toto_bench.results.record import Environment

DRY_SECONDS = 5.0
"""s that a policy watches a real arm before it may move it; a simulated one is watched for a second."""


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
    plan = plan_for(request.folder, request.plan)
    with Ledger(plan, request.folder.journal) as ledger:
        if ledger.next is None:
            label_all(ledger, Labeller(request.labeller, operator, request.folder))
            return Outcome(End.DONE, "Every trial of the plan was run before.")
        with station.opened():
            guards = _guard_options(request, station, plan)
            if problem := _first_problem(request, station, operator, GuardSettings(rate_hz=10.0, **guards)):
                return Outcome(End.FAULT, f"{problem.name}: {problem.words}")
            competitors = {}
            for source in request.policies:
                policy, facts = load(source, station, request.loading)
                guard = GuardSettings.for_policy(policy.spec, **guards)
                competitors[source.name] = Competitor(
                    source.name, policy, facts, station, guard, request.thresholds.runner
                )
            for name, competitor in competitors.items():
                if (outcome := _try_standing(competitor, plan.blind_name(name), operator)) is not None:
                    return outcome
            expect_emergency_stop(operator, station.driver.info())
            if (outcome := _try_slowly(request, station, plan, competitors, operator)) is not None:
                return outcome
            facts_ = _facts(request, station, plan, competitors)
            path = write_session(request.folder, facts_)
            try:
                return _session(request, station, ledger, competitors, operator).run()
            finally:
                end_session(path, facts_)


def _guard_options(request: SessionRequest, station: Station, plan: TrialPlan) -> dict[str, Any]:
    card = task_cards().get(plan.task)
    limit = card.protocol["time_limit_s"].value if card and "time_limit_s" in card.protocol else 60.0
    return {
        "limits": station.limits(),
        "workspace": request.workspace,
        "seconds": request.seconds or float(limit),
        **request.thresholds.guard,
    }


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


def _try_standing(competitor: Competitor, called: str, operator: Operator) -> Outcome | None:
    """Warm a policy up, then let it watch; nothing moves."""
    warm = competitor.warm_up()
    slowest = max(warm.latency.values())
    operator.say(
        f"{called}: inference takes {1000 * slowest:.0f} ms at most of {1000 * warm.budget:.0f} ms allowed."
    )
    simulated = competitor.station.driver.info().simulated
    dry = competitor.dry_run(1.0 if simulated else DRY_SECONDS)
    operator.say(f"{called}, dry run: {words_of(dry)}")
    if dry.ending.is_request:
        return Outcome(End.INTERRUPTED, dry.ending.message)
    if dry.ending.outcome != "completed" and not simulated:
        return Outcome(End.FAULT, f"The dry run of {called} was aborted: {dry.ending.message}")
    return None


def _try_slowly(
    request: SessionRequest,
    station: Station,
    plan: TrialPlan,
    competitors: Mapping[str, Competitor],
    operator: Operator,
) -> Outcome | None:
    """Let each policy move a real arm at half the speed, once a session; no trial, and never counted."""
    if station.driver.info().simulated:
        return None
    for name, competitor in competitors.items():
        called = plan.blind_name(name)
        operator.ask(f"Now {called}, slowly and not counted. Step back; Enter moves the arm to its start.")
        with StopSignals(station.driver.stop) as signals:
            station.driver.recover()
            station.driver.reset(request.start, interrupted=signals.is_requested)
        enter = Enter(operator, "Enter ends it, Ctrl-C stops the arm.")
        enter.begin()
        ending = competitor.run_slowly(enter.pressed)
        enter.end()
        operator.say(ending.message)
        if ending.is_request:
            return Outcome(End.INTERRUPTED, ending.message)
        if not ending.at_rest or not agrees(operator, "Did the arm move as it should?"):
            return Outcome(End.FAULT, f"The slow run of {called} was not as it should be: {ending.message}")
    return None


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
