"""The person beside the robot, as the session sees them."""

import threading
from typing import Protocol


class Operator(Protocol):
    """Reads what is said, and answers what is asked."""

    @property
    def present(self) -> bool:
        """Whether a person is there who can be asked."""
        ...

    def say(self, text: str) -> None:
        """Show a line."""
        ...

    def ask(self, question: str) -> str:
        """One line of answer, without spaces around it.

        Raises:
            KeyboardInterrupt: they want to stop, or there is nobody.
        """
        ...


def agrees(operator: Operator, question: str) -> bool:
    """Whether they answer yes; asked again until it is yes or no."""
    while True:
        answer = operator.ask(f"{question} [y/n]").casefold()
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")
        operator.say("Please answer y or n.")


class Enter:
    """Waits for Enter while something else goes on."""

    def __init__(self, operator: Operator, question: str) -> None:
        self._operator, self._question = operator, question
        self._asking: threading.Thread | None = None
        self._done = threading.Event()

    def begin(self) -> None:
        """Show the question, and wait in a thread."""
        self._done.clear()
        self._asking = threading.Thread(target=self._ask, name="operator", daemon=True)
        self._asking.start()

    def pressed(self) -> bool:
        """Whether it came."""
        return self._done.is_set()

    def end(self) -> None:
        """Where time is up, the question that is still on the screen has to be answered before the next one."""
        if self._asking is None:
            return
        if not self._done.is_set():
            self._operator.say("It is over: press Enter.")
        self._asking.join()
        self._asking = None

    def _ask(self) -> None:
        try:
            self._operator.ask(self._question)
        except KeyboardInterrupt:
            pass  # the end of input: the next question tells
        finally:
            self._done.set()
