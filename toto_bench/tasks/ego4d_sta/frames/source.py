"""What every source of frames offers."""

import abc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toto_bench.tasks.ego4d_sta.annotations import Annotation
from toto_bench.tasks.ego4d_sta.errors import FrameError

Pixels = NDArray[np.uint8]
"""[H, W, 3] RGB."""


class Spot(NamedTuple):
    """Where a frame is."""

    key: str
    """Of the video or clip."""
    number: int
    """Of the frame in it, from 0."""


class FrameSource(abc.ABC):
    """A folder with frames of a kind."""

    name: ClassVar[str]
    """Of the folder, and of the kind."""
    full_size: ClassVar[bool]
    """Whether its frames are of the size that boxes are measured in; else only of its proportions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def spot(self, annotation: Annotation) -> Spot | None:
        """Where the annotated frame is; None where the annotation does not say."""
        return Spot(annotation.video, annotation.frame)

    @abc.abstractmethod
    def path(self, spot: Spot) -> Path:
        """The file that the frame is in, for the fingerprint; it may not exist."""

    @abc.abstractmethod
    def read(self, key: str, numbers: Sequence[int]) -> Iterator[tuple[int, Pixels | FrameError]]:
        """Frames of one video, opened once, each decoded once.

        Args:
            key: of the video.
            numbers: of the frames, ascending, none twice.

        Yields:
            Number and frame in the same order; the reason where a frame cannot be read.

        Raises:
            FrameError: the video cannot be read at all.
            RequestError: an extra is not installed.
        """

    def size(self, spot: Spot) -> tuple[int, int]:
        """Height and width of a frame; read from headers where there are any.

        Raises:
            FrameError: it cannot be read.
        """
        [(_, frame)] = self.read(spot.key, [spot.number])
        if isinstance(frame, FrameError):
            raise frame
        return frame.shape[0], frame.shape[1]

    def problem(self, annotation: Annotation) -> str | None:
        """Why an annotation has no frames here, as far as can be said without opening anything."""
        spot = self.spot(annotation)
        if spot is None:
            return f"it names no clip, so {self.folder} cannot be used"
        path = self.path(spot)
        if path.is_file():
            return None
        return f"video `{annotation.video}`: {path} is missing"
