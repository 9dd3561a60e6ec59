"""No real arm moves before a person has said that the hardware emergency stop is in their hand."""

from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.session.operator import Operator
from toto_bench.errors import RequestError

PHRASE = "the emergency stop is in my hand"
WARNING = (
    "This is a real robot: it is about to move. This software is not safety-rated and cannot stop an arm whose "
    "computer, cable or power fails. Nobody may be within reach of the arm, and one person holds the emergency stop "
    "(or the enabling device) and watches."
)


class UnsafeError(RequestError):
    """Nobody has said that they can stop the robot by hand."""


def expect_operator(operator: Operator, info: RobotInfo) -> None:
    """Refuse a real robot where nobody is at a terminal.

    Raises:
        UnsafeError: there is nobody.
    """
    if not info.simulated and not operator.present:
        raise UnsafeError(
            "A real robot only moves while a person watches: there is no terminal here to ask one. Start the command "
            "in a terminal beside the robot."
        )


def expect_emergency_stop(operator: Operator, info: RobotInfo) -> None:
    """Ask for the emergency stop; a simulated arm needs none, and nothing else makes this return for a real one.

    Raises:
        UnsafeError: there is nobody at a terminal, or they typed something else.
    """
    if info.simulated:
        return
    expect_operator(operator, info)
    operator.say(WARNING)
    answer = operator.ask(f"Type `{PHRASE}` when it is:")
    if " ".join(answer.casefold().split()).rstrip(".") != PHRASE:
        raise UnsafeError(f"Nothing has moved: `{PHRASE}` was not typed. Repeat the command when it is true.")
