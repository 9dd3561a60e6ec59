"""How and where a training runs, apart from what is trained."""

from typing import NamedTuple, Protocol

import torch

from toto_bench.progress import Progress
from toto_bench.training.ranks import Ranks


class Reporter(Progress, Protocol):
    """Progress with a few numbers beside it."""

    def note(self, text: str) -> None:
        """Show this beside the bar from now on."""
        ...


class Session(NamedTuple):
    """This process, and what it was told."""

    device: torch.device
    reporter: Reporter
    ranks: Ranks = Ranks()
    dtype: str = "float32"
    """Of matrix products."""
    workers: int = 2
    """Threads that decode."""
    seed: int = 0
    """Of the order of sequences."""
    shard: bool = False
    """Cut weights over the processes."""


def number_type(asked: str, device: torch.device) -> str:
    """Of matrix products: what was asked for; `auto` is bfloat16 on CUDA, float32 elsewhere."""
    if asked != "auto":
        return asked
    return "bfloat16" if device.type == "cuda" else "float32"
