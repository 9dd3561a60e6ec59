"""Annotated and predicted objects of many images as arrays, one row per object."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Objects:
    """Objects of N images, M in all; those of an image stand together, in the order of the images."""

    uids: tuple[str, ...]
    """Of the images."""
    counts: Integers
    """Objects of each image, [N]."""
    boxes: Floats
    """x1, y1, x2, y2 in pixels, [M, 4]."""
    nouns: Integers
    """Ids, [M]."""
    verbs: Integers
    """Ids, [M]."""
    ttcs: Floats
    """Times to contact in seconds, [M]."""

    def __len__(self) -> int:
        return len(self.nouns)

    @cached_property
    def starts(self) -> Integers:
        """Row of each image's first object, [N]."""
        return np.asarray(np.cumsum(self.counts) - self.counts, dtype=np.int64)

    @cached_property
    def images(self) -> Integers:
        """Number of the image of each object, [M]."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    def image_of(self, row: int) -> str:
        """The uid of the image of an object."""
        return self.uids[int(np.searchsorted(np.cumsum(self.counts), row, side="right"))]


@dataclass(frozen=True)
class Predictions(Objects):
    """Predicted objects; an image may have none."""

    scores: Floats
    """Larger is surer, [M]."""


AnyObjects = TypeVar("AnyObjects", bound=Objects)
SCORED_COLUMNS = ("boxes", "nouns", "verbs", "ttcs", "scores")
"""Names of the columns that predictions have, one row per object."""


def reorder_images(objects: AnyObjects, uids: Sequence[str]) -> AnyObjects:
    """Objects of some images, in another order.

    Args:
        objects: of images that are all different.
        uids: of images among them.
    """
    if tuple(uids) == objects.uids:
        return objects
    places = {uid: place for place, uid in enumerate(objects.uids)}
    chosen = np.array([places[uid] for uid in uids], dtype=np.int64)
    counts = objects.counts[chosen]
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = np.repeat(objects.starts[chosen], counts) + within
    columns: dict[str, Any] = {
        field.name: getattr(objects, field.name)[rows]
        for field in fields(objects)
        if field.name not in {"uids", "counts"}
    }
    return replace(objects, uids=tuple(uids), counts=counts, **columns)
