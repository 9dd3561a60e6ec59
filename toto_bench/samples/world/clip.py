"""What playing a scene gives: pictures, and the exact truth about them."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Contact(NamedTuple):
    """Two things touched: names of items or clutter, `table` or `room`, the pair in alphabetical order."""

    first: str
    second: str
    start: float
    """Seconds."""
    end: float
    """Seconds; touches less than 50 ms apart are one."""


@dataclass(frozen=True)
class Clip:
    """T frames of a scene with N items, frame i at the time i / fps."""

    fps: float
    items: tuple[str, ...]
    """Names, in the order of the scene."""
    frames: NDArray[np.uint8]
    """uint8 [T, H, W, 3] RGB; T = 0 if no pictures were asked for."""
    masked: tuple[int, ...]
    """Indices of the M frames that have a mask, in the order of time."""
    masks: NDArray[np.uint8]
    """uint8 [M, H, W]: 0 background, i + 1 = items[i]; of the frames `masked`."""
    whole: NDArray[np.int64]
    """[M, N]: pixels that each item would cover if nothing hid it (inside the picture); [0, N] if not asked for."""
    positions: NDArray[np.float64]
    """[T, N, 3]: world positions of the centres, in metres."""
    rotations: NDArray[np.float64]
    """[T, N, 4]: quaternions (w, x, y, z)."""
    projected: NDArray[np.float64]
    """[T, N, 2]: x and y of the centres in pixels (0 = left or upper border); NaN behind the camera."""
    contacts: tuple[Contact, ...]
    """In the order of their start; also between items and clutter, table and room."""

    @cached_property
    def areas(self) -> NDArray[np.int64]:
        """[M, N]: visible pixels of each item."""
        count = len(self.items) + 1
        counts = [np.bincount(mask.ravel(), minlength=count)[1:count] for mask in self.masks]
        return np.array(counts, dtype=np.int64).reshape(len(self.masks), len(self.items))

    @cached_property
    def visible(self) -> NDArray[np.float64]:
        """[M, N]: share of each item's own pixels that nothing hides; NaN where it is not in the picture at all.

        Raises:
            ValueError: `play` was not asked for `whole`.
        """
        if len(self.whole) != len(self.masks):
            raise ValueError("What hides what is known only after `play(..., whole=True)`.")
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.whole > 0, self.areas / self.whole, np.nan)

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """[M, N, 4]: x1, y1, x2, y2 around the visible pixels (x2, y2 exclusive); NaN where none is visible."""
        boxes = np.full((len(self.masks), len(self.items), 4), np.nan)
        for time, mask in enumerate(self.masks):
            for item in range(len(self.items)):
                ys, xs = np.nonzero(mask == item + 1)
                if len(xs):
                    boxes[time, item] = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
        return boxes

    def touches(self, first: str, second: str) -> tuple[Contact, ...]:
        """Contacts of two things, in either order of names."""
        return tuple(
            contact for contact in self.contacts if {contact.first, contact.second} == {first, second}
        )
