"""Several processes under torchrun."""

import os
from datetime import timedelta

import torch.distributed as dist

_LONGEST_WAIT = timedelta(days=7)
"""A process that is done waits for the others as long as their items take; gloo's own limit is half an hour."""


def join_processes() -> tuple[int, int]:
    """Rank and world size; joins the group of processes when torchrun started several."""
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        return 0, 1
    if not dist.is_initialized():
        dist.init_process_group("gloo", timeout=_LONGEST_WAIT)
    return dist.get_rank(), world_size
