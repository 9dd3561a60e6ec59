"""Whether a driver takes commands."""

from toto_bench.deploy.driver import RobotFault


class Latch:
    """Connected, and not stopped since; a stop is taken back by a person alone."""

    def __init__(self, what: str) -> None:
        """Not connected.

        Args:
            what: is driven, for messages.
        """
        self._what = what
        self.connected = False
        self.reason: str | None = None
        """Why it was stopped first; None: it was not."""
        self._stops = 0

    def connect(self) -> None:
        """Take commands."""
        self.connected, self.reason = True, None

    def stop(self, reason: str) -> None:
        """Take none any more; the first reason counts."""
        self._stops += 1
        if self.reason is None:
            self.reason = reason

    @property
    def stops(self) -> int:
        """How often it was stopped."""
        return self._stops

    def release(self, stops: int) -> None:
        """Take commands again.

        Args:
            stops: how often it had been stopped when somebody asked for this.

        Raises:
            RobotFault: it was stopped since.
        """
        if self._stops != stops:
            raise RobotFault(f"{self._what} was stopped while it was made ready again.")
        self.reason = None

    def expect_connected(self) -> None:
        """Pass what is connected.

        Raises:
            RobotFault: otherwise.
        """
        if not self.connected:
            raise RobotFault(f"{self._what} is not connected: `connect` comes first.")

    def expect_ready(self) -> None:
        """Pass what takes commands.

        Raises:
            RobotFault: it is not connected, or was stopped.
        """
        self.expect_connected()
        if self.reason is not None:
            raise RobotFault(
                f"{self._what} was stopped ({self.reason}); a person has to make it ready again."
            )
