"""Batches cut into micro-batches, in the order in which they are asked for."""

from collections.abc import Iterator
from typing import Any

import torch

from toto_bench.training.ranks import Ranks
from toto_bench.training.settings import Training


def micro_batches(settings: Training, ranks: Ranks) -> list[range]:
    """This process's part of a batch in micro-batches, as positions inside the batch.

    Raises:
        GroupingError: the batch cannot be cut into equal parts.
    """
    part, size = ranks.share(settings.batch), settings.micro_batch
    return [range(at, min(at + size, part.stop)) for at in range(part.start, part.stop, size)]


def requests(settings: Training, begun: int, micros: list[range]) -> Iterator[range]:
    """Positions of every micro-batch in the endless order of examples, from a step on."""
    for step in range(begun, settings.steps):
        first = step * settings.batch
        for micro in micros:
            yield range(first + micro.start, first + micro.stop)


def to_device(batch: Any, device: torch.device) -> Any:
    """A tensor, or a dict of tensors, on a device."""
    if isinstance(batch, dict):
        return {name: to_device(value, device) for name, value in batch.items()}
    return batch.to(device, non_blocking=True)
