"""Prediction files against the list."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toto_bench.cards import find_task
from toto_bench.errors import DataError
from toto_bench.tasks.base import DataReport
from toto_bench.tasks.cater import score_localization
from toto_bench.tasks.cater.check import check
from toto_bench.tasks.cater.errors import ClassCountError, NotNumbersError, ViewsError
from toto_bench.tasks.cater.predictions import Predictions, write_predictions
from toto_bench.tasks.cater.protocol import CaterProtocol
from toto_bench.tasks.cater.reader import read_list
from toto_bench.tasks.cater.scoring import score_predictions
from toto_bench.tasks.cater.task import Cater

from .conftest import write_lines

Make = Callable[..., Path]
Protocol = Callable[..., CaterProtocol]
GOLDEN = Path(__file__).parents[3] / "golden" / "cater" / "clip_averaging.json"


@pytest.fixture
def data(make_cater: Make, protocol: Protocol) -> DataReport:
    """Lists without videos: nothing else is needed."""
    return check(make_cater(train=5, val=12, videos=False), protocol(), thorough=False)


def labels_of(data: DataReport, protocol: CaterProtocol) -> np.ndarray:
    return np.array([video.label for video in read_list(data.path, protocol, "val").videos])


def write(path: Path, videos, scores, views=None) -> Path:
    write_predictions(path, Predictions(tuple(videos), np.asarray(scores), views))
    return path


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values)
    return powers / powers.sum(axis=-1, keepdims=True)


def test_what_is_known_of_the_data_is_told(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    """Numbers that compare with no published ones say so."""
    path = write(tmp_path / "p.npz", data.listed, np.eye(36)[labels_of(data, protocol())])
    warnings = Cater(find_task("cater")).score(path, data, protocol()).warnings
    assert any("not comparable" in text for text in warnings)


@pytest.mark.parametrize("suffix", [".npz", ".csv"])
def test_numbers_are_those_of_the_public_function(
    data: DataReport, protocol: Protocol, tmp_path: Path, suffix: str
) -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.random((12, 36)), labels_of(data, protocol())
    scores[[0, 3, 7], labels[[0, 3, 7]]] += 1
    order = rng.permutation(12)
    path = write(tmp_path / f"p{suffix}", np.array(data.listed)[order], scores[order])
    outcome = score_predictions(path, data, protocol())
    assert {name: metric.value for name, metric in outcome.metrics.items()} == score_localization(
        labels, scores
    )
    top1 = outcome.metrics["top1"]
    assert top1.n == 12
    assert top1.low is not None and top1.high is not None
    assert top1.low <= 3 / 12 <= top1.value <= top1.high
    assert (outcome.coverage.scored, outcome.coverage.listed, outcome.coverage.missing) == (12, 12, {})
    assert [item["video"] for item in outcome.items] == list(data.listed)
    for item, label, row in zip(outcome.items, labels, scores, strict=True):
        assert (item["label"], item["prediction"], item["views"]) == (label, row.argmax(), 1)
        assert item["row_error"] == row.argmax() // 6 - label // 6
        assert item["column_error"] == row.argmax() % 6 - label % 6
        assert item["l1"] == abs(item["row_error"]) + abs(item["column_error"])
        assert item["rank"] == 1 + (row > row[label]).sum()
    assert sum(row["videos"] for row in outcome.curves["distances"]) == 12
    assert outcome.warnings == ()


@pytest.mark.parametrize("name", ["{}", "{}.avi", "/scratch/videos/{}.avi"])
def test_videos_may_be_named_with_folder_and_without_suffix(
    data: DataReport, protocol: Protocol, tmp_path: Path, name: str
) -> None:
    names = [name.format(video.removesuffix(".avi")) for video in data.listed]
    path = write(tmp_path / "p.npz", names, np.eye(36)[labels_of(data, protocol())])
    assert score_predictions(path, data, protocol()).metrics["top1"].value == 1.0


@pytest.mark.parametrize("case", ["c01_30_views", "c02_uneven_views"])
def test_views_are_averaged_as_officially(
    tmp_path: Path, make_cater: Make, protocol: Protocol, case: str
) -> None:
    (golden,) = [each for each in json.loads(GOLDEN.read_text())["clip_averaging"] if each["name"] == case]
    root = make_cater(videos=False)
    write_lines(root / "lists/localize/val.txt", golden["gt_lines"])
    (root / "lists/localize/train.txt").unlink()
    data = check(root, protocol(), thorough=False)
    index = [video for video, _ in golden["results"]]
    names = [data.listed[video] for video in index]
    path = write(
        tmp_path / "p.npz", names, [scores for _, scores in golden["results"]], tuple(range(len(index)))
    )
    outcome = score_predictions(path, data, protocol())
    found = {name: metric.value for name, metric in outcome.metrics.items()}
    official = golden["official"]
    assert found == {"top1": official["top_1"], "top5": official["top_5"], "l1": official["l1_dist"]}
    assert [item["views"] for item in outcome.items] == np.bincount(index).tolist()
    assert bool(outcome.warnings) == (case == "c02_uneven_views")


def test_missing_videos_are_named_and_may_be_left_out(
    data: DataReport, protocol: Protocol, tmp_path: Path
) -> None:
    labels = labels_of(data, protocol())
    path = write(tmp_path / "p.npz", data.listed[2:], np.eye(36)[labels[2:]])
    with pytest.raises(DataError, match=f"no scores for 2 of 12 listed videos: {data.listed[0]}, "):
        score_predictions(path, data, protocol())
    outcome = score_predictions(path, data, protocol(), allow_missing=True)
    assert (outcome.coverage.scored, outcome.coverage.listed) == (10, 12)
    assert outcome.metrics["top1"].n == 10
    assert outcome.coverage.missing.keys() == set(data.listed[:2])


def test_unknown_videos_are_named(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    names = [*data.listed, "CATER_new_000000.avi", "mine.avi"]
    path = write(tmp_path / "p.npz", names, np.eye(36)[:14])
    with pytest.raises(
        DataError, match=r"2 videos that val\.txt does not list.*1 of them are videos of train"
    ):
        score_predictions(path, data, protocol(), allow_missing=True)


def test_repeated_videos_are_named(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    names = [*data.listed, data.listed[4]]
    path = write(tmp_path / "p.npz", names, np.eye(36)[:13])
    with pytest.raises(ViewsError, match=f"repeats 1 videos: {data.listed[4]}.*number"):
        score_predictions(path, data, protocol())
    views = (*[0] * 12, 0)
    with pytest.raises(ViewsError, match=f"repeats views of 1 videos: {data.listed[4]}"):
        score_predictions(write(tmp_path / "p.csv", names, np.eye(36)[:13], views), data, protocol())


def test_views_have_to_be_probabilities(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    logits = np.random.default_rng(0).normal(size=(24, 36))
    names, views = [*data.listed, *data.listed], (*[0] * 12, *[1] * 12)
    for wrong in (logits, np.abs(logits), logits / logits.sum(axis=1, keepdims=True)):
        with pytest.raises(ViewsError, match="no probabilities"):
            score_predictions(write(tmp_path / "a.npz", names, wrong, views), data, protocol())
    half = softmax(logits).astype(np.float16)
    outcome = score_predictions(write(tmp_path / "b.npz", names, half, views), data, protocol())
    assert {item["views"] for item in outcome.items} == {2}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_refused_and_named(data: DataReport, protocol: Protocol, tmp_path: Path, value: float) -> None:
    scores = np.zeros((12, 36))
    scores[3, 5] = value
    for suffix in (".npz", ".csv"):
        with pytest.raises(NotNumbersError, match=f"for 1 rows: {data.listed[3]}"):
            score_predictions(write(tmp_path / f"p{suffix}", data.listed, scores), data, protocol())


@pytest.mark.parametrize(("columns", "words"), [(16, "--set grid=4"), (35, "a column for every cell")])
def test_another_number_of_cells_is_refused(
    data: DataReport, protocol: Protocol, tmp_path: Path, columns: int, words: str
) -> None:
    path = write(tmp_path / "p.npz", data.listed, np.zeros((12, columns)))
    with pytest.raises(ClassCountError, match=words):
        score_predictions(path, data, protocol())


def test_text_is_no_score(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    path = write(tmp_path / "p.npz", data.listed, np.full((12, 36), "0.5"))
    with pytest.raises(NotNumbersError, match="real numbers"):
        score_predictions(path, data, protocol())


def test_an_empty_file_lacks_every_video(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    path = write(tmp_path / "p.csv", [], np.zeros((0, 36)))
    with pytest.raises(DataError, match="no scores for 12 of 12"):
        score_predictions(path, data, protocol())
    with pytest.raises(DataError, match="scores for none of the 12"):
        score_predictions(path, data, protocol(), allow_missing=True)


def test_a_limit_scores_the_first_videos(data: DataReport, protocol: Protocol, tmp_path: Path) -> None:
    path = write(tmp_path / "p.npz", data.listed, np.eye(36)[labels_of(data, protocol())])
    coverage = score_predictions(path, data, protocol(), limit=3).coverage
    assert (coverage.scored, coverage.listed) == (3, 12)
    assert set(coverage.missing) == set(data.listed[3:])


def break_video(root: Path, name: str, *, inside: bool) -> None:
    path = root / "videos" / name
    content = bytearray(path.read_bytes())
    middle = content.index(b"\xff\xd8", len(content) // 2)
    content[middle : middle + 300] = bytes(300)
    path.write_bytes(content if inside else content[:middle])


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("corrupt", ["exclude", "wrong"])
def test_corrupt_videos_are_left_out_or_count_as_errors(
    make_cater: Make, protocol: Protocol, tmp_path: Path, corrupt: str, inside: bool
) -> None:
    root = make_cater(val=6)
    name = "CATER_new_000006.avi"
    break_video(root, name, inside=inside)
    chosen = protocol(corrupt=corrupt)
    data = check(root, chosen, thorough=False)
    labels = labels_of(data, chosen)
    kept = [index for index, listed in enumerate(data.listed) if listed != name]
    path = write(tmp_path / "p.npz", [data.listed[index] for index in kept], np.eye(36)[labels[kept]])
    outcome = score_predictions(path, data, chosen)
    assert outcome.metrics["top1"].value == (1.0 if corrupt == "exclude" else 5 / 6)
    assert outcome.coverage.scored == (5 if corrupt == "exclude" else 6)
    assert outcome.coverage.listed == 6
    if corrupt == "exclude":
        assert "corrupt" in outcome.coverage.missing[name]
    else:
        (item,) = [item for item in outcome.items if item["video"] == name]
        row, column = divmod(item["label"], 6)
        assert item["l1"] == max(row, 5 - row) + max(column, 5 - column)
        assert (item["prediction"], item["rank"]) == (None, 37)
        assert "1 of 6 videos are corrupt and counted as errors" in outcome.warnings
        assert [item["video"] for item in outcome.items] == list(data.listed)


def test_a_cell_that_is_not_clear_is_not_scored(make_cater: Make, protocol: Protocol, tmp_path: Path) -> None:
    root = make_cater(videos=False)
    listing = root / "lists/localize/val.txt"
    labels = [int(line.split()[1]) for line in listing.read_text().splitlines()]
    write_lines(listing, [*listing.read_text().splitlines(), "CATER_new_000005.avi 30"])
    data = check(root, protocol(), thorough=False)
    path = write(tmp_path / "p.npz", data.listed, np.eye(36)[labels])
    with pytest.raises(DataError, match=r"CATER_new_000005\.avi.*with cell 30"):
        score_predictions(path, data, protocol())
    outcome = score_predictions(path, data, protocol(), allow_missing=True)
    assert outcome.coverage.missing.keys() == {"CATER_new_000005.avi"}
