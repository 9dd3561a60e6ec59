"""The bytes of tensors, wherever they lie."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy


def bytes_of(tensor: Tensor) -> memoryview:
    """The values of a tensor, row by row, byte by byte."""
    here = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    values: Any = here.reshape(-1).view(torch.uint8).numpy()
    return memoryview(values)


def has_values(tensor: Tensor) -> bool:
    """Whether a tensor has values: not one on the `meta` device, nor one of a lazy module that never ran."""
    return not (is_lazy(tensor) or tensor.is_meta)
