"""The order of training examples, their mirrors, and what is left out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from toto_bench.errors import DataError
from toto_bench.tasks.ego4d_sta.data import open_split
from toto_bench.tasks.ego4d_sta.learning.batches import FromFrames, TrainingBatches, stacked
from toto_bench.tasks.ego4d_sta.learning.clips import ClipReader
from toto_bench.tasks.ego4d_sta.learning.examples import Example, examples_of

from .conftest import QUICK
from .test_examples import protocol

MakeData = Callable[..., Path]


def opened(data: Path) -> tuple[tuple[Example, ...], ClipReader]:
    chosen = protocol(**QUICK)
    split = open_split(data, chosen, "train")
    return examples_of(split.file, chosen), ClipReader(split, chosen)


def frames(reader: ClipReader, workers: int = 0, **options: Any) -> FromFrames:
    return FromFrames(reader, workers, **{"clips": True, "stills": False, "leave_out": None} | options)


@pytest.mark.parametrize("workers", [0, 3])
def test_clips_end_with_the_annotated_frame(make_data: MakeData, workers: int) -> None:
    examples, reader = opened(make_data())
    there, found = frames(reader, workers).read(examples[:2], [False, True])
    assert (there, found["pixels"].shape) == ([0, 1], (2, 2, 64, 64, 3))
    for row, mirrored in enumerate((False, True)):
        last = found["pixels"][row, -1].numpy().astype(int)
        columns = np.flatnonzero((last[:, :, 0] > 140).any(axis=0))
        example = examples[row].mirrored() if mirrored else examples[row]
        ours = example.boxes[0, [0, 2]] / example.plane[1] * 64
        np.testing.assert_allclose([columns[0], columns[-1] + 1], ours, atol=1.5)


def test_an_epoch_has_each_example_once(make_data: MakeData) -> None:
    """Batches follow from positions alone; about half of them are mirrored, others in each epoch."""
    examples, _ = opened(make_data())

    class Told:
        def read(
            self, chosen: Sequence[Example], mirrored: Sequence[bool]
        ) -> tuple[list[int], dict[str, torch.Tensor]]:
            seen.extend(zip((example.uid for example in chosen), mirrored, strict=True))
            return list(range(len(chosen))), {}

    seen: list[tuple[str, bool]] = []
    batches = TrainingBatches(examples, Told(), flip=0.5, seed=3)
    whole = batches.read(range(16))
    epochs = seen[:8], seen[8:]
    assert [sorted(uid for uid, _ in epoch) for epoch in epochs] == [sorted(e.uid for e in examples)] * 2
    assert [uid for uid, _ in epochs[0]] != [uid for uid, _ in epochs[1]]
    assert dict(epochs[0]) != dict(epochs[1])
    assert 3 <= sum(mirrored for _, mirrored in seen) <= 13
    torch.testing.assert_close(batches.read(range(5, 9))["boxes"], whole["boxes"][5:9])
    never = TrainingBatches(examples, Told(), flip=0.0, seed=3)
    del seen[:]
    never.read(range(16))
    assert not any(mirrored for _, mirrored in seen)


def test_what_cannot_be_decoded(make_data: MakeData) -> None:
    data = make_data()
    path = data / "full_scale" / "train-1.mp4"
    path.write_bytes(path.read_bytes()[:300])
    examples, reader = opened(data)
    with pytest.raises(DataError, match=r"train-1\.mp4"):
        frames(reader).read(examples[:3], [False] * 3)
    told: list[str] = []
    leaving = frames(reader, leave_out=lambda example, reason: told.append(example.uid))
    there, found = leaving.read(examples[:4], [False] * 4)
    assert (there, len(found["pixels"])) == ([0, 1], 2)
    assert told == ["train-1_0000005", "train-1_0000009"]
    for chosen in (examples[1:3], examples[1:4]):  # one is there: it comes in every batch
        batches = TrainingBatches(chosen, leaving, flip=0.0, seed=0)
        for position in range(6):
            found = batches.read(range(position, position + 1))
            assert found["boxes"].tolist() == np.float32(examples[1].boxes).tolist()
    batches = TrainingBatches(examples[2:4], leaving, flip=0.0, seed=0)
    with pytest.raises(DataError, match="None of the 2 training annotations"):
        batches.read(range(2))


def test_stills_of_several_sizes() -> None:
    small, large = np.full((2, 3, 3), 255, np.uint8), np.full((3, 2, 3), 51, np.uint8)
    found = stacked([small, large])
    assert found.shape == (2, 3, 3, 3)
    assert found[0, 0].tolist() == [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    assert found[1, 2, :, :2].unique().tolist() == pytest.approx([0.2])
    assert found[1, :, :, 2].sum() == 0
