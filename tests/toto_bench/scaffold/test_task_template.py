"""The task that `toto-bench new` writes, where its data is damaged."""

from collections.abc import Callable
from pathlib import Path

import pytest

import toto_bench
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.errors import DataError
from toto_bench.runner.execute import RunResult
from toto_bench.scaffold.write import write_new


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the new task, under a name that no other test imports."""
    folder = tmp_path_factory.mktemp("new") / "template_plugins"
    write_new("task", "count-shapes", folder)
    return folder


@pytest.fixture
def data(plugins: Path, tmp_path: Path) -> Path:
    """Its sample, as data of one's own."""
    add_plugin_folder(plugins)
    toto_bench.load_task("count-shapes").write_sample(tmp_path / "SHAPES")
    return tmp_path / "SHAPES"


@pytest.fixture
def evaluate(data: Path, tmp_path: Path) -> Callable[..., RunResult]:
    """Runs it there with the floor, on small images."""

    def run(**options: bool) -> RunResult:
        where = {"data": data, "out": tmp_path / "runs", "preset": "sample"}
        return toto_bench.run("count-shapes", "pixels", **where, **options)

    return run


def tear(image: Path) -> None:
    """Keep the header alone."""
    image.write_bytes(image.read_bytes()[:60])


def test_the_floor_is_above_chance_and_below_perfect(evaluate: Callable[..., RunResult]) -> None:
    """So that a better backbone has somewhere to go."""
    accuracy = evaluate().record.metrics["accuracy"].value
    assert 1 / 3 < accuracy < 0.9


def test_a_torn_image_of_val(evaluate: Callable[..., RunResult], data: Path) -> None:
    """Ends the run with its name; with `allow_missing` it is left out, and counted."""
    tear(data / "val" / "disc" / "003.png")
    with pytest.raises(DataError, match=r"val/disc/003\.png"):
        evaluate()
    record = evaluate(allow_missing=True).record
    assert (record.coverage.scored, record.coverage.listed) == (23, 24)
    assert list(record.coverage.missing) == ["val/disc/003.png"]
    assert record.metrics["accuracy"].n == 23


def test_a_torn_image_of_train(evaluate: Callable[..., RunResult], data: Path) -> None:
    """Is never left out: that would be another training set."""
    tear(data / "train" / "disc" / "003.png")
    with pytest.raises(DataError, match=r"train/disc/003\.png.*cannot be left out"):
        evaluate(allow_missing=True)
    (data / "train" / "disc" / "003.png").write_bytes(b"no image")
    with pytest.raises(DataError, match="another training set"):
        evaluate(allow_missing=True)


def test_data_that_does_not_fit(evaluate: Callable[..., RunResult], data: Path) -> None:
    """A class without training images, and a folder of something else."""
    (data / "train" / "disc").rename(data / "elsewhere")
    with pytest.raises(DataError, match="no images of disc"):
        evaluate()
    (data / "val").rename(data / "test")
    with pytest.raises(DataError, match=r"no val/<class>/\*\.png"):
        evaluate()
