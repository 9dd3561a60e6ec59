"""Several processes under torchrun."""

import os

import torch.distributed as dist

from toto_bench.training.ranks import begin_group


def join_processes() -> tuple[int, int]:
    """Rank and world size; joins the group of processes when torchrun started several."""
    world_size = int(os.environ.get("WORLD_SIZE", "1"))
    if world_size == 1:
        return 0, 1
    begin_group("gloo")
    return dist.get_rank(), world_size
