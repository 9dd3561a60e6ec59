"""Whether the cube was picked up, by the simulation's own knowledge."""

LIFTED = 0.05
"""m above where it lay."""
HELD = 1.0
"""s."""


class LiftJudge:
    """Watches the cube's height: picked up is lifted by 0.05 m, and held there for a second."""

    def __init__(self) -> None:
        self.restart(0.0)

    def restart(self, height: float) -> None:
        """A trial begins with the cube's centre at this height, m."""
        self._start = height
        self._since: float | None = None
        self.success = False
        """Whether it was picked up, now or before."""

    def see(self, time: float, height: float) -> None:
        """A moment, in s of the simulation's clock, and the cube's height then, m."""
        if not height - self._start >= LIFTED:
            self._since = None
            return
        self._since = time if self._since is None else self._since
        self.success = self.success or time - self._since >= HELD
