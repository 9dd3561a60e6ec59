"""What a session ran with; the report is made from it, on any machine."""

import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from toto_bench.deploy.driver import RobotInfo
from toto_bench.deploy.errors import JournalError
from toto_bench.deploy.limits.model import Finite
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials.plan import first_problem
from toto_bench.errors import RequestError
from toto_bench.files import write_json
from toto_bench.results.record import Environment, RunRecord


class RobotFacts(Finite):
    """What was driven."""

    driver: str
    arm: Literal["fer", "fr3"]
    simulated: bool
    versions: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, info: RobotInfo) -> Self:
        """Of a driver's own words."""
        return cls(driver=info.driver, arm=info.arm, simulated=info.simulated, versions=info.versions)

    @property
    def kind(self) -> tuple[str, str, bool]:
        """What may not change between two trials of a plan."""
        return self.driver, self.arm, self.simulated

    def __str__(self) -> str:
        """In words: `simulated FR3 (mujoco)`."""
        return f"{'simulated' if self.simulated else 'real'} {self.arm.upper()} ({self.driver})"


class PolicyFacts(Finite):
    """Who drove."""

    source: str
    """Folder or address that it was taken from."""
    identity: str
    """Hash; stands in the trials that it drove."""
    run: RunRecord | None = None
    """The run that trained it; without one its trials make no row of the leaderboard."""


class SessionFacts(Finite):
    """Of one start of `toto-bench robot run`."""

    version: Literal[1] = 1
    """Of this format."""
    plan: str
    """Hash of the plan."""
    started: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    robot: RobotFacts
    cameras: dict[str, str] = Field(default_factory=dict)
    """Name to device."""
    policies: dict[str, PolicyFacts]
    """By the plan's names."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Of guard and runner."""
    protocol: dict[str, Any] = Field(default_factory=dict)
    """Values of the task's protocol that the session decides, by their names."""
    environment: Environment
    """Of the computer that ran the trials."""
    command: str = ""
    peak_memory_mb: float | None = None
    """Of this process, in MiB, when the session ended; None where it was killed."""


def read_sessions(folder: TrialsFolder) -> tuple[SessionFacts, ...]:
    """All sessions of a plan, in their order.

    Raises:
        JournalError: one cannot be read.
    """
    return tuple(_read(path) for path in sorted(folder.sessions.glob("[0-9]*.json")))


def _read(path: Path) -> SessionFacts:
    try:
        return SessionFacts.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise JournalError(
            f"{path} does not say what its trials were run with: {first_problem(error)}. Take another copy of the "
            "file; without it the trials make no row of the leaderboard."
        ) from error


def write_session(folder: TrialsFolder, facts: SessionFacts) -> Path:
    """Keep what a session runs with; written before its first trial.

    Raises:
        RequestError: earlier trials of the plan ran on another kind of robot, or with other policies.
        DiskError: the operating system refused.
    """
    earlier = read_sessions(folder)
    for session in earlier:
        _expect_same(session, facts, folder)
    path = folder.sessions / f"{len(earlier) + 1:03d}.json"
    write_json(path, facts.model_dump(mode="json"))
    return path


def end_session(path: Path, facts: SessionFacts) -> None:
    """Add what is known only at the end.

    Raises:
        DiskError: the operating system refused.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10  # KiB on Linux
    write_json(path, facts.model_copy(update={"peak_memory_mb": round(peak, 1)}).model_dump(mode="json"))


def _expect_same(earlier: SessionFacts, now: SessionFacts, folder: TrialsFolder) -> None:
    if earlier.robot.kind != now.robot.kind:
        raise RequestError(
            f"The trials in {folder.path} were begun on a {earlier.robot}, and this is a {now.robot}: their results "
            "would be mixed. Give another `--trials` folder."
        )
    for name, policy in now.policies.items():
        before = earlier.policies.get(name)
        if before is not None and before.identity != policy.identity:
            raise RequestError(
                f"The trials of `{name}` in {folder.path} were begun with the policy {before.identity[:12]} "
                f"({before.source}), and this is {policy.identity[:12]} ({policy.source}). Give the same one, or "
                "another `--trials` folder."
            )
