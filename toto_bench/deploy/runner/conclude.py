"""What is left to do when the arm has been told to stop."""

import logging
from dataclasses import asdict
from typing import Literal

from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.runner.ending import Ending
from toto_bench.deploy.runner.loop import Loop
from toto_bench.deploy.runner.record import Recorder
from toto_bench.deploy.runner.verdict import judge, words_of

_log = logging.getLogger(__name__)
_MOVING = " The arm was not seen to come to rest: look at it, and use the emergency stop if it moves."


def halt(driver: RobotDriver, loop: Loop | None, error: BaseException | None) -> None:
    """Tell the arm to stop, and the watchdog that nobody needs it any more. Raises nothing.

    A driver whose `stop` raises breaks its contract; it is called once more, for nothing else is left to do.
    """
    reason = "the trial ended" if error is None else words_of(error)
    for _ in range(2):
        try:
            driver.stop(reason)
            break
        except BaseException:  # noqa: BLE001 - nothing may keep the trial's end from being written down
            _log.exception("the arm could not be told to stop")
    try:
        if loop is not None:
            loop.watchdog.end()
    except BaseException:  # noqa: BLE001 - as above
        _log.exception("the watchdog could not be ended")


def came_to_rest(driver: RobotDriver, seconds: float) -> bool:
    """Whether the arm stands within this time; a driver that cannot tell says no."""
    try:
        return driver.at_rest(seconds)
    except BaseException:  # noqa: BLE001 - as above
        _log.exception("nobody can tell whether the arm stands")
        return False


def conclude(loop: Loop | None, error: BaseException | None, recorder: Recorder, *, rests: bool) -> Ending:
    """Close the recording, and say how the trial ended.

    Args:
        loop: of the trial; None where there was not even one.
        error: what left it.
        recorder: of its ticks.
        rests: whether the arm was seen to stand.
    """
    stage, barked = ("", None) if loop is None else (loop.latencies.stage, loop.watchdog.fired)
    verdict = judge(error, stage, barked)
    message = verdict.message if rests else verdict.message + _MOVING
    message += _end(recorder, message)
    outcome: Literal["completed", "aborted"] = "completed" if verdict.completed else "aborted"
    if loop is None:
        return Ending(outcome, verdict.reason, message, rests, error=error)
    counts = {"missed deadlines": float(loop.missed), "dropped actions": float(loop.dropped)}
    latency = loop.latencies.summary() | counts
    return Ending(
        outcome, verdict.reason, message, rests, loop.sent, loop.seconds, latency, asdict(loop.counts), error
    )


def _end(recorder: Recorder, message: str) -> str:
    """Close the recording; what has to be added to the message."""
    try:
        recorder.end()
        problem = recorder.problem
    except BaseException as error:  # noqa: BLE001 - the trial's end has to reach the journal
        return f" The recording is not whole: {words_of(error)}."
    return "" if problem is None or problem in message else f" {problem}"
