"""The frames that labels come from."""

import torch
from torch import Tensor
from torch.nn import functional as F

from toto_bench.tasks.davis.propagation.errors import PropagationError
from toto_bench.tasks.davis.propagation.workers import count_workers, ranges, share_out


class Orientation:
    """Turns grids so that their longer axis comes first, and back."""

    def __init__(self, height: int, width: int) -> None:
        self.turned = width > height

    def features(self, features: Tensor, name: str) -> Tensor:
        """Turn ``[h, w, D]`` into unit vectors ``[long, short, D]``, float32; zero stays zero (eps 1e-12).

        Raises:
            PropagationError: If the features of the frame called ``name`` are not finite.
        """
        turned = features.transpose(0, 1) if self.turned else features
        unit = turned.new_empty(turned.shape, dtype=torch.float32)

        def normalise(part: slice, _: int) -> None:
            cells = turned[part].float()
            norms = torch.linalg.vector_norm(cells, dim=-1, keepdim=True)
            if not norms.isfinite().all():
                raise PropagationError(
                    f"The features of {name} hold NaN or infinite values. A backbone run in float16 often "
                    "overflows: try --dtype float32 or bfloat16; otherwise check its weights."
                )
            torch.div(cells, norms.clamp_min_(1e-12), out=unit[part])

        workers = count_workers(features.device)
        share_out(ranges(len(unit), workers), workers, normalise)
        return unit

    def labels(self, labels: Tensor) -> Tensor:
        """``[C, h, w]`` to ``[long, short, C]``, float32."""
        return labels.float().permute(2, 1, 0) if self.turned else labels.float().permute(1, 2, 0)

    def grid(self, labels: Tensor) -> Tensor:
        """``[long, short, C]`` back to ``[C, h, w]``."""
        return (labels.permute(2, 1, 0) if self.turned else labels.permute(2, 0, 1)).contiguous()


class ContextMemory:
    """Context frames with their soft labels: ``[slots, long, rows, D]`` and ``[slots, long, rows, C]``.

    In each slot the cells of a range of the long axis are one piece of memory, so a strip of queries meets
    them in a plain matrix product, without a copy.
    """

    def __init__(self, slots: int, features: Tensor, labels: Tensor) -> None:
        self.slots, self.filled = slots, 0
        self.features = features.new_zeros(slots, *features.shape)
        self.labels = labels.new_zeros(slots, *labels.shape)

    def write(self, slot: int, features: Tensor, labels: Tensor) -> None:
        """Put a frame into a slot: unit features ``[long, rows, D]`` and labels ``[long, rows, C]``."""

        def copy(part: slice, _: int) -> None:
            self.features[slot, part] = features[part]
            self.labels[slot, part] = labels[part]

        workers = count_workers(features.device)
        share_out(ranges(len(features), workers), workers, copy)
        self.filled = max(self.filled, slot + 1)

    def label_table(self) -> Tensor:
        """Return all labels as rows, a view ``[slots * long * rows, C]``."""
        return self.labels.flatten(0, 2)


def mix_labels(table: Tensor, sources: Tensor, weights: Tensor) -> Tensor:
    """Sum rows of ``table`` [M, C], chosen by ``sources`` [Q, n], with ``weights`` [Q, n]: [Q, C]."""
    return F.embedding_bag(sources, table, per_sample_weights=weights, mode="sum")
