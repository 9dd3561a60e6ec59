"""What trials can show, in words."""

from pathlib import Path
from typing import Any

import pytest

from toto_bench.deploy.trials import (
    Ledger,
    Tally,
    TrialPlan,
    compare_counts,
    compare_paired,
    make_plan,
    tally,
)


def test_the_papers_row_in_words() -> None:
    comparison = compare_counts(Tally("mvp-b16", 12, 16), Tally("toto-base", 10, 16))
    assert not comparison.is_difference
    assert str(comparison) == (
        "`mvp-b16` succeeds in 12 of 16 trials (75.0 %, 95 % interval 50.5-89.8 %), `toto-base` succeeds in 10 of 16 "
        "trials (62.5 %, 95 % interval 38.6-81.5 %). The trials cannot tell them apart: Fisher's exact test gives "
        "p = 0.70. About 215 trials of each would show such a gap four times in five."
    )


def test_paired_trials_count_the_poses_that_differ(plan: TrialPlan, path: Path, run_all: Any) -> None:
    """10 against 12 of 16; 4 poses went to the first alone, 6 to the second."""
    ledger = run_all(plan, path, lambda backbone, pose: pose <= 10 if backbone == "toto-base" else pose >= 5)
    comparison = compare_paired(plan, ledger.standings, "toto-base", "mvp-b16")
    assert (comparison.first.successes, comparison.second.successes) == (10, 12)
    assert comparison.p == pytest.approx(0.75390625)
    assert "of 16 shared start poses 4 went to `toto-base` alone and 6 to `mvp-b16` alone" in str(comparison)
    assert "cannot tell them apart" in str(comparison)
    assert "About 215 trials" in str(comparison)


def test_pairs_show_what_counts_cannot(plan: TrialPlan, path: Path, run_all: Any) -> None:
    """Six poses that only one masters are a difference; the same counts unpaired are none."""
    ledger = run_all(plan, path, lambda backbone, pose: pose <= (6 if backbone == "toto-base" else 12))
    paired = compare_paired(plan, ledger.standings, "mvp-b16", "toto-base")
    assert paired.is_difference
    assert "The trials tell them apart" in str(paired)
    assert "p = 0.031." in str(paired)
    assert not compare_counts(paired.first, paired.second).is_difference


@pytest.mark.parametrize(("aborted", "expected"), [("failure", (12, 16)), ("exclude", (12, 12))])
def test_aborted_trials_count_as_the_plan_says(
    tmp_path: Path, run_all: Any, aborted: Any, expected: tuple[int, int]
) -> None:
    plan = make_plan("t", ("a", "b"), aborted=aborted)
    ledger = run_all(
        plan, tmp_path / "j", lambda backbone, pose: None if backbone == "a" and pose > 12 else True
    )
    counted = tally(plan, ledger.standings, "a")
    assert (counted.successes, counted.count) == expected
    assert counted.aborted == 4
    assert tally(plan, ledger.standings, "b") == Tally("b", 16, 16)
    pairs = compare_paired(plan, ledger.standings, "a", "b").pairs
    assert f"of {expected[1]} shared" in pairs


def test_trials_without_a_label_are_pending(plan: TrialPlan, path: Path) -> None:
    with Ledger(plan, path) as ledger:
        first = ledger.next
        assert first is not None
        ledger.start(1)
        ledger.end(1, "completed", "time")
        counted = tally(plan, ledger.standings, first.backbone)
    assert (counted.count, counted.pending, counted.share, counted.interval) == (0, 16, None, None)
    assert "has no trials" in str(counted)
    assert "About" not in str(compare_counts(counted, Tally("b", 1, 2)))


def test_few_trials_have_no_interval() -> None:
    assert str(Tally("a", 1, 4)) == "`a` succeeds in 1 of 4 trials (25.0 %)"
    assert Tally("a", 1, 5).interval is not None
