"""The numbers that decide what label propagation computes."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from toto_bench.tasks.davis.propagation.errors import PropagationError

Variant = Literal["dino", "videowalk"]
"""The two published protocols; they differ in context, window, top-k and read-out."""


def resolve_variant(name: str) -> Variant:
    """Turn a variant's name into the variant; ``stc`` (space-time correspondence) means ``videowalk``.

    Raises:
        PropagationError: If there is no variant of that name.
    """
    if name == "dino":
        return "dino"
    if name in ("videowalk", "stc"):
        return "videowalk"
    known = ", ".join([*get_args(Variant), "stc"])
    raise PropagationError(f"There is no propagation variant {name!r}; choose one of: {known}.")


@dataclass(frozen=True)
class PropagationSettings:
    """Settings of label propagation; the defaults are those of DINO's DAVIS-2017 evaluation.

    ``dino`` (facebookresearch/dino, eval_video_segmentation.py, 7c446df5): the contexts are the first frame
    and a queue of the latest predictions, all seen through a square window; every affinity that is not
    smaller than the k-th is kept, so ties can keep more than ``top_k``.

    ``videowalk`` (ajabri/videowalk, code/test.py, 047f3f40): the first frame is seen whole, beside a queue
    that starts as copies of the first frame and is seen through a round window; exactly ``top_k`` are kept.

    Raises:
        PropagationError: If a value is outside its range.
    """

    context_frames: int = 7
    """Latest predictions in the queue; the first frame comes on top."""
    top_k: int = 5
    """Source cells that vote for a cell, over all contexts together."""
    radius: float = 12
    """Reach of the window in grid cells: ``dino`` |dy| <= radius and |dx| <= radius, 0 for no window;
    ``videowalk`` Euclidean distance < radius."""
    temperature: float = 0.1
    """Affinity is exp(cosine / temperature)."""
    variant: Variant = "dino"
    """Which published protocol is followed."""
    normalise_first: bool = False
    """``videowalk`` only: stretch the first frame's labels to [0, 1] over the channels of each cell, but not
    their copies in the queue. The reference does so when its ``norm_mask`` is on (it works in place)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "variant", resolve_variant(self.variant))
        fewest = 0 if self.variant == "dino" else 1
        if not _is_integer(self.context_frames) or self.context_frames < fewest:
            raise PropagationError(
                f"context_frames is {self.context_frames!r}; {self.variant} needs an integer >= {fewest}."
            )
        if not _is_integer(self.top_k) or self.top_k < 1:
            raise PropagationError(f"top_k is {self.top_k!r}; it must be an integer >= 1.")
        if not math.isfinite(self.radius) or self.radius < 0:
            raise PropagationError(
                f"radius is {self.radius!r}; it must be a finite number of grid cells >= 0 "
                "(with the dino variant, 0 means no window)."
            )
        if not math.isfinite(self.temperature) or self.temperature <= 0:
            raise PropagationError(f"temperature is {self.temperature!r}; it must be a finite number > 0.")


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
