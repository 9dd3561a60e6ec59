"""Labelled items."""

from dataclasses import replace
from pathlib import Path

import pytest

from toto_bench.errors import DataError
from toto_bench.media.manifest import Manifest
from toto_bench.media.sources import Source
from toto_bench.tasks.recognition.examples import (
    Example,
    Examples,
    count_per_class,
    fingerprint_of,
    lacking_classes,
    some,
)
from toto_bench.tasks.recognition.problems import find_problems, training_examples


def make(root: Path) -> Examples:
    """Three training items and two of val, in two classes; one training item is missing."""
    root.mkdir(parents=True)
    for name in ("a", "b", "c", "d"):
        (root / name).write_text(name * 5)
    examples = {
        name: Example(name, label, Source(root / name))
        for name, label in zip("abcd", (0, 1, 0, 1), strict=True)
    }
    gone = Example("gone", 1, None)
    train, val = (examples["a"], examples["b"], gone), (examples["c"], examples["d"])
    return Examples(root, "files", ("cat", "dog"), ("Cat", "Dog"), "by name", False, train, val)


def look(source: Source) -> tuple[str | None, tuple[float, ...]]:
    """`b` and `d` do not decode."""
    return ("it is torn" if source.path.name in "bd" else None), ()


def test_counts_are_of_files_that_are_there(tmp_path: Path) -> None:
    """For each class."""
    assert count_per_class(make(tmp_path / "data").train, 2) == [1, 1]


def test_the_fingerprint_says_what_is_there_and_not_where(tmp_path: Path) -> None:
    """Other folders and an other order change nothing; sizes, labels, classes and splits do."""
    data = make(tmp_path / "one")
    print_of = fingerprint_of(data)
    assert fingerprint_of(make(tmp_path / "two" / "deep")) == print_of
    assert fingerprint_of(replace(data, train=data.train[::-1], layout="tar", order="else")) == print_of
    changes = [
        replace(data, train=data.train[:2]),
        replace(data, train=data.val, val=data.train),
        replace(data, classes=("dog", "cat")),
        replace(data, val=(data.val[0]._replace(label=1), data.val[1])),
    ]
    (tmp_path / "one" / "c").write_text("longer")
    prints = {fingerprint_of(each) for each in [*changes, data]}
    assert len(prints | {print_of}) == 6


def test_missing_unreadable_and_unusable_are_told_apart(tmp_path: Path) -> None:
    """Only what was looked at is known not to decode; then without looking again."""
    data = replace(make(tmp_path / "data"), faults={"c": "listed twice"})
    assert list(find_problems(data.train, data, "images")) == ["gone"]
    found = find_problems(data.train, data, "images", look)
    assert found["gone"].startswith("missing")
    assert "unreadable" in found["b"] and "it is torn" in found["b"]
    assert find_problems(data.train, data, "images") == found
    assert find_problems(data.val, data, "images", look)["c"] == "listed twice"


def test_what_cannot_be_read_is_left_out_of_training_and_named(tmp_path: Path) -> None:
    """Not replaced, and the others keep their order."""
    data = make(tmp_path / "data")
    more = replace(data, train=(*data.train, data.val[1]._replace(name="e", label=1)))
    Manifest(data.root, "images").probe({"b": Source(data.root / "b")}, look)
    kept, left_out = training_examples(more, "images")
    assert [example.name for example in kept] == ["a", "e"]
    assert set(left_out) == {"b", "gone"}


def test_a_scored_class_has_to_be_trained_on(tmp_path: Path) -> None:
    """Else its accuracy is zero, and nobody knows why."""
    data = make(tmp_path / "data")
    without = replace(data, train=(data.train[0], data.train[2]))
    assert lacking_classes(without) == ["dog"]
    with pytest.raises(DataError, match=r"1 classes of `val` .*dog"):
        training_examples(without, "images")
    with pytest.raises(DataError, match="no images to train on"):
        training_examples(replace(data, train=(data.train[2],)), "images")


def test_many_names_are_cut_short() -> None:
    """Five, and how many more."""
    assert some("abc") == "a, b, c"
    assert some(map(str, range(1234))) == "0, 1, 2, 3, 4 and 1,229 more"
