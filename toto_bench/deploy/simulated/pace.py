"""What lets time pass in a simulation: a thread beside the real time, or a virtual clock."""

import threading

from toto_bench.deploy.clock import Clock, VirtualClock
from toto_bench.deploy.simulated.settings import Pace
from toto_bench.deploy.simulated.world import CubeWorld

_BATCH = 5
"""Steps for which nobody else gets in: well under the 5 ms that `act` may take."""
_BEAT = 0.004
"""s between two looks at the clock."""
_BEHIND = 0.1
"""s that a simulation catches up with; more is lost, as on a computer that was suspended."""


class Heart:
    """Steps a world so that it is where the clock is."""

    def __init__(self, world: CubeWorld, clock: Clock, pace: Pace) -> None:
        """Begin with `start`.

        Raises:
            ValueError: `fast` with a clock that is not virtual.
        """
        self.lock = threading.RLock()
        """Held while the world changes; a thread that holds it may take it again."""
        self.broken: Exception | None = None
        """What went wrong in a step; none follows."""
        self._world, self._clock = world, clock
        self._step = float(world.scene.model.opt.timestep)
        self._at = clock.now()
        self._beats = False
        self._thread: threading.Thread | None = None
        if (pace == "fast") != isinstance(clock, VirtualClock):
            raise ValueError("The pace `fast` goes with a `VirtualClock`, and `realtime` with no such clock.")

    def start(self) -> None:
        """Let time pass from now on; a second call does nothing."""
        if self._beats:
            return
        self._beats, self._at = True, self._clock.now()
        if isinstance(self._clock, VirtualClock):
            self._clock.follow(self._follow)
        else:
            self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Let no more time pass; a second call does nothing."""
        if self._beats and isinstance(self._clock, VirtualClock):
            self._clock.leave(self._follow)
        self._beats = False
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _follow(self, moment: float) -> None:
        while self._beats and self.broken is None and self._advance(moment):
            pass

    def _run(self) -> None:
        while self._beats and self.broken is None:
            now = self._clock.now()
            self._at = max(self._at, now - _BEHIND)
            while self._beats and self.broken is None and self._advance(now):
                pass
            self._clock.sleep_until(now + _BEAT)

    def _advance(self, moment: float) -> bool:
        """A few steps towards a moment; whether more are due."""
        with self.lock:
            for _ in range(_BATCH):
                if self._at + self._step > moment + 1e-9:
                    return False
                self._at += self._step
                try:
                    self._world.step()
                except Exception as error:  # noqa: BLE001 - told to whoever asks for the arm next
                    self.broken = error
                    return False
        return True
