"""`sample-name` keeps what every task promises. Run it with `python -m pytest sample_plugins`."""

from pathlib import Path

import pytest

import toto_bench
from toto_bench.cards.plugins import add_plugin_folder
from toto_bench.errors import DataError
from toto_bench.testing import check_task

add_plugin_folder(Path(__file__).parents[1])


def test_keeps_the_contract(tmp_path: Path) -> None:
    """Card and code agree; it runs on its sample, goes on after it was stopped, and repeats itself."""
    check_task("sample-name", tmp_path)


def test_a_damaged_training_image_is_named(tmp_path: Path) -> None:
    """Nobody gets a number from another training set than they think."""  # CHANGE: what can be wrong with your data
    task = toto_bench.load_task("sample-name")
    task.write_sample(tmp_path)
    damaged = next(tmp_path.glob("train/*/*.png"))
    damaged.write_bytes(b"not an image")
    with pytest.raises(DataError, match=damaged.name):
        task.check(tmp_path, task.protocol.model_validate(task.card.values("sample")))
