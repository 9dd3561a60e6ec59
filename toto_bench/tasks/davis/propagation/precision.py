"""Matrix products in full float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def full_float32(device: torch.device) -> Iterator[None]:
    """Switch autocast and the TF32 and bfloat16 shortcuts of float32 products off; put the choice back after.

    With such a shortcut (``torch.set_float32_matmul_precision``, often set for a backbone's speed) cosines
    are wrong in the third digit: other sources are chosen, and the benchmark's number changes.
    """
    with torch.autocast(device.type, enabled=False):
        if hasattr(torch.backends.cuda.matmul, "fp32_precision"):
            with _by_backend():
                yield
        else:
            with _for_all_backends():
                yield


@contextmanager
def _by_backend() -> Iterator[None]:
    """Set the precision per backend, the interface of newer PyTorch versions, which objects to a mixture."""
    mkldnn: Any = torch.backends.mkldnn
    backends = (torch.backends.cuda.matmul, mkldnn.matmul)
    chosen = [backend.fp32_precision for backend in backends]
    try:
        for backend in backends:
            backend.fp32_precision = "ieee"
        yield
    finally:
        for backend, precision in zip(backends, chosen, strict=True):
            backend.fp32_precision = precision


@contextmanager
def _for_all_backends() -> Iterator[None]:
    chosen = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("highest")
        yield
    finally:
        torch.set_float32_matmul_precision(chosen)
