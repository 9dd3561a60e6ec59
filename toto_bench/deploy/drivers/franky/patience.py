"""Calls of franky that may never return."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from toto_bench.deploy.driver import RobotFault
from toto_bench.deploy.drivers.franky.faults import fault_of

_T = TypeVar("_T")
_ANSWER = 20.0
"""s."""


def answer_of(call: Callable[[], _T], who: str) -> _T:
    """What a call returns, made in a thread of its own, so that Ctrl-C still works.

    libfranka waits without end for a robot or gripper that another program holds.

    Args:
        call: to franky.
        who: is waited for, for the message.

    Raises:
        RobotFault: it raises, or there is no answer.
    """
    answer: Future[_T] = Future()

    def make() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001  franky raises bare RuntimeErrors too; told to the caller
            answer.set_exception(fault_of(error))

    threading.Thread(target=make, name="franky connecting", daemon=True).start()
    try:
        return answer.result(_ANSWER)
    except TimeoutError as error:
        raise RobotFault(
            f"{who} does not answer within {_ANSWER:g} s. End other programs that drive it, and look at its power, the "
            "network and Desk."
        ) from error
