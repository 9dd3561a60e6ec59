"""Before a policy may run a trial: it watches an arm that stands, then moves a real one slowly."""

from toto_bench.deploy.limits import Vector
from toto_bench.deploy.session.competitor import Competitor, words_of
from toto_bench.deploy.session.operator import Enter, Operator, agrees
from toto_bench.deploy.session.outcome import End, Outcome
from toto_bench.deploy.signals import StopSignals
from toto_bench.deploy.way import go_to_start

DRY_SECONDS = 5.0
"""s that a policy watches a real arm before it may move it; a simulated one is watched for a second."""


def try_standing(competitor: Competitor, called: str, operator: Operator) -> Outcome | None:
    """Warm a policy up, then let it watch; nothing moves.

    Args:
        competitor: the policy.
        called: what the operator is told that it is.
        operator: who is told.

    Returns:
        None where all is well.

    Raises:
        PolicyTooSlowError: it needs too much of the time that there is.
    """
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


def try_slowly(competitor: Competitor, called: str, start: Vector, operator: Operator) -> Outcome | None:
    """Let a policy move a real arm at half the speed, once a session; no trial, and never counted.

    Args:
        competitor: the policy.
        called: what the operator is told that it is.
        start: where the arm begins, float64 [7], rad.
        operator: who watches.

    Returns:
        None where all is well.

    Raises:
        GuardTrip: the start, or the way to it, is not allowed.
        RobotFault: the arm did not reach its start.
        KeyboardInterrupt: the operator stops at a question.
    """
    driver = competitor.station.driver
    if driver.info().simulated:
        return None
    operator.ask(f"Now {called}, slowly and not counted. Step back; Enter moves the arm to its start.")
    with StopSignals(driver.stop) as signals:
        driver.recover()
        go_to_start(driver, competitor.guard, start, signals.is_requested)
    enter = Enter(operator, "Enter ends it, Ctrl-C stops the arm.")
    enter.begin()
    ending = competitor.run_slowly(enter.pressed)
    if ending.is_request:
        return Outcome(End.INTERRUPTED, ending.message)
    enter.end()
    operator.say(ending.message)
    if not ending.at_rest or not agrees(operator, "Did the arm move as it should?"):
        return Outcome(End.FAULT, f"The slow run of {called} was not as it should be: {ending.message}")
    return None
