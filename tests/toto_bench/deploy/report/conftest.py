"""Folders of trials: a plan, a journal, sessions and videos."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toto_bench.deploy.session.facts import PolicyFacts, RobotFacts, SessionFacts, write_session
from toto_bench.deploy.session.folder import TrialsFolder
from toto_bench.deploy.trials import Ledger, TrialPlan, make_plan
from toto_bench.files import digest
from toto_bench.results.record import (
    BackboneIdentity,
    Cost,
    Coverage,
    DataIdentity,
    Environment,
    Metric,
    RunRecord,
)

ENVIRONMENT = Environment(
    toto_bench="0.1",
    revision=None,
    dirty=None,
    packages={"python": "3.11"},
    device="cpu",
    driver=None,
    dtype="float32",
    batch_size=1,
    world_size=1,
    threads=1,
)
ROBOTS = {
    "real": RobotFacts(driver="franky", arm="fr3", simulated=False, versions={"franky-control": "2.0.0"}),
    "simulated": RobotFacts(driver="mujoco", arm="fr3", simulated=True),
}
Judge = Callable[[str, int], bool | None]


def trained(backbone: str) -> RunRecord:
    """The record of a training on demonstrations."""
    protocol = {"demonstrations": 240, "trials": 16, "aborted_trials": "failure", "control_hz": 10}
    return RunRecord(
        id=f"franka-cube-pick-{backbone}-0123456789",
        identity="01" * 32,
        task="franka-cube-pick",
        task_version=1,
        backbone=BackboneIdentity(
            name=backbone,
            architecture="timm:vit",
            weights="sha256:ab",
            checkpoint="card",
            preprocessing="imagenet",
            floor=False,
        ),
        preset="paper",
        protocol=protocol,
        protocol_hash=digest(protocol),
        changed={},
        data=DataIdentity(name="own", path="/demos", fingerprint="ef" * 32, comparable=False),
        seed=0,
        limit=None,
        allow_missing=False,
        metrics={"success": Metric(value=None, n=0)},
        coverage=Coverage(scored=240, listed=240),
        cost=Cost(
            parameters=85_000_000, seconds={"training": 60.0}, peak_memory_mb=9.0, training_seconds=60.0
        ),
        environment=ENVIRONMENT,
        artifacts={},
        command="toto-bench run --task franka-cube-pick",
        started=datetime(2026, 1, 2, tzinfo=UTC),
        finished=datetime(2026, 1, 3, tzinfo=UTC),
    )


def session_of(plan: TrialPlan, robot: RobotFacts, *, known: bool = True) -> SessionFacts:
    """What `robot run` writes down before its first trial."""
    return SessionFacts(
        plan=plan.identity,
        robot=robot,
        policies={
            name: PolicyFacts(
                source=f"runs/{name}", identity=f"policy of {name}", run=trained(name) if known else None
            )
            for name in plan.backbones
        },
        environment=ENVIRONMENT,
        command="toto-bench robot run",
        peak_memory_mb=512.0,
    )


def success_of_twelve_and_ten(backbone: str, pose: int) -> bool | None:
    """The paper's rows: 12 of 16, and 10 of 16 of which one was aborted."""
    if backbone == "mvp-b16":
        return pose <= 12
    return None if pose == 16 else pose <= 10


@pytest.fixture
def make_trials(tmp_path: Path) -> Callable[..., TrialsFolder]:
    """Writes a folder whose trials were all run, as a judge says; None is an abort."""

    def make(
        judge: Judge = success_of_twelve_and_ten,
        backbones: tuple[str, ...] = ("mvp-b16", "toto-base"),
        *,
        robot: str | None = "real",
        known: bool = True,
        poses: int = 16,
        name: str = "trials",
        **options: str,
    ) -> TrialsFolder:
        folder = TrialsFolder(tmp_path / name)
        plan = make_plan("franka-cube-pick", backbones, count=poses, seed=3, **options)  # type: ignore[arg-type]
        plan.save(folder.plan)
        if robot is not None:
            write_session(folder, session_of(plan, ROBOTS[robot], known=known))
        with Ledger(plan, folder.journal) as ledger:
            while (trial := ledger.next) is not None:
                run_one(ledger, folder, trial.number, judge(trial.backbone, trial.pose))
        return folder

    return make


def run_one(ledger: Ledger, folder: TrialsFolder, number: int, verdict: bool | None) -> None:
    """A trial, its video and its label."""
    backbone = ledger.standings[number].trial.backbone
    video = folder.path / "videos" / f"trial-{number:03d}.mp4"
    video.parent.mkdir(exist_ok=True)
    video.write_bytes(b"a video")
    ledger.start(number, policy=f"policy of {backbone}")
    aborted = verdict is None
    ledger.end(
        number,
        "aborted" if aborted else "completed",
        "jump" if aborted else "time",
        message="The target is far away." if aborted else "",
        steps=600,
        seconds=60.0,
        latency={"policy p50": 0.02 + number / 1000, "policy p99": 0.05, "missed deadlines": 1.0},
        guard={"passed": 600, "shortened": number},
        video=f"videos/{video.name}",
    )
    if verdict is not None:
        ledger.label(number, success=verdict, labeller="ada", note="by the | book")
