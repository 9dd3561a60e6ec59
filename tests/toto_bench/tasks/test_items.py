"""Items: usable ones, coverage, fingerprint, the mean over them."""

from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.context import RunContext
from toto_bench.tasks.items import PROBLEM, coverage_of, fingerprint, mean_metric, usable_items


def report(*items: str, problems: dict[str, str] | None = None) -> DataReport:
    """A report that lists these items."""
    return DataReport(Path("DATA"), "made up", "flat", {}, items, problems or {}, (), "0")


def context(folder: Path, limit: int | None = None, *, allow_missing: bool = False) -> RunContext:
    """A run with these options."""
    return RunContext(RunFolder(folder), store=None, limit=limit, allow_missing=allow_missing)  # type: ignore[arg-type]


def test_limit_takes_the_first(tmp_path: Path) -> None:
    """A problem beyond it is no problem."""
    data = report("a", "b", "c", problems={"c": "torn"})
    assert usable_items(data, context(tmp_path, limit=2)) == ["a", "b"]


def test_broken_items_are_refused_or_left_out(tmp_path: Path) -> None:
    """Named, with the way out; never all of them."""
    data = report("a", "b", problems={"b": "torn"})
    with pytest.raises(DataError, match=r"1 of 2 items.*`b`: torn.*--allow-missing"):
        usable_items(data, context(tmp_path))
    assert usable_items(data, context(tmp_path, allow_missing=True)) == ["a"]
    with pytest.raises(DataError, match="1 of 1 items"):
        usable_items(report("b", problems={"b": "torn"}), context(tmp_path, allow_missing=True))


def test_coverage_names_every_reason() -> None:
    """Found by `check`, met in the run, or beyond the limit; rows that are not listed do not count."""
    data = report("a", "b", "c", "d", problems={"b": "torn"})
    coverage = coverage_of(data, {"a": {}, "c": {PROBLEM: "melted"}, "train/x": {}})
    assert (coverage.scored, coverage.listed) == (1, 4)
    assert coverage.missing == {"b": "torn", "c": "melted", "d": "beyond --limit"}


def test_fingerprint_sees_names_sizes_and_annotations(tmp_path: Path) -> None:
    """Not the place of the data, nor the order in which files are given."""
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        for name in ("a.png", "b.png", "labels.csv"):
            (tmp_path / place / name).write_text("1234")

    def mark(place: str) -> str:
        root = tmp_path / place
        return fingerprint(root, [root / "b.png", root / "a.png"], [root / "labels.csv"])

    whole = mark("one")
    assert whole == mark("two")
    assert whole == fingerprint(
        tmp_path / "one",
        [tmp_path / "one/a.png", tmp_path / "one/b.png"],
        [tmp_path / "one/labels.csv"],
    )
    (tmp_path / "two" / "labels.csv").write_text("4321")
    assert mark("two") != whole
    (tmp_path / "one" / "a.png").write_text("12345")
    assert mark("one") != whole


def test_mean_and_interval() -> None:
    """None below five units; the same seed gives the same interval."""
    metric = mean_metric([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], unit="images", seed=3)
    assert metric.value == pytest.approx(4 / 6)
    assert metric.low is not None
    assert metric.high is not None
    assert 0 <= metric.low < metric.value < metric.high <= 1
    assert "over the images" in str(metric.method)
    assert metric == mean_metric([1.0, 0.0, 1.0, 1.0, 0.0, 1.0], unit="images", seed=3)
    few = mean_metric([1.0, 0.0], unit="images", seed=0)
    assert (few.value, few.low, few.high, few.n) == (0.5, None, None, 2)
    assert "fewer than 5 images" in str(few.method)
    with pytest.raises(DataError, match="No item"):
        mean_metric([], unit="images", seed=0)
