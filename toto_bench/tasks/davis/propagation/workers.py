"""Independent pieces of work side by side, each on one thread.

PyTorch's own threads meet after every operation; on a busy machine each meeting can wait for a thread that is
not running, which made a step ten times slower. Here they meet once per step.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from threading import Barrier
from typing import TypeVar

import torch

Piece = TypeVar("Piece")


def count_workers(device: torch.device) -> int:
    """Return how many workers to use: PyTorch's number of threads on a CPU, one elsewhere."""
    return torch.get_num_threads() if device.type == "cpu" else 1


def ranges(size: int, count: int) -> list[slice]:
    """Cut ``range(size)`` into up to ``count`` parts of about one length."""
    edges = [size * i // count for i in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges) if start < stop]


def share_out(pieces: Sequence[Piece], workers: int, work: Callable[[Piece, int], None]) -> None:
    """Call ``work(piece, worker)`` for every piece; a worker takes its next piece when it is done with one."""
    remaining = iter(pieces)
    inference = torch.is_inference_mode_enabled()

    def run(worker: int) -> None:
        with torch.inference_mode(inference), torch.no_grad():
            for piece in remaining:  # shared: advancing an iterator over a sequence is atomic
                work(piece, worker)

    if workers == 1:
        run(0)
    else:
        for done in [_pool(workers).submit(run, worker) for worker in range(workers)]:
            done.result()


@cache
def _pool(workers: int) -> ThreadPoolExecutor:
    """Start the workers, each told to use one thread; this thread's number of threads stays as it is."""
    pool = ThreadPoolExecutor(workers, "propagation", _use_one_thread)
    started = Barrier(workers)
    for worker in [pool.submit(started.wait) for _ in range(workers)]:
        worker.result()
    torch.set_num_threads(workers)
    return pool


def _use_one_thread() -> None:
    """Keep PyTorch to one thread in the calling thread; asked first, it is set up and will stay so."""
    torch.get_num_threads()
    torch.set_num_threads(1)


os.register_at_fork(after_in_child=_pool.cache_clear)
