"""A run of seconds, drawn by the ray caster, and rounds that are known."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from toto_bench.progress import Progress
from toto_bench.robots.episodes import Episode
from toto_bench.robots.learning import Round
from toto_bench.runner.execute import RunResult, run
from toto_bench.runner.request import RunRequest
from toto_bench.simulation import backends

TINY = {
    "image_size": 24,
    "resolution": 24,
    "horizon": 12,
    "train_steps": 24,
    "iterations": 2,
    "fit_steps": 10,
    "envs": 2,
    "eval_every": 1,
    "eval_episodes": 5,
}

Tiny = Callable[..., RunResult]


@pytest.fixture
def no_gl(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine where no graphics library works."""
    monkeypatch.setattr(backends, "probe", lambda backend: f"there is no `{backend}`")


@pytest.fixture
def tiny(no_gl: None, one_thread: None, tmp_path: Path) -> Tiny:
    """Run franka-pick in seconds, below a folder `where`; `values` are of the protocol, all else of the request."""

    def start(
        where: str = "runs",
        backbone: str = "pixels",
        values: Any = (),
        progress: Progress | None = None,
        **request: Any,
    ) -> RunResult:
        whole = RunRequest(
            "franka-pick",
            backbone,
            preset="sample",
            values=TINY | dict(values),
            out=tmp_path / where,
            **request,
        )
        return run(whole, progress)

    return start


def episodes(successes: Sequence[bool]) -> tuple[Episode, ...]:
    """One for each."""
    return tuple(
        Episode(number, success, 5, 5 if success else None, 0.0, "time", (0.0, 0.0, 0.0))
        for number, success in enumerate(successes)
    )


def rounds(*successes: Sequence[bool]) -> list[Round]:
    """Each with an evaluation, or with none where there are no episodes."""
    return [
        Round(number, 100 * (number + 1), 1 / (number + 1), episodes(each))
        for number, each in enumerate(successes)
    ]
