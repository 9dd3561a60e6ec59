"""What franky raises, as a paragraph that says what a person should do."""

import importlib
from typing import Any

from toto_bench.deploy.driver import RobotFault
from toto_bench.errors import RequestError

_EXTRA_INDEX = "https://timschneider42.github.io/franky/whl/by-robot-server-version/5/"
"""Where the authors of franky-control keep builds for robots with older systems."""
_ADVICE = {
    "IncompatibleVersionException": "The robot's system speaks another version of the protocol than this build of "
    "franky-control. Install the build that fits: `pip install --force-reinstall franky-control --extra-index-url "
    f"{_EXTRA_INDEX}`; the number in its address is the robot's server version: 5 for a Panda, 6 to 10 for an FR3. "
    "An FR3 can be updated to system 5.9 or later instead.",
    "RealtimeException": "This computer cannot give the control loop real-time priority. It needs a PREEMPT_RT kernel, "
    "and its user has to be in a group with `rtprio` (docs/robot.md). Never drive a real arm without it.",
    "InvalidMotionTypeException": "The arm was asked for another kind of motion while it moved. This is a mistake in "
    "the program: report it.",
    "GripperException": "The gripper cannot do what it was asked for. Look at it, and home it in Desk.",
}
_REFLEX = "The robot stopped by a reflex: a contact, or a limit. Look at the arm and free it; then make it ready again."
_PREEMPTED = "The motion was broken off. Look at the arm, then make it ready again."
_REFUSED = (
    "The robot refuses the connection. Unlock its joints and activate FCI in Desk, and end other programs that drive "
    "it."
)
LOOK = "Look at the arm, its power, the network cable and Desk, then make it ready again."
"""What to do about a robot that does not answer."""
_LOST = f"The connection to the robot is lost; the arm stops by itself when packets stay away. {LOOK}"
NOT_READY = "Release the stop button, unlock the joints in Desk, free the arm, and make it ready again."
"""What to do about a robot in a mode in which it takes no commands."""
_OTHER = "Look at the arm and at Desk, then make it ready again."


def load_franky() -> Any:
    """The module `franky`.

    Raises:
        RequestError: it is not installed here.
    """
    try:
        return importlib.import_module("franky")
    except ImportError as error:
        raise RequestError(
            "To drive a Franka arm, the package `franky-control` is needed: `pip install 'toto-bench[franka]'`. There "
            f"are builds for Linux on x86_64 only. ({error})"
        ) from error


def is_lost(error: BaseException) -> bool:
    """Whether nothing can be sent or read any more; some of these are bare RuntimeErrors of libfranka's network."""
    text = str(error)
    return type(error).__name__ == "NetworkException" or "Net Exception" in text or "I/O error" in text


def is_preempted(error: BaseException) -> bool:
    """Whether a motion ended because it was told to."""
    return "preempted" in str(error).lower()


def fault_of(error: BaseException) -> RobotFault:
    """The fault to raise for an error of franky, or of anything else that stands between us and the arm."""
    if isinstance(error, RobotFault):
        return error
    return RobotFault(f"{_advice(error)} (franky: {type(error).__name__}: {' '.join(str(error).split())})")


def _advice(error: BaseException) -> str:
    text = str(error)
    if (advice := _ADVICE.get(type(error).__name__)) is not None:
        return advice
    if "refused" in text:
        return _REFUSED
    if is_lost(error):
        return _LOST
    if "reflex" in text:
        return _REFLEX
    return _PREEMPTED if is_preempted(error) else _OTHER
