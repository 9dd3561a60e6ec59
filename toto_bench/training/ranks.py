"""The processes that torchrun started: who they are, and what they agree on."""

import gc
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import torch
import torch.distributed as dist
import torch.distributed.nn  # before a group begins: it would keep one that is there as default arguments, for ever

from toto_bench.training.errors import GroupingError

_LONGEST_WAIT = timedelta(days=7)
"""Some wait while others tokenise data or score their items; gloo's own limit is half an hour."""


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
    begin_group("cpu:gloo,cuda:nccl" if device.startswith("cuda") else "gloo")
    return Ranks(dist.get_rank(), world_size)


def begin_group(backend: str) -> None:
    """Join the processes that torchrun started, once."""
    if not dist.is_initialized():
        dist.init_process_group(backend, timeout=_LONGEST_WAIT)


def leave_ranks() -> None:
    """Leave the group and end its threads, as every process has to before it exits.

    A thread of gloo that still lets go of a tensor while the interpreter ends aborts the process. The threads end with
    the last reference to the group, so that garbage that holds one is collected first.
    """
    if dist.is_initialized():
        gc.collect()
        dist.destroy_process_group()
