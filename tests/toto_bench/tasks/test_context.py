"""What a run keeps of the inputs of its backbone."""

from pathlib import Path

import pytest
import torch

from toto_bench.features.store import FeatureStore
from toto_bench.results.folder import RunFolder
from toto_bench.tasks.context import INPUT_STATE, RunContext

VIDEO = torch.zeros(3, 2, 3, 32, 48)
IDS = torch.zeros(3, 2, 4, 6, dtype=torch.int64)


def make_context(folder: Path, rank: int = 0) -> RunContext:
    """A session of the run in a folder."""
    return RunContext(RunFolder(folder / "run"), FeatureStore(folder / "cache"), rank=rank, world_size=2)


def test_shapes_of_one_item_are_kept(tmp_path: Path) -> None:
    """Of the frames and of what was made of them, without the batch."""
    context = make_context(tmp_path)
    context.describe_input(VIDEO, IDS, (2, 5))
    kept = {"video": [2, 3, 32, 48], "inputs": [2, 4, 6], "layers": [2, 5], "dtype": "int64"}
    assert context.load_state(INPUT_STATE) == kept


@pytest.mark.parametrize("later", [False, True], ids=["same session", "later session"])
def test_the_first_batch_of_a_run_counts(tmp_path: Path, later: bool) -> None:
    """So that a run that was stopped says the same as one that was not."""
    context = make_context(tmp_path)
    context.describe_input(VIDEO, VIDEO, [1])
    first = context.load_state(INPUT_STATE)
    (make_context(tmp_path) if later else context).describe_input(VIDEO[..., :16], VIDEO[..., :16], [1])
    assert make_context(tmp_path).load_state(INPUT_STATE) == first


def test_only_the_first_process_writes(tmp_path: Path) -> None:
    """The others would race with it."""
    context = make_context(tmp_path, rank=1)
    context.describe_input(VIDEO, VIDEO, [1])
    assert context.load_state(INPUT_STATE) is None
