"""The processes that torchrun started: who they are, and what they agree on."""

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import torch
import torch.distributed as dist

from toto_bench.training.errors import GroupingError

_LONGEST_WAIT = timedelta(days=7)
"""Data may be tokenised by some while others wait; gloo's own limit is half an hour."""


class Ranks(NamedTuple):
    """This process among all that train together."""

    rank: int = 0
    """0 writes files and speaks."""
    world_size: int = 1
    """Number of processes."""

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of a batch.

        Raises:
            GroupingError: the batch cannot be cut into equal parts.
        """
        if count % self.world_size:
            raise GroupingError(
                f"A batch of {count} sequences cannot be shared equally by {self.world_size} processes: choose a batch "
                "that is a multiple of their number, or start another number of them."
            )
        part = count // self.world_size
        return slice(self.rank * part, (self.rank + 1) * part)

    def total(self, values: Sequence[float], device: torch.device) -> list[float]:
        """Sums over all processes, in double precision."""
        if self.world_size == 1:
            return list(values)
        summed = torch.tensor(values, dtype=torch.float64, device=device)
        dist.all_reduce(summed)
        return [float(value) for value in summed.tolist()]

    def barrier(self) -> None:
        """Wait for all."""
        if self.world_size > 1:
            dist.barrier()


def join_ranks(device: str) -> Ranks:
    """This process's place; joins the group of processes when torchrun started several (nccl on CUDA, else gloo)."""
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        return Ranks()
    if device.startswith("cuda"):
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo"
        dist.init_process_group(backend, timeout=_LONGEST_WAIT)
    return Ranks(dist.get_rank(), world_size)


def leave_ranks() -> None:
    """Leave the group, so that the process ends without a complaint."""
    if dist.is_initialized():
        dist.destroy_process_group()
