"""What a user asks for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from toto_bench.backbones.base import Backbone
from toto_bench.cards import did_you_mean
from toto_bench.errors import RequestError
from toto_bench.results.record import SAMPLE

DTYPES = ("auto", "float32", "bfloat16", "float16")
"""Number types that a backbone may run in."""
LARGEST = 2**32 - 1
"""Of seeds, which every library has to take, and of counts."""


@dataclass(frozen=True)
class RunRequest:
    """One (task, backbone, protocol, data, seed) and how to run it."""

    task: str
    """Name of a task card."""
    backbone: str
    """Card, `timm:MODEL`, `hf:REPOSITORY` or `python:MODULE:FUNCTION`; or the name of `model`."""
    data: str | None = None
    """Path, `sample`, or None for the default place."""
    checkpoint: Path | None = None
    """File of weights."""
    random_init: bool = False
    """Untrained weights: measures plumbing and speed, and is a floor."""
    download: bool = False
    """Fetch the card's weights when they are not on this machine."""
    preset: str | None = None
    """Preset; None: `paper`, or `sample` with the bundled sample."""
    values: dict[str, Any] = field(default_factory=dict)
    """Protocol values that replace the preset's."""
    seed: int = 0
    """Of everything random."""
    limit: int | None = None
    """Only the first items."""
    device: str = "auto"
    """torch device, or `auto`."""
    dtype: str = "auto"
    """Number type of the backbone; `auto`: float32, on a GPU what the backbone says of itself."""
    batch_size: int = 1
    """Frames (or items) per forward pass."""
    workers: int = 1
    """Threads that decode ahead."""
    out: Path = Path("runs")
    """Folder of runs."""
    again: bool = False
    """Run anew although a finished run of the same identity is there."""
    cache_features: bool = False
    """Keep features in the store."""
    allow_missing: bool = False
    """Leave out items that cannot be read, and count them."""
    model: Backbone | None = None
    """A backbone in memory, which is then not loaded by name."""
    command: str = ""
    """The command line, for the record."""

    alone: bool = False
    """One process works, whatever torchrun has started."""

    def __post_init__(self) -> None:
        """Refuse what no run can do.

        Raises:
            RequestError: names the value, and what would be right.
        """
        for name, smallest in (("limit", 1), ("batch_size", 1), ("workers", 0), ("seed", 0)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and smallest <= value <= LARGEST) and not (name == "limit" and value is None):
                raise RequestError(f"`{name}` = {value!r}: give a whole number from {smallest} to {LARGEST}.")
        if self.dtype not in DTYPES:
            raise RequestError(f"`dtype` = {self.dtype!r}{did_you_mean(str(self.dtype), DTYPES)}")

    @property
    def on_sample(self) -> bool:
        """Whether the bundled sample is meant."""
        return self.data == SAMPLE
