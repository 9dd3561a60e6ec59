"""Every runnable task keeps the contract: its card and its code agree, and it runs on its sample."""

from pathlib import Path

import pytest

from toto_bench.cards import task_cards
from toto_bench.testing import check_task

TRIED = {"franka-cube-pick"}
"""Their main number comes from trials of a robot, not from a run; `tests/toto_bench/tasks` holds them to the rest."""
RUNNABLE = [card.name for card in task_cards().values() if card.runnable and card.name not in TRIED]
SLOW = {"ego4d_sta", "franka-cabinet", "franka-pick", "kuka-cabinet", "kuka-pick"}
"""Tasks that train a detector, or render and train a policy, on their sample, five times."""
PARAMETERS = [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in RUNNABLE]


@pytest.mark.parametrize("name", PARAMETERS)
def test_task_keeps_the_contract(name: str, tmp_path: Path) -> None:
    """What `toto_bench.testing.check_task` says; tasks written with `toto-bench new` are held to the same."""
    check_task(name, tmp_path)
