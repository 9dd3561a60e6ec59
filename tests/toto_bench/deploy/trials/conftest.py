"""A small plan, and a ledger that has run it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from toto_bench.deploy.trials import Ledger, TrialPlan, make_plan


@pytest.fixture
def plan() -> TrialPlan:
    return make_plan("franka-cube-pick", ("toto-base", "mvp-b16"), count=16, seed=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trials.jsonl"


Judge = Callable[[str, int], bool | None]


@pytest.fixture
def run_all() -> Callable[[TrialPlan, Path, Judge], Ledger]:
    """Runs every trial; the judge says success, or None for an abort."""

    def run(plan: TrialPlan, path: Path, judge: Judge) -> Ledger:
        ledger = Ledger(plan, path)
        while (trial := ledger.next) is not None:
            ledger.start(trial.number)
            verdict = judge(trial.backbone, trial.pose)
            if verdict is None:
                ledger.end(trial.number, "aborted", "jump")
                continue
            ledger.end(trial.number, "completed", "time", steps=600, seconds=60.0, guard={"passed": 600})
            ledger.label(trial.number, success=verdict, labeller="ada")
        return ledger

    return run
