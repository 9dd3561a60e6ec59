"""One module on several processes: copies of it (DDP), or its parts (FSDP2) where a copy does not fit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from toto_bench.training.ranks import Ranks


class Parallel:
    """A module as the loop calls it."""

    def __init__(
        self,
        module: nn.Module,
        ranks: Ranks,
        device: torch.device,
        *,
        shards: Sequence[nn.Module] = (),
    ) -> None:
        """Spread a module over the processes.

        Args:
            module: on the device; its `forward` takes a batch and returns losses.
            ranks: the processes.
            device: of this one.
            shards: its blocks, where parameters, gradients and optimiser are to be cut over the processes (FSDP2);
                none = every process has all (DDP).
        """
        self.module = module
        self.call: nn.Module = module
        if shards:
            # Autocast alone decides the number type of matrix products, as without FSDP: norms and the residual stream
            # stay in float32.
            policy = MixedPrecisionPolicy(reduce_dtype=torch.float32)
            for block in [*shards, module]:
                fully_shard(block, mp_policy=policy)
        elif ranks.world_size > 1:
            ids = [device.index] if device.type == "cuda" else None
            self.call = DistributedDataParallel(module, device_ids=ids, gradient_as_bucket_view=True)

    @contextmanager
    def accumulating(self, *, last: bool) -> Iterator[None]:
        """Around forward and backward of a micro-batch: processes exchange gradients only after the last."""
        if isinstance(self.module, FSDPModule):
            self.module.set_requires_gradient_sync(last)
        if isinstance(self.call, DistributedDataParallel) and not last:
            with self.call.no_sync():
                yield
        else:
            yield


def whole(value: Any, *, keep: bool = True) -> Any:
    """The same nest of dicts and lists with tensors gathered from all processes; all of them have to call it.

    Args:
        value: tensors in dicts, lists and tuples, and anything else.
        keep: whether this process wants them; else None takes the place of each, one after the other, so that the
            memory of a machine holds what one process keeps.
    """
    if isinstance(value, dict):
        return {key: whole(item, keep=keep) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(whole(item, keep=keep) for item in value)
    if not isinstance(value, Tensor):
        return value
    full = value.full_tensor() if isinstance(value, DTensor) else value
    return full.detach().cpu() if keep else None


def like(value: Tensor, parameter: Tensor) -> Tensor:
    """A whole tensor, cut as a parameter of the same shape is."""
    if not isinstance(parameter, DTensor) or value.shape != parameter.shape:
        return value
    return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)
