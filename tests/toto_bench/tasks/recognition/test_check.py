"""The report on a data set."""

from dataclasses import replace
from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.media.sources import Source
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.recognition.check import report_on
from toto_bench.tasks.recognition.examples import Example, Examples


@pytest.fixture
def data(tmp_path: Path) -> Examples:
    """Two classes; in each split one file is bad and one missing; a class of `val` has no training item."""
    for split, names in (("train", "abc"), ("val", "wxy")):
        (tmp_path / split).mkdir()
        for name in names:
            (tmp_path / split / name).write_text("bad" if name in "cx" else "good")
    train = (*(Example(n, 0, Source(tmp_path / "train" / n)) for n in "abc"), Example("d", 0, None))
    val = tuple(Example(n, i % 2, Source(tmp_path / "val" / n)) for i, n in enumerate("wxy"))
    val += (Example("z", 0, None),)
    return Examples(tmp_path, "files", ("cat", "dog"), ("Cat", "Dog"), "by name", False, train, val)


def look(source: Source) -> tuple[str | None, tuple[float, ...]]:
    """What says `bad` does not decode."""
    return ("bad" if source.read() == b"bad" else None), ()


def report(data: Examples, *, thorough: bool = True) -> DataReport:
    """With nothing special."""
    return report_on(data, name="pets", unit="images", look=look, thorough=thorough, comparable=False)


def test_everything_is_counted(data: Examples) -> None:
    """Of both splits."""
    found = report(data)
    assert found.counts == {
        "images": 4,
        "training images": 4,
        "classes": 2,
        "fewest training images of a class": 0,
        "most training images of a class": 3,
        "missing": 1,
        "unreadable": 1,
        "missing of training": 1,
        "unreadable of training": 1,
    }
    assert found.listed == ("w", "x", "y", "z")
    assert {name: problem.split(":")[0] for name, problem in found.problems.items()} == {
        "x": "unreadable",
        "z": "missing",
    }
    assert str(data.root / "val" / "x") in found.problems["x"]


def test_training_problems_are_said_and_keep_nobody_from_being_scored(data: Examples) -> None:
    """Which ones, and that they are not replaced."""
    warnings = report(data).warnings
    assert warnings == (
        "1 of 4 training images are missing; they are left out, none is replaced: d",
        "1 of 4 training images cannot be decoded; they are left out, none is replaced: c",
        "1 classes have nothing to train on: dog",
    )


def test_a_quick_look_decodes_nothing(data: Examples) -> None:
    """And tells what a thorough one found before."""
    assert set(report(data, thorough=False).problems) == {"z"}
    report(data)
    assert set(report(data, thorough=False).problems) == {"x", "z"}


def test_nothing_to_score_is_an_error(data: Examples) -> None:
    """With the first reason."""
    with pytest.raises(DataError, match=r"None of the 1 images .* missing"):
        report(replace(data, val=data.val[3:]))
    with pytest.raises(DataError, match="no images in `val`"):
        report(replace(data, val=()))
