"""A plan is gone through once, whatever happens to the process."""

from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.errors import JournalError, TrialOrderError
from toto_bench.deploy.trials import Ledger, TrialPlan, make_plan, read_journal, standings
from toto_bench.files import DiskError


def test_trials_come_in_the_plans_order(plan: TrialPlan, path: Path, run_all: Any) -> None:
    run_all(plan, path, lambda backbone, pose: True).close()
    events = read_journal(path).events
    assert [event.event for event in events] == ["planned"] + ["started", "ended", "labelled"] * 32
    started = [event for event in events if event.event == "started"]
    assert [(event.backbone, event.pose) for event in started] == [(t.backbone, t.pose) for t in plan.trials]


def test_a_process_that_dies_anywhere_is_resumed(plan: TrialPlan, path: Path) -> None:
    """Killed before the start, under way, before the label: nothing is repeated, nothing forgotten."""
    with Ledger(plan, path) as ledger:
        ledger.start(1)
        ledger.end(1, "completed", "time")
        ledger.label(1, success=True, labeller="ada")
        ledger.start(2)
        ledger.end(2, "completed", "time")
        ledger.start(3)
    with Ledger(plan, path) as ledger:
        assert [standing.trial.number for standing in ledger.unlabelled] == [2]
        assert ledger.standings[3].is_aborted
        assert ledger.standings[3].ended is not None
        assert ledger.standings[3].ended.reason == "interrupted"
        assert ledger.next == plan.trials[3]
        before = path.read_bytes()
    with Ledger(plan, path) as ledger:
        assert path.read_bytes() == before


def test_labels_can_be_undone_from_the_last(plan: TrialPlan, path: Path) -> None:
    with Ledger(plan, path) as ledger:
        for number in (1, 2):
            ledger.start(number)
            ledger.end(number, "completed", "time")
        ledger.label(2, success=True, labeller="ada")
        ledger.label(1, success=True, labeller="ada")
        assert ledger.undo(labeller="ada").trial.number == 1
        assert [standing.trial.number for standing in ledger.unlabelled] == [1]
        ledger.label(1, success=False, labeller="ada", note="It slipped.")
    with Ledger(plan, path) as ledger:
        assert ledger.standings[1].label is not None
        assert not ledger.standings[1].label.success
        assert [ledger.undo(labeller="ada").trial.number for _ in range(2)] == [1, 2]
        with pytest.raises(TrialOrderError, match="no label to undo"):
            ledger.undo(labeller="ada")
    assert [event.event for event in read_journal(path).events[-2:]] == ["undone", "undone"]


def test_what_cannot_follow_is_refused_and_not_written(plan: TrialPlan, path: Path) -> None:
    with Ledger(plan, path) as ledger:
        with pytest.raises(TrialOrderError, match="was not started"):
            ledger.end(1, "completed", "time")
        ledger.start(1)
        for call, words in (
            (lambda: ledger.start(1), "no trial is repeated"),
            (lambda: ledger.start(99), "no trial 99"),
            (lambda: ledger.label(1, success=True, labeller="ada"), "nothing to label"),
        ):
            with pytest.raises(TrialOrderError, match=words):
                call()
        ledger.end(1, "aborted", "jump")
        with pytest.raises(TrialOrderError, match="was aborted"):
            ledger.label(1, success=True, labeller="ada")
        with pytest.raises(TrialOrderError, match="ended before"):
            ledger.end(1, "completed", "time")
        ledger.start(2)
        ledger.end(2, "completed", "time")
        ledger.label(2, success=True, labeller="ada")
        with pytest.raises(TrialOrderError, match="undo it first"):
            ledger.label(2, success=False, labeller="ada")
    assert len(read_journal(path).events) == 6


def test_a_journal_of_another_plan_is_refused(plan: TrialPlan, path: Path) -> None:
    Ledger(plan, path).close()
    before = path.read_bytes()
    other = make_plan("franka-cube-pick", ("toto-base", "mvp-b16"), seed=4)
    with pytest.raises(JournalError, match="another plan"):
        Ledger(other, path)
    assert path.read_bytes() == before
    Ledger(plan, path).close()


def test_a_start_that_was_not_written_has_not_happened(
    plan: TrialPlan, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full disk nothing may move."""
    with Ledger(plan, path) as ledger:

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(DiskError):
                ledger.start(1)
        assert ledger.next == plan.trials[0]
        ledger.start(1)
    assert standings(plan, read_journal(path).events)[1].was_interrupted
