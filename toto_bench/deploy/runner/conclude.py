"""What is left to do when the arm has been told to stop."""

from dataclasses import asdict

from toto_bench.deploy.driver import RobotDriver
from toto_bench.deploy.guard import Counts
from toto_bench.deploy.runner.ending import Ending
from toto_bench.deploy.runner.loop import Loop
from toto_bench.deploy.runner.record import Recorder
from toto_bench.deploy.runner.verdict import judge

_MOVING = " The arm was not seen to come to rest: look at it, and use the emergency stop if it moves."


def came_to_rest(driver: RobotDriver, seconds: float) -> bool:
    """Whether the arm stands within this time; a driver that cannot tell says no."""
    try:
        return driver.at_rest(seconds)
    except Exception:  # noqa: BLE001 - nothing may keep the trial's end from being written down
        return False


def conclude(
    loop: Loop, error: BaseException | None, recorder: Recorder, *, rests: bool, seconds: float, guard: Counts
) -> Ending:
    """Close the recording, and say how the trial ended.

    Args:
        loop: of the trial.
        error: what left it.
        recorder: of its ticks.
        rests: whether the arm was seen to stand.
        seconds: from the first tick to the stop.
        guard: how often it changed commands.
    """
    verdict = judge(error, loop.latencies.stage, loop.watchdog.fired)
    message = verdict.message if rests else verdict.message + _MOVING
    message += _end(recorder, message)
    counts = {"missed deadlines": float(loop.missed), "dropped actions": float(loop.dropped)}
    return Ending(
        "completed" if verdict.completed else "aborted",
        verdict.reason,
        message,
        rests,
        loop.sent,
        seconds,
        loop.latencies.summary() | counts,
        asdict(guard),
        error,
    )


def _end(recorder: Recorder, message: str) -> str:
    """Close the recording; what has to be added to the message."""
    try:
        recorder.end()
    except Exception as error:  # noqa: BLE001 - the trial's end has to reach the journal
        return f" The recording is not whole: {error or type(error).__name__}."
    problem = recorder.problem
    return "" if problem is None or problem in message else f" {problem}"
