"""What a training says while it runs: loss, speed, time left."""

import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toto_bench.backbones.toto.backbone import Toto
from toto_bench.pretraining.data import Ready
from toto_bench.pretraining.session import Session
from toto_bench.pretraining.speed import Speed, macs_of_sequence, peak_of, speed
from toto_bench.training.log import read_log
from toto_bench.training.settings import Training
from toto_bench.training.trainer import LOG_FILE

WINDOW = 20
"""Steps that the shown loss and speed are means of."""


class Watch:
    """Follows the steps of a training."""

    def __init__(self, backbone: Toto, ready: Ready, settings: Training, session: Session, out: Path) -> None:
        self._reporter, self._ranks = session.reporter, session.ranks
        self._settings, self._out, self._length = settings, out, ready.length
        self._macs = macs_of_sequence(backbone.config, backbone.model.blocks, ready.length + 1)
        peak = peak_of(session.device, session.dtype)
        self._peak = None if peak is None else peak * session.ranks.world_size
        self._last: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._steps, self._seconds = 0, 0.0

    def end(self) -> None:
        """After the last, or when it stops."""
        self._reporter.stop()

    def step(self, done: int, losses: Mapping[str, float], seconds: float) -> None:
        """After each."""
        if self._steps == 0:  # only now it is known how many were done before
            before = done - 1
            title = f"Training from step {before:,}" if before else "Training"
            self._reporter.start(title, self._settings.steps - before)
        self._steps, self._seconds = self._steps + 1, self._seconds + seconds
        self._last.append((losses["loss"], seconds))
        mean, spent = (sum(column) / len(self._last) for column in zip(*self._last, strict=True))
        self._reporter.note(f"loss {mean:.3f}, {self._speed(1, spent)}")
        self._reporter.advance()

    def _speed(self, steps: int, seconds: float) -> Speed:
        return speed(steps * self._settings.batch / seconds, self._length, self._macs, self._peak)

    def summary(self, began: float) -> dict[str, Any]:
        """For the lineage: what the training took, as far as this session saw it."""
        rows = [row for row in read_log(self._out / LOG_FILE) if "loss" in row]
        tokens = len(rows) * self._settings.batch * self._length
        found: dict[str, Any] = {
            "tokens": tokens,
            "macs": 3 * self._macs * len(rows) * self._settings.batch,
            "training_loss": rows[-1]["loss"] if rows else None,
            "session_seconds": round(time.time() - began, 1),
            "processes": self._ranks.world_size,
        }
        if self._steps:
            found["tokens_per_second"] = round(self._speed(self._steps, self._seconds).tokens_per_second, 1)
        return found
