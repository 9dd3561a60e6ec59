"""Why a trial ended."""

from typing import NamedTuple

from toto_bench.deploy.errors import GuardTrip
from toto_bench.deploy.runner.ending import Cause
from toto_bench.errors import TotoBenchError

_CAUSES = {
    "observe": Cause.ROBOT,
    "act": Cause.ROBOT,
    "pictures": Cause.CAMERA,
    "policy": Cause.POLICY,
}
"""Whose fault it is, by the stage that raised."""
_WHO = {Cause.ROBOT: "The robot's driver", Cause.CAMERA: "A camera", Cause.POLICY: "The policy"}


class Stop(TotoBenchError):  # noqa: N818  what the loop says to itself
    """The trial is over, for a reason that is no exception."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Verdict(NamedTuple):
    """Of the journal's words."""

    completed: bool
    reason: str
    message: str


def words_of(error: BaseException) -> str:
    """What an exception says, whatever it is; text that can be written down."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - not even that may keep the arm from being stopped
        text = ""
    return (text or type(error).__name__).encode(errors="replace").decode()


def judge(error: BaseException | None, stage: str, watchdog: str | None) -> Verdict:
    """What an exception that ended a trial means.

    Args:
        error: what left the loop.
        stage: of the tick in which it was raised.
        watchdog: why it stopped the arm; None: it did not.
    """
    if isinstance(error, Stop):
        return Verdict(error.cause is Cause.DONE, error.cause, words_of(error))
    if watchdog is not None:
        return Verdict(False, Cause.WATCHDOG, watchdog)
    if isinstance(error, GuardTrip):
        return Verdict(error.is_limit, error.reason, words_of(error))
    if isinstance(error, KeyboardInterrupt):
        return Verdict(False, Cause.OPERATOR, "Somebody stopped the trial (Ctrl-C).")
    if isinstance(error, (SystemExit, GeneratorExit)):
        return Verdict(False, Cause.TERMINATED, "The program was told to end.")
    cause = _CAUSES.get(stage, Cause.ERROR)
    what = "nothing is known" if error is None else words_of(error)
    return Verdict(False, cause, f"{_WHO.get(cause, 'The program')} failed: {what}")
