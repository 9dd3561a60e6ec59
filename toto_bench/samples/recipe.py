"""What the sample of one task consists of: units of work that can be made in any order, then the lists."""

from pathlib import Path
from typing import NamedTuple, Protocol


class Making(NamedTuple):
    """How samples are made."""

    seed: int = 0
    """Of everything: the same seed gives the same labels and geometry."""
    scale: int = 1
    """1 = the bundled sample; N = about N times as many units."""
    backend: str = "auto"
    """What renders: `egl`, `osmesa`, `ray`, or the first of these that works."""


class Recipe(Protocol):
    """The sample of one task."""

    name: str
    """Task card, or `video` for unlabelled clips."""

    def units(self, making: Making) -> list[str]:
        """Names of the independent pieces (a sequence, a clip, a class of images), in a stable order."""
        ...

    def make(self, unit: str, folder: Path, making: Making) -> None:
        """Write one unit's files below `folder`; what `finish` needs of it goes to `folder/.parts/UNIT.json`.

        A unit depends on nothing but its name, the seed and the scale, so that units can be made in parallel and again.
        """
        ...

    def finish(self, folder: Path, making: Making) -> None:
        """Write lists and annotation files from the parts of all units."""
        ...
