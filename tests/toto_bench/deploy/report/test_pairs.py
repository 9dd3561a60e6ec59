"""Holm's correction, and the sentences for three backbones."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toto_bench.deploy.report import gather, holm
from toto_bench.deploy.session.folder import TrialsFolder

P_VALUES = st.lists(st.floats(0, 1), max_size=8)


def test_holm_by_hand() -> None:
    """Three p-values: the smallest counts three times, the next twice, and none falls below an earlier one."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


@given(p_values=P_VALUES)
def test_holm_never_makes_a_difference_clearer(p_values: list[float]) -> None:
    """No p falls, none exceeds 1, the order stays, and the smallest is the one of Bonferroni."""
    adjusted = holm(p_values)
    assert all(before <= after <= 1 for before, after in zip(p_values, adjusted, strict=True))
    ordered = sorted(zip(p_values, adjusted, strict=True))
    assert [after for _, after in ordered] == sorted(adjusted)
    if p_values:
        assert min(adjusted) == min(1.0, len(p_values) * min(p_values))


def test_two_backbones_need_no_correction(make_trials: Callable[..., TrialsFolder]) -> None:
    [pair] = gather(make_trials()).pairs
    assert pair.adjusted == pair.paired.p
    assert pair.unpaired.p == pytest.approx(0.704, abs=1e-3)
    assert "cannot tell them apart" in str(pair.verdict)
    assert "Holm" not in str(pair.verdict)


def test_three_backbones_are_corrected(make_trials: Callable[..., TrialsFolder]) -> None:
    """A difference of 6 poses to none (p = 0.03) is none any more among three comparisons."""
    wins = {"a": 6, "b": 0, "c": 6}
    report = gather(make_trials(lambda backbone, pose: pose <= wins[backbone], ("a", "b", "c")))
    by_names = {(p.paired.first.backbone, p.paired.second.backbone): p for p in report.pairs}
    assert len(by_names) == 3
    pair = by_names["a", "b"]
    assert pair.paired.p == pytest.approx(0.03125)
    assert pair.paired.is_difference
    assert pair.adjusted == pytest.approx(0.09375)
    assert not pair.verdict.is_difference
    assert "with Holm's correction for 3 comparisons, gives p = 0.09" in str(pair.verdict)
