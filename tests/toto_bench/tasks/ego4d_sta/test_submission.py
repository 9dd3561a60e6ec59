"""Submission files: what is read back, and what is said about wrong ones."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toto_bench.errors import RequestError
from toto_bench.tasks.ego4d_sta.columns import Predictions
from toto_bench.tasks.ego4d_sta.errors import (
    DamagedSubmissionError,
    MissingImagesError,
    NotFiniteError,
    PropertyError,
    SubmissionLayoutError,
)
from toto_bench.tasks.ego4d_sta.expectations import CHALLENGE
from toto_bench.tasks.ego4d_sta.submission import read_submission, write_submission

GOOD = {
    "box": [1.5, 2, 30.25, 40],
    "noun_category_id": 1,
    "verb_category_id": 0,
    "time_to_contact": 0.1,
    "score": 0.9,
}


def submission(results: Any, **header: Any) -> dict[str, Any]:
    return {"version": "1.0", "challenge": CHALLENGE, "results": results, **header}


def predictions() -> Predictions:
    """Of three images; the second has none."""
    rng = np.random.default_rng(0)
    return Predictions(
        ("a", "b", "ü"),
        counts=np.array([2, 0, 1]),
        boxes=rng.random((3, 4)) * 100,
        nouns=np.array([0, 2, 1]),
        verbs=np.array([1, 0, 1]),
        ttcs=np.array([0.1, np.float32(0.55), 1 / 3]),
        scores=np.array([1.0, 1e-300, 0.30000000000000004]),
    )


def same(one: Predictions, other: Predictions) -> None:
    assert one.uids == other.uids
    for name in ("counts", "boxes", "nouns", "verbs", "ttcs", "scores"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


@pytest.mark.parametrize("name", ["predictions.json", "predictions.npz"])
def test_every_digit_comes_back(tmp_path: Path, name: str) -> None:
    written = predictions()
    write_submission(tmp_path / name, written)
    found = read_submission(tmp_path / name, written.uids)
    same(found.predictions, written)
    assert found.missing == ()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_the_official_format(tmp_path: Path) -> None:
    write_submission(tmp_path / "s.json", predictions())
    content = json.loads((tmp_path / "s.json").read_text())
    assert {name: content[name] for name in ("version", "challenge")} == {
        "version": "1.0",
        "challenge": CHALLENGE,
    }
    assert list(content["results"]) == ["a", "b", "ü"]
    assert content["results"]["b"] == []
    [found] = content["results"]["ü"]
    assert set(found) == set(GOOD)
    assert {name: type(value) for name, value in found.items()} == {
        "box": list,
        "noun_category_id": int,
        "verb_category_id": int,
        "time_to_contact": float,
        "score": float,
    }


@pytest.mark.parametrize("name", ["predictions.json", "predictions.npz"])
def test_order_and_other_images(tmp_path: Path, name: str) -> None:
    write_submission(tmp_path / name, predictions())
    found = read_submission(tmp_path / name, ["ü", "a"]).predictions
    assert found.uids == ("ü", "a")
    np.testing.assert_array_equal(found.nouns, [1, 0, 2])
    np.testing.assert_array_equal(found.counts, [1, 2])


@pytest.mark.parametrize("name", ["predictions.json", "predictions.npz"])
def test_missing_images_are_named_or_left_out(tmp_path: Path, name: str) -> None:
    write_submission(tmp_path / name, predictions())
    with pytest.raises(MissingImagesError, match=r"1 of 2 annotated images: `c`.*--allow-missing"):
        read_submission(tmp_path / name, ["c", "a"])
    found = read_submission(tmp_path / name, ["c", "a"], allow_missing=True)
    assert found.missing == ("c",)
    assert found.predictions.uids == ("a",)
    with pytest.raises(MissingImagesError, match="another split"):
        read_submission(tmp_path / name, ["c", "d"], allow_missing=True)


WRONG = {
    "no results": (submission(None), SubmissionLayoutError, "no object `results`"),
    "a list": ([GOOD], SubmissionLayoutError, "no JSON object"),
    "version": (
        submission({"a": [GOOD]}, version="2.0"),
        SubmissionLayoutError,
        "`version` = '2.0', expected '1.0'",
    ),
    "number as version": (submission({"a": []}, version=1.0), SubmissionLayoutError, "`version` = 1.0"),
    "no challenge": ({"version": "1.0", "results": {"a": []}}, SubmissionLayoutError, "has no `challenge`"),
    "an object for a list": (submission({"a": GOOD}), PropertyError, "`a` has .* expected a list"),
    "a number for an object": (submission({"a": [3]}), PropertyError, "of `a` has no `.*`: 3"),
    "no score": (
        submission({"a": [{name: value for name, value in GOOD.items() if name != "score"}]}),
        PropertyError,
        "of `a` has no `score`",
    ),
    "three corners": (
        submission({"a": [{**GOOD, "box": [1, 2, 3]}]}),
        PropertyError,
        r"`box` .* is \[1, 2, 3\]",
    ),
    "text in a box": (submission({"a": [{**GOOD, "box": [1, 2, 3, "4"]}]}), PropertyError, "four numbers"),
    "a box that is none": (submission({"a": [{**GOOD, "box": None}]}), PropertyError, "list of four numbers"),
    "noun as float": (
        submission({"a": [GOOD, {**GOOD, "noun_category_id": 1.0}]}),
        PropertyError,
        "1 of 2 .* whole number; the first one, of `a`, is 1.0",
    ),
    "verb as truth": (submission({"a": [{**GOOD, "verb_category_id": True}]}), PropertyError, "whole number"),
    "huge noun": (submission({"a": [{**GOOD, "noun_category_id": 2**70}]}), PropertyError, "too large"),
    "score as int": (submission({"a": [{**GOOD, "score": 1}]}), PropertyError, "takes 1.0"),
    "time as int": (
        submission({"a": [{**GOOD, "time_to_contact": 1}]}),
        PropertyError,
        "`time_to_contact` of 1 of 1",
    ),
    "NaN": (
        submission({"b": [], "a": [GOOD, {**GOOD, "score": float("nan")}]}),
        NotFiniteError,
        "`score` of 1 of 2.*`a`",
    ),
    "infinite box": (submission({"a": [{**GOOD, "box": [0, 0, float("inf"), 1]}]}), NotFiniteError, "`box`"),
}


@pytest.mark.parametrize(("content", "error", "message"), WRONG.values(), ids=WRONG)
def test_wrong_files(write: Callable[..., Path], content: Any, error: type[Exception], message: str) -> None:
    path = write("s.json", content)
    with pytest.raises(error, match=message) as found:
        read_submission(path, ["a"])
    assert str(path) in str(found.value)
    assert "\n" not in str(found.value)


def test_other_images_are_not_looked_at(write: Callable[..., Path]) -> None:
    path = write("s.json", submission({"a": [GOOD], "elsewhere": [{"box": None}]}))
    assert read_submission(path, ["a"]).predictions.uids == ("a",)


@pytest.mark.parametrize("share", [0, 0.3, 0.9])
@pytest.mark.parametrize("name", ["predictions.json", "predictions.npz"])
def test_cut_off(tmp_path: Path, share: float, name: str) -> None:
    path = tmp_path / name
    write_submission(path, predictions())
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DamagedSubmissionError, match=r"cut off.* again"):
        read_submission(path, ["a"])


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_bytes(b'{"version": "\xff\xfe"}')
    with pytest.raises(DamagedSubmissionError, match="cannot be read as JSON"):
        read_submission(tmp_path / "s.json", ["a"])


@pytest.mark.parametrize(
    "change",
    [
        {"counts": np.array([2, 0, 2])},
        {"counts": np.array([4, -1, 0])},
        {"scores": np.array(["a", "b", "c"])},
        {"nouns": np.array([0.0, 1.0, 2.0])},
        {"uids": np.array(["a", "a", "b"])},
        {"boxes": np.zeros((3, 3))},
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "p.npz"
    write_submission(path, predictions())
    arrays = {**np.load(path), **change}
    np.savez(path, **arrays)
    with pytest.raises(SubmissionLayoutError, match="expected `uids` and `counts`"):
        read_submission(path, ["a"])


def test_nan_is_not_written(tmp_path: Path) -> None:
    found = predictions()
    found.scores[1] = np.nan
    for name in ("s.json", "s.npz"):
        with pytest.raises(NotFiniteError, match="`scores`"):
            write_submission(tmp_path / name, found)
    assert not list(tmp_path.iterdir())


def test_wrong_paths(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is no file"):
        read_submission(tmp_path / "s.json", ["a"])
    with pytest.raises(RequestError, match=r"expected \.json or \.npz"):
        read_submission(tmp_path / "s.csv", ["a"])
    with pytest.raises(RequestError, match=r"expected \.json or \.npz"):
        write_submission(tmp_path / "s.pkl", predictions())
