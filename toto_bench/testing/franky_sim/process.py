"""Starting, asking, freezing and killing the simulated robot."""

import fcntl
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from toto_bench.deploy.kinematics import OPENING
from toto_bench.deploy.limits import Vector
from toto_bench.deploy.simulated.settings import SceneSettings
from toto_bench.deploy.simulated.state import SceneState, cube_at
from toto_bench.deploy.simulated.world import READY
from toto_bench.errors import RequestError
from toto_bench.testing.franky_sim.truth import Truth

_START = 120.0
_ANSWER = 30.0
_END = 10.0
_LOCK = Path(tempfile.gettempdir()) / f"toto-bench-franky-sim-{os.getuid()}.lock"


@contextmanager
def _starting_alone() -> Iterator[None]:
    """Simulators look for a free address one after the other: two that look at the same moment take the same one."""
    with _LOCK.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class FrankySim:
    """The process, as a context manager. Any thread may ask it."""

    def __init__(
        self, q: Sequence[float] | Vector = READY, *, opening: float = 1.0, log: IO[bytes] | None = None
    ) -> None:
        """Remember how it starts.

        Args:
            q: positions of the joints, [7], rad.
            opening: of the gripper, 0 to 1.
            log: where the simulator's own messages go; None: nowhere.
        """
        self._settings = {"q": [float(value) for value in q], "opening": opening * OPENING}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._lock = threading.Lock()
        self.host = ""
        """Address that it listens at; of this computer."""

    def __enter__(self) -> Self:
        """Start it, and wait until it listens.

        Raises:
            RequestError: franky-sim is not installed.
        """
        if importlib.util.find_spec("franky_sim") is None:
            raise RequestError(
                "To simulate a robot with its protocol, the package `franky-sim` is needed: "
                "`pip install 'toto-bench[franka-sim]'` (550 MB)."
            )
        with _starting_alone():
            self._start()
        return self

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "toto_bench.testing.franky_sim.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log or subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the client
        )
        self.host = str(self._ask(self._settings, _START)["host"])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, frozen or not."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
        try:
            process.communicate(timeout=_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The process while it runs."""
        if self._process is None:
            raise RequestError("The simulated robot does not run; it is a context manager.")
        return self._process

    def truth(self) -> Truth:
        """Everything that is so now."""
        return self._order()

    def scene_state(self) -> SceneState:
        """Where everything is, for pictures."""
        return self._order().scene

    def place_cube(self, x: float, y: float, yaw: float) -> None:
        """Lay the cube on the table (m, m, rad), and forget earlier success."""
        self._order(cube=cube_at(x, y, yaw, SceneSettings().cube_side).tolist())

    @property
    def succeeded(self) -> bool:
        """Whether the cube was picked up since it was placed."""
        return self.truth().picked

    def trigger_reflex(self) -> None:
        """Let the robot stop by itself, as after a contact."""
        self._order(reflex=True)

    def freeze(self) -> None:
        """Stop all of it, as if the network were gone."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as if the power were gone."""
        self.process.kill()
        self.process.wait()

    def _order(self, **order: Any) -> Truth:
        return Truth.of(self._ask(order, _ANSWER))

    def _ask(self, order: dict[str, Any], timeout: float) -> dict[str, Any]:
        process = self.process
        assert process.stdin is not None and process.stdout is not None
        with self._lock:
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            while b"\n" not in self._rest:
                if not select.select([process.stdout], [], [], timeout)[0]:
                    raise TimeoutError(f"The simulated robot did not answer within {timeout:g} s.")
                if not (chunk := os.read(process.stdout.fileno(), 65536)):
                    raise RuntimeError(f"The simulated robot ended with exit code {process.wait()}.")
                self._rest += chunk
            line, self._rest = self._rest.split(b"\n", 1)
        return dict(json.loads(line))
