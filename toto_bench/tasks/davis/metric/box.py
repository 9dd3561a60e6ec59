"""Where in a frame there is something to score."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray


class Box(NamedTuple):
    """A part of a frame: index a map [H, W] with it."""

    rows: slice
    columns: slice


def box_around(foreground: NDArray[np.uint8]) -> Box:
    """The smallest box around the pixels of a map [H, W] that are not 0, with one pixel more on each side.

    One pixel is enough for scores equal to those of the whole frame. Outlines lie half a pixel towards the
    origin, so they stay in the box; the last row and column of the box are background unless the frame ends
    there; and a dilated outline is read only where another outline runs, so it needs no room of its own.
    """
    x, y, width, height = cv2.boundingRect(foreground)
    return Box(slice(max(y - 1, 0), y + height + 1), slice(max(x - 1, 0), x + width + 1))
