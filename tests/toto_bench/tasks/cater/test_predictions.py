"""Prediction files: written, read again, damaged."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.errors import RequestError
from toto_bench.tasks.cater.predictions import (
    Predictions,
    PredictionsError,
    read_predictions,
    write_predictions,
)

SUFFIXES = [".npz", ".csv"]


def some_predictions(views: tuple[int, ...] | None = None) -> Predictions:
    scores = np.random.default_rng(0).normal(size=(4, 36)) / 3
    return Predictions(("a.avi", "b.avi", "c.avi", "d.avi"), scores, views)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("views", [None, (0, 1, 0, 2)])
def test_every_digit_is_kept(tmp_path: Path, suffix: str, views: tuple[int, ...] | None) -> None:
    path, written = tmp_path / f"val{suffix}", some_predictions(views)
    write_predictions(path, written)
    found = read_predictions(path)
    assert (found.videos, found.views) == (written.videos, written.views)
    np.testing.assert_array_equal(found.scores, written.scores)
    assert found.scores.dtype == np.float64


def test_the_csv_is_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "val.csv"
    write_predictions(path, Predictions(("a.avi", "a.avi"), np.array([[0.1, 2.0], [1e-9, -1.0]]), (0, 1)))
    assert path.read_text() == "video,view,cell_0,cell_1\na.avi,0,0.1,2.0\na.avi,1,1e-09,-1.0\n"


def test_single_precision_stays_single(tmp_path: Path) -> None:
    written = some_predictions()._replace(scores=np.eye(36, dtype=np.float32)[:4])
    write_predictions(tmp_path / "val.npz", written)
    assert read_predictions(tmp_path / "val.npz").scores.dtype == np.float32


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("left", [0, 1, 30, 0.5, -1])
def test_a_file_that_is_cut_off_is_named(tmp_path: Path, suffix: str, left: float) -> None:
    path = tmp_path / f"val{suffix}"
    write_predictions(path, some_predictions())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * left) if isinstance(left, float) else left])
    with pytest.raises(PredictionsError, match=f"val{suffix}"):
        read_predictions(path)


def test_a_damaged_npz_is_named(tmp_path: Path) -> None:
    path = tmp_path / "val.npz"
    write_predictions(path, some_predictions())
    content = bytearray(path.read_bytes())
    content[700:720] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(path)


def test_nothing_in_a_npz_is_run(tmp_path: Path) -> None:
    path = tmp_path / "val.npz"
    np.savez(path, videos=np.array(["a.avi", None], dtype=object), scores=np.zeros((2, 36)))
    with pytest.raises(PredictionsError, match="damaged"):
        read_predictions(path)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "holds nothing"),
        ({"scores": np.zeros((1, 36))}, "holds scores"),
        ({"videos": np.array(["a"]), "scores": np.zeros((2, 36))}, "do not fit"),
        ({"videos": np.array(["a"]), "scores": np.zeros(36)}, "do not fit"),
        ({"videos": np.array([7]), "scores": np.zeros((1, 36))}, "do not fit"),
        ({"videos": np.array([["a"]]), "scores": np.zeros((1, 36))}, "do not fit"),
        ({"videos": np.array(["a"]), "scores": np.zeros((1, 36)), "views": np.zeros(1)}, "do not fit"),
        ({"videos": np.array(["a"]), "scores": np.zeros((1, 36)), "views": np.zeros(2, int)}, "do not fit"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict, words: str) -> None:
    np.savez(tmp_path / "val.npz", **arrays)
    with pytest.raises(PredictionsError, match=words):
        read_predictions(tmp_path / "val.npz")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,cell_0\na,1\n", "begins with the columns name"),
        ("video\na\n", "begins with the columns video"),
        ("video,cell_1,cell_0\na,1,2\n", "begins with"),
        ("video,cell_0,cell_1\na,1,2\nb,1\n", "line 3: 2 of 3 columns"),
        ("video,cell_0,cell_1\na,1,x\n", "line 2: could not convert"),
        ("video,view,cell_0\na,x,1\n", "line 2: invalid literal"),
        ("\n", "begins with the columns"),
    ],
)
def test_csv_files_that_are_none_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "val.csv"
    path.write_text(text)
    with pytest.raises(PredictionsError, match=words):
        read_predictions(path)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_text("a"), lambda path: None])
def test_what_is_no_prediction_file_by_its_name_is_refused(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    path = tmp_path / "val.json"
    make(path)
    with pytest.raises(RequestError, match=r"\.npz or \.csv"):
        read_predictions(path)
    with pytest.raises(RequestError, match=r"\.npz or \.csv"):
        write_predictions(path, some_predictions())
